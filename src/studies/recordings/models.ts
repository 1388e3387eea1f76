/**
 * What is fitted to a recording. Everything is scored the same way, by free runs from the first sample of each trial, and
 * everything that it needs (scaling, principal components, parameters) is found on the training trials alone.
 */
import {
  applyScaling,
  conditionIndependentMean,
  fitLinearDynamics,
  fitScaling,
  freeRun,
  type LinearDynamics,
  makeNetwork,
  modelOf,
  type NDArray,
  type Network,
  type NetworkData,
  networks,
  type Projection,
  pca,
  project,
  type Recording,
  recordingTask,
  recordingTrials,
  type Scaling,
  type ScalingOptions,
  type StudyContext,
  selectTrials,
  simulator,
  undoScaling,
  valuesOf,
  withValues,
} from "../../index.ts";
import { firstSamples, score } from "./scores.ts";

/** Makes free runs of trials of the recording, `[trial, time, neuron]` in the recording's units, each from its first sample. */
export interface Fitted {
  run(trials: readonly number[]): Promise<NDArray<Float64Array>>;
  /** Worth a remark: that a fit ended before it converged, for instance. */
  note?: string;
}

export interface Candidate {
  id: "network" | "linearNetwork" | "freeRun" | "oneStep" | "mean" | "constant";
  name: string;
  /** Fits to the training trials. `test` is for the curve of learning only; `phase` names the training. */
  fit(train: readonly number[], test: readonly number[], phase: string): Promise<Fitted>;
}

/** Scaling and principal components of the training trials. */
export interface Basis {
  scaling: Scaling;
  /** Of scaled activity; as many components as asked for, or as the training trials have dimensions. */
  projection: Projection;
  dimensions: number;
  /** Standard deviation along each component; 1 where nothing varies. */
  spreads: Float64Array;
}

export function basisOf(run: StudyContext, recording: Recording, train: readonly number[]): Basis {
  const scaling = fitScaling(recording.activity, { kind: run.text("scaling") as ScalingOptions["kind"] }, train);
  const activity = applyScaling(selectTrials(recording.activity, train), scaling);
  const whole = pca(activity);
  // Less than a millionth of the greatest standard deviation is rounding of what was written to the file.
  const available = whole.variance.filter((v) => v > 1e-12 * whole.variance[0]).length;
  const dimensions = Math.max(1, Math.min(dimensionsAsked(run), available));
  const units = activity.shape[2];
  const components = { data: whole.components.data.slice(0, dimensions * units), shape: [dimensions, units] };
  return {
    scaling,
    projection: { ...whole, components },
    dimensions,
    spreads: whole.variance.slice(0, dimensions).map((v) => Math.sqrt(v) || 1),
  };
}

/** Dimensions of the linear models and of the start: the rank where one is asked for. */
export const dimensionsAsked = (run: StudyContext): number => run.number("rank") || run.number("dimensions");

/** The mean over training trials: of each neuron, or of each neuron at each time, which is what all conditions share. */
export function meanOfTrials(recording: Recording, at: "each time" | "all times"): Candidate {
  const conditions = recording.conditions.condition ? "condition-independent mean" : "mean over trials at each time";
  return {
    id: at === "each time" ? "mean" : "constant",
    name: at === "each time" ? conditions : "each neuron's mean",
    fit: async (train) => {
      const [, samples, neurons] = recording.activity.shape as [number, number, number];
      const { data } = conditionIndependentMean(selectTrials(recording.activity, train));
      const overTime = new Float64Array(neurons);
      data.forEach((v, i) => {
        overTime[i % neurons] += v / samples;
      });
      const mean = at === "each time" ? data : data.map((_, i) => overTime[i % neurons]);
      const shape = [samples, neurons];
      return {
        run: async (trials) => ({
          data: Float64Array.from({ length: trials.length * mean.length }, (_, i) => mean[i % mean.length]),
          shape: [trials.length, ...shape],
        }),
      };
    },
  };
}

