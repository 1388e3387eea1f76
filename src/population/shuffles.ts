/** Whether units do something that they would not do by chance: scores against those of shuffled activity. */
import { type NDArray, zeros } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { RandomStream } from "../engine/random.ts";
import { extent } from "./activity.ts";

/**
 * Activity with the series of each unit rolled against everything else by a lag of its own, at least one trial's length:
 * all trials one after the other, what leaves at the end comes in at the start. A unit's own statistics stay.
 * @shape activity [trial, time, unit]
 * @param options.draw number of the shuffle. Default 0
 * @throws NullclineError where there are fewer than three trials
 */
export function rolled(activity: NDArray, { seed, draw = 0 }: { seed: number; draw?: number }): NDArray<Float64Array> {
  const { trials, samples, units } = extent(activity);
  if (trials < 3)
    throw new NullclineError({ code: "trials", given: `activity of ${trials} trials`, expected: "three or more" });
  const random = new RandomStream(seed, "rolled activity", draw);
  const length = trials * samples;
  const made = zeros(trials, samples, units);
  const lags = Array.from({ length: units }, () => samples + Math.floor(random.uniform() * (length - 2 * samples + 1)));
  for (let t = 0; t < length; t++)
    for (let i = 0; i < units; i++) made.data[t * units + i] = activity.data[((t + lags[i]!) % length) * units + i]!;
  return made;
}

/**
 * Rate maps cut into square blocks that are put together in another order, each turned by a multiple of 90°; every unit in
 * its own way. The rates and what is near to what within a block stay; how fields lie to each other and to the walls does not.
 * @shape maps [unit, bin, bin]
 * @param options.block side of a block, bins: a divisor of the bins along a side
 * @param options.draw number of the shuffle. Default 0
 * @throws NullclineError where blocks do not fill the map, or there is one only
 * @source after the shuffles of fields of Krupic, Burgess & O'Keefe 2012, Science 337, with squares for fields
 */
export function permutedBlocks(
  maps: NDArray,
  { block, seed, draw = 0 }: { block: number; seed: number; draw?: number },
): NDArray<Float64Array> {
  const { trials: units, samples: bins, units: columns } = extent(maps, "rate maps");
  const across = bins / block;
  if (bins !== columns || !Number.isInteger(block) || !Number.isInteger(across) || across < 2)
    throw new NullclineError({
      code: "option",
      given: `blocks of ${block} bins in maps of ${bins} × ${columns}`,
      expected: "square maps, and a side of which there go two or more into the map's",
    });
  const random = new RandomStream(seed, "permuted blocks", draw);
  const made = zeros(units, bins, bins);
  for (let unit = 0; unit < units; unit++) {
    const order = random.permutation(across * across);
    for (let b = 0; b < order.length; b++) {
      const turns = Math.floor(4 * random.uniform());
      const [to, from] = [b, order[b]!].map((k) => [block * Math.floor(k / across), block * (k % across)] as const);
      for (let row = 0; row < block; row++)
        for (let column = 0; column < block; column++) {
          let [r, c] = [row, column];
          for (let k = 0; k < turns; k++) [r, c] = [c, block - 1 - r];
          const target = (unit * bins + to![0] + r) * bins + to![1] + c;
          made.data[target] = maps.data[(unit * bins + from![0] + row) * bins + from![1] + column]!;
        }
    }
  }
  return made;
}

/** A share with its interval. */
export interface Share {
  /** Of how many. */
  n: number;
  share: number;
  /** Limits of the interval of 95 %. */
  low: number;
  high: number;
}

/**
 * A share of n with Wilson's interval of 95 %, `(p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)`, z = 1.96.
 * @source Wilson 1927, J. Am. Stat. Assoc. 22, 209–212
 */
export function shareOf(count: number, n: number): Share {
  const [p, z] = [count / n, 1.959963984540054];
  const middle = p + (z * z) / (2 * n);
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const over = 1 + (z * z) / n;
  // At the ends rounding would miss them.
  const [low, high] = [count === 0 ? 0 : (middle - half) / over, count === n ? 1 : (middle + half) / over];
  return { n, share: p, low, high };
}

export interface AboveShuffles extends Share {
  /** Of each unit. */
  above: boolean[];
}

/**
 * Which units score higher than a quantile of their own shuffles: those of which `(1 + m) / (1 + shuffles) ≤ 1 - level`, with
 * m shuffles as high as the score or higher. By chance that is a share of at most `1 - level`. A unit without a score (NaN)
 * is not above; a shuffle without one is below all.
 * @param scores one of each unit
 * @param shuffles of each shuffle, one of each unit
 * @source Phipson & Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9, 39, on the 1
 */
export function aboveShuffles(
  scores: ArrayLike<number>,
  shuffles: readonly ArrayLike<number>[],
  level = 0.95,
): AboveShuffles {
  const above = Array.from(scores, (score, i) => {
    const higher = shuffles.filter((s) => s[i]! >= score).length;
    return !Number.isNaN(score) && (1 + higher) / (1 + shuffles.length) <= 1 - level + 1e-9;
  });
  return { above, ...shareOf(above.filter(Boolean).length, above.length) };
}
