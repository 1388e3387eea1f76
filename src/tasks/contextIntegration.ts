/**
 * Context-dependent integration: two streams of noisy evidence, of which the context says which one counts.
 * @source Mante, Sussillo, Shenoy & Newsome 2013, Nature 503, 78–84, Supplementary Information sections 7 and 8
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { normalCdf } from "../base/normal.ts";
import { RandomStream } from "../engine/random.ts";
import { fixedConditions, stepsIn, withDefaults } from "./options.ts";
import type { Behaviour, Task, TrialRequest, Trials } from "./trials.ts";

export interface ContextIntegrationOptions {
  /** Time step, ms. Default 1. */
  dt?: number;
  /** Length of a trial, ms. Default 750. */
  duration?: number;
  /** Mean evidence d of both streams is uniform on (-coherence, coherence) in training and validation. Default 0.1875. */
  coherence?: number;
  /** |d| of test trials: each of ± these is equally likely in each stream. Default 0.009, 0.036, 0.15. */
  strengths?: number[];
  /**
   * `equations` (default): trials hold mean evidence, and the network's equations add the noise,
   * `B (u + (s/sqrt(dt)) * eps)` with `s` from the task's `noisePerInput`. `inputs`: the trials hold the noise.
   */
  noise?: "equations" | "inputs";
  /**
   * Training trials in groups of four that share context and noise and differ in the sign of either stream, noise
   * included (antithetic variates). What chance correlations of the streams with the choice add to the gradient of a
   * batch cancels, so that far fewer trials teach a network to ignore the irrelevant stream. Needs noise in the
   * inputs. Default false.
   */
  antithetic?: boolean;
  /** Standard deviation of the evidence in a sample of 1 ms; in a sample of dt it is this over sqrt(dt). Default 1. */
  noiseStd?: number;
  /** The output is asked to be 0 from 0 to this time, ms. Default 0: the first sample only. */
  startWidth?: number;
  /** The output is asked to be the choice in this last stretch, ms. Default 0: the last sample only. */
  endWidth?: number;
}

export interface ContextIntegrationTask extends Task {
  /** Length of a trial, ms. */
  duration: number;
  /** `s` of the noise law, one for each input: the evidence is noisy, the context is not. */
  noisePerInput: number[];
  /** The constant input under which the network is taken apart: evidence off, one context on. */
  contextInput(context: "motion" | "color"): number[];
}

const defaults: Required<ContextIntegrationOptions> = {
  dt: 1,
  duration: 750,
  coherence: 0.1875,
  strengths: [0.009, 0.036, 0.15],
  noise: "equations",
  antithetic: false,
  noiseStd: 1,
  startWidth: 0,
  endWidth: 0,
};

const name = "contextIntegration";
const signs = [1, -1] as const;
const inputs = ["motion", "color", "contextMotion", "contextColor"] as const;

/**
 * The task. Inputs, constant through a trial but for the noise: `motion` and `color` (mean evidence d), and
 * `contextMotion`, `contextColor` (1 and 0, or 0 and 1). Output: 0 at the start, the sign of the relevant stream's d
 * at the end (±1 by chance where d is 0); free in between.
 *
 * Sample k is at time k dt, from 0 to `duration` inclusive, `duration / dt + 1` samples: what a flow shows in the
 * last sample has integrated exactly `duration` of evidence, at any time step.
 *
 * Conditions of a trial: `motion`, `color` (d of each), `context` (1 motion, -1 color), `relevant` and `irrelevant`
 * (d of the stream that counts and of the other). Each may be fixed; `relevant` and `irrelevant` not together with
 * `motion` and `color`.
 *
 * The behaviour's score is the fraction of trials in which the last sample has the target's sign, beside the fraction
 * that the ideal observer reaches on the same trials on average.
 * @throws NullclineError where an option is unknown or dt does not divide the trial
 */
