/** A constraint as what is done to the values of the matrix: after each update, or once. */
import { svd } from "../../engine/linalg/svd.ts";
import { type Constraining, type Constraint, refuse } from "./constraint.ts";

/** Changes values of parameters, by name and row-major, in place. Training calls it after each update. */
export type Projection = (parameters: Record<string, Float64Array>) => void;

/** Applies one after the other. */
export const projectAll =
  (projections: Projection[]): Projection =>
  (parameters) => {
    for (const project of projections) project(parameters);
  };

/**
 * The nearest matrix (in the Frobenius norm) that meets the constraint.
 *
 * sign: what has the wrong sign becomes 0 (Balwani et al. 2025). mask: 0 outside of it. range: clipped. rank: the leading
 * singular values kept. budget: `sign(W) max(|W| - λ D, 0)` with the λ for which `Σ |W| D = total`.
 */
export function projectionOf(it: Constraining, constraint: Constraint): Projection {
  const [, columns] = it.size();
  switch (constraint.kind) {
    case "sign": {
      const signs = it.numbers(constraint.signs, true);
      return onMatrix(it, (w) => {
        for (let k = 0; k < w.length; k++) if (w[k]! * signs[k % columns]! < 0) w[k] = 0;
      });
    }
    case "mask":
      return masking(it, constraint.mask);
    case "range":
      return onMatrix(it, (w) => {
        for (let k = 0; k < w.length; k++) w[k] = Math.min(constraint.high, Math.max(constraint.low, w[k]!));
      });
    case "rank":
      return truncating(it, constraint.rank);
    case "budget": {
      const [distances, total] = [it.numbers(constraint.distances), totalOf(constraint)];
      return onMatrix(it, (w) => shrink(w, distances, total));
    }
  }
}

/** mask: 0 outside of it. rank: singular values cut. budget: the connections that cost most are removed until it is met. */
export function pruneOf(it: Constraining, constraint: Constraint): Projection {
  switch (constraint.kind) {
    case "mask":
      return masking(it, constraint.mask);
    case "rank":
      return truncating(it, constraint.rank);
    case "budget": {
      const [distances, total] = [it.numbers(constraint.distances), totalOf(constraint)];
      return onMatrix(it, (w) => {
        const cost = w.map((x, k) => Math.abs(x) * distances[k]!);
        let spent = cost.reduce((a, b) => a + b, 0);
        const order = [...cost.keys()].sort((a, b) => cost[b]! - cost[a]! || a - b);
        for (const k of order) {
          if (spent <= total) break;
          spent -= cost[k]!;
          w[k] = 0;
        }
      });
    }
    default:
      throw new Error(`${constraint.kind} is not pruned`);
  }
}

function onMatrix({ matrix, size }: Constraining, change: (values: Float64Array) => void): Projection {
  const [rows, columns] = size();
  return (parameters) => {
    const values = parameters[matrix];
    // A matrix that is pinned, or in a stage that does not train it, is not among the parameters.
    if (!values) return;
    if (values.length !== rows * columns)
      refuse(`${values.length} values of \`${matrix}\``, `${rows * columns}, for [${rows}, ${columns}]`);
    change(values);
  };
}

function masking(it: Constraining, of: Parameters<Constraining["numbers"]>[0]): Projection {
  const mask = it.numbers(of);
  return onMatrix(it, (w) => {
    for (let k = 0; k < w.length; k++) if (mask[k] === 0) w[k] = 0;
  });
}

function truncating(it: Constraining, rank: number): Projection {
  const [rows, columns] = it.size();
  return onMatrix(it, (w) => {
    const { U, s, Vt, status } = svd(w, rows, columns);
    if (status !== "ok") return;
    const k = Math.min(rows, columns);
    w.fill(0);
    for (let r = 0; r < Math.min(rank, k); r++)
      for (let i = 0; i < rows; i++) {
        const scale = U[i * k + r]! * s[r]!;
        for (let j = 0; j < columns; j++) w[i * columns + j]! += scale * Vt[r * columns + j]!;
      }
  });
}

const totalOf = ({ total }: { total?: number }): number => total ?? refuse("a budget without a total", "{ total: … }");

/** Projection on the weighted L1 ball `Σ |w| d ≤ total`; entries with d = 0 cost nothing and stay. */
function shrink(w: Float64Array, d: Float64Array, total: number): void {
  const order = [...w.keys()]
    .filter((k) => d[k]! > 0)
    .sort((a, b) => Math.abs(w[b]!) / d[b]! - Math.abs(w[a]!) / d[a]!);
  let [spent, squares, lambda] = [0, 0, 0];
  for (const k of order) {
    // The entries before k stay above zero for λ up to |w_k| / d_k.
    if (squares > 0 && (spent - total) / squares >= Math.abs(w[k]!) / d[k]!) break;
    spent += Math.abs(w[k]!) * d[k]!;
    squares += d[k]! ** 2;
    lambda = (spent - total) / squares;
  }
  if (lambda <= 0) return;
  for (const k of order) w[k] = Math.sign(w[k]!) * Math.max(0, Math.abs(w[k]!) - lambda * d[k]!);
}
