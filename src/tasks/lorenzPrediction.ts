/**
 * Lorenz prediction: run on alone along a chaotic trajectory whose beginning was shown.
 * @source Lorenz 1963, J. Atmos. Sci. 20, 130–141; as a test of learning, Yu, Xia, Ma, Lengyel & Hennequin 2024, NeurIPS 37,
 * with the parameters of their code
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { defineTask } from "./defineTask.ts";
import { withDefaults } from "./options.ts";
import { checkOutputs, mean } from "./score.ts";
import type { Behaviour, Task, Trials } from "./trials.ts";

export interface LorenzPredictionOptions {
  /** Time step. Default 0.01. */
  dt?: number;
  /** How long the trajectory is shown, and then to be continued, in steps of 0.01. Default 1, 32. */
  shown?: number;
  steps?: number;
  /** Steps of the prediction that the score is of. Default 30. */
  horizon?: number;
  /** Standard deviation of the targets' noise, relative to that of the coordinate; the score's noise too. Default 0.0125. */
  noise?: number;
}

const defaults: Required<LorenzPredictionOptions> = { dt: 0.01, shown: 1, steps: 32, horizon: 30, noise: 0.0125 };

const step = 0.01;
type State = [number, number, number];

const beta = 8 / 3;

/**
 * `dx = 10 (y - x)`, `dy = x (28 - z) - y`, `dz = x y - 8/3 z` by Runge–Kutta of fourth order, two half steps a step. Written
 * out: a trial's way to the attractor is thousands of these.
 */
function advanced([x0, y0, z0]: State): State {
  const h = step / 2;
  let x = x0;
  let y = y0;
  let z = z0;
  for (let half = 0; half < 2; half++) {
    const ax = 10 * (y - x);
    const ay = x * (28 - z) - y;
    const az = x * y - beta * z;
    let p = x + (h / 2) * ax;
    let q = y + (h / 2) * ay;
    let r = z + (h / 2) * az;
    const bx = 10 * (q - p);
    const by = p * (28 - r) - q;
    const bz = p * q - beta * r;
    p = x + (h / 2) * bx;
    q = y + (h / 2) * by;
    r = z + (h / 2) * bz;
    const cx = 10 * (q - p);
    const cy = p * (28 - r) - q;
    const cz = p * q - beta * r;
    p = x + h * cx;
    q = y + h * cy;
    r = z + h * cz;
    x += (h / 6) * (ax + 2 * bx + 2 * cx + 10 * (q - p));
    y += (h / 6) * (ay + 2 * by + 2 * cy + (p * (28 - r) - q));
    z += (h / 6) * (az + 2 * bz + 2 * cz + (p * q - beta * r));
  }
  return [x, y, z];
}

/** Onto the attractor: steps after a normal start. */
const settling = 1000;
let moments: { mean: State; std: State } | undefined;

/** Mean and standard deviation of each coordinate along 400 units of time; x and y have mean 0 by symmetry. */
function attractor(): { mean: State; std: State } {
  if (moments) return moments;
  const steps = 40_000;
  let state: State = [1, 1, 20];
  const sums = [0, 0, 0];
  const squares = [0, 0, 0];
  for (let t = -settling; t < steps; t++) {
    state = advanced(state);
    if (t >= 0)
      state.forEach((value, i) => {
        sums[i]! += value / steps;
        squares[i]! += value ** 2 / steps;
      });
  }
  const center: State = [0, 0, sums[2]!];
  return (moments = { mean: center, std: squares.map((s, i) => Math.sqrt(s - center[i]! ** 2)) as State });
}

/** Scaled states at steps 0 … `steps` after the start has come to the attractor. */
function trajectory(start: State, steps: number): Float64Array[] {
  const { mean: center, std } = attractor();
  let state = start;
  for (let t = 0; t < settling; t++) state = advanced(state);
  return Array.from({ length: steps + 1 }, () => {
    const scaled = Float64Array.from(state, (value, i) => (value - center[i]!) / std[i]!);
    state = advanced(state);
    return scaled;
  });
}

