/** SOFO: second-order steps from tangents carried forward, on the Lorenz system, beside Adam on the same network. */
import {
  check, equationsBlock, type Figure, type Layer, learning, makeNetwork, median, type NetworkData, type Outcome, range, type Study, type StudyContext, standardError,
  taskFigure, tasks,
} from "../index.ts"; // biome-ignore format: a list

const source = "Yu, Xia, Ma, Lengyel & Hennequin 2024, NeurIPS 37";
const side = 1 / Math.sqrt(3);
/** The network of the authors' code, by which a point of the plane goes to the next one; weights as PyTorch draws them. */
const map = (N: number): NetworkData => ({
  ...{ name: "lorenz map", source, outputs: ["z"], inputs: { u: { shape: ["D"] } }, sizes: { D: 3 } },
  equations: "h[t] = A z + W relu(C z + b)\nz = h[t-1] + u",
  parameters: {
    A: { shape: ["D", "D"], init: { law: "uniform", low: -side, high: side } },
    C: { shape: ["N", "D"], init: { law: "uniform", low: -side, high: side } },
    W: { shape: ["D", "N"], init: { law: "uniform", low: -1 / Math.sqrt(N), high: 1 / Math.sqrt(N) } },
    b: { shape: ["N"] },
  },
});
/** R² at the iterations validated. */
type Curve = { rule: string; seed: number; at: number[]; r2: number[] };

/** Bytes by length, by tangents and by backpropagation; numbers that the latter keeps of each trial and sample. */
type Memory = { units: number; along: number[]; back: number[]; kept: number };

