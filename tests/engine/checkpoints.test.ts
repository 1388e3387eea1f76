/** Passes that are run again from checkpoints, under a limit of memory: the same bits as with everything kept. */
import { describe, expect, it } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import { type CompileOptions, compileProgram, emitModule, instantiate } from "../../src/engine/compiled/index.ts";
import type { Executable } from "../../src/engine/executable.ts";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import { adjoint } from "../../src/equations/adjoint.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { addScalar } from "../../src/equations/objective.ts";
import type { Program } from "../../src/equations/program.ts";
import { nodeHost } from "../../src/host/node.ts";
import { difference } from "./programs.ts";

const shapes = (entries: Record<string, (string | number)[]>): NetworkData["parameters"] =>
  Object.fromEntries(Object.entries(entries).map(([name, shape]) => [name, { shape }]));

const networks: Record<string, NetworkData> = {
  "a noisy rate network": {
    equations: "tau dx/dt = -x + J r + B u + b + sigma xi; r = tanh(x); z = W r",
    parameters: {
      ...shapes({ J: ["N", "N"], B: ["N", "I"], b: ["N"], W: ["O", "N"], tau: [], sigma: [] }),
    },
  },
  "a map with two delays and noise of its own": {
    equations: "h[t] = tanh(K h[t-3] + J h[t-1] + B u[t-2] + eps); y[t] = 0.5 y[t-2] + h; z = W y",
    parameters: shapes({ J: ["N", "N"], K: ["N", "N"], B: ["N", "I"], W: ["O", "N"] }),
  },
  "a gated network": {
    equations: `g = sigmoid(G h[t-1] + b)
c = tanh(J (g * h[t-1]) + B u)
h[t] = (1 - g) * h[t-1] + g * c
z = W h`,
    parameters: shapes({ G: ["N", "N"], J: ["N", "N"], B: ["N", "I"], b: ["N"], W: ["O", "N"] }),
  },
};

function gradientOf(network: NetworkData): { program: Program; record: string[] } {
  const model = modelOf({ ...network, inputs: { u: { shape: ["I"] } } }, { dt: 0.5 });
  const squares = addScalar(model.program, ["z"], (g, z, y) => g.map("pow", g.map("sub", z, y), g.number(2)));
  const trained = Object.keys(network.parameters).filter((name) => network.parameters[name]!.shape!.length > 0);
  const { program, gradients } = adjoint(squares.program, squares.sum, trained);
  return { program, record: [squares.sum, ...Object.values(gradients)] };
}

function run(e: Executable, samples: number): Record<string, ArrayLike<number>> {
  const { program, options } = e;
  const random = new RandomStream(3, "values");
  const draw = (n: number, scale: number) => Float32Array.from({ length: n }, () => random.normal() * scale);
  for (const [name, { shape }] of Object.entries(program.parameters))
    e.setParameter(name, shape.length === 0 ? [name === "tau" ? 3 : 0.2] : draw(entriesOf(shape, options.sizes), 0.2));
  for (const [name, { shape }] of Object.entries(program.inputs))
    e.setInput(name, draw(options.trials * samples * entriesOf(shape, options.sizes), 0.7));
  e.run({ samples: 1 }); // nothing of an earlier run may be left
  e.run({ samples, dt: 0.5, seed: 4, firstTrial: 2, firstSample: 9 });
  return Object.fromEntries(options.record.map((name) => [name, e.read(name).data]));
}

const sizes = { N: 40, I: 2, O: 2 };

describe.each(Object.entries(networks))("%s", (_, network) => {
  const { program, record } = gradientOf(network);
  const options: CompileOptions = { sizes, trials: 70, samples: 411, record };
  const { bytes } = emitModule(program, options).layout;
  const least = (): number => {
    try {
      emitModule(program, { ...options, memory: 1 });
    } catch (error) {
      return Number(/need (\d+) bytes/.exec((error as Error).message)![1]);
    }
    return Number.NaN;
  };

  it.each([
    ["strict", false, 411],
    ["relaxed", true, 411],
    ["strict, fewer samples than it holds", false, 260],
    ["strict, one stretch", false, 20],
  ] as const)("has the same gradient with and without checkpoints: %s", async (_, relaxed, samples) => {
    if (relaxed) nodeHost().relaxedSimd();
    const whole = run(await compileProgram(program, { ...options, relaxed }), samples);
    for (const memory of [least(), Math.round((least() + bytes) / 2)]) {
      const { layout, bytes: code } = emitModule(program, { ...options, relaxed, memory });
      expect(layout.bytes).toBeLessThanOrEqual(memory);
      expect(layout.stretches.length).toBe(1);
      expect(layout.stretches[0]).toBeLessThan(411);
      expect(run(instantiate({ wasm: new WebAssembly.Module(code), layout }), samples)).toEqual(whole);
    }
  });

  it("needs far less, and has the gradient of the interpreter", async () => {
    expect(least()).toBeLessThan(bytes / 2);
    const small: CompileOptions = {
      ...options,
      trials: 3,
      samples: 1500,
      sizes: { ...sizes, N: 30 },
      precision: "f64",
    };
    const all = emitModule(program, small).layout.bytes;
    const compiled = await compileProgram(program, { ...small, memory: Math.round(all * 0.75) });
    const measured = run(compiled, 1500);
    const expected = run(interpretProgram(program, small), 1500);
    for (const name of record) expect(difference(measured[name]!, expected[name]!)).toBeLessThan(1e-10);
  });

  it("says how many bytes it needs at least, and how many it was given", () => {
    const refuse = () => emitModule(program, { ...options, memory: 100_000 });
    expect(refuse).toThrow(NullclineError);
    expect(refuse).toThrow(
      /70 trials of 411 samples need \d+ bytes .*; expected at most 100000 bytes .* more `memory`/,
    );
  });
});

it("a hundred thousand samples take little more than their inputs", () => {
  const { program, record } = gradientOf(networks["a noisy rate network"]!);
  const options: CompileOptions = { sizes: { N: 256, I: 4, O: 1 }, trials: 32, samples: 100_000, record };
  const inputs = 100_000 * 32 * 4 * (4 + 1 + 1); // u, z's target and z, in f32
  const { layout } = emitModule(program, { ...options, memory: inputs + 2 ** 25 });
  expect(layout.bytes).toBeLessThan(inputs + 2 ** 25);
  expect(() => emitModule(program, { ...options, memory: inputs })).toThrow(/need \d+ bytes/);
});