/**
 * The task. Inputs `x`, `y`, `z`: the trajectory (less the mean, over the standard deviation of the attractor) while it is
 * shown, then 0. Outputs `x`, `y`, `z`: the trajectory after that, with noise; free while it is shown. No conditions.
 *
 * The score is the published one: R² of the first `horizon` steps of the prediction, relative to each trial's own mean
 * over these steps, which can be far below 0 and, for the targets with their noise, is 1.
 * @throws NullclineError for options that make no sense
 */
export function lorenzPrediction(given: LorenzPredictionOptions = {}): Task {
  const name = "lorenzPrediction";
  const o = withDefaults(name, defaults, given);
  const whole = [o.shown, o.steps, o.horizon].every((n) => Number.isInteger(n) && n >= 1);
  if (!whole || o.horizon < 2 || o.horizon > o.steps || o.noise < 0)
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: ${o.shown} steps shown, ${o.steps} to predict, a horizon of ${o.horizon}, noise ${o.noise}`,
      expected: "whole numbers of steps, a horizon from 2 to the steps to predict, and noise of 0 or more",
    });
  const total = o.shown + o.steps;
  const start = o.shown * step;

  function behaviour(outputs: NDArray, trials: Trials): Behaviour {
    checkOutputs(outputs, trials);
    const [n, samples] = outputs.shape as [number, number, number];
    const from = Math.round(start / trials.dt);
    const to = Math.min(samples, from + Math.round((o.horizon * step) / trials.dt));
    const residual: number[] = [];
    const variance: number[] = [];
    for (let k = 0; k < n; k++) {
      let [ss, tt] = [0, 0];
      for (let i = 0; i < 3; i++) {
        const of = (array: NDArray) =>
          Float64Array.from({ length: to - from }, (_, t) => array.data[(k * samples + from + t) * 3 + i]!);
        const [z, y] = [of(outputs), of(trials.targets)];
        const center = mean(y);
        y.forEach((value, t) => {
          ss += (z[t]! - value) ** 2;
          tt += (value - center) ** 2;
        });
      }
      residual.push(ss);
      variance.push(tt);
    }
    const [ss, tt] = [mean(residual), mean(variance)];
    const without = residual.map((r, k) => 1 - (n * ss - r) / (n * tt - variance[k]!));
    const center = mean(without);
    return {
      score: 1 - ss / tt,
      what: `R² of the first ${o.horizon} predicted steps, relative to each trial's mean over them`,
      n,
      standardError: Math.sqrt(((n - 1) / n) * without.reduce((s, r) => s + (r - center) ** 2, 0)),
      parts: { meanSquaredError: ss / (3 * (to - from)) },
    };
  }

  return defineTask({
    name,
    description: `Go on alone for ${o.steps} steps along a trajectory of the Lorenz system.`,
    source: "Yu, Xia, Ma, Lengyel & Hennequin 2024, NeurIPS 37",
    dt: o.dt,
    unit: "unit",
    inputs: { x: 1, y: 1, z: 1 },
    outputs: { x: 1, y: 1, z: 1 },
    trial: (_, random) => {
      const first: State = [random.normal(), random.normal(), random.normal()];
      const noise = Array.from({ length: total + 1 }, () => random.fillNormal(new Float64Array(3), 0, o.noise));
      // Integrated only where a sample is asked for.
      let path: Float64Array[] | undefined;
      const at = (i: number, offset: number, noisy: boolean) => (time: number) => {
        path ??= trajectory(first, total);
        const place = (offset + time) / step;
        const k = Math.min(total - 1, Math.floor(place + 1e-9));
        const value = (j: number) => path![j]![i]! + (noisy ? noise[j]![i]! : 0);
        return value(k) + (place - k) * (value(k + 1) - value(k));
      };
      const named = (offset: number, noisy: boolean) =>
        Object.fromEntries(["x", "y", "z"].map((axis, i) => [axis, at(i, offset, noisy)]));
      return [
        { name: "shown", lasts: start, inputs: named(0, false) },
        { name: "prediction", lasts: o.steps * step, targets: named(start, true), weight: 1 },
      ];
    },
    score: behaviour,
  });
}
