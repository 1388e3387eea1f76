/** Agreement of two partitions. */
import { requireLength } from "./activity.ts";

/**
 * Adjusted Rand index of two labellings of the same things: 1 where they part them alike, whatever the labels are called;
 * 0 on average where the labels of one are shuffled. NaN where both leave everything together, or everything apart.
 * @param a,b one label for each
 * @throws NullclineError where the lists are not of one length
 * @source Hubert & Arabie 1985, J. Classif. 2, 193–218, eq. 5
 */
export function adjustedRand(a: ArrayLike<number>, b: ArrayLike<number>): number {
  requireLength(b, a.length, "labels", "labels");
  const [cells, rows, columns] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  for (let k = 0; k < a.length; k++) {
    count(rows, `${a[k]}`);
    count(columns, `${b[k]}`);
    count(cells, JSON.stringify([`${a[k]}`, `${b[k]}`]));
  }
  const pairs = (map: Map<string, number>) => [...map.values()].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  const [together, inA, inB] = [pairs(cells), pairs(rows), pairs(columns)];
  const expected = (2 * inA * inB) / (a.length * (a.length - 1));
  return (together - expected) / ((inA + inB) / 2 - expected);
}
