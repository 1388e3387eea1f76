/**
 * Gradients of weights and biases, summed over lanes (trials) and steps: products whose inner dimension is
 * steps × lanes, which both factors store contiguously, so they are read in place. Padding lanes must be zero in C.
 *
 *     const gradient = emitWeightGradient(m, { precision, rows: N, columns: M, lanes: L });
 *     // call(gradient, g, c, cStride, x, xStride, steps):  G[N, M] += Σ_t Σ_l C_t[N][l] X_t[M][l]
 *     const bias = emitBiasGradient(m, { precision, rows: N, lanes: L });
 *     // call(bias, g, c, cStride, steps):                  g[N] += Σ_t Σ_l C_t[N][l]
 */
import type { FunctionRef, ModuleBuilder } from "./assembler.ts";
import { forBlocks } from "./blocks.ts";
import { i32, op, tee } from "./fragments.ts";
import { type Precision, vector } from "./vector.ts";

/** Bytes of X that are multiplied with all rows of C before going on to later steps: they stay in the L2 cache. */
const CHUNK_BYTES = 1 << 19;

/**
 * Rows of C and rows of X of one block of sums. V8 loads the vectors of all of them before it multiplies, so that sums
 * and rows together (and without fused multiply-add a product) have to fit its 15 registers.
 */
function blockShape(rows: number, columns: number, relaxed: boolean): { rows: number; columns: number } {
  if (rows === 1) return { rows: 1, columns: Math.min(columns, 7) };
  if (columns === 1) return { rows: Math.min(rows, 7), columns: 1 };
  if (rows === 2) return { rows: 2, columns: Math.min(columns, 4) };
  if (columns > 2 && relaxed) return { rows: 3, columns: 3 };
  return { rows: Math.min(rows, 4), columns: 2 };
}

export interface WeightGradientShape {
  precision: Precision;
  /** Entries of C. */
  rows: number;
  /** Entries of X. */
  columns: number;
  /** Lanes, a multiple of 4 (f32) or 2 (f64). */
  lanes: number;
}

/**
 * `(g, c, cStride, x, xStride, steps)`: adds to the row-major `G[rows, columns]` the sum over steps `t` and lanes `l` of
 * `C_t[row][l] X_t[column][l]`; `C_t` is at `c + t cStride` bytes (the stride may be negative), `X_t` likewise.
 */
export function emitWeightGradient(m: ModuleBuilder, shape: WeightGradientShape): FunctionRef {
  const { precision, rows, columns, lanes } = shape;
  const { bytes } = vector(precision, m.relaxed);
  const block = blockShape(rows, columns, m.relaxed);
  const stepsTogether = Math.max(1, Math.floor(CHUNK_BYTES / (columns * lanes * bytes)));
  const params = ["i32", "i32", "i32", "i32", "i32", "i32"] as const;
  return m.once(`weight gradient ${precision} ${rows} ${columns} ${lanes}`, () => {
    const sweep = m.function("gradientSweep", params, [], (f, g, c, cStride, x, xStride, steps) =>
      forBlocks(f, rows, block.rows, (blockRows, row) =>
        forBlocks(f, columns, block.columns, (blockColumns, column) =>
          f.call(
            emitBlock(m, precision, lanes, blockRows, blockColumns),
            i32.add(g, i32.mul(i32.add(i32.mul(row, columns), column), bytes)),
            columns * bytes,
            i32.add(c, i32.mul(row, lanes * bytes)),
            cStride,
            i32.add(x, i32.mul(column, lanes * bytes)),
            xStride,
            steps,
          ),
        ),
      ),
    );
    return m.function("weightGradient", params, [], (f, g, c, cStride, x, xStride, steps) => {
      f.block((done) =>
        f.loop((again) => {
          f.br(done, op("i32.le_s", steps, 0));
          f.call(
            sweep,
            g,
            c,
            cStride,
            x,
            xStride,
            op("select", steps, stepsTogether, op("i32.lt_s", steps, stepsTogether)),
          );
          f.set(c, i32.add(c, i32.mul(cStride, stepsTogether)));
          f.set(x, i32.add(x, i32.mul(xStride, stepsTogether)));
          f.set(steps, i32.sub(steps, stepsTogether));
          f.br(again);
        }),
      );
    });
  });
}

export interface BiasGradientShape {
  precision: Precision;
  rows: number;
  /** Lanes, a multiple of 4 (f32) or 2 (f64). */
  lanes: number;
}

/** `(g, c, cStride, steps)`: adds to `g[rows]` the sum over steps `t` and lanes `l` of `C_t[row][l]`. */
export function emitBiasGradient(m: ModuleBuilder, shape: BiasGradientShape): FunctionRef {
  const { precision, rows, lanes } = shape;
  const { bytes } = vector(precision, m.relaxed);
  return m.once(`bias gradient ${precision} ${rows} ${lanes}`, () =>
    m.function("biasGradient", ["i32", "i32", "i32", "i32"], [], (f, g, c, cStride, steps) =>
      forBlocks(f, rows, 8, (blockRows, row) =>
        f.call(
          emitBlock(m, precision, lanes, blockRows, 0),
          i32.add(g, i32.mul(row, bytes)),
          bytes,
          i32.add(c, i32.mul(row, lanes * bytes)),
          cStride,
          0,
          0,
          steps,
        ),
      ),
    ),
  );
}

/**
 * `(g, gStride, c, cStride, x, xStride, steps)`: a few rows of C times a few rows of X over all steps and lanes, the sums
 * in registers; without rows of X (`columns` 0), the sums of C.
 */
function emitBlock(m: ModuleBuilder, precision: Precision, lanes: number, rows: number, columns: number): FunctionRef {
  const v = vector(precision, m.relaxed);
  const rowBytes = lanes * v.bytes;
  const count = Math.max(columns, 1);
  const params = ["i32", "i32", "i32", "i32", "i32", "i32", "i32"] as const;
  return m.once(`gradient block ${precision} ${lanes} ${rows} ${columns}`, () =>
    m.function("gradientBlock", params, [], (f, g, gStride, c, cStride, x, xStride, steps) => {
      const sums = Array.from({ length: rows }, () => Array.from({ length: count }, () => f.local("v128")));
      const xs = Array.from({ length: columns }, () => f.local("v128"));
      const cr = f.local("v128");
      const lane = f.local("i32");
      const cl = f.local("i32");
      const xl = f.local("i32");
      f.if(op("i32.le_s", steps, 0), () => f.return());
      f.loop((nextStep) => {
        f.set(cl, c);
        f.set(xl, x);
        f.for(lane, 0, rowBytes, 16, () => {
          for (const [j, xj] of xs.entries()) f.set(xj, v.load(xl, j * rowBytes));
          for (const [r, row] of sums.entries()) {
            f.set(cr, v.load(cl, r * rowBytes));
            if (columns === 0) f.set(row[0]!, v.add(row[0]!, cr));
            for (const [j, xj] of xs.entries()) f.set(row[j]!, v.madd(cr, xj, row[j]!));
          }
          f.set(cl, i32.add(cl, 16));
          if (columns > 0) f.set(xl, i32.add(xl, 16));
        });
        f.set(c, i32.add(c, cStride));
        f.set(x, i32.add(x, xStride));
        f.br(nextStep, tee(steps, i32.sub(steps, 1)));
      });
      for (const [r, row] of sums.entries()) {
        if (r > 0) f.set(g, i32.add(g, gStride));
        for (const [j, sum] of row.entries())
          f.push(v.storeFirst(g, v.add(v.sumLanes(sum), v.loadFirst(g, j * v.bytes)), j * v.bytes));
      }
    }),
  );
}
