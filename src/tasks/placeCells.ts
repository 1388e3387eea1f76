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
}

/**
 * `p_i = softmax(-d_i² / 2w²)`, less `softmax(-d_i² / 2sw²)` where there is a surround s, then less its least value and over
 * its sum.
 */
export function placeCells({ cells, box, width, surround, seed }: PlaceCellOptions): PlaceCells {
  const random = new RandomStream(seed, "place cells");
  const x = random.fillUniform(new Float64Array(cells), -box / 2, box / 2);
  const y = random.fillUniform(new Float64Array(cells), -box / 2, box / 2);
  return {
    x,
    y,
    code(px, py) {
      const squares = x.map((cx, i) => (px - cx) ** 2 + (py - y[i]!) ** 2);
      const code = softmax(squares, 2 * width ** 2);
      if (surround === 0) return code;
      const wide = softmax(squares, 2 * surround * width ** 2);
      let least = Number.POSITIVE_INFINITY;
      code.forEach((value, i) => {
        code[i] = value - wide[i]!;
        least = Math.min(least, code[i]!);
      });
      const sum = code.reduce((a, value) => a + (value - least), 0);
      return code.map((value) => (value - least) / sum);
    },
    decode(code) {
      const best = [-1, -1, -1];
      for (let i = 0; i < code.length; i++) {
        const rank = best.findIndex((j) => j < 0 || code[i]! > code[j]!);
        if (rank >= 0) {
          best.splice(rank, 0, i);
          best.pop();
        }
      }
      return [(x[best[0]!]! + x[best[1]!]! + x[best[2]!]!) / 3, (y[best[0]!]! + y[best[1]!]! + y[best[2]!]!) / 3];
    },
  };
}

/** `exp(-s_i / scale)` over its sum. */
function softmax(squares: Float64Array, scale: number): Float64Array {
  const least = squares.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const e = squares.map((s) => Math.exp((least - s) / scale));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / sum);
}
