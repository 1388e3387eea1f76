/** What must hold exactly, or to a stated number of standard errors, between texts and on paper. Reference interpreter, float64. */
import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/engine/random.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { cell } from "./cells.ts";
import { declare } from "./declare.ts";
import { run } from "./meaning.ts";

const normal = (name: string, n: number, std = 1): Float64Array =>
  new RandomStream(8, name).fillNormal(new Float64Array(n), 0, std);

/** Greatest distance between two lists, relative to the greatest entry. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let [most, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    most = Math.max(most, Math.abs(a[i]! - b[i]!));
    size = Math.max(size, Math.abs(b[i]!));
  }
  expect(size).toBeGreaterThan(0);
  return most / size;
}

describe("a harmonic oscillator without damping, coupling or input (HORN)", () => {
  // y' = y - h ω² x, x' = x + h y': of y²/2 + ω² x²/2 + c x y the coefficient of y² stays 1/2 where h²ω²/2 + c h = 0,
  // so c = -h ω²/2, and then the other two coefficients stay as well.
  const [N, samples, h, omega] = [5, 2000, 1, 0.224];
  const given = {
    ...{ "x.initial": normal("x", N), "y.initial": normal("y", N, 0.2) },
    ...{ h: [h], omega: [omega], gamma: [0], b: new Float64Array(N), c: new Float64Array(N) },
  };
  const simulate = (network: NetworkData) =>
    run({ ...network, sizes: { ...network.sizes, N } }, ["x", "y"], given, { samples, initial: ["x", "y"] });
  /** Greatest change of a quadratic form over the run, relative to its first value, over the units. */
  const drift = ({ x, y }: Record<string, number[]>, c: number): number => {
    const energy = (i: number): number => y![i]! ** 2 / 2 + omega ** 2 * (x![i]! ** 2 / 2) + c * x![i]! * y![i]!;
    return Math.max(...x!.map((_, i) => Math.abs(energy(i) / energy(i % N) - 1)));
  };
  const horn = cell("horn");

  it("conserves the modified energy of the symplectic step, and no other", () => {
    const orbit = simulate(horn);
    expect(drift(orbit, (-h * omega ** 2) / 2)).toBeLessThan(1e-13);
    expect(drift(orbit, 0)).toBeGreaterThan(0.1);
    expect(drift(orbit, (h * omega ** 2) / 2)).toBeGreaterThan(0.2);
  });
  it("with the old velocity in the second line the energy grows by 1 + h²ω² at each step", () => {
    const { x, y } = simulate({ ...horn, equations: horn.equations.replace("h y[t+1]", "h y") });
    const energy = (t: number): number => y![t * N]! ** 2 + omega ** 2 * x![t * N]! ** 2;
    for (const t of [1, 10, 200]) expect(energy(t) / energy(0) / (1 + h ** 2 * omega ** 2) ** t).toBeCloseTo(1, 12);
  });
});

it("a gated network with flat gates follows the additive network: h = x/2, half the gain, half the speed", () => {
  const [N, I, samples] = [6, 2, 200];
  const given = { B: normal("B", N * I), u: normal("u", samples * I) };
  const J = normal("J", N * N, 0.9);
  const start = normal("start", N);
  const gated = cell("gatedRate");
  const flat = {
    alpha_z: [0],
    alpha_r: [0],
    beta_z: [0],
    beta_r: [0],
    g: [1.7],
    J_h: J,
    J_z: normal("z", N * N),
    J_r: normal("r", N * N),
  };
  const rest = { sizes: { ...gated.sizes, N, I }, dt: 0.1 };
  const { h } = run(
    { ...gated, ...rest },
    ["h"],
    { ...given, ...flat, "h.initial": start },
    { samples, initial: ["h"] },
  );
  const additive = declare("tau dx/dt = -x + J tanh(g x) + 2 B u", "tau J[N,N] B[N,I] g", rest);
  const { x } = run(
    additive,
    ["x"],
    { ...given, J, g: [1.7 / 2], tau: [2], "x.initial": start.map((v) => 2 * v) },
    { samples, initial: ["x"] },
  );
  expect(
    distance(
      h!,
      x!.map((v) => v / 2),
    ),
  ).toBeLessThan(1e-12);
});

it("an Euler flow equals its map written by hand, noise included", () => {
  const [N, I, samples, dt] = [4, 3, 50, 0.3];
  const table = "tau=7 sigma=0.4 J[N,N] B[N,I] b[N]";
  const given = { J: normal("J", N * N), B: normal("B", N * I), b: normal("b", N), u: normal("u", 2 * samples * I) };
  const options = { samples, trials: 2, seed: 11 };
  const values = (text: string) => run(declare(text, table, { sizes: { N, I }, dt }), ["x"], given, options).x!;
  const flow = values("tau dx/dt = -x + J r + B u + b + sigma xi; r = tanh(x)");
  const map = values("x[t+1] = x + (dt/tau) (-x + J tanh(x) + B u + b + (sigma/sqrt(dt)) eps)");
  expect(distance(flow, map)).toBeLessThan(1e-14);
});

