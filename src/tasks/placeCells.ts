/**
 * Place cells: a code of position in a box, and its inverse.
 * @source Sorscher, Mel, Ganguli & Ocko 2019, NeurIPS 32, with the parameters of their code
 */
import { RandomStream } from "../engine/random.ts";

export interface PlaceCellOptions {
  cells: number;
  /** Side of the box, m. */
  box: number;
  /** Width of the centre, m. */
  width: number;
  /** Surround over centre, in variance; 0 for none. */
  surround: number;
  seed: number;
}

export interface PlaceCells {
  /** Centres, uniform in the box, m. */
  x: Float64Array;
  y: Float64Array;
  /** The code of a position: not negative, with sum 1. */
  code(x: number, y: number): Float64Array;
  /** The mean of the centres of the three most active cells. */
  decode(code: ArrayLike<number>): [number, number];
  /**
   * Of two positions: the means of the two clusters (2-means, the best of all partitions) that the centres of the six most
   * active cells fall into.
   * @source Redman, Acosta-Mendoza, Wei & Goard 2024, NeurIPS 37, with the numbers of their code
   */
  decodeTwo(code: ArrayLike<number>): [number, number][];
}

/**
 * `p_i = softmax(-d_i² / 2w²)`, less `softmax(-d_i² / 2sw²)` where there is a surround s, then less its least value and over
 * its sum.
 */
export function placeCells({ cells, box, width, surround, seed }: PlaceCellOptions): PlaceCells {
  const random = new RandomStream(seed, "place cells");
  const x = random.fillUniform(new Float64Array(cells), -box / 2, box / 2);
  const y = random.fillUniform(new Float64Array(cells), -box / 2, box / 2);
  const [squares, wide] = [new Float64Array(cells), new Float64Array(cells)];
  const middle = (of: readonly number[]): [number, number] => [
    of.reduce((sum, i) => sum + x[i]!, 0) / of.length,
    of.reduce((sum, i) => sum + y[i]!, 0) / of.length,
  ];
  return {
    x,
    y,
    // Plain loops: a batch of trials needs thousands of codes.
    code(px, py) {
      for (let i = 0; i < cells; i++) squares[i] = (px - x[i]!) ** 2 + (py - y[i]!) ** 2;
      const code = softmax(squares, 2 * width ** 2, new Float64Array(cells));
      if (surround === 0) return code;
      softmax(squares, 2 * surround * width ** 2, wide);
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < cells; i++) {
        code[i]! -= wide[i]!;
        if (code[i]! < least) least = code[i]!;
      }
      let sum = 0;
      for (let i = 0; i < cells; i++) sum += code[i]! - least;
      for (let i = 0; i < cells; i++) code[i] = (code[i]! - least) / sum;
      return code;
    },
    decode: (code) => middle(mostActive(code, 3)),
    decodeTwo(code) {
      const best = mostActive(code, Math.min(6, cells));
      let [found, least] = [[middle(best), middle(best)], Number.POSITIVE_INFINITY];
      // Each way to part them: the last cell is always in the first cluster.
      for (let split = 1; split < 2 ** (best.length - 1); split++) {
        const clusters = [1, 0].map((side) => best.filter((_, k) => ((split >> k) & 1) !== side));
        const middles = clusters.map(middle);
        const miss = clusters.flatMap((of, c) =>
          of.map((i) => (x[i]! - middles[c]![0]) ** 2 + (y[i]! - middles[c]![1]) ** 2),
        );
        const total = miss.reduce((a, b) => a + b, 0);
        if (total < least) [found, least] = [middles, total];
      }
      return found;
    },
  };
}

/** Indices of the largest entries, largest first. */
function mostActive(code: ArrayLike<number>, count: number): number[] {
  const best = new Array<number>(count).fill(-1);
  for (let i = 0; i < code.length; i++) {
    const rank = best.findIndex((j) => j < 0 || code[i]! > code[j]!);
    if (rank >= 0) {
      best.splice(rank, 0, i);
      best.pop();
    }
  }
  return best;
}

/** `exp(-s_i / scale)` over its sum, into `out`. */
function softmax(squares: Float64Array, scale: number, out: Float64Array): Float64Array {
  const n = squares.length;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) if (squares[i]! < least) least = squares[i]!;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += out[i] = Math.exp((least - squares[i]!) / scale);
  for (let i = 0; i < n; i++) out[i]! /= sum;
  return out;
}
