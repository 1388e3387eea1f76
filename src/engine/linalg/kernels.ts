/**
 * The hot loops of the decompositions, compiled: matrix products and chains of reflectors here, loops over
 * whole rows in `rowKernels.ts`, on vectors of two float64.
 * Each does the same operations in the same order as its counterpart without kernels, and no
 * fused multiply-add: the same bits on every machine.
 */
import {
  type FunctionBuilder,
  i32,
  type Local,
  ModuleBuilder,
  type Operand,
  op,
  shuffle64,
} from "../wasm/assembler.ts";
import { vector } from "../wasm/vector.ts";
import { emitDots, emitRotateRows, emitSubtractOuter, emitWeigh, type RowKernels } from "./rowKernels.ts";

/** Rows of B in the packed panel, which lies at address 0: four columns of them. */
export const panelDepth = 256;
/** First byte that is free for arrays. */
export const firstFree = 4 * panelDepth * 8;

/** Addresses and strides are in bytes. */
export interface Kernels extends RowKernels {
  /** Four columns of B times `sign`, `count` rows, to the panel. */
  pack(b: number, row: number, column: number, count: number, sign: number): void;
  /** `C (+)= A panel` for C `[m, 4]`, A `[m, count]`; adds where `add` is not 0. */
  multiply(
    c: number,
    cRow: number,
    a: number,
    aRow: number,
    aStep: number,
    m: number,
    count: number,
    add: number,
  ): void;
  /** `applyReflectorSequence` for lanes side by side in memory (`lane` 1). */
  reflectRows(at: number, step: number, lanes: number, reflectors: number, count: number, tail: number): void;
  /** The same for entries side by side (`step` 1). */
  reflectColumns(at: number, lane: number, lanes: number, reflectors: number, count: number, tail: number): void;
}

const v = vector("f64", false);

/** Modules, each small enough for a browser's main thread, which compiles up to 4 KB without waiting. */
export function emitKernels(): Uint8Array<ArrayBuffer>[] {
  return [
    [emitPack, emitMultiply],
    [emitReflectRows],
    [emitReflectColumns],
    [emitDots, emitWeigh, emitSubtractOuter, emitRotateRows],
  ].map((emitters) => {
    const m = new ModuleBuilder();
    for (const emit of emitters) emit(m);
    return m.finish();
  });
}

function emitPack(m: ModuleBuilder): void {
  m.function(
    "pack",
    ["i32", "i32", "i32", "i32", "f64"],
    [],
    (f, b, row, column, count, sign) => {
      const to = f.local("i32");
      const end = f.local("i32", i32.mul(count, 32));
      const signs = f.local("v128", v.splat(sign));
      const copy = (pair: (j: number) => void) =>
        f.for(to, 0, end, 32, () => {
          for (const j of [0, 2]) pair(j);
          f.set(b, i32.add(b, row));
        });
      f.if(
        op("i32.eq", column, 8),
        () => copy((j) => f.push(v.store(to, v.mul(v.load(b, 8 * j), signs), 8 * j))),
        () => {
          const second = f.local("i32");
          copy((j) => {
            const first = j === 0 ? b : i32.add(b, i32.mul(column, 2));
            f.set(second, i32.add(first, column));
            f.push(v.store(to, v.mul(gather(first, second), signs), 8 * j));
          });
        },
      );
    },
    { export: true },
  );
}

/** Two numbers from two addresses. */
const gather =
  (first: Operand, second: Operand, offset = 0) =>
  (f: FunctionBuilder): void => {
    f.push(second).push(v.loadFirst(first, offset)).memory("v128.load64_lane", offset, 1);
  };