it("a backward scan equals the forward scan of the reversed input, reversed", () => {
  const [N, I, samples] = [5, 2, 30];
  const table = "J[N,N] B[N,I] b[N]";
  const rest = { sizes: { N, I } };
  const given = { J: normal("J", N * N, 0.6), B: normal("B", N * I), b: normal("b", N) };
  const rows = (data: ArrayLike<number>, width: number): number[][] =>
    Array.from({ length: data.length / width }, (_, t) =>
      Array.from({ length: width }, (_, i) => data[t * width + i]!),
    );
  const u = normal("u", samples * I);
  const { k } = run(declare("k[t] = tanh(J k[t+1] + B u); k[T] = b", table, rest), ["k"], { ...given, u }, { samples });
  const { h } = run(
    declare("h[t] = tanh(J h[t-1] + B u); h[-1] = b", table, rest),
    ["h"],
    { ...given, u: rows(u, I).reverse().flat() },
    { samples },
  );
  expect(rows(k!, N).reverse()).toEqual(rows(h!, N));
});

it("a delay equals a chain of copies", () => {
  const [N, samples, dt] = [4, 40, 0.5];
  const table = "tau=6 d=1.5 J[N,N] B[N,I]";
  const given = { J: normal("J", N * N, 2), B: normal("B", N * 2), u: normal("u", samples * 2) };
  const values = (text: string) =>
    run(
      declare(text, table.replace(text.includes("delay") ? "" : "d=1.5 ", ""), { sizes: { N, I: 2 }, dt }),
      ["x"],
      given,
      { samples },
    ).x!;
  const delayed = values("tau dx/dt = -x + J delay(r, d) + B u; r = tanh(x)");
  const copied = values("x[t+1] = x + (dt/tau) (-x + J c + B u); r = tanh(x); a[t+1] = r; b[t+1] = a; c[t+1] = b");
  expect(distance(delayed, copied)).toBeLessThan(1e-14);
  expect(distance(delayed, values("x[t+1] = x + (dt/tau) (-x + J r[t-3] + B u); r = tanh(x)"))).toBeLessThan(1e-14);
});

