/**
 * Muscles of a reach: activity of several phases after a go, another pattern for each reach.
 * @source Sussillo, Churchland, Kaufman & Shenoy 2015, Nat. Neurosci. 18, 1025–1033: a plan, a hold cue and its release.
 * Their muscles were recorded; these are drawn, in a form of our own
 */
import { RandomStream } from "../engine/random.ts";
import { defineTask } from "./defineTask.ts";
import { between } from "./law.ts";
import { requireCounts, withDefaults } from "./options.ts";
import { explainedWhereCounted } from "./score.ts";
import type { Task } from "./trials.ts";

export interface ReachingMusclesOptions {
  /** Time step, ms. Default 10. */
  dt?: number;
  /** Number of reaches. Default 27. */
  reaches?: number;
  /** Number of muscles, and of inputs that carry the plan. Default 8, 6. */
  muscles?: number;
  plans?: number;
  /** Phases of the activity: bumps 100 ms apart, the first 150 ms after the go. Default 5. */
  phases?: number;
  /** Standard deviation of a bump in time, ms. Default 50. */
  width?: number;
  /** How long the hold cue is on, ms: one number, or the limits of a uniform law. Default 300, 600. */
  hold?: number[];
  /** Number of the drawing of plans and patterns. Default 1. */
  drawing?: number;
}

const defaults: Required<ReachingMusclesOptions> = {
  dt: 10,
  reaches: 27,
  muscles: 8,
  plans: 6,
  phases: 5,
  width: 50,
  hold: [300, 600],
  drawing: 1,
};

const [first, apart] = [150, 100];

/**
 * The task. Inputs: `plan`, a vector p of unit length for each reach, and `hold`, 1; both end with the go. Output m of
 * `muscle` is 0 before it and then `Σ_k (A_mk · p) exp(-(t - t_k)² / 2 width²)`, relative to its resting activity, with
 * t_k = 150, 250, … ms after the go and A standard normal. Conditions: `reach` (its number) and `hold`, ms. The score is R².
 * @throws NullclineError for options that make no sense
 */
export function reachingMuscles(given: ReachingMusclesOptions = {}): Task {
  const name = "reachingMuscles";
  const o = withDefaults(name, defaults, given);
  const { reaches, muscles, plans, phases } = o;
  requireCounts(name, { reaches, muscles, plans, phases });
  const random = new RandomStream(o.drawing, name);
  const normal = (count: number) => Array.from({ length: count }, () => random.normal());
  const plan = Array.from({ length: reaches }, () => unit(normal(plans)));
  const patterns = Array.from({ length: muscles }, () => Array.from({ length: phases }, () => normal(plans)));
  return defineTask({
    name,
    description: `Activate ${muscles} muscles in the pattern of one of ${reaches} planned reaches.`,
    source: "Sussillo, Churchland, Kaufman & Shenoy 2015, Nat. Neurosci. 18, 1025–1033; patterns are drawn",
    dt: o.dt,
    inputs: { plan: plans, hold: 1 },
    outputs: { muscle: muscles },
    variables: { reach: { oneOf: plan.map((_, k) => k) }, hold: between(name, "hold", o.hold) },
    trial: ({ reach, hold }) => {
      const p = plan[reach!]!;
      const heights = patterns.map((muscle) => muscle.map((a) => a.reduce((sum, x, i) => sum + x * p[i]!, 0)));
      const bump = (t: number, k: number) => Math.exp(-(((t - first - apart * k) / o.width) ** 2) / 2);
      const activity = heights.map((h) => (t: number) => h.reduce((sum, height, k) => sum + height * bump(t, k), 0));
      return [
        { name: "hold", lasts: hold!, inputs: { plan: p, hold: 1 }, weight: 1 },
        { name: "move", lasts: 2 * first + apart * (phases - 1), targets: { muscle: activity }, weight: 1 },
      ];
    },
    score: explainedWhereCounted,
    examples: [0, 1, 2].slice(0, reaches).map((reach) => ({ reach })),
  });
}

function unit(v: number[]): number[] {
  const length = Math.hypot(...v);
  return v.map((x) => x / length);
}
