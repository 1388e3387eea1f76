/** Fewer points for the same picture: a line of 100 000 samples is drawn with a few per pixel. */

/**
 * Indices of the values to draw, in order. Where x never falls (a time course): of each half pixel the first, the last, the
 * lowest and the highest. Elsewhere (a trajectory in a plane): all that are at least a quarter of a pixel from the last
 * one kept. Missing values stay, they are the gaps.
 */
export function thin(x: ArrayLike<number>, y: ArrayLike<number>, width: number): number[] {
  const n = x.length;
  if (n <= 2 * width) return Array.from({ length: n }, (_, i) => i);
  let rising = true;
  for (let i = 1; i < n && rising; i++) rising = !(x[i]! < x[i - 1]!);
  return rising ? columns(x, y) : steps(x, y);
}

function columns(x: ArrayLike<number>, y: ArrayLike<number>): number[] {
  const kept: number[] = [];
  let i = 0;
  while (i < x.length) {
    if (!drawable(x, y, i)) {
      kept.push(i++);
      continue;
    }
    const column = Math.floor(2 * x[i]!);
    const first = i;
    let low = i;
    let high = i;
    for (; i < x.length && drawable(x, y, i) && Math.floor(2 * x[i]!) === column; i++) {
      if (y[i]! < y[low]!) low = i;
      if (y[i]! > y[high]!) high = i;
    }
    for (const j of [...new Set([first, low, high, i - 1])].sort((a, b) => a - b)) kept.push(j);
  }
  return kept;
}

function steps(x: ArrayLike<number>, y: ArrayLike<number>): number[] {
  const kept: number[] = [];
  let last = -1;
  for (let i = 0; i < x.length; i++) {
    const near = last >= 0 && drawable(x, y, i) && Math.hypot(x[i]! - x[last]!, y[i]! - y[last]!) < 0.25;
    if (near && i < x.length - 1) continue;
    kept.push(i);
    last = drawable(x, y, i) ? i : -1;
  }
  return kept;
}

function drawable(x: ArrayLike<number>, y: ArrayLike<number>, i: number): boolean {
  return Number.isFinite(x[i]!) && Number.isFinite(y[i]!);
}
