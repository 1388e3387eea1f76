import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Block, block, gemm } from "../../../src/engine/linalg/gemm.ts";
import { reflectColumns, reflectRows } from "../../../src/engine/linalg/householder.ts";
import { inKernelMemory, kernelMemoryOf } from "../../../src/engine/linalg/kernelMemory.ts";
import { emitKernels } from "../../../src/engine/linalg/kernels.ts";
import { applyReflectorSequence } from "../../../src/engine/linalg/reflectorSequence.ts";
import { rotateRowsInSequence } from "../../../src/engine/linalg/rows.ts";
import { randomMatrix } from "./helpers.ts";

const size = fc.integer({ min: 0, max: 19 });

/** A block of a random matrix with more rows and columns than it needs, transposed or not, maybe backwards. */
function place(data: Float64Array, rows: number, columns: number, layout: number): Block {
  const width = (layout & 1 ? rows : columns) + 2;
  const plain = layout & 1 ? { row: 1, column: width } : { row: width, column: 1 };
  const block = { data, at: width + 1, ...plain };
  if (layout & 2) {
    block.at += (rows - 1) * block.row;
    block.row = -block.row;
  }
  return rows === 0 ? { data, at: 0, row: width, column: 1 } : block;
}

const copied = (...arrays: Float64Array[]) => {
  const copies = inKernelMemory((make) => arrays.map((array) => make(array.length)));
  copies.forEach((copy, k) => {
    copy.set(arrays[k]!);
  });
  return copies;
};

describe("compiled kernels", () => {
  it("are small enough to be compiled without waiting on a browser's main thread", () => {
    for (const bytes of emitKernels()) expect(bytes.length).toBeLessThan(4096);
  });

  it("products: the sums of the definition in the order of the inner index, bit for bit, for any strides", () => {
    fc.assert(
      fc.property(
        fc.tuple(size, fc.oneof(size, fc.constantFrom(255, 256, 257, 530)), size),
        fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.constantFrom(0, 2)),
        fc.constantFrom(0 as const, 1 as const, -1 as const),
        fc.integer({ min: 1, max: 10_000 }),
        ([m, k, n], layouts, mode, seed) => {
          const entries = (rows: number, columns: number, s: number) =>
            randomMatrix((rows + 4) * (columns + 4), 1, seed + s);
          const plain = [entries(m, k, 1), entries(k, n, 2), entries(m, n, 3)];
          const [A, B, C] = copied(...plain) as [Float64Array, Float64Array, Float64Array];
          const a = place(A, m, k, layouts[0]);
          const b = place(B, k, n, layouts[1]);
          const c = place(C, m, n, layouts[2]);
          const expected = C.slice();
          for (let i = 0; i < m; i++)
            for (let j = 0; j < n; j++) {
              const at = c.at + i * c.row + j * c.column;
              let total = mode === 0 ? 0 : C[at]!;
              for (let p = 0; p < k; p += 256) {
                let sum = 0;
                for (let q = p; q < Math.min(k, p + 256); q++) {
                  const x = A[a.at + i * a.row + q * a.column]!;
                  sum += x * ((mode || 1) * B[b.at + q * b.row + j * b.column]!);
                }
                total += sum;
              }
              expected[at] = total;
            }
          gemm(c, a, b, m, k, n, mode);
          expect(C).toEqual(expected);
          // Without the kernels, and for C transposed, the same bits.
          const flipped = plain.map((x) => x.slice()) as [Float64Array, Float64Array, Float64Array];
          gemm({ ...c, data: flipped[2] }, { ...a, data: flipped[0] }, { ...b, data: flipped[1] }, m, k, n, mode);
          expect(flipped[2]).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("large products of ordinary arrays, copied for the kernels, strided and transposed: the same bits", () => {
    const [m, k, n] = [70, 90, 50];
    for (const layouts of [
      [0, 0, 0],
      [1, 1, 1],
      [2, 3, 0],
      [3, 2, 1],
    ] as const)
      for (const mode of [0, 1, -1] as const) {
        const arrays = [randomMatrix(m + 4, k + 4, 1), randomMatrix(k + 4, n + 4, 2), randomMatrix(m + 4, n + 4, 3)];
        const blocks = (data: Float64Array[]) =>
          [
            place(data[2]!, m, n, layouts[2]),
            place(data[0]!, m, k, layouts[0]),
            place(data[1]!, k, n, layouts[1]),
          ] as const;
        const inside = copied(...arrays);
        gemm(...blocks(inside), m, k, n, mode);
        gemm(...blocks(arrays), m, k, n, mode);
        expect(arrays[2]).toEqual(inside[2]!.slice());
      }
  });

  it("chains of reflectors: as without the kernels, bit for bit, by rows and by columns", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 21 }),
        fc.integer({ min: 0, max: 12 }),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 10_000 }),
        (lanes, count, tail, byRows, seed) => {
          const width = 24;
          const M = randomMatrix(width, width, seed);
          const R = randomMatrix(3 * (count + 1), 1, seed + 1);
          const [N, S] = copied(M, R) as [Float64Array, Float64Array];
          const [step, lane] = byRows ? [width, 1] : [1, width];
          applyReflectorSequence(M, width + 1, step, lane, lanes, R, count, tail);
          applyReflectorSequence(N, width + 1, step, lane, lanes, S, count, tail);
          expect(kernelMemoryOf(N)).toBeDefined();
          expect(N.slice()).toEqual(M);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("single reflectors and rotations of rows: as without the kernels, bit for bit", () => {
    const width = 24;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 21 }),
        fc.integer({ min: 0, max: 21 }),
        fc.integer({ min: 1, max: 10_000 }),
        (rows, columns, seed) => {
          const plain = [1, 2, 3].map((k) => randomMatrix(width, width, seed + k));
          const inside = copied(...plain);
          const run = ([M, v, work]: Float64Array[]) => {
            reflectRows(block(M!, width, 1, 2), rows, columns, v!, 3, 1.25, work!);
            reflectColumns(block(M!, width, 2, 1), rows, columns, v!, 5, 0.75, work!);
            const [C, S] = [v!.subarray(0, width), v!.subarray(width, 2 * width)];
            rotateRowsInSequence(M!, width, 1, 1, C, S, rows);
            rotateRowsInSequence(M!, width, 23, -1, C, S, columns);
            rotateRowsInSequence(M!.subarray(0, 23 * columns), columns, 0, 1, C, S, rows);
          };
          run(plain);
          run(inside);
          expect(inside[0]!.slice()).toEqual(plain[0]);
        },
      ),
      { numRuns: 150 },
    );
  });
});
