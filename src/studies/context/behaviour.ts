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
  leak: Leak[];
  numbers: Record<string, unknown>;
}

/** `n` trials, each at every irrelevant strength. */
export interface Leak {
  context: ContextName;
  shift: number;
  n: number;
  standardError: number;
}

/** Fixed conditions of trials, one entry for each. */
interface Conditions {
  relevant: Float64Array;
  irrelevant: Float64Array;
  context: Float64Array;
}

const levels = strengths.flatMap((s) => [s, -s]);
const conditionsOf = (trials: { context: number; relevant: number; irrelevant: number }[]): Conditions => ({
  relevant: Float64Array.from(trials, (t) => t.relevant),
  irrelevant: Float64Array.from(trials, (t) => t.irrelevant),
  context: Float64Array.from(trials, (t) => t.context),
});

/** The output at the end of trials. Noise belongs to a trial's number: blocks that start at the same one share it. */
interface Chooser {
  choices(conditions: Conditions, what: string): Promise<Float64Array>;
  close(): void;
}

async function chooser(run: StudyContext, network: Network, task: ContextTask, dt: number): Promise<Chooser> {
  const shard = 64;
  const sim = await simulator(modelOf(network.data), {
    sizes: network.sizes,
    samples: task.duration / dt + 1,
    record: [],
    last: ["z"],
    shard,
    host: run.host,
    workers: run.workers,
    relaxed: run.relaxed,
  });
  const chunk = 16 * shard;
  return {
    async choices(conditions, what) {
      const count = conditions.context.length;
      const out = new Float64Array(count);
      for (let from = 0; from < count && !run.signal.aborted; from += chunk) {
        const n = Math.min(chunk, count - from);
        const cut = (v: Float64Array): Float64Array => v.subarray(from, from + n);
        const trials = task.trials({
          seed: run.seed,
          count: n,
          firstTrial: from,
          dt,
          purpose: "test",
          conditions: {
            relevant: cut(conditions.relevant),
            irrelevant: cut(conditions.irrelevant),
            context: cut(conditions.context),
          },
        });
        const { "z.last": z } = await sim.run(valuesOf(network), trials, {
          seed: run.seed,
          firstTrial: from,
          purpose: dt === task.dt ? 2 : 3,
        });
        out.set(z!.data, from);
        run.progress(`${what}, dt = ${dt} ms: ${from + n} of ${count} trials`);
      }
      return out;
    },
    close: () => sim.close(),
  };
}

/** `trials` for each strength of the relevant evidence and context, over all irrelevant ones. */
function balanced(trials: number): Conditions {
  return conditionsOf(
    contexts.flatMap(([, context]) =>
      strengths.flatMap((strength) =>
        Array.from({ length: Math.ceil(trials / (2 * levels.length)) }, () =>
          [strength, -strength].flatMap((relevant) => levels.map((irrelevant) => ({ context, relevant, irrelevant }))),
        ).flat(),
      ),
    ),
  );
}

/**
 * How far the irrelevant evidence moves the choice at the weakest relevant evidence: the same trials, noise included,
 * at every level of it, so that what differs is its doing.
 */
async function leakage(at: Chooser, context: number, trials: number): Promise<Omit<Leak, "context">> {
  const n = Math.ceil(trials / levels.length);
  const chosen: Float64Array[] = [];
  for (const irrelevant of levels) {
    const each = Array.from({ length: n }, (_, k) => ({
      context,
      relevant: k % 2 === 0 ? strengths[0]! : -strengths[0]!,
      irrelevant,
    }));
    const z = await at.choices(conditionsOf(each), `irrelevant evidence ${irrelevant}`);
    chosen.push(z.map((v) => (v > 0 ? 1 : 0)));
  }
  const mean = chosen[0]!.map((_, k) => chosen.reduce((sum, c) => sum + c[k]!, 0) / levels.length);
  const shifts = chosen.map((c) => {
    const moved = c.map((v, k) => v - mean[k]!);
    const shift = moved.reduce((sum, v) => sum + v, 0) / n;
    const variance = moved.reduce((sum, v) => sum + (v - shift) ** 2, 0) / (n - 1);
    return { shift: Math.abs(shift), standardError: Math.sqrt(variance / n) };
  });
  return { ...shifts.reduce((worst, s) => (s.shift > worst.shift ? s : worst)), n };
}

export async function psychophysics(run: StudyContext, network: Network, task: ContextTask): Promise<ContextBehaviour> {
  const trials = balanced(run.number("trials"));
  const refinedTrials = balanced(run.number("refinedTrials"));
  const leak: Leak[] = [];
  let [at, atQuarter]: (Chooser | undefined)[] = [];
  let choice: Float64Array;
  let refinedChoice: Float64Array;
  try {
    at = await chooser(run, network, task, task.dt);
    choice = await at.choices(trials, "test");
    for (const [context, value] of contexts)
      leak.push({ context, ...(await leakage(at, value, run.number("trials"))) });
    atQuarter = await chooser(run, network, task, task.dt / 4);
    refinedChoice = await atQuarter.choices(refinedTrials, "test");
  } finally {
    at?.close();
    atQuarter?.close();
  }
  // `psychometric` sorts contexts: -1 (color) before 1 (motion).
  const motionFirst = (found: Psychometric[]): Psychometric[] => [...found].reverse();
  const { context } = trials;
  const relevant = motionFirst(psychometric({ choice, evidence: trials.relevant, context }));
  const irrelevant = motionFirst(psychometric({ choice, evidence: trials.irrelevant, context }));
  const again = motionFirst(
    psychometric({ choice: refinedChoice, evidence: refinedTrials.relevant, context: refinedTrials.context }),
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
  return { accuracies, relevant, irrelevant, leak, numbers: { accuracies, leak } };
}
