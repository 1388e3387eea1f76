/** The training-step workload that several engines have run: the loss must fall as theirs did. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileProgram } from "../../src/engine/compiled/index.ts";
import { adjoint } from "../../src/equations/adjoint.ts";
import { modelOf } from "../../src/equations/model.ts";
import { addScalar } from "../../src/equations/objective.ts";
import { nodeHost } from "../../src/host/node.ts";
import { B, I, N, O, T, workload } from "./leakyWorkload.ts";

const file = "../shared/reference/benchmarks/leaky-rnn.md";
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
  const { parameters: drawn, inputs, targets } = workload();
  const parameters = {
    W: drawn.W.data,
    U: drawn.U.data,
    R: drawn.R.data,
    b: new Float64Array(N),
    c: new Float64Array(O),
  };
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
