/**
 * How the numbers of a quantity lie, and so what the lanes of a vector are.
 *
 * - `trials`: `[entry][trial]`, the trials rounded up to two vectors: a vector is one entry of some trials.
 * - `entries`: `[trial][entry]`, the entries rounded up: a vector is some entries of one trial. For the few trials that
 *   would leave most lanes of the other arrangement idle. A scalar fills its vector; what else lies beyond the last
 *   entry is anything.
 */

/** Entries are rounded up to this many: what one block of noise fills. */
const ROUNDED = 16;

export interface Arrangement {
  lanesAre: "trials" | "entries";
  /** Trials; of `trials`: rounded up. */
  lanes: number;
  /** Bytes of one number. */
  width: number;
}

export const bytesOf = ({ lanesAre, lanes, width }: Arrangement, entries: number): number =>
  lanes * width * (lanesAre === "trials" ? entries : Math.ceil(entries / ROUNDED) * ROUNDED);

/** Numbers from one entry, and from one trial, to the next. */
export function stridesOf(a: Arrangement, entries: number): { entry: number; trial: number } {
  if (a.lanesAre === "trials") return { entry: a.lanes, trial: 1 };
  return { entry: 1, trial: bytesOf(a, entries) / a.lanes / a.width };
}
