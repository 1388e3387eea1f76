/**
 * Go/no-go: respond where there was a stimulus, stay still where there was none.
 * @source Kim, Li & Sejnowski 2019, PNAS 116, 22811–22820, with the timing of their code (steps of 5 ms)
 */
import { defineTask } from "./defineTask.ts";
import { withDefaults } from "./options.ts";
import type { Task } from "./trials.ts";

export interface GoNoGoOptions {
  /** Time step, ms. Default 5. */
  dt?: number;
  /** Before the stimulus, of the stimulus, and after it, ms. Default 250, 125, 625. */
  before?: number;
  stimulus?: number;
  response?: number;
  /** Probability of a go trial. Default 0.5. */
  go?: number;
  /** Outputs beyond which there was a response, and below which there was none. Default 0.7 and 0.3. */
  threshold?: number;
  stillness?: number;
}

const defaults: Required<GoNoGoOptions> = {
  dt: 5,
  before: 250,
  stimulus: 125,
  response: 625,
  go: 0.5,
  threshold: 0.7,
  stillness: 0.3,
};

/**
 * The task. Input `stimulus`: 1 during the stimulus of go trials. Output `response`: 1 from the stimulus's end on in go
 * trials, else 0; every sample counts. Condition: `go` (1 or 0).
 *
 * A go trial is right where the output exceeds `threshold` in the response, a no-go trial where it stays within
 * ±`stillness`.
 * @throws NullclineError for options that make no sense
 */
export function goNoGo(given: GoNoGoOptions = {}): Task {
  const o = withDefaults("goNoGo", defaults, given);
  return defineTask({
    name: "goNoGo",
    description: "Respond after a stimulus, and stay still where there is none.",
    source: "Kim, Li & Sejnowski 2019, PNAS 116, 22811–22820",
    dt: o.dt,
    inputs: { stimulus: 1 },
    outputs: { response: 1 },
    variables: { go: { oneOf: [1, 0], weights: [o.go, 1 - o.go] } },
    trial: ({ go }) => [
      { name: "before", lasts: o.before, weight: 1 },
      { name: "stimulus", lasts: o.stimulus, inputs: { stimulus: go }, weight: 1 },
      { name: "response", lasts: o.response, targets: { response: go }, weight: 1 },
    ],
    score: {
      what: `fraction of trials with an output above ${o.threshold} after a stimulus, within ±${o.stillness} without one`,
      of: ({ v, output, at }) => {
        const z = output("response", at("response"));
        return (v.go === 1 ? Math.max(...z) > o.threshold : Math.max(...z.map(Math.abs)) < o.stillness) ? 1 : 0;
      },
      parts: ["go"],
    },
  });
}