export const sofo: Study = {
  name: "sofo",
  title: "SOFO: second-order learning forward in time",
  description:
    "A network learns the Lorenz system by Gauss–Newton steps among tangents that go forward with its states.",
  composition: "piecewise linear map · through 64 units · Lorenz prediction · forward tangents, subspace Gauss–Newton",
  minutes: 3,
  fast: { settings: { seeds: "1", iterations: "100" }, checks: [] },
  tiny: {
    ...{ seeds: "1", units: "6", tangents: "3", iterations: "2", compared: "2", batch: "4", trials: "4" },
    ...{ lengths: "40,80", sizes: "6,12" },
  },
  settings: {
    seeds: { value: 3, what: "networks, of seeds --seed, + 1, …" },
    units: {
      value: 64,
      what: "piecewise linear units N (in the authors' code 400; with 128 tangents about 25 times the work of an iteration)",
    },
    tangents: { value: 32, what: "tangents K (in the authors' code 128)" },
    stretch: { value: 64, what: "samples that all tangents go forward before their outputs are forgotten" },
    rate: { value: 0.05, what: "learning rate of SOFO (in the authors' code 0.01)" },
    damping: { value: 1e-5, what: "damping relative to the largest eigenvalue of the curvature" },
    iterations: { value: 600, what: "iterations of SOFO (in the authors' code 3,000)" },
    compared: { value: 100, what: "iterations of Adam, after which the two are compared" },
    adamRates: { value: [0.001, 0.003, 0.01], what: "learning rates of Adam; the best counts" },
    batch: { value: 32, what: "trials per iteration" },
    trials: { value: 256, what: "held-out trials that R² is of" },
    lengths: { value: [250, 500, 1000, 2000], what: "lengths T of the trials whose memory is compared, samples" },
    sizes: { value: [64, 400], what: "units N of the networks whose memory is compared" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [N, batch, compared] = [run.number("units"), run.number("batch"), run.number("compared")];
    const task = tasks.lorenzPrediction();
    const rule = {
      credit: learning.forward({ tangents: run.number("tangents"), stretch: run.number("stretch") }),
      update: learning.sofo({ damping: run.number("damping") }),
    };
    const network = (seed: number) => makeNetwork(map(N), { seed, sizes: { N } });
    const [curves, trained]: [Curve[], ReturnType<typeof network>[]] = [[], []];
    for (const seed of range(run.seed, run.seed + run.number("seeds") - 1, run.number("seeds"))) {
      const learn = async (name: string, iterations: number, rate: number, more: object) => {
        const phase = `${name}-${seed}`;
        const stages = [{ iterations, batch, rate: { kind: "constant" as const, rate } }];
        const options = { ...{ seed, stages, validateEvery: Math.min(iterations, 50) }, validationTrials: run.number("trials") };
        const { network: after } = await run.train(phase, network(seed), task, { ...options, ...more });
        // By iteration: a phase that was run again after an interruption has lines twice.
        const scores = new Map((await run.metrics(phase)).flatMap((l) => (l.score === undefined ? [] : [[l.iteration as number, l.score as number]])));
        curves.push({ rule: name, seed, at: [...scores.keys()], r2: [...scores.values()] });
        return after;
      };
      trained.push(await learn("SOFO", run.number("iterations"), run.number("rate"), { rule }));
      for (const rate of run.numbers("adamRates")) await learn(`Adam ${rate}`, compared, rate, {});
    }
    const after = (name: string, iteration: number) =>
      curves.filter((c) => c.rule === name).map(({ at, r2 }) => r2[at.indexOf(iteration)]!);
    const adam = run.numbers("adamRates").map((rate) => ({ rate, r2: median(after(`Adam ${rate}`, compared)) }));
    const best = adam.reduce((a, b) => (b.r2 > a.r2 ? b : a));
    const [ends, early] = [after("SOFO", run.number("iterations")), after("SOFO", compared)];
    const lengths = run.numbers("lengths");
    const memory: Memory[] = [];
    for (const units of run.numbers("sizes")) {
      const one = makeNetwork(map(units), { seed: run.seed, sizes: { N: units } });
      const [along, back]: number[][] = [[], []];
      for (const steps of lengths) {
        const long = tasks.lorenzPrediction({ steps });
        // Beside the arena, the outputs' derivatives along all tangents are held for one stretch.
        const held = 4 * 3 * run.number("tangents") * batch * Math.min(steps + 1, run.number("stretch"));
        along!.push((await learning.memoryOf(one, long, { batch, rule })) + held);
        back!.push(await learning.memoryOf(one, long, { batch }));
        await run.pause();
      }
      const kept = (back!.at(-1)! - back![0]!) / (lengths.at(-1)! - lengths[0]!) / batch / 4;
      memory.push({ units, along: along!, back: back!, kept });
    }
    const growth = Math.max(...memory.map(({ along }) => Math.max(...along) / Math.min(...along) - 1));
    const facts = { source, ours: true, n: ends.length };
    return {
      verdict: `After ${run.number("iterations")} iterations R² at horizon 30 is ${median(ends).toFixed(3)}; after ${compared} it is ${median(early).toFixed(2)}, with Adam ${best.r2.toFixed(2)}.`,
      summary: `Tangents need ${memory.map((m) => `${(m.along.at(-1)! / 2 ** 20).toFixed(1)} MiB with ${m.units} units`).join(", ")}, whatever the length of the trials; backpropagation through time keeps ${memory.map((m) => m.kept.toFixed(0)).join(" and ")} numbers of each trial and sample.`,
      checks: [
        check({ id: "r2", what: `R² at horizon 30 after ${run.number("iterations")} iterations of SOFO, median`, ...facts, criterion: "≥ 0.92", measured: median(ends), standardError: standardError(ends), holds: median(ends) >= 0.92 }),
        check({ id: "adam", what: `R² after ${compared} iterations, less that of Adam at its best rate (${best.rate}), medians`, ...facts, paper: "faster than Adam", criterion: "> 0", measured: median(early) - best.r2, holds: median(early) > best.r2 }),
        check({ id: "memory", what: `growth of memory from trials of ${Math.min(...lengths)} to ${Math.max(...lengths)} samples`, source, paper: "none: constant in T", criterion: "0", measured: growth, holds: growth === 0 }),
      ],
      sections: [
        { title: "Learning", blocks: [{ kind: "figure", figure: drawn(curves, lengths, memory, compared), lead: true }] },
        { title: "The network", blocks: [equationsBlock(trained[0]!), { kind: "figure", figure: taskFigure(task) }] },
      ],
      numbers: { curves, adam, lengths, memory },
      network: trained[0]!,
    };
  }, // biome-ignore format: tables
};

function drawn(curves: Curve[], lengths: number[], memory: Memory[], compared: number): Figure {
  const colors = ["blue", "vermilion", "green", "purple", "gray"] as const;
  const names = [...new Set(curves.map(({ rule }) => rule))];
  const kept = (name: string, bytes: number[], color: "blue" | "vermilion", dash: "solid" | "dashed"): Layer => ({
    ...{ kind: "line", name, color, dash, shape: "circle", x: lengths, y: bytes.map((n) => n / 2 ** 20) },
  });
  return {
    title: "Learning the Lorenz system by tangents, and what it keeps in memory",
    caption: `Left: one line a network and rule; Adam ran ${compared} iterations, and R² below −1.5 is not shown. Right: memory of a training against the length of its trials.`,
    panels: [
      {
        x: { label: "iteration" },
        y: { label: "R² at horizon 30", domain: [-1.5, 1] },
        layers: curves.map(({ rule, at, r2 }) => ({
          ...{ kind: "line" as const, name: rule, color: colors[names.indexOf(rule) % 5]!, x: at },
          y: r2.map((value) => (value >= -1.5 ? value : Number.NaN)),
        })),
      },
      {
        x: { label: "length T", unit: "samples" },
        y: { label: "memory", unit: "MiB", include: [0] },
        layers: memory.flatMap(({ units, along, back }, k) => [
          kept(`tangents, N = ${units}`, along, "blue", k === 0 ? "solid" : "dashed"),
          kept(`BPTT, N = ${units}`, back, "vermilion", k === 0 ? "solid" : "dashed"),
        ]),
      },
    ],
  };
} // biome-ignore format: data
