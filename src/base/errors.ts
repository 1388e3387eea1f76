/** What a `NullclineError` says, as data: the message is made from it. */
export interface ErrorFacts {
  /** Kind of mistake, e.g. `"shape"` or `"npz"`. */
  code: string;
  /** What was given. */
  given: string;
  /** What was expected instead. */
  expected?: string;
  /** What to do about it. */
  remedy?: string;
  /** Where: a file, or file and position. */
  where?: string;
}

/** A user's mistake: one clear sentence, no stack trace on the command line. */
export class NullclineError extends Error {
  readonly code: string;
  readonly facts: ErrorFacts;

  constructor(facts: ErrorFacts) {
    const { where, given, expected, remedy } = facts;
    super(
      [where ? `${where}: ${given}` : given, expected && `expected ${expected}`, remedy].filter(Boolean).join("; "),
    );
    this.name = "NullclineError";
    this.code = facts.code;
    this.facts = facts;
  }
}

/** The word among `known` that `word` most likely meant, for a "did you mean". */
export function closest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}
