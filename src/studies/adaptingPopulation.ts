/** A population of adapting spiking units and its rate equation: what drives the mean is followed with tau, noise with tau/2. */
import {
  check, defineTask, equationsBlock, type Figure, makeNetwork, mean, type NDArray, type Network, ndarray, networks, normalCdf,
  type Outcome, range, relaxation, type Study, type StudyContext, simulate, standardError, type Trials, withParameters,
} from "../index.ts"; // biome-ignore format: a list

const source = "derived: moments of a leaky filter of private white noise";
const facts = { source, ours: true };
interface Response {
  title: string;
  spiking: Record<string, NDArray>;
  equation: Record<string, NDArray>;
}

export const adaptingPopulation: Study = {
  name: "adapting-population",
  title: "Adapting population: the mean drives with tau, the variance with tau/2",
  description:
    "A step of the mean input is followed with tau, a step of its variance with tau/2; rates are log-normal.",
  composition: "adapting spiking units with private noise · shared drive · steps of mean and of variance · no learning",
  minutes: 2,
  fast: { settings: { trials: "10" }, checks: [] },
  tiny: { units: "20", trials: "4", groups: "2", dt: "2" },
  settings: {
    units: { value: 10000, what: "units N of a population" },
    trials: { value: 100, what: "populations per step, which differ in their noise" },
    groups: { value: 10, what: "groups of populations: each gives a time constant, and they the standard error" },
    tau: { value: 20, what: "membrane time constant tau, ms" },
    adaptation: { value: 100, what: "time constant of adaptation tau_k, ms" },
    strength: { value: 40, what: "strength of adaptation b, in the step with adaptation" },
    rate: { value: 0.01, what: "rate lambda_0 at a potential of 0, 1/ms" },
    means: { value: [0, 1], what: "mean input before and after its step" },
    variances: { value: [0.1, 0.6], what: "stationary variance of potentials before and after its step" },
    dt: { value: 0.5, what: "time step, ms (potentials are filtered exactly)" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const { seed } = run;
    const [count, tau, dt] = [run.number("trials"), run.number("tau"), run.number("dt")];
    const [means, variances] = [run.numbers("means"), run.numbers("variances")] as [[number, number], [number, number]];
    const onset = 8 * tau;
    const stepOf = (drive: number[], variance: number[]) =>
      defineTask({
        ...{ name: "steps", description: "A step of mean or variance.", dt, inputs: { mean: 1, noise: 1 }, outputs: { A: 1 } },
        // v settles at tau/2 times the square of the noise.
        trial: () => ["before", "after"].map((name, k) => ({ name, lasts: onset, inputs: { mean: drive[k]!, noise: Math.sqrt((2 / tau) * variance[k]!) } })),
        score: () => ({ score: 0, what: "none", n: 0, standardError: 0, parts: {} }),
      }); // biome-ignore format: data
    const shared = {
      tau,
      tau_k: run.number("adaptation"),
      lambda_0: run.number("rate"),
      B: { value: [1, 0] },
      S: { value: [0, 1] },
    };
    const [N, I] = [run.number("units"), 2];
    let shown: [Network, Network] | undefined;
    const respond = async (title: string, b: number, drive: number[], variance: number[]): Promise<Response> => {
      run.say(title);
      const units = makeNetwork(withParameters(networks.noisyPopulation, { ...shared, b }), { seed, sizes: { N, I } });
      const moments = { ...networks.populationRate, integrator: "rk4" as const };
      const rates = makeNetwork(withParameters(moments, { ...shared, b: { value: b }, J: { value: 0 } }), {
        seed,
        sizes: { P: 1, I },
      });
      shown = [units, rates];
      const task = stepOf(drive, variance);
      const parts: Record<string, NDArray>[] = [];
      for (let k = 0; k < count; k += 10) {
        run.progress(`population ${k} of ${count}`);
        const trials: Trials = task.trials({ seed, count: Math.min(10, count - k) });
        const options = {
          seed,
          firstTrial: k,
          shard: 1,
          precision: "f64" as const,
          host: run.host,
          workers: run.workers,
          relaxed: run.relaxed,
        };
        parts.push(await simulate(units, trials, { ...options, record: ["m", "v", "A"], last: ["h"] }));
        await run.pause();
      }
      const spiking = Object.fromEntries(
        Object.keys(parts[0]!).map((name) => {
          const shape = parts[0]![name]!.shape.slice(1);
          return [
            name,
            ndarray(
              parts.flatMap((p) => Array.from(p[name]!.data)),
              [count, ...shape],
            ),
          ];
        }),
      );
      return {
        title,
        spiking,
        equation: await simulate(rates, task.trials({ seed, count: 1 }), {
          seed,
          precision: "f64",
          record: ["m", "v", "A"],
        }),
      };
    };
    const byMean = await respond("step of the mean", 0, means, [variances[0], variances[0]]);
    const byVariance = await respond("step of the variance", 0, [means[0], means[0]], variances);
    const adapting = await respond("step of the mean, with adaptation", run.number("strength"), means, [
      variances[0],
      variances[0],
    ]);
    const samples = byMean.equation.m!.shape[1]!;
    const from = Math.round(onset / dt);
    const over = (array: NDArray, first: number, end: number) =>
      range(0, samples - 1, samples).map((t) =>
        mean(range(first, end - 1, end - first).map((k) => array.data[k * samples + t]!)),
      );
    const groups = run.number("groups");
    const constants = (array: NDArray) =>
      range(0, groups - 1, groups).map(
        (g) =>
          relaxation(
            range(0, onset - dt, samples - from),
            over(array, Math.floor((g * count) / groups), Math.floor(((g + 1) * count) / groups)).slice(from),
          ).tau,
      );
    const [ofMean, ofVariance] = [constants(byMean.spiking.m!), constants(byVariance.spiking.v!)];
    // Kolmogorov and Smirnov's distance between log rates and the normal law of the equation's last mean and variance.
    const last = byVariance.spiking["h.last"]!.data;
    const [m, v] = ["m", "v"].map((name) => byVariance.equation[name]!.data.at(-1)!) as [number, number];
    const sorted = Float64Array.from(last, (h) => (h - m) / Math.sqrt(v)).sort();
    const distance = sorted.reduce(
      (d, h, k) => Math.max(d, normalCdf(h) - k / sorted.length, (k + 1) / sorted.length - normalCdf(h)),
      0,
    );
    const critical = 1.63 / Math.sqrt(sorted.length);
    const smooth = Math.max(1, Math.round(5 / dt));
    const binned = (a: ArrayLike<number>) =>
      range(0, Math.floor(samples / smooth) - 1, Math.floor(samples / smooth)).map((k) =>
        mean(Array.from(a).slice(k * smooth, (k + 1) * smooth)),
      );
    const curves = [byMean, byVariance, adapting].map(({ title, spiking, equation }) => ({
      title,
      spiking: binned(over(spiking.A!, 0, count)),
      equation: binned(equation.A!.data),
    }));
    const apart = curves.map(
      ({ spiking, equation }) => Math.max(...equation.map((a, k) => Math.abs(spiking[k]! - a))) / Math.max(...equation),
    );
    const close = (values: number[], constant: number) => Math.abs(mean(values) / constant - 1) <= 0.02;
    return {
      verdict: `After a step of the mean the potentials' mean settles with ${mean(ofMean).toFixed(2)} ms, after one of the variance their variance with ${mean(ofVariance).toFixed(2)} ms (tau is ${tau} ms).`,
      checks: [
        check({ ...facts, id: "mean", what: "time constant of the mean, ms", paper: `tau = ${tau}`, criterion: "within 2 % of tau", measured: mean(ofMean), n: groups, standardError: standardError(ofMean), holds: close(ofMean, tau) }),
        check({ ...facts, id: "variance", what: "time constant of the variance, ms", paper: `tau/2 = ${tau / 2}`, criterion: "within 2 % of tau/2", measured: mean(ofVariance), n: groups, standardError: standardError(ofVariance), holds: close(ofVariance, tau / 2) }),
        check({ ...facts, id: "log-normal", what: "largest distance of the distribution of log rates from the normal law of the rate equation", criterion: `≤ ${critical.toFixed(4)} (Kolmogorov and Smirnov, 1 %)`, measured: distance, n: sorted.length, holds: distance <= critical }),
        check({ ...facts, id: "rates", what: "largest difference of the rates without adaptation, of the highest", criterion: "≤ 0.02", measured: Math.max(apart[0]!, apart[1]!), n: count, holds: Math.max(apart[0]!, apart[1]!) <= 0.02 }),
        check({ ...facts, id: "adapting", what: "largest difference of the rates with adaptation, of the highest", criterion: "≤ 0.05", measured: apart[2]!, n: count, holds: apart[2]! <= 0.05 }),
      ],
      sections: [
        { title: "Units and equation", blocks: shown!.map(equationsBlock) },
        { title: "Responses", blocks: [{ kind: "figure", figure: responses(curves, smooth * dt, onset), lead: true }] },
      ],
      numbers: { ofMean, ofVariance, distance, apart },
      network: shown![0],
    }; // biome-ignore format: a table
  },
};

function responses(
  curves: { title: string; spiking: number[]; equation: number[] }[],
  width: number,
  onset: number,
): Figure {
  const times = curves[0]!.spiking.map((_, k) => (k + 0.5) * width - onset);
  const from = times.findIndex((t) => t > -30);
  return {
    title: "Rate of the population after a step",
    caption: "Spikes counted in bins of 5 ms, and the two-moment equation; the step is at 0.",
    panels: curves.map(({ title, spiking, equation }) => ({
      title,
      x: { label: "time", unit: "ms" },
      y: { label: "rate", unit: "Hz" },
      layers: [
        { kind: "points" as const, name: "spiking units", color: "blue" as const, size: 2.5, x: times.slice(from), y: spiking.slice(from).map((a) => 1000 * a) },
        { kind: "line" as const, name: "rate equation", color: "vermilion" as const, x: times.slice(from), y: equation.slice(from).map((a) => 1000 * a) },
      ],
    })),
  }; // biome-ignore format: data
}