/** The dynamics `x_{t+1} = A x_t + a` on principal components that predict each sample best from the one before. */
export function oneStepDynamics(run: StudyContext, recording: Recording): Candidate {
  const samples = recording.activity.shape[1]!;
  return {
    id: "oneStep",
    name: "linear dynamics, fitted one step ahead",
    fit: async (train) => {
      const basis = basisOf(run, recording, train);
      const dynamics = oneStep(recording, basis, train);
      return {
        run: async (trials) => {
          const first = applyScaling(firstSamples(selectTrials(recording.activity, trials)), basis.scaling);
          return undoScaling(freeRun(dynamics, first, samples), basis.scaling);
        },
      };
    },
  };
}

const oneStep = (recording: Recording, { scaling, dimensions }: Basis, train: readonly number[]): LinearDynamics =>
  fitLinearDynamics(applyScaling(selectTrials(recording.activity, train), scaling), {
    components: dimensions,
    offset: true,
  });

/** A trained network, with what its trials are made of. */
export interface FittedNetwork extends Fitted {
  network: Network;
  basis: Basis;
  message: string;
  /** States `[trial, time, unit]` of free runs, in double precision. */
  states(trials: readonly number[]): Promise<NDArray>;
}

/** How a network starts its training, given what was found on the training trials. */
interface Beginning {
  network: Network;
  /** Parameters whose squares are penalised. */
  penalised: string[];
  /** Iterations, as a multiple of the setting. */
  longer: number;
}

/** A network trained on free runs of the recording, whose trials start from the first sample as scores `y_0`. */
function trained(
  run: StudyContext,
  recording: Recording,
  options: {
    id: Candidate["id"];
    name: string;
    state: string;
    /** What each score of the first sample is divided by. */
    units: (basis: Basis) => Float64Array;
    begin: (basis: Basis, train: readonly number[]) => Beginning;
  },
): TrainedCandidate {
  const { id, name, state, units, begin } = options;
  const [, samples, neurons] = recording.activity.shape as [number, number, number];
  return {
    id,
    name,
    fit: async (train, test, phase) => {
      const basis = basisOf(run, recording, train);
      const { scaling, projection, dimensions } = basis;
      const divisors = units(basis);
      const given = {
        scaling,
        trialInputs: (first: NDArray<Float64Array>): Record<string, NDArray> => {
          const trials = first.shape[0]!;
          const scores = project(projection, { data: first.data, shape: [trials, 1, neurons] });
          return {
            y_0: { data: scores.data.map((x, i) => x / divisors[i % dimensions]!), shape: [trials, dimensions] },
          };
        },
      };
      const { network: initial, penalised, longer } = begin(basis, train);
      const entries = penalised.reduce((n, parameter) => n + initial.parameters[parameter]!.values.data.length, 0);
      const iterations = longer * run.number("iterations");
      const rate = run.number("rate");
      const batch = Math.min(run.number("batch"), train.length);
      const shard = Math.min(32, Math.ceil(batch / 2));
      const { network, message } = await run.train(
        phase,
        initial,
        recordingTask(recording, { ...given, train, test }),
        {
          stages: [{ iterations, batch, clip: 1, rate: { kind: "cosine", rate, to: rate / 100, over: iterations } }],
          ...(entries > 0 && {
            penalties: [
              { name: "weights", weight: run.number("penalty") * entries, terms: penalised.map((m) => `${m} * ${m}`) },
            ],
          }),
          validateEvery: Math.max(1, Math.round(iterations / 20)),
          validationTrials: Math.min(test.length, 200),
          shard,
        },
      );
      const simulate = async (
        trials: readonly number[],
        record: string,
        precision: "f32" | "f64",
      ): Promise<NDArray> => {
        const sim = await simulator(modelOf(network.data, { dt: recording.dt }), {
          sizes: network.sizes,
          samples,
          record: [record],
          shard,
          precision,
          relaxed: run.relaxed,
        });
        const result = await sim.run(valuesOf(network), recordingTrials(recording, { ...given, trials }), {
          seed: run.seed,
        });
        sim.close();
        return result[record]!;
      };
      return {
        network,
        basis,
        message,
        run: async (trials) => undoScaling(await simulate(trials, "z", "f32"), scaling),
        states: (trials) => simulate(trials, state, "f64"),
      };
    },
  };
}

