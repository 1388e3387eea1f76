/**
 * Long analyses are generators: they yield their progress between bounded slices of work and return their result, so
 * that the same code runs in a terminal, in a worker and behind a cancel button. These two drivers run them.
 */

export interface Progress {
  /** What is being done, e.g. `descend`. */
  phase: string;
  /** Units of work done, of `total`. */
  done: number;
  total: number;
  /** What has been found so far (fixed points, for instance). */
  found: number;
}

export interface DriveOptions {
  onProgress?: (progress: Progress) => void;
  /** Stops the analysis between two slices: the driver then throws the signal's reason. */
  signal?: AbortSignal;
}

/** Runs an analysis to its end. Only `onProgress` can abort it, as nothing else gets a turn; else see `driveAsync`. */
export function drive<Result>(analysis: Generator<Progress, Result>, options: DriveOptions = {}): Result {
  for (;;) {
    options.signal?.throwIfAborted();
    const step = analysis.next();
    if (step.done) return step.value;
    options.onProgress?.(step.value);
  }
}

/** Runs an analysis to its end and lets other events have their turn, about every `slice` ms (default 50). */
export async function driveAsync<Result>(
  analysis: Generator<Progress, Result>,
  options: DriveOptions & { slice?: number } = {},
): Promise<Result> {
  const slice = options.slice ?? 50;
  let pause = performance.now() + slice;
  for (;;) {
    options.signal?.throwIfAborted();
    const step = analysis.next();
    if (step.done) return step.value;
    options.onProgress?.(step.value);
    if (performance.now() >= pause) {
      await new Promise<void>((resolve) => setTimeout(resolve));
      pause = performance.now() + slice;
    }
  }
}
