/** Angles between axes of state space. */
import { requireLength } from "./activity.ts";

/**
 * The angle between two axes in degrees, from 0 (the same axis, either sign) to 90; NaN where one has no length.
 * @throws NullclineError where the two have different numbers of units
 */
export function axisAngle(a: ArrayLike<number>, b: ArrayLike<number>): number {
  requireLength(b, a.length, "second axis", "unit");
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return (Math.acos(Math.min(1, Math.abs(ab) / Math.sqrt(aa * bb))) * 180) / Math.PI;
}