export type TrainedCandidate = Candidate & { fit(...args: Parameters<Candidate["fit"]>): Promise<FittedNetwork> };

/** The network; or, as a control, the same without its nonlinearity, trained in the same way. */
export function fittedNetwork(
  run: StudyContext,
  recording: Recording,
  options: { linear?: boolean } = {},
): TrainedCandidate {
  const { linear = false } = options;
  return trained(run, recording, {
    id: linear ? "linearNetwork" : "network",
    name: linear ? "the network made linear, r = x" : "network",
    state: "x",
    // In units of the first: what varies little in the recording moves the network little.
    units: ({ spreads }) => spreads.map(() => spreads[0]!),
    begin: ({ dimensions }) => {
      const rank = run.number("rank");
      const sizes = {
        N: run.number("units"),
        M: recording.activity.shape[2]!,
        K: dimensions,
        ...(rank > 0 && { R: rank }),
      };
      return {
        network: makeNetwork(dataOf(run, linear), { seed: run.seed, sizes }),
        penalised: [...(rank > 0 ? ["P", "Q"] : ["J"]), "W", "E"],
        longer: 1,
      };
    },
  });
}

/** The same dynamics as `oneStepDynamics`, trained on whole free runs like the network; they start from the one-step fit. */
export function freeRunDynamics(run: StudyContext, recording: Recording): TrainedCandidate {
  const [, samples, neurons] = recording.activity.shape as [number, number, number];
  return trained(run, recording, {
    id: "freeRun",
    name: "linear dynamics, fitted to free runs",
    state: "s",
    // Each in its own: gradient descent is slow where some directions are much shorter than others.
    units: ({ spreads }) => spreads,
    begin: (basis, train) => {
      const { scaling, projection, dimensions, spreads } = basis;
      const fit = oneStep(recording, basis, train);
      const scaled = applyScaling(selectTrials(recording.activity, train), scaling);
      // A one-step fit may run away: it is shrunk where this brings its free runs closer.
      const shrunk = [1, 0.99, 0.97, 0.95, 0.9].map((factor) => {
        const A = { data: fit.A.data.map((v) => factor * v), shape: fit.A.shape };
        return { A, pooled: score(scaled, freeRun({ ...fit, A }, firstSamples(scaled), samples)).pooled };
      });
      const { A } = shrunk.reduce((a, b) => (b.pooled > a.pooled ? b : a));
      const by = (k: number): [number, number] => [Math.floor(k / dimensions), k % dimensions];
      const V = Float64Array.from({ length: neurons * dimensions }, (_, k) => {
        const [neuron, component] = by(k);
        return spreads[component]! * projection.components.data[component * neurons + neuron]!;
      });
      const network = makeNetwork(networks.linearComponents, { sizes: { K: dimensions, M: neurons } });
      return {
        network: withValues(network, {
          A: { data: A.data.map((v, k) => (v * spreads[by(k)[1]]!) / spreads[by(k)[0]]!), shape: A.shape },
          a: { data: fit.offset.map((v, k) => v / spreads[k]!), shape: [dimensions] },
          V: { data: V, shape: [neurons, dimensions] },
          m: projection.removed,
        }),
        penalised: [],
        longer: 2,
      };
    },
  });
}

/** The equations with the settings in them. */
function dataOf(run: StudyContext, linear: boolean): NetworkData {
  const data = run.number("rank") > 0 ? networks.fittedLowRank : networks.fitted;
  const { parameters } = data;
  const std = 1 / Math.sqrt(run.number("units"));
  const gain = run.number("gain");
  const recurrent: NetworkData["parameters"] =
    run.number("rank") > 0
      ? {
          P: { ...parameters.P, init: { law: "gaussian", std: std * gain } },
          Q: { ...parameters.Q, init: { law: "gaussian", std } },
        }
      : { J: { ...parameters.J, init: { law: "gaussian", gain } } };
  return {
    ...data,
    name: linear ? `${data.name}Linear` : data.name,
    equations: linear ? data.equations.replace("r = tanh(x)", "r = x") : data.equations,
    parameters: { ...parameters, ...recurrent, tau: { ...parameters.tau, value: run.number("tau") } },
  };
}
