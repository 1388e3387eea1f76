/**
 * Muscles of cycling: the same rhythm at several speeds, said by the height of an input.
 * @source Saxena, Russo, Cunningham & Churchland 2022, eLife 11, e67620. Their muscles were recorded; these are drawn, in a
 * form of our own
 */
import { NullclineError } from "../base/errors.ts";
import { RandomStream } from "../engine/random.ts";
import { defineTask } from "./defineTask.ts";
import { requireCounts, withDefaults } from "./options.ts";
import { explainedWhereCounted } from "./score.ts";
import type { Task } from "./trials.ts";

export interface CyclingMusclesOptions {
  /** Time step, ms. Default 10. */
  dt?: number;
  /** Number of speeds, evenly between the slowest and the fastest; and these, cycles/s. Default 8; 0.8, 2.1. */
  speeds?: number;
  range?: number[];
  /** Number of muscles, and of harmonics in each. Default 8, 3. */
  muscles?: number;
  harmonics?: number;
  /** Rest before the movement, and the movement, ms. Default 200, 2500. */
  rest?: number;
  duration?: number;
  /** Time constant of the activity's rise when the movement begins, ms. Default 100. */
  rise?: number;
  /** Number of the drawing of patterns. Default 1. */
  drawing?: number;
}

const defaults: Required<CyclingMusclesOptions> = {
  dt: 10,
  speeds: 8,
  range: [0.8, 2.1],
  muscles: 8,
  harmonics: 3,
  rest: 200,
  duration: 2500,
  rise: 100,
  drawing: 1,
};

/**
 * The task. Input `speed`: 0 at rest, then f / (fastest f). Output m of `muscle`, t after the movement began, relative to
 * its resting activity: `(1 - exp(-(t / rise)²)) Σ_h a_mh cos(2π h f t) + b_mh sin(2π h f t)`, h = 1, 2, …, with a and b
 * normal and such that a muscle's mean square over a cycle is 1/2. Condition: `frequency`, cycles/s (any may be asked for). The
 * score is R².
 * @throws NullclineError for options that make no sense
 */
export function cyclingMuscles(given: CyclingMusclesOptions = {}): Task {
  const name = "cyclingMuscles";
  const o = withDefaults(name, defaults, given);
  const { speeds, muscles, harmonics } = o;
  requireCounts(name, { speeds, muscles, harmonics });
  const [low, high] = o.range as [number, number];
  if (!(o.range.length === 2 && low > 0 && high >= low))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: speeds from ${o.range.join(" to ")} cycles/s`,
      expected: "two positive limits, the lower one first",
    });
  if (!(o.rise > 0 && o.duration > 0))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: a movement of ${o.duration} ms that rises in ${o.rise} ms`,
      expected: "positive times",
    });
  const random = new RandomStream(o.drawing, name);
  const patterns = Array.from({ length: muscles }, () => {
    const drawn = Array.from({ length: 2 * harmonics }, () => random.normal());
    const length = Math.hypot(...drawn);
    return drawn.map((x) => x / length);
  });
  const frequencies = Array.from({ length: speeds }, (_, k) =>
    speeds === 1 ? high : low + ((high - low) * k) / (speeds - 1),
  );
  return defineTask({
    name,
    description: `Activate ${muscles} muscles in a rhythm, at one of ${speeds} speeds.`,
    source: "Saxena, Russo, Cunningham & Churchland 2022, eLife 11, e67620; patterns are drawn",
    dt: o.dt,
    inputs: { speed: 1 },
    outputs: { muscle: muscles },
    variables: { frequency: { choice: frequencies } },
    trial: ({ frequency }) => {
      const activity = patterns.map((c) => (t: number) => {
        let sum = 0;
        for (let h = 1; h <= harmonics; h++) {
          const phase = (2 * Math.PI * h * frequency! * t) / 1000;
          sum += c[2 * h - 2]! * Math.cos(phase) + c[2 * h - 1]! * Math.sin(phase);
        }
        return -Math.expm1(-((t / o.rise) ** 2)) * sum;
      });
      return [
        { name: "rest", lasts: o.rest, weight: 1 },
        {
          name: "move",
          lasts: o.duration,
          inputs: { speed: frequency! / high },
          targets: { muscle: activity },
          weight: 1,
        },
      ];
    },
    score: explainedWhereCounted,
    examples: [...new Set([frequencies[0]!, frequencies.at(-1)!])].map((frequency) => ({ frequency })),
  });
}
