import { NullclineError } from "../../base/errors.ts";
import { RandomStream } from "../../engine/random.ts";
import { tangentsOf } from "../curvature.ts";
import { batchRunner, summed } from "../gradient.ts";
import { lossOf } from "../objective.ts";
import type { Credit, Values } from "../rule.ts";
import { inStretches } from "../stretches.ts";

export interface ForwardOptions {
  /** K: directions of the parameters that are followed forward, new ones for every update. */
  tangents: number;
  /** Makes the directions orthonormal; otherwise each has length 1. Default true. */
  orthonormal?: boolean;
  /**
   * Samples that all tangents go forward together, before their outputs are forgotten: memory does not depend on how long
   * a trial is. Where a sample needs more than the one before it (a delay, a pass backwards in time, a quantity of a whole
   * trial), trials are run whole. Default 64.
   */
  stretch?: number;
}

/**
 * Forward mode: K tangents of the parameters go along with the states, so that nothing is kept of the past, and memory does
 * not grow with the length of a trial. Gives the
 * slope of the loss along each and the Gauss–Newton matrix in their span. The gradient is estimated as
 * `(n/K) Σ_k v_k (v_k · g)`, n parameters: exact for K = n orthonormal directions, unbiased below.
 * @throws NullclineError (code `rule`) where there are no tangents
 * @source Yu, Xia, Ma, Lengyel & Hennequin 2024 (SOFO)
 */
export function forward({ tangents, orthonormal = true, stretch = 64 }: ForwardOptions): Credit {
  for (const [n, what] of [
    [tangents, "tangents"],
    [stretch, "samples of a stretch"],
  ] as const)
    if (!(Number.isInteger(n) && n > 0))
      throw new NullclineError({ code: "rule", given: `${n} ${what}`, expected: "a whole number above 0" });
  return {
    kind: "forward",
    gives: ["subspace"],
    async open(setting) {
      const { model, trained, seed, samples } = setting;
      const loss = lossOf(model, setting);
      const { program, seeds, output, curved, slope } = tangentsOf(model, loss, trained);
      const cut = samples > stretch && !loss.given ? inStretches(program) : { obstacle: "none is needed" };
      const parts = "obstacle" in cut ? { program, states: [], goesOn: undefined } : cut;
      const most = parts.goesOn === undefined ? samples : stretch;
      const record = [loss.loss, loss.error, slope, output, curved, ...parts.states.map(({ last }) => last)];
      const runner = await batchRunner(model, loss, parts.program, record, { ...setting, samples: most });
      return {
        reached: trained,
        bytes: runner.bytes,
        async *evidence(parameters, { trials, ...run }) {
          const sizes = trained.map((name) => parameters[name]!.length);
          const total = sizes.reduce((a, b) => a + b, 0);
          const K = orthonormal ? Math.min(tangents, total) : tangents;
          const rows = directionsOf(new RandomStream(seed, "tangents", run.iteration), K, total, orthonormal);
          const slopes = new Float64Array(K);
          const curvature = new Float64Array(K * K);
          /** By tangent and shard, the states where the next stretch begins. */
          const carried: Record<string, ArrayLike<number>>[][] = rows.map(() => []);
          const steps = trials.targets.shape[1]!;
          let [value, error] = [0, 0];
          for (let from = 0; from < steps; from += most) {
            const outputs: Float32Array[][] = [];
            for (let k = 0; k < K; k++) {
              const settings: Values = { ...parameters };
              let first = 0;
              trained.forEach((name, i) => {
                settings[seeds[name]!] = rows[k]!.subarray(first, first + sizes[i]!);
                first += sizes[i]!;
              });
              if (parts.goesOn !== undefined) settings[parts.goesOn] = Float64Array.of(from > 0 ? 1 : 0);
              const length = Math.min(most, steps - from);
              const part = { from, length, of: Math.ceil(steps / most), inputs: carried[k]! };
              const results = await runner.run(settings, trials, { ...run, seed, part });
              slopes[k]! += summed(results, slope)[0]!;
              if (k === 0) {
                value += summed(results, loss.loss)[0]!;
                error += summed(results, loss.error)[0]!;
              }
              outputs.push(results.map((r) => r[output]!.data as Float32Array));
              carried[k] = results.map((r) =>
                Object.fromEntries(parts.states.map(({ carried: name, last }) => [name, r[last]!.data])),
              );
              // Trials that only fill a shard have no weight, and so no curvature.
              const own = results.map((r) => r[curved]!.data);
              for (let l = 0; l <= k; l++)
                curvature[k * K + l]! += own.reduce((s, c, i) => s + dot(c, outputs[l]![i]!), 0);
            }
          }
          for (let k = 0; k < K; k++) for (let l = 0; l < k; l++) curvature[l * K + k] = curvature[k * K + l]!;
          const directions: Values = {};
          const gradients: Values = {};
          let from = 0;
          trained.forEach((name, i) => {
            const size = sizes[i]!;
            const own = (directions[name] = new Float64Array(K * size));
            const gradient = (gradients[name] = new Float64Array(size));
            rows.forEach((row, k) => {
              const part = row.subarray(from, from + size);
              own.set(part, k * size);
              for (let j = 0; j < size; j++) gradient[j]! += (total / K) * slopes[k]! * part[j]!;
            });
            from += size;
          });
          yield { loss: value, error, gradients, subspace: { directions, count: K, slopes, curvature } };
        },
        close: () => runner.close(),
      };
    },
  };
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** K random unit vectors; orthonormal by Gram–Schmidt, done twice. */
function directionsOf(stream: RandomStream, count: number, size: number, orthonormal: boolean): Float64Array[] {
  const rows: Float64Array[] = [];
  for (let k = 0; k < count; k++) {
    const row = stream.fillNormal(new Float64Array(size));
    for (let pass = 0; pass < 2 && orthonormal; pass++)
      for (const other of rows) {
        const overlap = dot(row, other);
        for (let i = 0; i < size; i++) row[i]! -= overlap * other[i]!;
      }
    const length = Math.sqrt(dot(row, row));
    rows.push(row.map((v) => v / length));
  }
  return rows;
}
