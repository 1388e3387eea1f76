/** Plain statistics of a list of numbers. */
import { quantile } from "./quantile.ts";

/** The arithmetic mean; NaN of an empty list. */
export const mean = (values: ArrayLike<number>): number => sum(values) / values.length;

/** The middle value, the mean of the two middle ones where their number is even; NaN entries are left out. */
export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

/** Standard error of the mean, `sd / sqrt(n)` with `n - 1` degrees of freedom; NaN of fewer than two values. */
export function standardError(values: ArrayLike<number>): number {
  const [n, center] = [values.length, mean(values)];
  if (n < 2) return Number.NaN;
  return Math.sqrt(sum(Array.from(values, (v) => (v - center) ** 2)) / (n - 1) / n);
}

/** Pearson's correlation of two lists of one length; NaN where one of them is constant. */
export function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [a, b] = [mean(x), mean(y)];
  const product = (p: ArrayLike<number>, from: number, q: ArrayLike<number>, to: number): number =>
    sum(Array.from(p, (v, i) => (v - from) * (q[i]! - to)));
  return product(x, a, y, b) / Math.sqrt(product(x, a, x, a) * product(y, b, y, b));
}

/** `count` numbers evenly from `from` to `to`, both included; the first alone where `count` is 1. */
export const range = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (count === 1 ? from : from + ((to - from) * i) / (count - 1)));

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
