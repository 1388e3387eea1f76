/**
 * Pattern memory: a pulse of pattern A must end at memory A, one of pattern B at memory B.
 * @source the two-pattern memory of work on interference in sequential learning; only an abstract was at hand, so that
 * all defaults are ours
 */
import { defineTask } from "./defineTask.ts";
import { withDefaults } from "./options.ts";
import { strongest } from "./score.ts";
import { oneHot } from "./signal.ts";
import type { Task } from "./trials.ts";

export interface PatternMemoryOptions {
  /** Time step, in units of the network's tau. Default 0.1. */
  dt?: number;
  /** Which patterns are trained: stages of learning one after the other. Default `both`. */
  patterns?: "both" | "A" | "B";
  /** Of the pulse, the time to settle (the output is free) and the memory, tau. Default 1, 4, 15. */
  pulse?: number;
  settle?: number;
  hold?: number;
}

const defaults: Required<PatternMemoryOptions> = { dt: 0.1, patterns: "both", pulse: 1, settle: 4, hold: 15 };

/**
 * The task. Inputs `A`, `B`: 1 during the pulse of that pattern. Outputs `memoryA`, `memoryB`: 1 for the pattern shown,
 * 0 for the other, while it is held. Condition: `pattern` (0 for A, 1 for B; with `patterns` A or B it is only drawn from
 * that one, and both can be asked for). A trial is right where, in the last sample, the memory of its own pattern is
 * the stronger one and above 1/2, a criterion of ours.
 * @throws NullclineError for options that make no sense
 */
export function patternMemory(given: PatternMemoryOptions = {}): Task {
  const o = withDefaults("patternMemory", defaults, given, { patterns: ["both", "A", "B"] });
  return defineTask({
    name: "patternMemory",
    description: `Hold which of two patterns was shown (trained on ${o.patterns === "both" ? "both" : `pattern ${o.patterns}`}).`,
    source: "our own form of the two-pattern memory of the literature on interference in sequential learning",
    dt: o.dt,
    unit: "tau",
    inputs: { A: 1, B: 1 },
    outputs: { memoryA: 1, memoryB: 1 },
    variables: { pattern: { oneOf: [0, 1], weights: { both: [1, 1], A: [1, 0], B: [0, 1] }[o.patterns] } },
    trial: ({ pattern }) => {
      const [a, b] = oneHot(2, pattern);
      return [
        { name: "pulse", lasts: o.pulse, inputs: { A: a, B: b } },
        { name: "settling", lasts: o.settle },
        { name: "hold", lasts: o.hold, targets: { memoryA: a, memoryB: b }, weight: 1 },
      ];
    },
    score: {
      what: "fraction of trials whose own memory is the stronger one, and above 1/2, at the end",
      of: ({ v, channels }) => {
        const z = [channels("memoryA")[0]!, channels("memoryB")[0]!];
        return strongest(z) === v.pattern && z[v.pattern]! > 0.5 ? 1 : 0;
      },
      parts: ["pattern"],
    },
  });
}
