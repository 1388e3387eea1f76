/**
 * Products of a matrix with one or a few vectors, `y = A x`, the lanes of a vector being rows. A is packed once per
 * update into panels of a few vectors of rows, column after column. Each result is one chain of multiply-adds over the
 * columns, in ascending order, as in `gemm.ts`: the same bits.
 *
 *     const pack = emitRowPack(m, { precision, rows: N, columns: M, trials: 1 });             // call(pack, a, packed)
 *     const product = emitMatrixVector(m, { precision, rows: N, columns: M, trials: 1, xStride, yStride });
 *     // call(product, packed, x, y): trial t is at x + t xStride and y + t yStride bytes. What lies beyond the last row
 *     // in the last vector of y is overwritten with anything.
 */
import type { FunctionRef, ModuleBuilder } from "./assembler.ts";
import { forBlocks } from "./blocks.ts";
import { i32, load, op } from "./fragments.ts";
import { type Precision, vector } from "./vector.ts";

/** Vectors of rows of a full panel: with their sums, one number of each trial and a vector of A they fill the registers. */
const panelVectors = (trials: number) => [8, 5, 3, 2][trials - 1] ?? 1;

export interface RowPackShape {
  precision: Precision;
  /** Shape of the row-major matrix. */
  rows: number;
  columns: number;
  trials: number;
  /** Packs the transpose. */
  transpose?: boolean;
}

/** Entries of a packed matrix with so many rows (of its transpose: columns). */
export const packedRows = (rows: number, precision: Precision): number => {
  const { width } = vector(precision, false);
  return Math.ceil(rows / width) * width;
};

/** `(matrix, packed)`. Up to a vector of numbers behind the matrix is read, and of no consequence. */
export function emitRowPack(m: ModuleBuilder, shape: RowPackShape): FunctionRef {
  const { precision, rows, columns, trials, transpose = false } = shape;
  const { bytes, width } = vector(precision, m.relaxed);
  const [outRows, inner] = transpose ? [columns, rows] : [rows, columns];
  const [rowStride, innerStride] = transpose ? [bytes, columns * bytes] : [columns * bytes, bytes];
  const [get, put] = precision === "f32" ? (["i32.load", "i32.store"] as const) : (["i64.load", "i64.store"] as const);
  return m.once(`row pack ${precision} ${rows} ${columns} ${trials} ${transpose}`, () =>
    m.function("rowPack", ["i32", "i32"], [], (f, matrix, packed) => {
      const k = f.local("i32");
      const from = f.local("i32");
      const to = f.local("i32", packed);
      forBlocks(f, Math.ceil(outRows / width), panelVectors(trials), (size, first) => {
        f.set(from, i32.add(matrix, i32.mul(first, width * rowStride)));
        f.for(k, 0, inner, 1, () => {
          for (let r = 0; r < size * width; r++) f.store(put, to, load(get, from, r * rowStride), r * bytes);
          f.set(to, i32.add(to, size * width * bytes));
          f.set(from, i32.add(from, innerStride));
        });
      });
    }),
  );
}

export interface MatrixVectorShape {
  precision: Precision;
  rows: number;
  columns: number;
  trials: number;
  xStride: number;
  yStride: number;
}

/** `(packed, x, y)`. */
export function emitMatrixVector(m: ModuleBuilder, shape: MatrixVectorShape): FunctionRef {
  const { precision, rows, columns, trials, xStride, yStride } = shape;
  const { width } = vector(precision, m.relaxed);
  return m.once(`matrix-vector ${JSON.stringify(shape)}`, () =>
    m.function("matrixVector", ["i32", "i32", "i32"], [], (f, packed, x, y) =>
      forBlocks(f, Math.ceil(rows / width), panelVectors(trials), (size, first) =>
        f.call(
          emitPanel(m, { precision, size, trials, xStride, yStride }),
          i32.add(packed, i32.mul(first, columns * 16)),
          x,
          i32.add(y, i32.mul(first, 16)),
          columns,
        ),
      ),
    ),
  );
}

interface PanelShape {
  precision: Precision;
  /** Vectors of rows. */
  size: number;
  trials: number;
  xStride: number;
  yStride: number;
}

