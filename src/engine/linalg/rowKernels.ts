/** The compiled loops over whole rows: products with a vector, updates by an outer product, rotations of rows. */
import { type FunctionBuilder, i32, type Local, type ModuleBuilder, op, shuffle64 } from "../wasm/assembler.ts";
import { vector } from "../wasm/vector.ts";

/** Addresses and strides are in bytes; entries of a row lie side by side. */
export interface RowKernels {
  /** `out[r] = scale Σ_c a[r, c] v[c]`. */
  dots(
    a: number,
    row: number,
    rows: number,
    count: number,
    v: number,
    out: number,
    outStep: number,
    scale: number,
  ): void;
  /** `out[c] = Σ_r v[r] a[r, c]`. */
  weigh(a: number, row: number, rows: number, count: number, v: number, out: number): void;
  /** `a[r, c] -= (scale x[r]) y[c]`. */
  subtractOuter(a: number, row: number, rows: number, count: number, x: number, scale: number, y: number): void;
  /** `rotateRowsInSequence`: rotation k turns rows `first + k step` and `first + (k + 1) step` of `lanes` numbers. */
  rotateRows(first: number, step: number, lanes: number, c: number, s: number, count: number): void;
}

const v = vector("f64", false);

/** Runs `vectors` for all of 0 … 8 count - 1 in steps of 16, `single` for the number that may be left. */
function overRow(
  f: FunctionBuilder,
  at: Local,
  count: Local,
  body: (get: typeof v.load, put: typeof v.store) => void,
): void {
  const bytes = f.local("i32", i32.mul(count, 8));
  const whole = f.local("i32", op("i32.and", bytes, -16));
  f.for(at, 0, whole, 16, () => body(v.load, v.store));
  f.for(at, whole, bytes, 8, () => body(v.loadFirst, v.storeFirst));
}

export function emitDots(m: ModuleBuilder): void {
  m.function(
    "dots",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "f64"],
    [],
    (f, a, row, rows, count, x, out, outStep, scale) => {
      const scales = f.local("v128", v.splat(scale));
      const p = f.local("i32");
      const done = f.local("i32");
      const vectors = Array.from({ length: 6 }, () => f.local("v128"));
      const [y0, y1, first, second, sum0, sum1] = vectors as [Local, Local, Local, Local, Local, Local];
      const sums = [sum0, sum1];
      const at = sums.map(() => [f.local("i32"), f.local("i32")] as const);
      const bytes = f.local("i32", i32.mul(count, 8));
      const whole = f.local("i32", op("i32.and", bytes, -16));
      /** Rows by twos, each in a lane, so that each sum runs in the order of its entries; one row in both lanes. */
      const block = (pairs: number, single: boolean) => {
        const used = at.slice(0, pairs);
        used.flat().forEach((local, r) => {
          f.set(local, r === 0 || single ? a : i32.add(a, i32.mul(row, r)));
        });
        for (let k = 0; k < pairs; k++) f.set(sums[k]!, v.constant(0));
        const advance = (step: number) => {
          for (const local of used.flat()) f.set(local, i32.add(local, step));
        };
        f.for(p, 0, whole, 16, () => {
          f.set(y0, v.loadSplat(i32.add(x, p)));
          f.set(y1, v.loadSplat(i32.add(x, p), 8));
          used.forEach(([top, bottom], k) => {
            f.set(first, v.load(top));
            f.set(second, v.load(bottom));
            f.set(sums[k]!, v.add(sums[k]!, v.mul(shuffle64(first, second, [0, 2]), y0)));
            f.set(sums[k]!, v.add(sums[k]!, v.mul(shuffle64(first, second, [1, 3]), y1)));
          });
          advance(16);
        });
        f.for(p, whole, bytes, 8, () => {
          f.set(y0, v.loadSplat(i32.add(x, p)));
          used.forEach(([top, bottom], k) => {
            f.set(first, v.loadFirst(top));
            f.set(second, v.loadFirst(bottom));
            f.set(sums[k]!, v.add(sums[k]!, v.mul(shuffle64(first, second, [0, 2]), y0)));
          });
        });
        for (let k = 0; k < pairs; k++) {
          f.set(sums[k]!, v.mul(sums[k]!, scales));
          for (const lane of single ? [0] : [0, 1]) {
            f.push(out).push(sums[k]!).memory("v128.store64_lane", 0, lane);
            f.set(out, i32.add(out, outStep));
          }
        }
        f.set(a, i32.add(a, i32.mul(row, single ? 1 : 2 * pairs)));
      };
      const full = f.local("i32", op("i32.and", rows, -4));
      f.for(done, 0, full, 4, () => block(2, false));
      f.for(done, full, rows, 1, () => block(1, true));
    },
    { export: true },
  );
}