describe("the stationary variance of an Ornstein-Uhlenbeck process", () => {
  // w' = (1 - a) w + σ sqrt(2 a) n with a = dt/tau: the variance V = (1 - a)² V + 2 a σ², so V = σ² / (1 - a/2).
  const [n, tau, sigma] = [20_000, 10, 0.7];
  it.each([1, 5, 14])("dt = %s: σ²/(1 - dt/2τ), within 4 standard errors", (dt) => {
    const samples = Math.ceil(60 / dt) + 8; // from zero to within 1e-5 of the variance, at each of the three
    const network = declare("tau dw/dt = -w + sigma sqrt(2 tau) xi", `tau=${tau} sigma=${sigma}`, {
      states: { w: { shape: ["N"] } },
      sizes: { N: n },
      dt,
    });
    const { w } = run(network, ["w"], {}, { samples, seed: 21 });
    const last = w!.slice(-n);
    const mean = last.reduce((s, x) => s + x, 0) / n;
    const variance = last.reduce((s, x) => s + (x - mean) ** 2, 0) / (n - 1);
    const expected = sigma ** 2 / (1 - dt / tau / 2);
    expect(Math.abs(variance / expected - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(expected / n));
    // The variance of the continuous process is told apart from it.
    expect(Math.abs(variance / sigma ** 2 - 1)).toBeGreaterThan(4 * Math.sqrt(2 / n));
  });
});

describe("order of the integrators, by halving the step", () => {
  const T = 2;
  const problems: Record<string, { text: string; start: Record<string, number[]>; solution: Record<string, number> }> =
    {
      // Stages at t, t + dt/2, t + dt: time is taken at each stage.
      "dx/dt = cos(t)": { text: "dx/dt = cos(t)", start: { x: [0] }, solution: { x: Math.sin(T) } },
      "dx/dt = x cos(t)": {
        text: "dx/dt = r cos(t); r = x",
        start: { x: [1] },
        solution: { x: Math.exp(Math.sin(T)) },
      },
      "the logistic equation": {
        text: "tau dx/dt = x * (1 - x)",
        start: { x: [0.1] },
        solution: { x: 1 / (1 + 9 * Math.exp(-T / 0.5)) },
      },
      "two coupled flows with a damping of their own": {
        // x = e^{-t/5} cos t, y = -e^{-t/5} sin t
        text: "dx/dt = -x/5 + y; dy/dt = -y/5 - x",
        start: { x: [1], y: [0] },
        solution: { x: Math.exp(-T / 5) * Math.cos(T), y: -Math.exp(-T / 5) * Math.sin(T) },
      },
    };
  const error = (
    integrator: "euler" | "heun" | "rk4" | "adaptive",
    dt: number,
    { text, start, solution }: (typeof problems)[string],
  ): number => {
    const network = declare(text, text.includes("tau") ? "tau=0.5" : "", { integrator, dt });
    const samples = Math.round(T / dt) + 1;
    const given = Object.fromEntries(Object.entries(start).map(([name, value]) => [`${name}.initial`, value]));
    const values = run(network, Object.keys(solution), given, { samples, initial: Object.keys(start) });
    return Math.hypot(...Object.entries(solution).map(([name, x]) => values[name]![samples - 1]! - x));
  };
  describe.each(Object.entries(problems))("%s", (_, problem) => {
    it.each([
      ["euler", 1],
      ["heun", 2],
      ["rk4", 4],
    ] as const)("%s: %i", (integrator, order) => {
      const [coarse, fine] = [error(integrator, 0.05, problem), error(integrator, 0.025, problem)];
      expect(Math.abs(Math.log2(coarse / fine) - order)).toBeLessThan(0.15);
      expect(fine).toBeLessThan([0, 0.03, 1e-3, 0, 1e-7][order]!);
    });
  });
});

describe("cells against loops written by hand", () => {
  const [N, I, samples] = [4, 3, 12];
  const times = (A: Float64Array, x: number[]): number[] =>
    Array.from({ length: A.length / x.length }, (_, i) => x.reduce((s, v, j) => s + A[i * x.length + j]! * v, 0));
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  const matrices = (names: string[], columns: number) =>
    Object.fromEntries(names.map((n) => [n, normal(n, N * columns, 0.7)]));
  const u = normal("u", samples * I);
  const at = (t: number): number[] => [...u.subarray(t * I, (t + 1) * I)];

  it("GRU, reset after the recurrent product", () => {
    const p = {
      ...matrices(["A_q", "A_p", "A_n"], N),
      ...matrices(["B_q", "B_p", "B_n"], I),
      ...matrices(["b_q", "b_p", "b_n", "c_n"], 1),
    } as Record<string, Float64Array>;
    const network = cell("gruAfter");
    const { h } = run({ ...network, sizes: { ...network.sizes, N, I } }, ["h"], { ...p, u }, { samples });
    let state = new Array<number>(N).fill(0);
    const byHand: number[] = [];
    for (let t = 0; t < samples; t++) {
      const drive = (g: string): number[] => times(p[`B_${g}`]!, at(t)).map((x, i) => x + p[`b_${g}`]![i]!);
      const recurrent = (g: string): number[] => times(p[`A_${g}`]!, state);
      const [q, z] = ["q", "p"].map((g) => drive(g).map((x, i) => sigmoid(x + recurrent(g)[i]!)));
      const n = drive("n").map((x, i) => Math.tanh(q![i]! * (recurrent("n")[i]! + p.c_n![i]!) + x));
      state = state.map((x, i) => z![i]! * x + (1 - z![i]!) * n[i]!);
      byHand.push(...state);
    }
    expect(distance(h!, byHand)).toBeLessThan(1e-14);
  });

  it("LIF with hard reset and a refractory period", () => {
    const network = cell("refractoryLif");
    const p = { J: normal("J", N * N, 0.5), B: normal("B", N * I, 2), a: [0.9], theta: [0.4], n: [2.3] };
    const { s, q } = run({ ...network, sizes: { ...network.sizes, N, I } }, ["s", "q"], { ...p, u }, { samples });
    let [v, rest] = [new Array<number>(N).fill(0), new Array<number>(N).fill(0)];
    const spikes: number[] = [];
    const rests: number[] = [];
    for (let t = 0; t < samples; t++) {
      const fired = v.map((x, i) => (x > 0.4 && rest[i]! < 0.5 ? 1 : 0));
      spikes.push(...fired);
      rests.push(...rest);
      const drive = times(p.J, fired).map((x, i) => x + times(p.B, at(t))[i]!);
      v = v.map((x, i) => (fired[i] ? 0 : 0.9 * x) + (rest[i]! < 0.5 ? drive[i]! : 0));
      rest = rest.map((x, i) => (fired[i] ? 2.3 : Math.max(x - 1, 0)));
    }
    expect(spikes.some((x) => x === 1)).toBe(true);
    expect(s).toEqual(spikes);
    expect(distance(q!, rests)).toBeLessThan(1e-14);
  });

  it("low rank with as many ranks as units is any matrix", () => {
    const J = normal("J", N * N);
    const identity = Float64Array.from({ length: N * N }, (_, k) => (k % (N + 1) === 0 ? N : 0));
    const rest = { sizes: { N, I, R: N } };
    const low = run(
      declare("x[t] = M L' tanh(x[t-1])/N + B u", "M[N,R] L[N,R] B[N,I]", rest),
      ["x"],
      { M: J, L: identity, B: normal("B", N * I), u },
      { samples },
    );
    const full = run(
      declare("x[t] = J tanh(x[t-1]) + B u", "J[N,N] B[N,I]", rest),
      ["x"],
      { J, B: normal("B", N * I), u },
      { samples },
    );
    expect(distance(low.x!, full.x!)).toBeLessThan(1e-13);
  });
});
