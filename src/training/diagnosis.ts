/** What is said of a training while it runs and where it goes wrong. */
import { norm } from "./clip.ts";
import type { Values } from "./rule.ts";

/** Seconds that the rest takes, each stage's iterations weighed by trials times samples. */
export function remaining(
  stages: { iterations: number; batch: number; dt?: number; task?: { dt: number } }[],
  stage: number,
  inStage: number,
  done: number,
  task: { dt: number },
  seconds: number,
  start: number,
): number {
  const cost = (s: (typeof stages)[number]): number => s.batch / (s.dt ?? (s.task ?? task).dt);
  let spent = 0;
  let left = 0;
  let k = 0;
  stages.forEach((s, i) => {
    const finished = i < stage ? s.iterations : i === stage ? inStage : 0;
    // Iterations before a resumption were not timed.
    spent += Math.max(0, finished - Math.max(0, start - k)) * cost(s);
    if (i >= stage) left += (s.iterations - finished) * cost(s);
    k += s.iterations;
  });
  return done === 0 || spent === 0 ? Number.NaN : (seconds * left) / spent;
}

/** One sentence on a loss or gradient that is not finite. */
export function diagnosis(
  iteration: number,
  loss: number,
  culprit: string | undefined,
  norms: number[],
  gradients: Values,
  good: number,
): string {
  const before = norms.length > 0 ? `; gradient norms before: ${norms.map((n) => n.toPrecision(3)).join(", ")}` : "";
  const largest = Object.entries(gradients)
    .map(([name, g]) => `${name} ${norm(g).toPrecision(3)}`)
    .join(", ");
  const what = culprit ? `the gradient of \`${culprit}\` is not finite` : `the loss is ${loss}`;
  return `diverged at iteration ${iteration}: ${what} (loss ${loss}; norms by parameter: ${largest})${before}. Kept the parameters of iteration ${good}; lower the rate, clip the gradient, or lower the gain`;
}
