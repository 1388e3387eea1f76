/** Networks as systems: closed-form Jacobians, tangents and adjoints against finite differences, for every text. */
import { expect, test } from "vitest";
import { networkSystem } from "../../src/engine/networkSystem.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { cells, sizes } from "../equations/cells.ts";

const count = (shape: readonly (string | number)[]): number =>
  shape.reduce<number>((n, d) => n * (typeof d === "number" ? d : sizes[d]!), 1);
const systems = cells.filter((c) => c.name !== "lfads");

test.each(systems.map((c) => [c.name!, c] as const))("%s", async (_, network) => {
  const s = new RandomStream(4, "parameters", 0);
  const parameters = Object.fromEntries(
    Object.entries(network.parameters).map(([name, p]) => {
      const n = count(p.shape ?? []);
      const positive = /^(tau|lambda|tau_m|tau_a|p_0)/.test(name);
      return [
        name,
        Array.from({ length: n }, () =>
          typeof p.value === "number"
            ? p.value * (n > 1 ? 1 + 0.2 * s.uniform() : 1)
            : positive
              ? 5 + s.uniform()
              : 0.5 * s.normal(),
        ),
      ];
    }),
  );
  const smooth = { ...network, equations: network.equations.replace(/\bspike\(([^()]*)\)/g, "sigmoid(5 ($1))") };
  const inputs: Record<string, number[]> =
    network.inputs && !("u" in network.inputs) ? {} : { u: Array.from({ length: sizes.I! }, () => s.normal()) };
  const reads =
    /\bu\b/.test(network.equations) &&
    smooth.inputs?.u === undefined &&
    !(network.inputs && Object.keys(network.inputs).length === 0);
  const system = await networkSystem(smooth, { parameters, sizes, inputs: reads ? inputs : {} });
  const D = system.dimension;
  expect(system.coordinates).toHaveLength(D);
  const point = Float64Array.from({ length: D }, () => 0.4 * s.normal());
  const at = (x: Float64Array): Float64Array => {
    const out = new Float64Array(x.length);
    system.evaluate(x, out);
    return out;
  };
  const jacobian = system.jacobian(point);
  const h = 1e-5;
  let scale = 0;
  for (const v of jacobian) scale = Math.max(scale, Math.abs(v));
  const moved = (j: number, by: number): Float64Array => point.map((v, i) => (i === j ? v + by : v));
  for (let j = 0; j < D; j++) {
    const [a, b, c, d] = [at(moved(j, h)), at(moved(j, -h)), at(moved(j, 2 * h)), at(moved(j, -2 * h))];
    for (let i = 0; i < D; i++)
      expect(
        Math.abs((8 * (a![i]! - b![i]!) - (c![i]! - d![i]!)) / (12 * h) - jacobian[i * D + j]!) / Math.max(scale, 1e-3),
      ).toBeLessThan(1e-6);
  }
  // Many points at once give what each gives alone, whatever the size of the batch.
  const many = new Float64Array(37 * D);
  for (let k = 0; k < 37; k++)
    many.set(
      point.map((v) => v + 0.01 * k),
      k * D,
    );
  const together = at(many);
  const alone = at(many.subarray(36 * D) as Float64Array);
  for (let i = 0; i < D; i++) expect(together[36 * D + i]!).toBe(alone[i]!);
  const direction = Float64Array.from({ length: D }, () => s.normal());
  const covector = Float64Array.from({ length: D }, () => s.normal());
  const [forward, back] = [new Float64Array(D), new Float64Array(D)];
  system.tangent(point, direction, forward);
  system.adjoint(point, covector, back);
  for (let i = 0; i < D; i++) {
    let row = 0;
    let column = 0;
    for (let j = 0; j < D; j++) {
      row += jacobian[i * D + j]! * direction[j]!;
      column += jacobian[j * D + i]! * covector[j]!;
    }
    expect(Math.abs(forward[i]! - row) / Math.max(1, scale)).toBeLessThan(1e-11);
    expect(Math.abs(back[i]! - column) / Math.max(1, scale)).toBeLessThan(1e-11);
  }
});

test("input, output and parameter Jacobians of the rate network are B/tau, W diag(1 - r²), and finite differences", async () => {
  const network = {
    equations: "tau dx/dt = -x + J r + B u + b\nr = tanh(x)\nz = W r",
    parameters: {
      tau: { value: 10 },
      J: { shape: ["N", "N"] },
      B: { shape: ["N", "I"] },
      b: { shape: ["N"] },
      W: { shape: ["O", "N"] },
    },
    sizes: { N: 3, I: 2, O: 1 },
  };
  const parameters = {
    tau: [10],
    J: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
    B: [1, 2, 3, 4, 5, 6],
    b: [0.1, 0, -0.1],
    W: [1, -1, 2],
  };
  const system = await networkSystem(network, { parameters, inputs: { u: [0.5, -0.2] } });
  expect(system.bounded).toBe(true);
  expect(system.kind).toBe("flow");
  const x = Float64Array.of(0.3, -0.4, 0.7);
  expect([...system.inputJacobian(x, "u")]).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map((v) => expect.closeTo(v, 14)));
  expect([...system.outputJacobian(x, "z")]).toEqual(
    [1, -1, 2].map((w, i) => expect.closeTo(w * (1 - Math.tanh(x[i]!) ** 2), 14)),
  );
  expect(system.output(x, "z")[0]).toBeCloseTo(Math.tanh(0.3) + Math.tanh(0.4) + 2 * Math.tanh(0.7), 14);
  const byJ = system.parameterJacobian(x, "J");
  for (let i = 0; i < 3; i++)
    for (let k = 0; k < 9; k++)
      expect(byJ[i * 9 + k]!).toBeCloseTo(Math.floor(k / 3) === i ? Math.tanh(x[k % 3]!) / 10 : 0, 14);
  // Other values without compiling again; the first system keeps its own.
  const other = system.withParameters({ tau: [20] });
  const [a, b, c] = [new Float64Array(3), new Float64Array(3), new Float64Array(3)];
  system.evaluate(x, a);
  other.evaluate(x, b);
  system.evaluate(x, c);
  for (let i = 0; i < 3; i++) {
    expect(b[i]!).toBeCloseTo(a[i]! / 2, 14);
    expect(c[i]!).toBe(a[i]!);
  }
});

test("bounded drives are recognised", async () => {
  const bounded = async (equations: string): Promise<boolean> =>
    (
      await networkSystem(
        {
          equations,
          parameters: { a: { value: 0.5 }, J: { shape: ["N", "N"] } },
          sizes: { N: 2 },
          states: { x: { shape: ["N"] } },
        },
        { parameters: { a: [0.5], J: [1, 0, 0, 1] } },
      )
    ).bounded;
  expect(await bounded("dx/dt = -x + a J tanh(x)")).toBe(true);
  expect(await bounded("dx/dt = -x + a J relu(x)")).toBe(false);
  expect(await bounded("x[t+1] = a J tanh(x)")).toBe(true);
  expect(await bounded("dx/dt = x + a J tanh(x)")).toBe(false);
});

test("a spiking text is refused unless its surrogate is asked for", async () => {
  const network = { equations: "v[t+1] = a v + spike(v - 1)", parameters: { a: { value: 0.9 } } };
  await expect(networkSystem(network, { parameters: { a: [0.9] } })).rejects.toThrow(/surrogate is no derivative/);
  expect((await networkSystem(network, { parameters: { a: [0.9] }, useSurrogate: true })).dimension).toBe(1);
});
