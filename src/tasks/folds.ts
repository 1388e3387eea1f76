/**
 * Which trials of a recording are held out together.
 */
import { closest, NullclineError } from "../base/errors.ts";
import { RandomStream } from "../engine/random.ts";
import type { Recording } from "./recording.ts";

export interface Fold {
  train: number[];
  test: number[];
}

export interface FoldOptions {
  /**
   * - `trial` (default, where each trial was one from the start): trials are dealt out in random order.
   * - `block` (default, where trials were cut from longer ones): each fold holds out a contiguous stretch of time.
   * - the name of a condition variable: trials with the same value are held out together, values in random order.
   */
  by?: string;
  /**
   * For `block`: windows that begin or end closer than this to a held-out one are not trained on either. Default 4
   * standard deviations of the smoothing, beyond which two smoothed samples share next to nothing.
   */
  gap?: number;
  /** Of the random order. Default 0. */
  seed?: number;
}

/**
 * Splits a recording into `count` folds; each trial is held out exactly once.
 * @throws NullclineError (code `folds`) where there are fewer groups than folds, an unknown condition, or a gap that
 * leaves nothing to train on
 */
export function folds(recording: Recording, count: number, options: FoldOptions = {}): Fold[] {
  const { origin, conditions, dt, activity } = recording;
  const wasCut = new Set(origin.map(({ trial }) => trial)).size < origin.length;
  const { by = wasCut ? "block" : "trial", gap = 4 * recording.smoothing, seed = 0 } = options;
  const all = [...origin.keys()];
  const groups = groupsOf();
  if (!Number.isInteger(count) || count < 2 || count > groups.length)
    throw new NullclineError({
      code: "folds",
      given: `${count} folds by ${by}`,
      expected: `a whole number from 2 to ${groups.length}, the number of ${by === "trial" || by === "block" ? "trials" : `values of \`${by}\``}`,
    });
  const order = by === "block" ? [...groups.keys()] : new RandomStream(seed, "folds").permutation(groups.length);
  return Array.from({ length: count }, (_, f) => {
    const from = Math.floor((f * groups.length) / count);
    const to = Math.floor(((f + 1) * groups.length) / count);
    const test = order.slice(from, to).flatMap((g) => groups[g]!);
    test.sort((a, b) => a - b);
    const held = new Set(test);
    const train = all.filter((k) => !held.has(k) && (by !== "block" || test.every((other) => apart(k, other))));
    if (train.length === 0)
      throw new NullclineError({
        code: "folds",
        given: `a gap of ${gap} ${recording.unit} around the held-out block of fold ${f + 1}`,
        expected: "something left to train on",
        remedy: "use a shorter gap or more folds",
      });
    return { train, test };
  });

  function groupsOf(): number[][] {
    if (by === "trial") return all.map((k) => [k]);
    if (by === "block") {
      const inTime = [...all].sort((a, b) => origin[a]!.trial - origin[b]!.trial || origin[a]!.time - origin[b]!.time);
      return inTime.map((k) => [k]);
    }
    const values = conditions[by];
    if (!values) {
      const known = ["trial", "block", ...Object.keys(conditions)];
      const meant = closest(by, known);
      throw new NullclineError({
        code: "folds",
        given: `folds by \`${by}\``,
        expected: known.join(", "),
        remedy: meant && `did you mean \`${meant}\`?`,
      });
    }
    return [...new Set(values)].map((value) => all.filter((k) => values[k] === value));
  }

  /** Whether no sample of one window is within the gap of a sample of the other. */
  function apart(a: number, b: number): boolean {
    if (origin[a]!.trial !== origin[b]!.trial) return true;
    const between = Math.abs(origin[a]!.time - origin[b]!.time) - activity.shape[1]! * dt;
    return between >= gap - 1e-9 * dt;
  }
}
