/**
 * The map `x_{t+1} = A x_t + offset` and its trajectories.
 */
import { type NDArray, zeros } from "../base/arrays.ts";
import { matvec } from "../engine/linalg/matrix.ts";
import { extent } from "./activity.ts";

/** `x_{t+1} = A x_t + offset`, with A row-major `[k, k]`. */
export interface AffineMap {
  A: Float64Array;
  offset: Float64Array;
}

/** Scores `[trial, samples, component]` from their first sample `[trial, 1, component]`. */
export function runFreely(map: AffineMap, start: NDArray<Float64Array>, samples: number): NDArray<Float64Array> {
  const { trials, units: k } = extent(start, "first samples");
  const out = zeros(trials, samples, k);
  for (let trial = 0; trial < trials; trial++) {
    let x = start.data.slice(trial * k, (trial + 1) * k);
    for (let t = 0; t < samples; t++) {
      out.data.set(x, (trial * samples + t) * k);
      x = matvec(map.A, x, k, k).map((value, i) => value + map.offset[i]);
    }
  }
  return out;
}

/** The first sample of each trial, `[trial, 1, component]`. */
export function firstSamples(scores: NDArray<Float64Array>): NDArray<Float64Array> {
  const { trials, samples, units: k } = extent(scores, "scores");
  const data = new Float64Array(trials * k);
  for (let trial = 0; trial < trials; trial++)
    data.set(scores.data.subarray(trial * samples * k, trial * samples * k + k), trial * k);
  return { data, shape: [trials, 1, k] };
}
