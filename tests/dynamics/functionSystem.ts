/** Systems made of given functions, for tests: textbook examples whose answers are closed forms. */
import type { System } from "../../src/engine/system.ts";

export interface Functions {
  kind: "flow" | "map";
  dimension: number;
  bounded?: boolean;
  /** `f(x)`, written to `out`. */
  f(x: Float64Array, out: Float64Array): void;
  /** Row-major `[D, D]`, written to `out`. */
  jacobian(x: Float64Array, out: Float64Array): void;
  /** Readouts `z = W x` by name, `[width, D]`. */
  outputs?: Record<string, number[][]>;
  /** Constant input Jacobians by name, `[D, I]`. */
  inputs?: Record<string, number[][]>;
}

export function functionSystem(functions: Functions): System {
  const { dimension: D, kind, bounded = false, outputs = {}, inputs = {} } = functions;
  const perPoint = (points: Float64Array, use: (x: Float64Array, at: number) => void) => {
    for (let at = 0; at < points.length; at += D) use(points.subarray(at, at + D), at);
  };
  const J = new Float64Array(D * D);
  return {
    dimension: D,
    kind,
    bounded,
    coordinates: Array.from({ length: D }, (_, i) => `x[${i}]`),
    evaluate: (points, out) => perPoint(points, (x, at) => functions.f(x, out.subarray(at, at + D))),
    tangent: (points, directions, out) =>
      perPoint(points, (x, at) => {
        functions.jacobian(x, J);
        for (let i = 0; i < D; i++) {
          let sum = 0;
          for (let j = 0; j < D; j++) sum += J[i * D + j] * directions[at + j];
          out[at + i] = sum;
        }
      }),
    adjoint: (points, covectors, out) =>
      perPoint(points, (x, at) => {
        functions.jacobian(x, J);
        for (let j = 0; j < D; j++) {
          let sum = 0;
          for (let i = 0; i < D; i++) sum += J[i * D + j] * covectors[at + i];
          out[at + j] = sum;
        }
      }),
    jacobian(point, out = new Float64Array(D * D)) {
      functions.jacobian(point, out);
      return out;
    },
    inputJacobian: (_, input) => Float64Array.from(inputs[input].flat()),
    parameterJacobian: () => new Float64Array(0),
    output(points, name) {
      const W = outputs[name];
      const z = new Float64Array((points.length / D) * W.length);
      perPoint(points, (x, at) => {
        W.forEach((row, k) => {
          z[(at / D) * W.length + k] = row.reduce((sum, w, i) => sum + w * x[i], 0);
        });
      });
      return z;
    },
    outputJacobian: (_, name) => Float64Array.from(outputs[name].flat()),
    withParameters: () => functionSystem(functions),
    withInputs: () => functionSystem(functions),
  };
}

/** `x' = tanh(W x + b)` (map) or `dx/dt = -x + W tanh(x) + b` (flow), batched without allocation. W is row-major. */
export function tanhSystem(
  kind: "flow" | "map",
  W: Float64Array,
  b: Float64Array,
  extra: Pick<Functions, "outputs" | "inputs"> = {},
): System {
  const D = b.length;
  const r = new Float64Array(D);
  /** Slopes of tanh where the Jacobian needs them: at x (flow), at W x + b (map). */
  const slopes = (x: Float64Array) => {
    for (let i = 0; i < D; i++) {
      let drive = x[i];
      if (kind === "map") {
        drive = b[i];
        for (let j = 0, p = i * D; j < D; j++, p++) drive += W[p] * x[j];
      }
      r[i] = 1 - Math.tanh(drive) ** 2;
    }
  };
  const system = functionSystem({
    ...extra,
    kind,
    dimension: D,
    bounded: true,
    f(x, out) {
      for (let i = 0; i < D; i++) r[i] = kind === "flow" ? Math.tanh(x[i]) : x[i];
      for (let i = 0; i < D; i++) {
        let sum = b[i];
        for (let j = 0, p = i * D; j < D; j++, p++) sum += W[p] * r[j];
        out[i] = kind === "flow" ? sum - x[i] : Math.tanh(sum);
      }
    },
    jacobian(x, out) {
      slopes(x);
      for (let i = 0; i < D; i++)
        for (let j = 0; j < D; j++)
          out[i * D + j] = kind === "flow" ? W[i * D + j] * r[j] - (i === j ? 1 : 0) : W[i * D + j] * r[i];
    },
  });
  system.adjoint = (points, covectors, out) => {
    for (let at = 0; at < points.length; at += D) {
      slopes(points.subarray(at, at + D));
      const y = out.subarray(at, at + D).fill(0);
      for (let i = 0; i < D; i++) {
        const w = covectors[at + i] * (kind === "map" ? r[i] : 1);
        for (let j = 0, p = i * D; j < D; j++, p++) y[j] += W[p] * w;
      }
      if (kind === "flow") for (let i = 0; i < D; i++) y[i] = y[i] * r[i] - covectors[at + i];
    }
  };
  return system;
}
