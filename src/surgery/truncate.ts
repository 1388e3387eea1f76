/** A weight at lower rank: its truncated singular value decomposition, as values or as factors to be trained. */
import type { NDArray } from "../base/arrays.ts";
import { type Svd, svd } from "../engine/linalg/svd.ts";
import { lowRank, wire } from "../networks/connectivity/index.ts";
import { type Network, withValues } from "../networks/network.ts";
import { matrixOf, mended, refuse } from "./mend.ts";

interface Decomposed extends Svd {
  rows: number;
  columns: number;
}

function decomposed(network: Network, matrix: string, rank: number): Decomposed {
  const { values, rows, columns } = matrixOf(network, matrix);
  const most = Math.min(rows, columns);
  if (!Number.isInteger(rank) || rank < 1 || rank > most)
    refuse(`rank ${rank} of \`${matrix}\` [${rows}, ${columns}]`, `a whole number from 1 to ${most}`);
  const found = svd(values, rows, columns);
  if (found.status !== "ok") refuse(`no singular values of \`${matrix}\`: ${found.status}`, "finite numbers");
  return { ...found, rows, columns };
}

/**
 * The network with the nearest matrix of a rank in place of a matrix: `Σ_{k ≤ rank} s_k u_k v_k'`. No other of that rank
 * is closer in the Frobenius norm; the distance is `sqrt(Σ_{k > rank} s_k²)` (Eckart & Young 1936, Psychometrika 1, 211–218).
 * Training leaves that rank again; `refit` keeps it.
 * @param matrix a parameter, e.g. `J`
 * @throws NullclineError (code `surgery`) where there is no such matrix, or no such rank
 */
export function truncate(network: Network, matrix: string, rank: number): Network {
  const { U, s, Vt, rows, columns } = decomposed(network, matrix, rank);
  const k = s.length;
  const data = new Float64Array(rows * columns);
  for (let r = 0; r < rank; r++)
    for (let i = 0; i < rows; i++) {
      const scale = U[i * k + r]! * s[r]!;
      for (let j = 0; j < columns; j++) data[i * columns + j]! += scale * Vt[r * columns + j]!;
    }
  const values: NDArray = { data, shape: [rows, columns] };
  return withValues(network, { [matrix]: values });
}

export interface RefitOptions {
  /** `svd` (default): starts at the truncated matrix. `drawn`: loadings of deviation 1, as Valente et al. 2022 start. */
  start?: "svd" | "drawn";
  /** Of what is drawn; default 0. */
  seed?: number;
}

/**
 * The network with `J = J_M J_L' / columns` in place of a matrix J: low rank, to be trained on the trajectories of the
 * original. From the singular value decomposition, `J_M = U sqrt(columns s)` and `J_L = V sqrt(columns s)`. The factors
 * have the matrix's tag and group; everything else keeps its values.
 * @throws NullclineError (code `surgery`) as `truncate`
 * @source fits in place of truncation: Valente, Pillow & Ostojic 2022, NeurIPS 35
 */
export function refit(network: Network, matrix: string, rank: number, options: RefitOptions = {}): Network {
  const { start = "svd", seed = 0 } = options;
  if (start !== "svd" && start !== "drawn") refuse(`a refit that starts \`${start}\``, "svd or drawn");
  const { U, s, Vt, rows, columns } = decomposed(network, matrix, rank);
  const { tag, group } = network.data.parameters[matrix]!;
  const data = wire(network.data, matrix, lowRank({ rank, ...(tag && { tag }), ...(group && { group }) }));
  if (start === "drawn") return mended(network, data, {}, { seed });
  const k = s.length;
  const M = new Float64Array(rows * rank);
  const L = new Float64Array(columns * rank);
  for (let r = 0; r < rank; r++) {
    const root = Math.sqrt(columns * s[r]!);
    for (let i = 0; i < rows; i++) M[i * rank + r] = U[i * k + r]! * root;
    for (let j = 0; j < columns; j++) L[j * rank + r] = Vt[r * columns + j]! * root;
  }
  return mended(network, data, { [`${matrix}_M`]: M, [`${matrix}_L`]: L }, { seed });
}