export function emitWeigh(m: ModuleBuilder): void {
  m.function(
    "weigh",
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    [],
    (f, a, row, rows, count, x, out) => {
      const p = f.local("i32");
      const done = f.local("i32");
      const weights = Array.from({ length: 4 }, () => f.local("v128"));
      const at = weights.map(() => f.local("i32"));
      const to = f.local("i32");
      const sum = f.local("v128");
      overRow(f, p, count, (_, put) => f.push(put(i32.add(out, p), v.constant(0))));
      const block = (height: number) => {
        for (let r = 0; r < height; r++) {
          f.set(weights[r]!, v.loadSplat(x, 8 * r));
          f.set(at[r]!, i32.add(a, i32.mul(row, r)));
        }
        overRow(f, p, count, (get, put) => {
          f.set(to, i32.add(out, p));
          f.set(sum, v.mul(weights[0]!, get(i32.add(at[0]!, p))));
          for (let r = 1; r < height; r++) f.set(sum, v.add(sum, v.mul(weights[r]!, get(i32.add(at[r]!, p)))));
          f.push(put(to, v.add(get(to), sum)));
        });
        f.set(a, i32.add(a, i32.mul(row, height)));
        f.set(x, i32.add(x, 8 * height));
      };
      const full = f.local("i32", op("i32.and", rows, -4));
      f.for(done, 0, full, 4, () => block(4));
      f.for(done, full, rows, 1, () => block(1));
    },
    { export: true },
  );
}

export function emitSubtractOuter(m: ModuleBuilder): void {
  m.function(
    "subtractOuter",
    ["i32", "i32", "i32", "i32", "i32", "f64", "i32"],
    [],
    (f, a, row, rows, count, x, scale, y) => {
      const p = f.local("i32");
      const to = f.local("i32");
      const done = f.local("i32");
      const factor = f.local("v128");
      f.for(done, 0, rows, 1, () => {
        f.set(factor, v.splat(op("f64.mul", scale, v.loadScalar(x))));
        overRow(f, p, count, (get, put) => {
          f.set(to, i32.add(a, p));
          f.push(put(to, v.sub(get(to), v.mul(factor, get(i32.add(y, p))))));
        });
        f.set(a, i32.add(a, row));
        f.set(x, i32.add(x, 8));
      });
    },
    { export: true },
  );
}

export function emitRotateRows(m: ModuleBuilder): void {
  m.function(
    "rotateRows",
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    [],
    (f, first, step, lanes, c, s, count) => {
      const [p, next, k, lane] = Array.from({ length: 4 }, () => f.local("i32")) as [Local, Local, Local, Local];
      const length = f.local("i32", i32.mul(count, 8));
      const cos = f.local("v128");
      const sin = f.local("v128");
      const y = f.local("v128");
      const xs = Array.from({ length: 4 }, () => f.local("v128"));
      const chain = (vectors: number, get: typeof v.load, put: typeof v.store) => {
        const used = xs.slice(0, vectors);
        f.set(p, i32.add(first, lane));
        used.forEach((x, j) => {
          f.set(x, get(p, 16 * j));
        });
        f.for(k, 0, length, 8, () => {
          f.set(cos, v.loadSplat(i32.add(c, k)));
          f.set(sin, v.loadSplat(i32.add(s, k)));
          f.set(next, i32.add(p, step));
          used.forEach((x, j) => {
            f.set(y, get(next, 16 * j));
            f.push(put(p, v.add(v.mul(cos, x), v.mul(sin, y)), 16 * j));
            f.set(x, v.sub(v.mul(cos, y), v.mul(sin, x)));
          });
          f.set(p, next);
        });
        used.forEach((x, j) => {
          f.push(put(p, x, 16 * j));
        });
      };
      const bytes = f.local("i32", i32.mul(lanes, 8));
      const wide = f.local("i32", op("i32.and", bytes, -64));
      const whole = f.local("i32", op("i32.and", bytes, -16));
      f.for(lane, 0, wide, 64, () => chain(4, v.load, v.store));
      f.for(lane, wide, whole, 16, () => chain(1, v.load, v.store));
      f.for(lane, whole, bytes, 8, () => chain(1, v.loadFirst, v.storeFirst));
    },
    { export: true },
  );
}
