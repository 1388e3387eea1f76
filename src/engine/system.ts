/**
 * The one interface that analyses see: a rule with a state.
 *
 * A compiled network under a given input is a System; a textbook ODE typed in is one; wrappers (tangent space,
 * time-h map, projection) are Systems too. All arrays are float64, points are rows: `[n, dimension]`.
 */
export interface System {
  readonly dimension: number;
  /** `flow`: `f(x)` is dx/dt. `map`: `f(x)` is the next state. */
  readonly kind: "flow" | "map";
  /** Whether the drive beside the decay is bounded, so that all motion ends in a ball (the degree sum is then +1). */
  readonly bounded: boolean;
  /** A name for each coordinate, e.g. `x[3]`. */
  readonly coordinates: readonly string[];
  /** `f` at each of `points` [n, D], written to `out` [n, D]. */
  evaluate(points: Float64Array, out: Float64Array): void;
  /** `Df(x) v`: for each point [n, D] its own direction [n, D]. */
  tangent(points: Float64Array, directions: Float64Array, out: Float64Array): void;
  /** `Df(x)' w`: for each point [n, D] its own covector [n, D]. */
  adjoint(points: Float64Array, covectors: Float64Array, out: Float64Array): void;
  /** The Jacobian at one point, row-major `[D, D]`: `out[i * D + j] = ∂f_i/∂x_j`. */
  jacobian(point: Float64Array, out?: Float64Array): Float64Array;
  /** `∂f/∂u` at one point, `[D, I]` row-major, for the named input. */
  inputJacobian(point: Float64Array, input: string): Float64Array;
  /** `∂f/∂p` at one point, `[D, entries of p]` row-major, for the named parameter. */
  parameterJacobian(point: Float64Array, parameter: string): Float64Array;
  /** The readout (and any other output of the network) at each of `points`. `[n, width]`. Throws where there is no such output. */
  output(points: Float64Array, name: string): Float64Array;
  /** `∂output/∂x` at one point, `[width, D]` row-major. */
  outputJacobian(point: Float64Array, name: string): Float64Array;
  /** The same rule with other parameter values, without compiling again. */
  withParameters(values: Record<string, ArrayLike<number>>): System;
  /** The same rule under another constant input. */
  withInputs(values: Record<string, ArrayLike<number>>): System;
}
