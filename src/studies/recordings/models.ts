/**
 * What is fitted to a recording. Everything is scored the same way, by free runs from the first sample of each trial, and
 * everything that it needs (scaling, principal components, parameters) is found on the training trials alone.
 */
import {
  applyScaling, conditionIndependentMean, fitLinearDynamics, fitScaling, freeRun, makeNetwork, modelOf, type NDArray, type Network, type NetworkData,
  networks, type Projection, pca, project, type Recording, recordingTask, recordingTrials, type Scaling, type ScalingOptions, 
  type StudyContext, selectTrials, simulator,undoScaling, valuesOf,
} from "../../index.ts"; // biome-ignore format: a list
import { firstSamples } from "./scores.ts";

/** Makes free runs of trials of the recording, `[trial, time, neuron]` in the recording's units, each from its first sample. */
export interface Fitted {
  run(trials: readonly number[]): Promise<NDArray<Float64Array>>;
  /** Worth a remark: that a fit ended before it converged, for instance. */
  note?: string;
}

export interface Candidate {
  id: "network" | "linearNetwork" | "freeRun" | "oneStep" | "mean";
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
  /** Standard deviation along the first component. */
  spread: number;
}

export function basisOf(run: StudyContext, recording: Recording, train: readonly number[]): Basis {
  const scaling = fitScaling(recording.activity, { kind: run.text("scaling") as ScalingOptions["kind"] }, train);
  const activity = applyScaling(selectTrials(recording.activity, train), scaling);
  const whole = pca(activity);
  const spread = Math.sqrt(whole.variance[0]);
  // Less than a millionth of the greatest standard deviation is rounding of what was written to the file.
  const available = whole.variance.filter((v) => v > 1e-12 * whole.variance[0]).length;
  const dimensions = Math.max(1, Math.min(dimensionsAsked(run), available));
  const units = activity.shape[2];
  const components = { data: whole.components.data.slice(0, dimensions * units), shape: [dimensions, units] };
  return { scaling, projection: { ...whole, components }, dimensions, spread: spread || 1 };
}

/** Dimensions of the linear models and of the start: the rank where one is asked for. */
export const dimensionsAsked = (run: StudyContext): number => run.number("rank") || run.number("dimensions");

/** The mean over training trials at each time: what happens whatever the condition. */
export function conditionIndependent(recording: Recording): Candidate {
  return {
    id: "mean",
    name: recording.conditions.condition ? "condition-independent mean" : "mean over trials",
    fit: async (train) => {
      const mean = conditionIndependentMean(selectTrials(recording.activity, train)).data;
      const shape = recording.activity.shape.slice(1);
      return {
        run: async (trials) => ({
          data: Float64Array.from({ length: trials.length * mean.length }, (_, i) => mean[i % mean.length]),
          shape: [trials.length, ...shape],
        }),
      };
    },
  };
}

/** Trials times samples beyond which the fit of free runs takes a part of the trials. */
const mostSamples = 3000;

/** `x_{t+1} = A x_t + a` on principal components, fitted one step ahead or to whole free runs. */
export function linearDynamics(run: StudyContext, recording: Recording, fit: "one-step" | "free-run"): Candidate {
  const samples = recording.activity.shape[1]!;
  return {
    id: fit === "one-step" ? "oneStep" : "freeRun",
    name: fit === "one-step" ? "linear dynamics, fitted one step ahead" : "linear dynamics, fitted to free runs",
    fit: async (train) => {
      const { scaling, dimensions } = basisOf(run, recording, train);
      const every = fit === "free-run" ? Math.max(1, Math.ceil((train.length * samples) / mostSamples)) : 1;
      const used = train.filter((_, k) => k % every === 0);
      const dynamics = fitLinearDynamics(applyScaling(selectTrials(recording.activity, used), scaling), {
        components: dimensions,
        fit,
        offset: true,
        maxIterations: 60,
        tolerance: 1e-5,
      });
      const remarks = [
        ...(every > 1 ? [`fitted to ${used.length} of ${train.length} trials`] : []),
        ...(dynamics.converged ? [] : [`not converged after ${dynamics.iterations} iterations`]),
      ];
      return {
        ...(remarks.length > 0 && { note: remarks.join(", ") }),
        run: async (trials) => {
          const first = applyScaling(firstSamples(selectTrials(recording.activity, trials)), scaling);
          return undoScaling(freeRun(dynamics, first, samples), scaling);
        },
      };
    },
  };
}

/** A fitted network, with what its trials are made of. */
export interface FittedNetwork extends Fitted {
  network: Network;
  basis: Basis;
  message: string;
  /** States `[trial, time, unit]` of free runs, in double precision. */
  states(trials: readonly number[]): Promise<NDArray>;
}

/** The network; or, as a control, the same without its nonlinearity, trained in the same way. */
export function fittedNetwork(
  run: StudyContext,
  recording: Recording,
  options: { linear?: boolean } = {},
): Candidate & { fit(...args: Parameters<Candidate["fit"]>): Promise<FittedNetwork> } {
  const { linear = false } = options;
  const [, samples, neurons] = recording.activity.shape as [number, number, number];
  return {
    id: linear ? "linearNetwork" : "network",
    name: linear ? "the network made linear, r = x" : "network",
    fit: async (train, test, phase) => {
      const basis = basisOf(run, recording, train);
      const { scaling, projection, dimensions, spread } = basis;
      const start = (first: NDArray<Float64Array>): Record<string, NDArray> => {
        const [trials] = first.shape as [number, number];
        const scores = project(projection, { data: first.data, shape: [trials, 1, neurons] });
        return { y_0: { data: scores.data.map((x) => x / spread), shape: [trials, dimensions] } };
      };
      const given = { scaling, trialInputs: start };
      const task = recordingTask(recording, { ...given, train, test });
      const rank = run.number("rank");
      const initial = makeNetwork(dataOf(run, linear), {
        seed: run.seed,
        sizes: { N: run.number("units"), M: neurons, K: dimensions, ...(rank > 0 && { R: rank }) },
      });
      const penalised = [...(rank > 0 ? ["P", "Q"] : ["J"]), "W", "E"];
      const entries = penalised.reduce((n, name) => n + initial.parameters[name]!.values.data.length, 0);
      const iterations = run.number("iterations");
      const rate = run.number("rate");
      const batch = Math.min(run.number("batch"), train.length);
      const shard = Math.min(32, Math.max(1, Math.ceil(batch / 2)));
      const { network, message } = await run.train(phase, initial, task, {
        stages: [{ iterations, batch, clip: 1, rate: { kind: "cosine", rate, to: rate / 100, over: iterations } }],
        penalties: { weights: { of: penalised, weight: (run.number("penalty") * entries) / (train.length * samples) } },
        validateEvery: Math.max(1, Math.round(iterations / 20)),
        validationTrials: Math.min(test.length, 200),
        shard,
      });
      const simulate = async (
        trials: readonly number[],
        record: string,
        precision: "f32" | "f64",
      ): Promise<NDArray> => {
        const sim = await simulator(modelOf(network.data), {
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
        states: (trials) => simulate(trials, "x", "f64"),
      };
    },
  };
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