function emitMultiply(m: ModuleBuilder): void {
  m.function(
    "multiply",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    [],
    (f, c, cRow, a, aRow, aStep, rows, count, add) => {
      const p = f.local("i32");
      const end = f.local("i32", i32.mul(count, 32));
      const entry = f.local("v128");
      const b = [f.local("v128"), f.local("v128")];
      const at = Array.from({ length: 4 }, () => f.local("i32"));
      const sums = at.map(() => b.map(() => f.local("v128")));
      const tile = (height: number) => {
        const tileSums = sums.slice(0, height);
        for (const row of tileSums) for (const sum of row) f.set(sum, v.constant(0));
        for (let r = 0; r < height; r++) f.set(at[r]!, r === 0 ? a : i32.add(at[r - 1]!, aRow));
        f.for(p, 0, end, 32, () => {
          b.forEach((half, j) => {
            f.set(half, v.load(p, 16 * j));
          });
          tileSums.forEach((row, r) => {
            f.set(entry, v.loadSplat(at[r]!));
            row.forEach((sum, j) => {
              f.set(sum, v.madd(entry, b[j]!, sum));
            });
            f.set(at[r]!, i32.add(at[r]!, aStep));
          });
        });
        for (const row of tileSums) {
          f.if(add, () => {
            row.forEach((sum, j) => {
              f.set(sum, v.add(v.load(c, 16 * j), sum));
            });
          });
          row.forEach((sum, j) => {
            f.push(v.store(c, sum, 16 * j));
          });
          f.set(c, i32.add(c, cRow));
        }
        f.set(a, i32.add(a, i32.mul(aRow, height)));
      };
      const done = f.local("i32");
      const full = f.local("i32", op("i32.and", rows, -4));
      f.for(done, 0, full, 4, () => tile(4));
      f.for(done, full, rows, 1, () => tile(1));
    },
    { export: true },
  );
}

/** v1, v2 and τ of a reflector, in both lanes. */
function loadReflector(f: FunctionBuilder, reflector: Local[], from: Local, offset: number): void {
  reflector.forEach((local, j) => {
    f.set(local, v.loadSplat(from, offset + 8 * j));
  });
}

/** Entries x, y and z of a vector under reflector (v1, v2, τ): the first is left on the stack, x and y move on by one. */
function reflect([v1, v2, tau]: Local[], x: Local, y: Local, z: Local, s: Local, out: (first: Local) => void) {
  return (f: FunctionBuilder): void => {
    f.set(s, v.mul(v.add(v.add(x, v.mul(v1!, y)), v.mul(v2!, z)), tau!));
    f.set(x, v.sub(x, s));
    out(x);
    f.set(x, v.sub(y, v.mul(s, v1!)));
    f.set(y, v.sub(z, v.mul(s, v2!)));
  };
}

/** The last reflector, of two entries only. */
function reflectPair(f: FunctionBuilder, [v1, , tau]: Local[], x: Local, y: Local, s: Local): void {
  f.set(s, v.mul(v.add(x, v.mul(v1!, y)), tau!));
  f.set(x, v.sub(x, s));
  f.set(y, v.sub(y, v.mul(s, v1!)));
}

