/** Reservoirs: how much of its past input a fixed network holds, and how far ahead a readout sees a chaotic system. */
import {
  check, equationsBlock, type Figure, type LineLayer, linearReadout, type MemoryCapacity, makeNetwork, mean, memoryCapacity, type NDArray, type Network, 
  type NetworkData, networks, type Outcome, RandomStream, range, type Study, type StudyContext, simulate, standardError, type Trials, zeros,
} from "../index.ts"; // biome-ignore format: a list

const jaeger = "Jaeger 2002, GMD Report 152, propositions 2 and 4";
const rodan = "Rodan & Tino 2011, IEEE Trans. Neural Netw. 22, 131–144";
type Wires = "orthogonal" | "cyclic" | "gaussian";
const colors = { orthogonal: "blue", cyclic: "vermilion", gaussian: "green" } as const;
/** Nothing is trained but a readout. J of length-keeping wirings is multiplied by rho, of the Gaussian one drawn with gain rho. */
const reservoir = (wires: Wires, N: number, rho: number, options: { phi?: string; g?: number; sigma?: number; I?: number } = {}): NetworkData => {
  const { phi = "", g = 1, sigma = 0, I = 1 } = options;
  const ring = Array.from({ length: N * N }, (_, k) => (Math.floor(k / N) === ((k % N) + 1) % N ? 1 : 0));
  const J = wires === "cyclic" ? { value: ring } : { init: { law: wires } };
  return {
    ...{ name: `${wires} reservoir`, source: jaeger, outputs: ["x"], sizes: { N, I } },
    equations: `x[t] = ${phi}(rho J x[t-1] + g B u) + sigma eps`,
    parameters: {
      ...{ rho: { value: rho }, g: { value: g }, sigma: { value: sigma } },
      ...{ J: { shape: ["N", "N"], tag: "pinned", ...J }, B: { shape: ["N", "I"], tag: "pinned", init: { law: "gaussian", std: 1 / Math.sqrt(N) } } },
    },
  };
}; // biome-ignore format: data

/** One long trial with nothing to learn. */
const given = (inputs: NDArray, dt = 1, initialState?: Record<string, NDArray>): Trials => {
  const empty = zeros(1, inputs.shape[1]!, 0);
  return { dt, inputs, targets: empty, mask: empty, conditions: {}, initialState };
};
const states = async (network: Network, inputs: NDArray, seed: number): Promise<NDArray> => {
  const { x } = await simulate(network, given(inputs), { seed, precision: "f64" });
  return { data: x!.data, shape: x!.shape.slice(1) };
};