/** `(panel, x, y, columns)`. */
function emitPanel(m: ModuleBuilder, shape: PanelShape): FunctionRef {
  const { precision, size, trials, xStride, yStride } = shape;
  const v = vector(precision, m.relaxed);
  return m.once(`matrix-vector panel ${JSON.stringify(shape)}`, () =>
    m.function("panel", ["i32", "i32", "i32", "i32"], [], (f, panel, x, y, columns) => {
      const end = f.local("i32", i32.add(x, i32.mul(columns, v.bytes)));
      const xs = Array.from({ length: trials }, () => f.local("v128"));
      const a = f.local("v128");
      const sums = Array.from({ length: size }, () => xs.map(() => f.local("v128")));
      f.loop((again) => {
        for (const [t, xt] of xs.entries()) f.set(xt, v.loadSplat(x, t * xStride));
        for (const [p, row] of sums.entries()) {
          f.set(a, v.load(panel, 16 * p));
          for (const [t, xt] of xs.entries()) f.set(row[t]!, v.madd(a, xt, row[t]!));
        }
        f.set(panel, i32.add(panel, 16 * size));
        f.set(x, i32.add(x, v.bytes));
        f.br(again, op("i32.lt_u", x, end));
      });
      for (const [p, row] of sums.entries())
        for (const [t, sum] of row.entries()) f.push(v.store(y, sum, 16 * p + t * yStride));
    }),
  );
}

export interface OuterSumShape {
  precision: Precision;
  /** Entries of C and of X. */
  rows: number;
  columns: number;
  trials: number;
  /** Bytes from one trial to the next. */
  cTrial: number;
  xTrial: number;
}

/**
 * `(g, c, cStride, x, xStride, steps)`: adds to G the sum over steps `t` and trials of `c_t x_t'`; `c_t` is at
 * `c + t cStride` bytes, `x_t` likewise. The rows of G are whole vectors (`packedRows` of the columns).
 */
export function emitOuterSum(m: ModuleBuilder, shape: OuterSumShape): FunctionRef {
  const { precision, rows, columns } = shape;
  const v = vector(precision, m.relaxed);
  const rowBytes = packedRows(columns, precision) * v.bytes;
  const params = ["i32", "i32", "i32", "i32", "i32", "i32"] as const;
  return m.once(`outer sum ${JSON.stringify(shape)}`, () =>
    m.function("outerSum", params, [], (f, g, c, cStride, x, xStride, steps) => {
      f.if(op("i32.le_s", steps, 0), () => f.return());
      forBlocks(f, rows, 4, (blockRows, row) =>
        forBlocks(f, Math.ceil(columns / v.width), 2, (blockVectors, column) =>
          f.call(
            emitOuterBlock(m, shape, blockRows, blockVectors),
            i32.add(g, i32.add(i32.mul(row, rowBytes), i32.mul(column, 16))),
            i32.add(c, i32.mul(row, v.bytes)),
            cStride,
            i32.add(x, i32.mul(column, 16)),
            xStride,
            steps,
          ),
        ),
      );
    }),
  );
}

function emitOuterBlock(m: ModuleBuilder, shape: OuterSumShape, rows: number, vectors: number): FunctionRef {
  const { precision, columns, trials, cTrial, xTrial } = shape;
  const v = vector(precision, m.relaxed);
  const rowBytes = packedRows(columns, precision) * v.bytes;
  const params = ["i32", "i32", "i32", "i32", "i32", "i32"] as const;
  return m.once(`outer block ${rows} ${vectors} ${JSON.stringify(shape)}`, () =>
    m.function("outerBlock", params, [], (f, g, c, cStride, x, xStride, steps) => {
      const xs = Array.from({ length: vectors }, () => f.local("v128"));
      const cr = f.local("v128");
      const at = (r: number, j: number) => r * rowBytes + 16 * j;
      const sums = Array.from({ length: rows }, (_, r) => xs.map((_, j) => f.local("v128", v.load(g, at(r, j)))));
      f.loop((again) => {
        for (let t = 0; t < trials; t++) {
          for (const [j, xj] of xs.entries()) f.set(xj, v.load(x, t * xTrial + 16 * j));
          for (const [r, row] of sums.entries()) {
            f.set(cr, v.loadSplat(c, t * cTrial + r * v.bytes));
            for (const [j, xj] of xs.entries()) f.set(row[j]!, v.madd(cr, xj, row[j]!));
          }
        }
        f.set(c, i32.add(c, cStride));
        f.set(x, i32.add(x, xStride));
        f.set(steps, i32.sub(steps, 1));
        f.br(again, steps);
      });
      for (const [r, row] of sums.entries()) for (const [j, sum] of row.entries()) f.push(v.store(g, sum, at(r, j)));
    }),
  );
}
