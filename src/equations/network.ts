/**
 * A network is data: equations as text, and a table beside it. It serialises to JSON and back without loss.
 */
import type { Dim } from "./graph.ts";

/**
 * How a parameter's values are drawn. `gain` of a gaussian: standard deviation `gain / sqrt(columns)`. sparse: nonzero with
 * `probability` p, then gaussian with deviation `gain / sqrt(p columns)`. bernoulli: 1 with `probability`, else 0. shares:
 * the first share of the entries has the first value, and so on.
 */
export type Law =
  | { law: "gaussian"; gain?: number; std?: number; mean?: number }
  | { law: "uniform"; low: number; high: number }
  | { law: "orthogonal"; gain?: number }
  | { law: "identity"; gain?: number }
  | { law: "constant"; value: number }
  | { law: "sparse"; probability: number; gain?: number }
  | { law: "bernoulli"; probability: number }
  | { law: "shares"; values: number[]; shares: number[] };

/** free: trained. pinned: not trained. bounded: trained and kept within the two bounds. */
export type Tag = "free" | "pinned" | { bounded: [number, number] };

export interface ParameterData {
  /** Default: scalar. */
  shape?: Dim[];
  /** Values, row-major; a number fills the shape. Wins over `init`. */
  value?: number | number[];
  /** Default: gaussian with gain 1 for a matrix, zero for anything else. */
  init?: Law;
  /** E.g. `ms`. Times are converted to the network's unit of time (that of `tau`). */
  unit?: string;
  /** Default: free where the parameter has a shape, pinned where it is a scalar. */
  tag?: Tag;
  /** Parameters of a group share a learning rate. */
  group?: string;
}

/**
 * The derivative used in place of a spike's. `triangle`: gain max(0, 1 - |v|/width); `gaussian`: gain exp(-v²/2width²);
 * `fastSigmoid`: gain / (1 + |v|/width)²; `multiGaussian`, with N(v; m, s) the normal density, h = `height` (0.15) and
 * k = `spread` (6): gain ((1 + h) N(v; 0, width) - h N(v; width, k width) - h N(v; -width, k width)).
 */
export type Surrogate =
  | { kind: "triangle"; gain: number; width: number }
  | { kind: "gaussian"; gain: number; width: number }
  | { kind: "fastSigmoid"; gain: number; width: number }
  | { kind: "multiGaussian"; gain: number; width: number; height?: number; spread?: number };

export type Integrator = "euler" | "heun" | "rk4" | "adaptive";

export interface NetworkData {
  name?: string;
  /** What it is, in one sentence. */
  description?: string;
  /** Where the equations are from: paper and equation number. */
  source?: string;
  equations: string;
  /** Default: `u` with shape `["I"]`, where the text reads `u`. */
  inputs?: Record<string, { shape: Dim[]; per?: "sample" | "trial" }>;
  /** Default: `z`, where the text defines it. */
  outputs?: string[];
  /** Shapes that the equations leave open. */
  states?: Record<string, { shape: Dim[] }>;
  surrogates?: Record<string, Surrogate>;
  parameters: Record<string, ParameterData>;
  /** Numbers for the names of sizes. */
  sizes?: Record<string, number>;
  /** Default `euler`. */
  integrator?: Integrator;
  /** Time step, in the network's unit of time. Default 1 in a text of maps. */
  dt?: number;
}
