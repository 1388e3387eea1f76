/**
 * The average of a stage's iterates: the noise of the gradient, which keeps the parameters moving about an optimum,
 * averages out of it.
 */
import type { NDArray } from "../base/arrays.ts";

type Arrays = Record<string, NDArray<Float64Array>>;

/**
 * Takes iterate k = 1, 2, … into the average: `a ← a + (θ - a) max(1/k, 1/horizon)`. The plain mean of the iterates up
 * to `horizon`, from then on an exponential average over that many iterations.
 * @source Polyak & Juditsky 1992, SIAM J. Control Optim. 30, 838–855 (the mean)
 */
export function averageIn(average: Arrays, parameters: Record<string, Float64Array>, k: number, horizon: number): void {
  const weight = Math.max(1 / k, 1 / horizon);
  for (const [name, { data }] of Object.entries(average)) {
    const now = parameters[name]!;
    // The first iterate is copied: what the average held before, finite or not, leaves no trace.
    if (weight >= 1) data.set(now);
    else for (let i = 0; i < data.length; i++) data[i]! += (now[i]! - data[i]!) * weight;
  }
}