export function contextIntegration(given: ContextIntegrationOptions = {}): ContextIntegrationTask {
  const options = withDefaults(name, defaults, given, { noise: ["equations", "inputs"] });
  const { duration, coherence, strengths, noise, antithetic, noiseStd, startWidth, endWidth } = options;
  stepsIn(name, duration, options.dt, "a trial", "ms");
  if (strengths.length === 0 || strengths.some((s) => s < 0) || coherence < 0 || noiseStd < 0)
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: strengths ${JSON.stringify(strengths)}, coherence ${coherence}, noiseStd ${noiseStd}`,
      expected: "at least one strength, and nothing negative",
    });
  if (antithetic && noise !== "inputs")
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: antithetic trials with the noise in the equations, where trials cannot share it`,
      remedy: 'set `noise` to "inputs"',
    });

  function trials(request: TrialRequest): Trials {
    const { seed, count, firstTrial = 0, dt = options.dt, purpose = "train" } = request;
    const samples = stepsIn(name, duration, dt, "a trial", "ms") + 1;
    const fixed = fixedConditions(name, request, ["motion", "color", "context", "relevant", "irrelevant"]);
    const conditions = {
      motion: new Float64Array(count),
      color: new Float64Array(count),
      context: new Float64Array(count),
      relevant: new Float64Array(count),
      irrelevant: new Float64Array(count),
    };
    const data = new Float32Array(count * samples * 4);
    const targets = new Float32Array(count * samples);
    const mask = new Float32Array(count * samples);
    const eps = new Float64Array(2 * samples);
    let noiseOf: number | undefined;
    const slack = 1e-9 * duration;
    for (let k = 0; k < count; k++) {
      const inGroups = antithetic && purpose === "train";
      const number = inGroups ? Math.floor((firstTrial + k) / 4) : firstTrial + k;
      const member = inGroups ? (firstTrial + k) % 4 : 0;
      const sign = [member & 1 ? -1 : 1, member & 2 ? -1 : 1] as const;
      const random = new RandomStream(seed, `trials ${purpose}`, number);
      // Always drawn in this order, fixed or not, so that fixing one variable leaves the others as they were.
      const drawn = () =>
        purpose === "test" ? random.choice(strengths) * random.choice(signs) : random.uniform(-coherence, coherence);
      const streams = [sign[0] * drawn(), sign[1] * drawn()];
      const drawnContext = random.choice(signs);
      const coin = random.choice(signs);
      const context = fixed("context", k) ?? drawnContext;
      if (context !== 1 && context !== -1)
        throw new NullclineError({
          code: "conditions",
          given: `task \`${name}\`: the context ${context}`,
          expected: "1 (motion) or -1 (color)",
        });
      const [first, second] = context === 1 ? ["relevant", "irrelevant"] : ["irrelevant", "relevant"];
      const motion = either(fixed("motion", k), fixed(first!, k)) ?? streams[0]!;
      const color = either(fixed("color", k), fixed(second!, k)) ?? streams[1]!;
      const [relevant, irrelevant] = context === 1 ? [motion, color] : [color, motion];
      conditions.motion[k] = motion;
      conditions.color[k] = color;
      conditions.context[k] = context;
      conditions.relevant[k] = relevant;
      conditions.irrelevant[k] = irrelevant;

      if (noise === "inputs" && noiseOf !== number) random.fillNormal(eps);
      noiseOf = number;
      const choice = Math.sign(relevant) || coin;
      for (let t = 0; t < samples; t++) {
        const at = k * samples + t;
        data[4 * at] = motion + sign[0] * (noiseStd / Math.sqrt(dt)) * eps[2 * t]!;
        data[4 * at + 1] = color + sign[1] * (noiseStd / Math.sqrt(dt)) * eps[2 * t + 1]!;
        data[4 * at + 2] = context === 1 ? 1 : 0;
        data[4 * at + 3] = context === 1 ? 0 : 1;
        const atEnd = t * dt >= duration - endWidth - slack;
        targets[at] = atEnd ? choice : 0;
        mask[at] = atEnd || t * dt <= startWidth + slack ? 1 : 0;
      }
    }
    return {
      dt,
      inputs: { data, shape: [count, samples, 4] },
      targets: { data: targets, shape: [count, samples, 1] },
      mask: { data: mask, shape: [count, samples, 1] },
      conditions,
    };
  }

  function behaviour(outputs: NDArray, { targets, conditions }: Trials): Behaviour {
    const [n = 0, samples = 0] = targets.shape;
    if (outputs.shape.join() !== targets.shape.join())
      throw new Error(`outputs [${outputs.shape}] for targets [${targets.shape}]`);
    const tally = new Map<string, { correct: number; n: number }>();
    const distinct = new Set(conditions.relevant!.map(Math.abs));
    let ideal = 0;
    for (let k = 0; k < n; k++) {
      const last = (k + 1) * samples - 1;
      const correct = Math.sign(outputs.data[last]!) === targets.data[last] ? 1 : 0;
      const context = conditions.context![k] === 1 ? "motion" : "color";
      const strength = Math.abs(conditions.relevant![k]!);
      ideal += idealObserver(strength, duration, noiseStd) / n;
      // Strengths one by one only where trials were drawn from a few of them.
      const names = ["all", context, ...(distinct.size <= 12 ? [`${context} ${strength}`] : [])];
      for (const part of names) {
        const sum = tally.get(part) ?? { correct: 0, n: 0 };
        tally.set(part, { correct: sum.correct + correct, n: sum.n + 1 });
      }
    }
    const parts: Record<string, number> = {};
    for (const [part, sum] of [...tally].sort(([a], [b]) => (a < b ? -1 : 1))) parts[part] = sum.correct / sum.n;
    const { all: score = Number.NaN, ...others } = parts;
    return {
      score,
      what: "fraction of choices (sign of the last sample) that agree with the relevant evidence",
      n,
      standardError: Math.sqrt((score * (1 - score)) / n),
      parts: { ...others, idealObserver: ideal },
    };
  }

  const strongest = Math.max(...strengths);
  const law =
    noise === "inputs"
      ? `The trials hold the noise: standard deviation ${noiseStd}/sqrt(dt in ms) in each sample of evidence.`
      : `The network's equations add the noise: u + (s/sqrt(dt)) * eps, s = [${noiseStd}, ${noiseStd}, 0, 0], dt in ms.`;
  return {
    name,
    description: `Decide by the sign of one of two noisy streams of evidence, the one that the context names. ${law}`,
    source: "Mante, Sussillo, Shenoy & Newsome 2013, Nature 503, 78–84",
    inputs,
    outputs: ["choice"],
    dt: options.dt,
    unit: "ms",
    epochs: [["evidence", 0, duration]],
    conditions: ["motion", "color", "context", "relevant", "irrelevant"],
    examples: [1, -1].flatMap((context) =>
      signs.map((sign) => ({ motion: strongest, color: sign * strongest, context })),
    ),
    duration,
    noisePerInput: noise === "inputs" ? [0, 0, 0, 0] : [noiseStd, noiseStd, 0, 0],
    contextInput: (context) => (context === "motion" ? [0, 0, 1, 0] : [0, 0, 0, 1]),
    trials,
    behaviour,
  };

  function either(stream: number | undefined, role: number | undefined): number | undefined {
    if (stream !== undefined && role !== undefined)
      throw new NullclineError({
        code: "conditions",
        given: `task \`${name}\`: the evidence of one stream is fixed twice, by its name and as (ir)relevant`,
        expected: "motion and color, or relevant and irrelevant",
      });
    return stream ?? role;
  }
}

/**
 * Fraction correct of the observer who adds up all the evidence: `Φ(|d| sqrt(duration) / noiseStd)`.
 * @unit duration in ms, noiseStd that of a sample of 1 ms
 */
export function idealObserver(strength: number, duration = 750, noiseStd = 1): number {
  return strength === 0 ? 0.5 : normalCdf((Math.abs(strength) * Math.sqrt(duration)) / noiseStd);
}
