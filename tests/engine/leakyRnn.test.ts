/** The training-step workload that several engines have run: the loss must fall as theirs did. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileProgram } from "../../src/engine/compiled/index.ts";
import { adjoint } from "../../src/equations/adjoint.ts";
import { modelOf } from "../../src/equations/model.ts";
import { addScalar } from "../../src/equations/objective.ts";
import { nodeHost } from "../../src/host/node.ts";

const file = "../shared/reference/benchmarks/leaky-rnn.md";
const [T, N, B, I, O] = [100, 128, 64, 3, 3];

/** The workload's own random numbers, in the order in which it draws them. */
function drawWorkload() {
  let s = 12345;
  const uniform = () => {
    s = (Math.imul(1664525, s) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
  const normal = () => {
    const [u1, u2] = [uniform(), uniform()];
    return Math.sqrt(-2 * Math.log(u1 + 1e-12)) * Math.cos(2 * Math.PI * u2);
  };
  /** `[rows, columns]` drawn row by row, given as its transpose. */
  const matrix = (rows: number, columns: number, deviation: number) => {
    const out = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = deviation * normal();
    return out;
  };
  const W = matrix(N, N, 1.2 / Math.sqrt(N));
  const U = matrix(I, N, 1 / Math.sqrt(I));
  const R = matrix(N, O, 1 / Math.sqrt(N));
  const inputs = new Float64Array(B * T * I);
  const targets = new Float64Array(B * T * O);
  for (let t = 0; t < T; t++)
    for (const [values, width] of [
      [inputs, I],
      [targets, O],
    ] as const)
      for (let b = 0; b < B; b++) for (let i = 0; i < width; i++) values[(b * T + t) * width + i] = normal();
  return { parameters: { W, U, R, b: new Float64Array(N), c: new Float64Array(O) }, inputs, targets };
}

async function losses(iterations: number, relaxed: boolean): Promise<number[]> {
  const model = modelOf({
    equations: "h[t] = 0.8 h[t-1] + 0.2 tanh(W h[t-1] + U u + b); z = R h + c",
    inputs: { u: { shape: ["I"] } },
    parameters: {
      W: { shape: ["N", "N"] },
      U: { shape: ["N", "I"] },
      R: { shape: ["O", "N"] },
      b: { shape: ["N"] },
      c: { shape: ["O"] },
    },
  });
  const squares = addScalar(model.program, ["z"], (g, z, y) => g.map("pow", g.map("sub", z, y), g.number(2)));
  const { program, gradients } = adjoint(squares.program, squares.sum, ["W", "U", "R", "b", "c"]);
  const record = [squares.sum, ...Object.values(gradients)];
  const executable = await compileProgram(program, { sizes: { N, I, O }, trials: B, samples: T, record, relaxed });
  const { parameters, inputs, targets } = drawWorkload();
  executable.setInput("u", inputs);
  executable.setInput(squares.weights.z!, targets);
  const scale = 1 / (T * B * O);
  const moments = Object.values(parameters).map(
    (p) => [new Float64Array(p.length), new Float64Array(p.length)] as const,
  );
  const losses: number[] = [];
  for (let k = 1; k <= iterations; k++) {
    for (const [name, values] of Object.entries(parameters)) executable.setParameter(name, values);
    executable.run();
    losses.push(executable.read(squares.sum).data[0]! * scale);
    for (const [index, [name, values]] of Object.entries(parameters).entries()) {
      const gradient = executable.read(gradients[name]!).data;
      const [m, v] = moments[index]!;
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i]! * scale;
        m[i] = 0.9 * m[i]! + 0.1 * g;
        v[i] = 0.999 * v[i]! + 0.001 * g * g;
        values[i]! -= (1e-3 * m[i]!) / (1 - 0.9 ** k) / (Math.sqrt(v[i]! / (1 - 0.999 ** k)) + 1e-8);
      }
    }
  }
  return losses;
}

describe.skipIf(!existsSync(file))(`the leaky network's training (skipped where ${file} is not there)`, () => {
  const modes = [
    ["strict", false],
    ["relaxed", true],
  ] as const;
  it.each(modes)("has the loss of the reference, %s SIMD", async (_, relaxed) => {
    const rows = readFileSync(file, "utf8").matchAll(/^\| (\d+) \| (\d\.\d{6}) \|$/gm);
    const reference = [...rows].map(([, iteration, loss]) => [Number(iteration), Number(loss)] as const);
    expect(reference).toHaveLength(4);
    if (relaxed) nodeHost().relaxedSimd();
    const measured = await losses(16, relaxed);
    for (const [iteration, loss] of reference) expect(Math.abs(measured[iteration]! - loss)).toBeLessThan(2e-6);
  });
});
