/** Medians, spreads, ratios and exponents of what was timed. */

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The value below which a fraction of the values lies, interpolated between neighbours. */
export function quantile(values, fraction) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = fraction * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below] + (at - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
}

/** Median, quartiles and number of wall and CPU times, in ms. */
export function summarise({ wall, cpu }) {
  const of = (values) => ({ median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) });
  return { wall: of(wall), cpu: of(cpu), samples: wall.length };
}

/**
 * The peer's time over ours: of CPU time where both have one thread (it is what counts on a machine that is not idle),
 * else of wall time.
 */
export function ratio(ours, peer, threads) {
  const clock = threads === 1 ? "cpu" : "wall";
  return peer[clock].median / ours[clock].median;
}

/** Slope of log y on log x by least squares: y grows as x to this power. */
export function exponent(x, y) {
  const [a, b] = [x.map(Math.log), y.map(Math.log)];
  const mean = (v) => v.reduce((s, value) => s + value, 0) / v.length;
  const [ma, mb] = [mean(a), mean(b)];
  const products = a.reduce((s, value, k) => s + (value - ma) * (b[k] - mb), 0);
  return products / a.reduce((s, value) => s + (value - ma) ** 2, 0);
}

/** Exponents between neighbours, in the order of `x`: a cliff is one that stands out. */
export const exponents = (x, y) => x.slice(1).map((_, k) => exponent(x.slice(k, k + 2), y.slice(k, k + 2)));
