/** Plane rotations. */

/** What `makeRotation` made last: `c x + s y = r`, `c y - s x = 0`, c² + s² = 1. Read it before the next call. */
export const rotation = { c: 1, s: 0, r: 0 };

/** The rotation that takes (x, y) to (r, 0), without overflow or underflow; r has the sign of x where y is 0, else it is positive. */
export function makeRotation(x: number, y: number): void {
  if (y === 0) {
    rotation.c = 1;
    rotation.s = 0;
    rotation.r = x;
    return;
  }
  const large = Math.max(Math.abs(x), Math.abs(y));
  // Squares of the ratios where those of x and y themselves would be lost.
  const scale = large > 1e-140 && large < 1e140 ? 1 : large;
  const xs = x / scale;
  const ys = y / scale;
  const length = Math.sqrt(xs * xs + ys * ys);
  rotation.c = xs / length;
  rotation.s = ys / length;
  rotation.r = length * scale;
}
