/**
 * The quantile of a sample, linear between the order statistics: position `p (n - 1)` (NumPy's and R's default).
 * NaN entries are left out; NaN where none is left.
 * @param p between 0 and 1; 0.5 is the median
 */
export function quantile(values: ArrayLike<number>, p: number): number {
  const sorted = Float64Array.from(values)
    .filter((v) => !Number.isNaN(v))
    .sort();
  if (sorted.length === 0) return Number.NaN;
  const position = Math.min(Math.max(p, 0), 1) * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}