function emitReflectRows(m: ModuleBuilder): void {
  m.function(
    "reflectRows",
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    [],
    (f, at, step, lanes, reflectors, count, tail) => {
      const [p, next, ahead, r, lane] = Array.from({ length: 5 }, () => f.local("i32")) as [
        Local,
        Local,
        Local,
        Local,
        Local,
      ];
      const end = f.local("i32", i32.add(reflectors, i32.mul(count, 24)));
      const reflector = Array.from({ length: 3 }, () => f.local("v128"));
      const z = f.local("v128");
      const s = f.local("v128");
      const xs = Array.from({ length: 4 }, () => f.local("v128"));
      const ys = xs.map(() => f.local("v128"));
      const chain = (vectors: number, get: typeof v.load, put: typeof v.store) => {
        const each = (run: (x: Local, y: Local, offset: number) => void) => {
          for (let j = 0; j < vectors; j++) run(xs[j]!, ys[j]!, 16 * j);
        };
        f.set(p, i32.add(at, lane));
        f.set(next, i32.add(p, step));
        each((x, y, offset) => {
          f.set(x, get(p, offset));
          f.set(y, get(next, offset));
        });
        f.for(r, reflectors, end, 24, () => {
          loadReflector(f, reflector, r, 0);
          f.set(ahead, i32.add(next, step));
          each((x, y, offset) => {
            f.set(z, get(ahead, offset));
            f.push(reflect(reflector, x, y, z, s, (first) => f.push(put(p, first, offset))));
          });
          f.set(p, next);
          f.set(next, ahead);
        });
        f.if(tail, () => {
          loadReflector(f, reflector, r, 0);
          each((x, y) => reflectPair(f, reflector, x, y, s));
        });
        each((x, y, offset) => f.push(put(p, x, offset)).push(put(next, y, offset)));
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

function emitReflectColumns(m: ModuleBuilder): void {
  m.function(
    "reflectColumns",
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    [],
    (f, at, lane, lanes, reflectors, count, tail) => {
      const r = f.local("i32");
      const done = f.local("i32");
      const end = f.local("i32", i32.add(reflectors, i32.mul(count, 24)));
      const even = f.local("i32", i32.add(reflectors, i32.mul(op("i32.and", count, -2), 24)));
      const reflector = Array.from({ length: 6 }, () => f.local("v128"));
      const [u, w, z, s] = Array.from({ length: 4 }, () => f.local("v128")) as [Local, Local, Local, Local];
      /** Two rows whose entries pass through the lanes of x and y; the same row twice where only one is left. */
      const pairs = [0, 1].map(() => ({
        rows: [f.local("i32"), f.local("i32")] as const,
        x: f.local("v128"),
        y: f.local("v128"),
      }));
      const chain = (used: typeof pairs) => {
        for (const { rows, x, y } of used) {
          f.set(x, gather(rows[0], rows[1]));
          f.set(y, gather(rows[0], rows[1], 8));
        }
        const advance = (bytes: number) => {
          for (const { rows } of used) for (const row of rows) f.set(row, i32.add(row, bytes));
        };
        const scatter = (rows: readonly [Local, Local], value: Local, offset: number) => {
          f.push(rows[0]).push(value).memory("v128.store64_lane", offset, 0);
          f.push(rows[1]).push(value).memory("v128.store64_lane", offset, 1);
        };
        f.for(r, reflectors, even, 48, () => {
          loadReflector(f, reflector.slice(0, 3), r, 0);
          loadReflector(f, reflector.slice(3), r, 24);
          for (const { rows, x, y } of used) {
            f.set(u, v.load(rows[0], 16));
            f.set(w, v.load(rows[1], 16));
            f.set(z, shuffle64(u, w, [0, 2]));
            f.set(w, shuffle64(u, w, [1, 3]));
            f.push(reflect(reflector.slice(0, 3), x, y, z, s, (first) => f.set(u, first)));
            f.push(reflect(reflector.slice(3), x, y, w, s, (first) => f.set(z, first)));
            f.push(v.store(rows[0], shuffle64(u, z, [0, 2])));
            f.push(v.store(rows[1], shuffle64(u, z, [1, 3])));
          }
          advance(16);
        });
        f.for(r, even, end, 24, () => {
          loadReflector(f, reflector.slice(0, 3), r, 0);
          for (const { rows, x, y } of used) {
            f.set(z, gather(rows[0], rows[1], 16));
            f.push(reflect(reflector.slice(0, 3), x, y, z, s, (first) => scatter(rows, first, 0)));
          }
          advance(8);
        });
        f.if(tail, () => {
          loadReflector(f, reflector.slice(0, 3), end, 0);
          for (const { x, y } of used) reflectPair(f, reflector.slice(0, 3), x, y, s);
        });
        for (const { rows, x, y } of used) {
          scatter(rows, x, 0);
          scatter(rows, y, 8);
        }
      };
      const [a, b] = pairs as [(typeof pairs)[0], (typeof pairs)[0]];
      const place = (row: Local, offset: number) =>
        f.set(row, i32.add(at, i32.mul(offset === 0 ? done : i32.add(done, offset), lane)));
      const full = f.local("i32", op("i32.and", lanes, -4));
      const inPairs = f.local("i32", op("i32.and", lanes, -2));
      f.for(done, 0, full, 4, () => {
        [...a.rows, ...b.rows].forEach(place);
        chain([a, b]);
      });
      f.for(done, full, inPairs, 2, () => {
        a.rows.forEach(place);
        chain([a]);
      });
      f.for(done, inPairs, lanes, 1, () => {
        for (const row of a.rows) place(row, 0);
        chain([a]);
      });
    },
    { export: true },
  );
}
