/**
 * Products of a matrix with a quantity of all trials, `Y[N][L] (+)= A[N, M] X[M][L]`: the L lanes of an entry together.
 * A is packed once per update into panels of rows; a panel times a few vectors of lanes is accumulated in registers.
 * Each result is one chain of multiply-adds over the inner index, in ascending order, whatever the blocking.
 *
 *     const pack = emitPack(m, { precision, rows: N, columns: M });           // call(pack, a, packed)
 *     const product = emitProduct(m, { precision, rows: N, columns: M, lanes: L });   // call(product, packed, x, y)
 *     // adjoint, X̄ += A' Ȳ:
 *     const packT = emitPack(m, { precision, rows: N, columns: M, transpose: true });
 *     const adjoint = emitProduct(m, { precision, rows: M, columns: N, lanes: L, accumulate: true });
 */
import type { FunctionRef, ModuleBuilder } from "./assembler.ts";
import { forBlocks } from "./blocks.ts";
import { i32, load, type Operand, op } from "./fragments.ts";
import { type Precision, vector } from "./vector.ts";

/**
 * Rows of a full panel. 6 or 4 rows times 2 vectors fill the 15 registers that V8 has to give: the sums, two vectors
 * of X, an entry of A and, without fused multiply-add, a product.
 */
const panelRows = (relaxed: boolean) => (relaxed ? 6 : 4);
/** Vectors of lanes taken together: more for thin panels, so that enough independent sums hide the latency of one. */
const panelVectors = (rows: number) => (rows === 1 ? 8 : rows === 2 ? 4 : 2);

export interface PackShape {
  precision: Precision;
  /** Shape of the row-major matrix. */
  rows: number;
  columns: number;
  /** Packs the transpose: for a product with `rows` and `columns` exchanged. */
  transpose?: boolean;
}

/** `(matrix, packed)`: rearranges a row-major matrix for `emitProduct`. The packed matrix has as many entries. */
export function emitPack(m: ModuleBuilder, shape: PackShape): FunctionRef {
  const { precision, rows, columns, transpose = false } = shape;
  const { bytes } = vector(precision, m.relaxed);
  const [outRows, inner] = transpose ? [columns, rows] : [rows, columns];
  const [rowStride, innerStride] = transpose ? [bytes, columns * bytes] : [columns * bytes, bytes];
  const [get, put] = precision === "f32" ? (["i32.load", "i32.store"] as const) : (["i64.load", "i64.store"] as const);
  return m.once(`pack ${precision} ${rows} ${columns} ${transpose}`, () =>
    m.function("pack", ["i32", "i32"], [], (f, matrix, packed) => {
      const k = f.local("i32");
      const from = f.local("i32");
      const to = f.local("i32", packed);
      forBlocks(f, outRows, panelRows(m.relaxed), (size, firstRow) => {
        f.set(from, i32.add(matrix, i32.mul(firstRow, rowStride)));
        f.for(k, 0, inner, 1, () => {
          for (let r = 0; r < size; r++) f.store(put, to, load(get, from, r * rowStride), r * bytes);
          f.set(to, i32.add(to, size * bytes));
          f.set(from, i32.add(from, innerStride));
        });
      });
    }),
  );
}

export interface ProductShape {
  precision: Precision;
  rows: number;
  columns: number;
  /** Lanes of X and Y; any number, fast for a multiple of 8 (f32) or 4 (f64). */
  lanes: number;
  /** Adds to Y instead of overwriting it. Default false. */
  accumulate?: boolean;
}

/** `(packed, x, y)`: `Y[rows][lanes] (+)= A[rows, columns] X[columns][lanes]`. Y must not overlap X. */
export function emitProduct(m: ModuleBuilder, shape: ProductShape): FunctionRef {
  const { precision, rows, columns, lanes, accumulate = false } = shape;
  const { bytes } = vector(precision, m.relaxed);
  return m.once(`product ${precision} ${rows} ${columns} ${lanes} ${accumulate}`, () =>
    m.function("product", ["i32", "i32", "i32"], [], (f, packed, x, y) =>
      forBlocks(f, rows, panelRows(m.relaxed), (size, firstRow) =>
        f.call(
          emitPanel(m, precision, lanes, size, accumulate),
          i32.add(packed, i32.mul(firstRow, columns * bytes)),
          x,
          i32.add(y, i32.mul(firstRow, lanes * bytes)),
          columns,
        ),
      ),
    ),
  );
}

/** `(panel, x, y, columns)`: one panel of rows, all lanes. A function of its own, so that V8 soon optimises it. */
function emitPanel(
  m: ModuleBuilder,
  precision: Precision,
  lanes: number,
  rows: number,
  accumulate: boolean,
): FunctionRef {
  const v = vector(precision, m.relaxed);
  const rowBytes = lanes * v.bytes;
  return m.once(`panel ${precision} ${lanes} ${rows} ${accumulate}`, () =>
    m.function("panel", ["i32", "i32", "i32", "i32"], [], (f, panel, x, y, columns) => {
      const a = f.local("i32");
      const end = f.local("i32", i32.add(panel, i32.mul(columns, rows * v.bytes)));
      const xLane = f.local("i32");
      const yLane = f.local("i32");
      const xk = f.local("i32");
      const entry = f.local("v128");
      const xs = Array.from({ length: panelVectors(rows) }, () => f.local("v128"));
      const sums = Array.from({ length: rows }, () => xs.map(() => f.local("v128")));

      /** The lanes at `offset`: so many vectors, or (0) a single lane. */
      const block = (offset: Operand, vectors: number) => {
        const count = Math.max(vectors, 1);
        const get = vectors > 0 ? v.load : v.loadFirst;
        const put = vectors > 0 ? v.store : v.storeFirst;
        f.set(xLane, i32.add(x, offset));
        f.set(yLane, i32.add(y, offset));
        for (let r = 0; r < rows; r++)
          for (let j = 0; j < count; j++)
            f.set(sums[r]![j]!, accumulate ? get(yLane, r * rowBytes + 16 * j) : v.constant(0));
        f.set(a, panel);
        f.set(xk, xLane);
        f.loop((again) => {
          for (let j = 0; j < count; j++) f.set(xs[j]!, get(xk, 16 * j));
          for (let r = 0; r < rows; r++) {
            f.set(entry, v.loadSplat(a, r * v.bytes));
            for (let j = 0; j < count; j++) f.set(sums[r]![j]!, v.madd(entry, xs[j]!, sums[r]![j]!));
          }
          f.set(xk, i32.add(xk, rowBytes));
          f.set(a, i32.add(a, rows * v.bytes));
          f.br(again, op("i32.lt_u", a, end));
        });
        for (let r = 0; r < rows; r++)
          for (let j = 0; j < count; j++) f.push(put(yLane, sums[r]![j]!, r * rowBytes + 16 * j));
      };

      const lane = f.local("i32");
      let done = 0;
      for (const vectors of [panelVectors(rows), 2, 1, 0]) {
        const step = vectors > 0 ? 16 * vectors : v.bytes;
        const to = rowBytes - ((rowBytes - done) % step);
        if (to - done === step) block(done, vectors);
        else f.for(lane, done, to, step, () => block(lane, vectors));
        done = to;
      }
    }),
  );
}
