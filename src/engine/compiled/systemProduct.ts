/** Large products of compiled code by a BLAS of the system, on the same memory. */
import { type Blas, leastSize, opened } from "../../host/blas.ts";
import type { FunctionRef, ModuleBuilder, ModuleOptions } from "../wasm/assembler.ts";
import { i32, type Operand, op } from "../wasm/fragments.ts";
import type { WeightGradientShape } from "../wasm/gradients.ts";
import { type Precision, vector } from "../wasm/vector.ts";

const NAME = "gemm";
/** `C[m, n] (+)= op(A) op(B)`, row-major: transposes of A and B, m, n, k, A, lda, B, ldb, whether to add, C, ldc. */
export const systemImports: NonNullable<ModuleOptions["imports"]> = {
  [NAME]: { params: Array<"i32">(12).fill("i32"), results: [] },
};

/** Whether a module calls the library. */
export const usesSystem = (m: ModuleBuilder): boolean => m.uses(NAME);

const gemmFor = (m: ModuleBuilder, rows: number, columns: number): FunctionRef | undefined =>
  Math.min(rows, columns) < leastSize ? undefined : m.imported(NAME);

export interface SystemProductShape {
  precision: Precision;
  rows: number;
  columns: number;
  lanes: number;
  /** Whether the matrix in memory is the transpose, `[columns, rows]`. */
  transposed: boolean;
}

/**
 * `(matrix, x, y)`: `Y[rows][lanes] = A X[columns][lanes]` of a row-major matrix; `undefined` where there is no library
 * or the matrix is small.
 */
export function emitSystemProduct(m: ModuleBuilder, shape: SystemProductShape): FunctionRef | undefined {
  const { rows, columns, lanes, transposed } = shape;
  const gemm = gemmFor(m, rows, columns);
  if (!gemm) return undefined;
  return m.once(`system product ${JSON.stringify(shape)}`, () =>
    m.function("systemProduct", ["i32", "i32", "i32"], [], (f, matrix, x, y) => {
      const a: Operand[] = [matrix, transposed ? rows : columns];
      f.call(gemm, transposed ? 1 : 0, 0, rows, lanes, columns, ...a, x, lanes, 0, y, lanes);
    }),
  );
}

/** As `emitWeightGradient`; `undefined` where there is no library or the gradient is small. */
export function emitSystemGradient(m: ModuleBuilder, shape: WeightGradientShape): FunctionRef | undefined {
  const { rows, columns, lanes } = shape;
  const gemm = gemmFor(m, rows, columns);
  if (!gemm) return undefined;
  const params = ["i32", "i32", "i32", "i32", "i32", "i32"] as const;
  return m.once(`system gradient ${JSON.stringify(shape)}`, () =>
    m.function("systemGradient", params, [], (f, g, c, cStride, x, xStride, steps) => {
      const step = f.local("i32");
      f.if(op("i32.le_s", steps, 0), () => f.return());
      f.for(step, 0, steps, 1, () => {
        f.call(gemm, 0, 1, rows, columns, lanes, c, lanes, x, lanes, 1, g, columns);
        f.set(c, i32.add(c, cStride));
        f.set(x, i32.add(x, xStride));
      });
    }),
  );
}

/** The imported function over an instance's memory, which never grows. `from` as `opened` takes it. */
export function systemGemm(from: string, memory: WebAssembly.Memory, precision: Precision) {
  const blas: Blas = opened(from);
  const gemm = blas.gemm[precision];
  const base = blas.address(memory.buffer);
  const { bytes } = vector(precision, false);
  if (base % bytes !== 0) throw new Error("memory that is not aligned");
  const [rowMajor, no, yes] = [101, 111, 112];
  return (...given: number[]): void => {
    const [transA, transB, m, n, k, a, lda, b, ldb, add, c, ldc] = given as [
      ...[number, number, number, number, number, number],
      ...[number, number, number, number, number, number],
    ];
    const at = (address: number) => base + (address >>> 0);
    gemm(rowMajor, transA ? yes : no, transB ? yes : no, m, n, k, 1, at(a), lda, at(b), ldb, add, at(c), ldc);
  };
}
