/** Choices of the trained network over all strengths and contexts, at the time step of training and at a quarter of it. */
import {
  idealObserver, modelOf, type Network, type Psychometric, psychometric, type StudyContext, simulator, type tasks, valuesOf,
} from "../../index.ts"; // biome-ignore format: a list

export type ContextTask = ReturnType<typeof tasks.contextIntegration>;
export const strengths = [0.009, 0.036, 0.15];
export const contexts = [
  ["motion", 1],
  ["color", -1],
] as const;
export type ContextName = (typeof contexts)[number][0];

export interface Accuracy {
  context: ContextName;
  strength: number;
  ideal: number;
  accuracy: number;
  n: number;
  standardError: number;
  /** The same at dt/4. */
  refined: number;
  refinedN: number;
  refinedError: number;
}

export interface ContextBehaviour {
  accuracies: Accuracy[];
  /** Choice against relevant and against irrelevant evidence, motion first. */
  relevant: Psychometric[];
  irrelevant: Psychometric[];
  /** At the weakest relevant evidence: largest shift of the choice from its mean over the irrelevant strengths. */
  leak: { context: ContextName; shift: number; n: number; standardError: number }[];
  numbers: Record<string, unknown>;
}

interface Choices {
  choice: Float64Array;
  relevant: Float64Array;
  irrelevant: Float64Array;
  context: Float64Array;
}

/** Trials for each strength of the relevant evidence (weakest first) and context, irrelevant strengths balanced. */
async function choices(
  run: StudyContext,
  network: Network,
  task: ContextTask,
  dt: number,
  perStrength: readonly number[],
): Promise<Choices> {
  const model = modelOf(network.data);
  const samples = task.duration / dt + 1;
  const shard = 64;
  const sim = await simulator(model, {
    sizes: network.sizes,
    samples,
    record: [],
    last: ["z"],
    shard,
    host: run.host,
    workers: run.workers,
    relaxed: run.relaxed,
  });
  const levels = strengths.flatMap((s) => [s, -s]);
  const conditions = contexts.flatMap(([, context]) =>
    strengths.flatMap((strength, s) =>
      Array.from({ length: Math.ceil(perStrength[s]! / (2 * levels.length)) }, () =>
        [strength, -strength].flatMap((relevant) => levels.map((irrelevant) => ({ context, relevant, irrelevant }))),
      ).flat(),
    ),
  );
  const count = conditions.length;
  const of = (key: "context" | "relevant" | "irrelevant"): Float64Array => Float64Array.from(conditions, (c) => c[key]);
  const all = { relevant: of("relevant"), irrelevant: of("irrelevant"), context: of("context") };
  const choice = new Float64Array(count);
  const chunk = 16 * shard;
  try {
    for (let from = 0; from < count; from += chunk) {
      const n = Math.min(chunk, count - from);
      const cut = (v: Float64Array): Float64Array => v.subarray(from, from + n);
      const trials = task.trials({
        seed: run.seed,
        count: n,
        firstTrial: from,
        dt,
        purpose: "test",
        conditions: { relevant: cut(all.relevant), irrelevant: cut(all.irrelevant), context: cut(all.context) },
      });
      const { "z.last": z } = await sim.run(valuesOf(network), trials, {
        seed: run.seed,
        firstTrial: from,
        purpose: dt === task.dt ? 2 : 3,
      });
      choice.set(z!.data, from);
      run.progress(`test trials at dt = ${dt} ms: ${from + n} of ${count}`);
      if (run.signal.aborted) break;
    }
  } finally {
    sim.close();
  }
  return { ...all, choice };
}

export async function psychophysics(run: StudyContext, network: Network, task: ContextTask): Promise<ContextBehaviour> {
  // The test of leakage compares six levels of irrelevant evidence at the weakest relevant: it needs more trials.
  const n = run.number("trials");
  const tested = await choices(run, network, task, task.dt, [3 * n, n, n]);
  const refined = await choices(
    run,
    network,
    task,
    task.dt / 4,
    strengths.map(() => run.number("refinedTrials")),
  );
  // `psychometric` sorts contexts: -1 (color) before 1 (motion).
  const motionFirst = (found: Psychometric[]): Psychometric[] => [...found].reverse();
  const relevant = motionFirst(
    psychometric({ choice: tested.choice, evidence: tested.relevant, context: tested.context }),
  );
  const irrelevant = motionFirst(
    psychometric({ choice: tested.choice, evidence: tested.irrelevant, context: tested.context }),
  );
  const again = motionFirst(
    psychometric({ choice: refined.choice, evidence: refined.relevant, context: refined.context }),
  );
  const accuracies = contexts.flatMap(([context], c) =>
    relevant[c]!.accuracy.map((point, s): Accuracy => {
      const fine = again[c]!.accuracy[s]!;
      return {
        context,
        strength: point.strength,
        ideal: idealObserver(point.strength, task.duration),
        accuracy: point.fraction,
        n: point.n,
        standardError: point.standardError,
        refined: fine.fraction,
        refinedN: fine.n,
        refinedError: fine.standardError,
      };
    }),
  );
  const leak = contexts.map(([context, value]) => {
    const weakest = Array.from(tested.choice.keys()).filter(
      (k) => tested.context[k] === value && Math.abs(tested.relevant[k]!) === strengths[0],
    );
    const pick = (v: Float64Array): Float64Array => Float64Array.from(weakest, (k) => v[k]!);
    const { curve } = psychometric({ choice: pick(tested.choice), evidence: pick(tested.irrelevant) })[0]!;
    const mean = curve.reduce((sum, p) => sum + p.fraction, 0) / curve.length;
    const shift = Math.max(...curve.map((p) => Math.abs(p.fraction - mean)));
    return { context, shift, n: curve[0]!.n, standardError: curve[0]!.standardError };
  });
  return { accuracies, relevant, irrelevant, leak, numbers: { accuracies, leak } };
}
