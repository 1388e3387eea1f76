import { NullclineError } from "../../base/errors.ts";
import { RandomStream } from "../../engine/random.ts";
import { tangentsOf } from "../curvature.ts";
import { batchRunner, summed } from "../gradient.ts";
import { lossOf } from "../objective.ts";
import type { Credit, Values } from "../rule.ts";

export interface ForwardOptions {
  /** K: directions of the parameters that are followed forward, new ones for every update. */
  tangents: number;
  /** Makes the directions orthonormal; otherwise each has length 1. Default true. */
  orthonormal?: boolean;
}

/**
 * Forward mode: K tangents of the parameters go along with the states, so that nothing is kept of the past. Gives the
 * slope of the loss along each and the Gauss–Newton matrix in their span. The gradient is estimated as
 * `(n/K) Σ_k v_k (v_k · g)`, n parameters: exact for K = n orthonormal directions, unbiased below.
 * @throws NullclineError (code `rule`) where there are no tangents
 * @source Yu, Xia, Ma, Lengyel & Hennequin 2024 (SOFO)
 */
export function forward({ tangents, orthonormal = true }: ForwardOptions): Credit {
  if (!(Number.isInteger(tangents) && tangents > 0))
    throw new NullclineError({ code: "rule", given: `${tangents} tangents`, expected: "a whole number above 0" });
  return {
    kind: "forward",
    gives: ["subspace"],
    async open(setting) {
      const { model, trained, seed } = setting;
      const loss = lossOf(model, setting);
      const { program, seeds, output, curved, slope } = tangentsOf(model, loss, trained);
      const record = [loss.loss, loss.error, slope, output, curved];
      const runner = await batchRunner(model, loss, program, record, setting);
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
          const outputs: Float32Array[][] = [];
          let [value, error] = [0, 0];
          for (let k = 0; k < K; k++) {
            const settings: Values = { ...parameters };
            let from = 0;
            trained.forEach((name, i) => {
              settings[seeds[name]!] = rows[k]!.subarray(from, from + sizes[i]!);
              from += sizes[i]!;
            });
            const results = await runner.run(settings, trials, { ...run, seed });
            slopes[k] = summed(results, slope)[0]!;
            [value, error] = [summed(results, loss.loss)[0]!, summed(results, loss.error)[0]!];
            outputs.push(results.map((r) => r[output]!.data as Float32Array));
            // Trials that only fill a shard have no weight, and so no curvature.
            const own = results.map((r) => r[curved]!.data);
            for (let l = 0; l <= k; l++)
              curvature[k * K + l] = curvature[l * K + k] = own.reduce((s, c, i) => s + dot(c, outputs[l]![i]!), 0);
          }
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
