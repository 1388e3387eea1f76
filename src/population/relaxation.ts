/** How fast a quantity settles. */
import { NullclineError } from "../base/errors.ts";

export interface Relaxation {
  /** Time constant, in the unit of the times. */
  tau: number;
  /** Value at the first time, and the one approached. */
  start: number;
  limit: number;
}

/**
 * The exponential `limit + (start - limit) exp(-(t - t_0)/tau)` that is nearest to values in the mean square; t_0 is the
 * first time. For each tau start and limit are those of linear regression, so only tau is searched for (variable projection): on a
 * grid from the least step to ten times the whole stretch, then by golden section.
 * @throws NullclineError (code `relaxation`) for fewer than four values, times that do not increase, or values that are all equal
 * @source Golub & Pereyra 1973, SIAM J. Numer. Anal. 10, 413–432 (variable projection)
 */
export function relaxation(times: ArrayLike<number>, values: ArrayLike<number>): Relaxation {
  const n = times.length;
  const constant = Array.from(values).every((v) => v === values[0]);
  if (n < 4 || values.length !== n || constant || Array.from(times).some((t, k) => k > 0 && !(t > times[k - 1]!)))
    throw new NullclineError({
      code: "relaxation",
      given: `${values.length} ${constant ? "equal " : ""}values at ${n} times`,
      expected: "four or more that differ, at as many increasing times",
    });
  const span = times[n - 1]! - times[0]!;
  const at = (tau: number): Relaxation & { error: number } => {
    const decay = Array.from(times, (t) => Math.exp((times[0]! - t) / tau));
    const [x, y] = [decay.reduce((a, b) => a + b, 0) / n, Array.from(values).reduce((a, b) => a + b, 0) / n];
    let [xx, xy] = [0, 0];
    decay.forEach((d, k) => {
      xx += (d - x) ** 2;
      xy += (d - x) * (values[k]! - y);
    });
    const slope = xy / xx;
    const limit = y - slope * x;
    const error = decay.reduce((sum, d, k) => sum + (values[k]! - limit - slope * d) ** 2, 0);
    return { tau, start: limit + slope, limit, error };
  };
  const [low, high, steps] = [Math.log(span / (n - 1)), Math.log(10 * span), 60];
  const grid = Array.from({ length: steps + 1 }, (_, k) => low + ((high - low) * k) / steps);
  const errors = grid.map((l) => at(Math.exp(l)).error);
  const best = errors.indexOf(Math.min(...errors));
  let [from, to] = [grid[Math.max(0, best - 1)]!, grid[Math.min(steps, best + 1)]!];
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let k = 0; k < 60; k++) {
    const [a, b] = [to - golden * (to - from), from + golden * (to - from)];
    if (at(Math.exp(a)).error < at(Math.exp(b)).error) to = b;
    else from = a;
  }
  const { tau, start, limit } = at(Math.exp((from + to) / 2));
  return { tau, start, limit };
}