export const reservoirStudy: Study = {
  name: "reservoir",
  title: "Memory of reservoirs",
  description: "Fixed networks hold as much of their past input as their wiring lets them; noise and tanh cost memory.",
  composition:
    "maps, linear or tanh · orthogonal, cyclic or Gaussian, pinned · independent inputs; the Lorenz system · linear readout",
  minutes: 3,
  fast: { settings: { sizes: "20,50", seeds: "2", steps: "3000" }, checks: [] },
  tiny: {
    sizes: "4,6",
    seeds: "2",
    steps: "400",
    lorenzUnits: "10",
    lorenzSteps: "300",
    noises: "0,0.1",
    inputs: "0.1,1",
    gains: "0.5,1",
  },
  settings: {
    sizes: { value: [20, 50, 100], what: "units N whose capacities are compared" },
    seeds: { value: 3, what: "networks of each kind, of seeds --seed, + 1, …" },
    steps: { value: 12000, what: "samples of independent input, uniform with variance 1; half are held out" },
    rho: { value: 0.9, what: "what an orthogonal or cyclic J is multiplied by" },
    gain: { value: 0.5, what: "gain of the Gaussian J (from 0.8 on some of 20 units have an eigenvalue above 1)" },
    tolerance: {
      value: 1e-6,
      what: "singular value of the states, relative to the largest, from which on a readout can use a direction",
    },
    noises: {
      value: [0, 0.001, 0.01, 0.1, 1],
      what: "noise of a unit, relative to the standard deviation of what the input adds to it",
    },
    inputs: { value: [0.1, 0.3, 1, 3], what: "gains g of the input of the tanh networks" },
    lorenzUnits: { value: 200, what: "units N that predict the Lorenz system" },
    lorenzSteps: { value: 6000, what: "samples of the Lorenz system, 0.02 units of time each; half are held out" },
    ahead: { value: 1, what: "how far ahead x is predicted, units of time (its largest Lyapunov exponent is 0.9)" },
    gains: { value: [0.1, 0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5], what: "gains of the Gaussian J that predicts" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [sizes, rho, steps, washout] = [run.numbers("sizes"), run.number("rho"), run.number("steps"), 100];
    const seeds = Array.from({ length: run.number("seeds") }, (_, k) => run.seed + k);
    const side = Math.sqrt(3);
    const capacity = async (data: NetworkData, seed: number): Promise<MemoryCapacity> => {
      const u = new RandomStream(seed, "input").fillUniform(new Float64Array(steps), -side, side);
      const x = await states(makeNetwork(data, { seed }), { data: u, shape: [1, steps, 1] }, seed);
      await run.pause();
      return memoryCapacity(x, u, { washout, tolerance: run.number("tolerance") });
    };
    const each = async (data: NetworkData): Promise<MemoryCapacity[]> => {
      const found: MemoryCapacity[] = [];
      for (const seed of seeds) found.push(await capacity(data, seed));
      return found;
    };
    const found: { wires: Wires; N: number; of: MemoryCapacity[] }[] = [];
    for (const wires of Object.keys(colors) as Wires[])
      for (const N of sizes) {
        run.say(`capacity: ${wires}, N = ${N}`);
        found.push({ wires, N, of: await each(reservoir(wires, N, wires === "gaussian" ? run.number("gain") : rho)) });
      }
    const middle = sizes[sizes.length >> 1]!;
    const totals = async (all: NetworkData[]): Promise<number[][]> => {
      const out: number[][] = [];
      for (const data of all) out.push((await each(data)).map(({ total }) => total));
      return out;
    };
    run.say("capacity under noise and with tanh");
    const noisy = await totals(run.numbers("noises").map((noise) => reservoir("orthogonal", middle, rho, { sigma: noise / Math.sqrt(middle) })));
    const bent = await totals([0, ...run.numbers("inputs")].map((g) => reservoir("orthogonal", middle, rho, g > 0 ? { g, phi: "tanh" } : {})));
    run.say("predicting the Lorenz system");
    const series = await lorenz(run.number("lorenzSteps") + washout);
    const [samples, ahead] = [series.shape[1]!, Math.round(run.number("ahead") / 0.02)];
    const future = Float64Array.from({ length: samples - ahead }, (_, t) => series.data[(t + ahead) * 3]!);
    const predicted: number[][] = [];
    for (const gain of run.numbers("gains")) {
      const own: number[] = [];
      for (const seed of seeds) {
        const network = makeNetwork(reservoir("gaussian", run.number("lorenzUnits"), gain, { phi: "tanh", I: 3 }), { seed });
        const x = await states(network, series, seed);
        const kept = { data: x.data.subarray(0, future.length * x.shape[1]!), shape: [future.length, x.shape[1]!] };
        own.push(linearReadout(kept, { data: future, shape: [future.length, 1] }, { washout, tolerance: 1e-7 }).r2[0]!);
        await run.pause();
      }
      predicted.push(own);
    }
    const of = (wires: Wires) => found.filter((f) => f.wires === wires);
    const shares = (wires: Wires, by: (m: MemoryCapacity, N: number) => number) => of(wires).flatMap(({ N, of: all }) => all.map((m) => by(m, N)));
    const whole = (wires: Wires) => shares(wires, ({ total }, N) => total / N);
    // The constant of the readout is one of its directions.
    const ranked = shares("gaussian", ({ total, rank }, N) => (total - (rank - 1)) / N);
    const above = Math.max(...found.flatMap(({ N, of: all }) => all.map(({ total }) => total / N)));
    const best = predicted.map(mean).reduce((b, r, k, all) => (r > all[b]! ? k : b), 0);
    const falling = (all: number[][]) => all.every((v, k) => k === 0 || mean(v) < mean(all[k - 1]!));
    const listed = (all: number[][]) => all.map((v) => mean(v).toFixed(1)).join(", ");
    const shown = (wires: Wires) => of(wires).map(({ N, of: all }) => `${mean(all.map(({ total }) => total)).toFixed(2)} of ${N}`).join(", ");
    const n = seeds.length * sizes.length;
    return {
      verdict: `Capacities: orthogonal ${shown("orthogonal")}, cyclic ${shown("cyclic")}, Gaussian ${shown("gaussian")}.`,
      checks: [
        ...(["orthogonal", "cyclic"] as const).map((wires) =>
          check({ id: wires, what: `capacity over N, ${wires}, farthest from 1 (${shown(wires)})`, source: wires === "cyclic" ? rodan : jaeger, paper: "N", criterion: "within 2 % of N in every network", measured: whole(wires).reduce((a, b) => (Math.abs(b - 1) > Math.abs(a - 1) ? b : a)), n, holds: whole(wires).every((r) => Math.abs(r - 1) <= 0.02) }),
        ),
        check({ id: "gaussian", what: `capacity over N, Gaussian, largest (${shown("gaussian")})`, source: jaeger, criterion: "< 1 in every network", ours: true, measured: Math.max(...whole("gaussian")), n, holds: whole("gaussian").every((r) => r < 1) }),
        check({ id: "rank", what: "capacity less the numerical rank of the states, over N, Gaussian, largest", source: jaeger, paper: "the rank", criterion: "within 0.02 in every network", ours: true, measured: Math.max(...ranked.map(Math.abs)), n, holds: ranked.every((r) => Math.abs(r) <= 0.02) }),
        check({ id: "above", what: "largest capacity over N of all", source: jaeger, paper: "at most 1", criterion: "≤ 1 within 1 %: correlations are those of a finite stretch", measured: above, n: found.length * seeds.length, holds: above <= 1.01 }),
        check({ id: "noise", what: `capacity at N = ${middle} under noise of ${run.numbers("noises").join(", ")}: ${listed(noisy)}`, source: jaeger, paper: "falls", criterion: "falls with each step of noise, means", measured: mean(noisy.at(-1)!), n: seeds.length, standardError: standardError(noisy.at(-1)!), holds: falling(noisy) }),
        check({ id: "tanh", what: `capacity at N = ${middle}, linear, then tanh with input gain ${run.numbers("inputs").join(", ")}: ${listed(bent)}`, source: jaeger, paper: "falls", criterion: "falls with each step of input gain, means", measured: mean(bent.at(-1)!), n: seeds.length, standardError: standardError(bent.at(-1)!), holds: falling(bent) }),
        check({ id: "lorenz", what: `R² of x of the Lorenz system ${run.number("ahead")} ahead, at the best gain (${run.numbers("gains")[best]})`, source: "", criterion: "", measured: mean(predicted[best]!), n: seeds.length, standardError: standardError(predicted[best]!) }),
      ],
      sections: [
        { title: "Memory and prediction", blocks: [{ kind: "figure", figure: drawn(run, found, { noisy, bent, predicted }), lead: true }] },
        { title: "The networks", blocks: [equationsBlock(makeNetwork(reservoir("orthogonal", middle, rho), { seed: run.seed }))] },
      ],
      numbers: { capacities: found.map(({ wires, N, of: all }) => ({ wires, N, totals: all.map(({ total }) => total), ranks: all.map(({ rank }) => rank - 1) })), noisy, bent, predicted },
      network: makeNetwork(reservoir("orthogonal", middle, rho), { seed: run.seed }),
    };
  }, // biome-ignore format: tables
};

/** x, y, z every 0.02, with mean 0 and variance 1. */
async function lorenz(samples: number): Promise<NDArray> {
  const start = { x: 1, y: 1, z: 20 };
  const initial = Object.fromEntries(Object.entries(start).map(([name, v]) => [name, { data: Float64Array.of(v), shape: [1] }]));
  const [skipped, network] = [1000, makeNetwork(networks.lorenz, { seed: 0 })];
  const found = await simulate(network, given(zeros(1, skipped + 2 * samples, 0), 0.01, initial), { seed: 0, precision: "f64" });
  const columns = ["x", "y", "z"].map((name) => {
    const own = Float64Array.from({ length: samples }, (_, t) => found[name]!.data[skipped + 2 * t]!);
    const center = mean(own);
    const deviation = Math.sqrt(mean(own.map((v) => (v - center) ** 2)));
    return own.map((v) => (v - center) / deviation);
  });
  return { data: Float64Array.from({ length: 3 * samples }, (_, k) => columns[k % 3]![Math.floor(k / 3)]!), shape: [1, samples, 3] };
} // biome-ignore format: data

type Curves = { noisy: number[][]; bent: number[][]; predicted: number[][] };
function drawn(run: StudyContext, found: { wires: Wires; N: number; of: MemoryCapacity[] }[], { noisy, bent, predicted }: Curves): Figure {
  const sizes = run.numbers("sizes");
  const middle = sizes[sizes.length >> 1]!;
  const line = (name: string, color: LineLayer["color"], x: number[], all: number[][]): LineLayer => ({
    ...{ kind: "line", name, color, shape: "circle", x, y: all.map(mean), error: all.map((v) => standardError(v)) },
  });
  const noises = run.numbers("noises").map((v, k) => (v > 0 ? v : run.numbers("noises")[k + 1]! / 10));
  const wires = Object.keys(colors) as Wires[];
  return {
    title: "Memory by wiring, noise and tanh; prediction by gain",
    caption: `Means and standard errors of networks. Noise 0 is drawn a decade below the least; noise and tanh are of orthogonal networks of ${middle} units.`,
    panels: [
      { x: { label: "delay", unit: "samples" }, y: { label: `r² of the input, N = ${middle}` }, layers: wires.map((name) => {
        const y = found.find((f) => f.wires === name && f.N === middle)!.of[0]!.perDelay.slice(0, Math.round(1.6 * middle));
        return { kind: "line", name, color: colors[name], x: range(0, y.length - 1, y.length), y };
      }) },
      { x: { label: "units N" }, y: { label: "memory capacity", unit: "samples" }, layers: [
        ...wires.map((name) => line(name, colors[name], sizes, found.filter((f) => f.wires === name).map((f) => f.of.map(({ total }) => total)))),
        { kind: "line", name: "N", color: "gray", dash: "dashed", x: sizes, y: sizes },
      ] },
      { x: { label: "noise, relative to the input", scale: "log" }, y: { label: "memory capacity", unit: "samples", include: [0] }, layers: [line("orthogonal", "blue", noises, noisy)] },
      { x: { label: "input gain of tanh", scale: "log" }, y: { label: "memory capacity", unit: "samples", include: [0] }, layers: [line("orthogonal", "blue", run.numbers("inputs"), bent.slice(1))] },
      { x: { label: "gain of J" }, y: { label: `R² of x, ${run.number("ahead")} ahead` }, layers: [line("gaussian", "green", run.numbers("gains"), predicted)] },
    ],
    columns: 2,
  };
} // biome-ignore format: data
