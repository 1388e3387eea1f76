/**
 * A BLAS and LAPACK of the system, where one is installed: loaded in Node through `koffi`, an optional dependency.
 * Nothing is loaded before `useBlas` is called, and nothing needs it. The library is told to work in one thread, so that
 * each call gives the same bits whoever makes it: workers of ours are the threads.
 */
import { NullclineError } from "../base/errors.ts";

/** An address in this process, or an array. */
type Pointer = number | Float64Array | Float32Array | Int32Array | Uint8Array;
type Foreign = (...args: Pointer[]) => void;

export interface Blas {
  /** What it was loaded from: a path, or a name that the system's loader resolves. */
  readonly from: string;
  /** E.g. `OpenBLAS 0.3.21 SkylakeX, one thread`, for the record of a run. */
  readonly description: string;
  /** `cblas_sgemm`, `cblas_dgemm`: order (101), transA, transB (111 no, 112 yes), m, n, k, α, A, lda, B, ldb, β, C, ldc. */
  readonly gemm: { f32: Foreign; f64: Foreign };
  /** A routine of LAPACK by its Fortran name without the underscore; `parameters` pointers, then string lengths. */
  lapack(name: string, parameters: number, strings: number): Foreign | undefined;
  /** Where a buffer lies, as long as it is not detached. */
  address(buffer: ArrayBufferLike): number;
}

/**
 * Least size of a matrix, both ways, that goes to the library. It would pay from 64 on (a call costs less than 1 µs, and
 * OpenBLAS multiplies several times as fast as WebAssembly on a processor with AVX); below 256, numbers do not depend on
 * what a machine has installed.
 */
export const leastSize = 256;

/** Names under which systems have OpenBLAS. */
const names = ["libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libopenblas.dll"].concat(
  "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
  "/usr/local/opt/openblas/lib/libopenblas.dylib",
);

interface Library {
  func(name: string, result: string, parameters: string[]): Foreign;
}
interface Koffi {
  load(path: string): Library;
  address(value: unknown): bigint;
}

let inUse: Blas | undefined;
const loaded = new Map<string, Blas>();

/**
 * Sets what this process uses from now on: `off` (as at first), `auto` (OpenBLAS where it is found) or a library's path.
 * @returns the library in use; `undefined` with `off`, in browsers, and with `auto` where there is none
 * @throws NullclineError (code `blas`) where the library that was named cannot be used
 */
export function useBlas(choice: string): Blas | undefined {
  inUse = choice === "off" ? undefined : choice === "auto" ? found() : opened(choice);
  return inUse;
}

/** The library in use. */
export const blasInUse = (): Blas | undefined => inUse;

/** A library by what it was loaded from, for worker threads, which are told. @throws as `useBlas`. */
export function opened(from: string): Blas {
  const known = loaded.get(from);
  if (known) return known;
  try {
    const blas = open(from);
    loaded.set(from, blas);
    return blas;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new NullclineError({
      code: "blas",
      where: from,
      given: `no library of linear algebra that can be used (${said.replace(/[\n\r]+/g, " ")})`,
      expected: "a shared library with the functions of CBLAS, e.g. libopenblas.so.0; and the package koffi installed",
      remedy: "--blas auto takes an installed OpenBLAS, --blas off uses none",
    });
  }
}

function found(): Blas | undefined {
  for (const name of names)
    try {
      return opened(name);
    } catch {
      // the next one
    }
  return undefined;
}

function open(from: string): Blas {
  const koffi = koffiModule();
  const library = koffi.load(from);
  const optional = (name: string, result: string, parameters: string[]): Foreign | undefined => {
    try {
      return library.func(name, result, parameters);
    } catch {
      return undefined;
    }
  };
  const sizes = ["int", "int", "int", "int", "int", "int"];
  const gemm = (name: string, real: string) =>
    library.func(name, "void", [...sizes, real, "void *", "int", "void *", "int", real, "void *", "int"]);
  const setThreads =
    optional("openblas_set_num_threads", "void", ["int"]) ?? optional("MKL_Set_Num_Threads", "void", ["int"]);
  setThreads?.(1);
  const text = (name: string): string => String(optional(name, "str", [])?.() ?? "");
  const version = /OpenBLAS [\d.]+/.exec(text("openblas_get_config"))?.[0];
  const what = version ? `${version} ${text("openblas_get_corename")}` : from;
  const routines = new Map<string, Foreign | undefined>();
  return {
    from,
    description: `${what}, ${setThreads ? "one thread" : "threads as it is set up"}`,
    gemm: { f32: gemm("cblas_sgemm", "float"), f64: gemm("cblas_dgemm", "double") },
    lapack(name, parameters, strings) {
      if (!routines.has(name)) {
        const types = [...Array<string>(parameters).fill("void *"), ...Array<string>(strings).fill("size_t")];
        routines.set(name, optional(`${name}_`, "void", types));
      }
      return routines.get(name);
    },
    address(buffer) {
      const address = Number(koffi.address(new Uint8Array(buffer)));
      if (!Number.isSafeInteger(address)) throw new Error("an address beyond 2^53");
      return address;
    },
  };
}

/** Loaded by Node's own `require`, so that bundles for browsers, where there is none, do not look for it. */
function koffiModule(): Koffi {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const node = process?.getBuiltinModule?.("module") as { createRequire(from: string): NodeJS.Require } | undefined;
  if (!node) throw new Error("only Node loads libraries of the system");
  return node.createRequire(import.meta.url)("koffi") as Koffi;
}
