/** Where the compiled kernels find their arrays: WebAssembly memories, and which array lies in one. */
import { emitKernels, firstFree, type Kernels } from "./kernels.ts";

export interface KernelMemory {
  kernels: Kernels;
  buffer: ArrayBufferLike;
  /** What no array has been given of: scratch of `largeMemory`. */
  free: Float64Array;
}

/** Makes an array of zeros. */
export type MakeArray = (length: number) => Float64Array;
/** Orders of matrices from which on the row kernels pay. */
export const kernelsFrom = 32;
export const ordinaryArray: MakeArray = (length) => new Float64Array(length);

/** A memory of more numbers (64 MiB) is not kept for the next who asks. */
const mostKept = 2 ** 23;
const known = new WeakMap<ArrayBufferLike, KernelMemory>();
let compiled: WebAssembly.Module[] | null | undefined;

/** A memory with room for `count` numbers; undefined where the host compiles nothing now, or has no memory left. */
function newMemory(count: number): KernelMemory | undefined {
  try {
    compiled ??= emitKernels().map((bytes) => new WebAssembly.Module(bytes));
  } catch {
    compiled = null;
  }
  if (!compiled) return undefined;
  try {
    const pages = Math.ceil((firstFree + 8 * count) / 65536);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const instances = compiled.map((wasm) => new WebAssembly.Instance(wasm, { env: { memory } }));
    const kernels = Object.assign({}, ...instances.map(({ exports }) => exports)) as Kernels;
    const { buffer } = memory;
    const made = { kernels, buffer, free: new Float64Array(buffer, firstFree, count) };
    known.set(buffer, made);
    return made;
  } catch {
    return undefined;
  }
}

/** What `build` makes of arrays side by side in one new memory of the kernels, or of ordinary ones without it. */
export function inKernelMemory<Made>(build: (make: MakeArray) => Made): Made {
  let count = 0;
  build((length) => {
    count += length;
    return new Float64Array(0);
  });
  const memory = newMemory(count);
  if (!memory) return build(ordinaryArray);
  let used = 0;
  return build((length) => {
    used += length;
    return memory.free.subarray(used - length, used);
  });
}

let idle: KernelMemory | undefined;

/** Runs `use` with a maker of arrays of together at most `count` numbers, for as long as it runs, in a memory of the kernels. */
export function withKernelArrays<Result>(count: number, use: (make: MakeArray) => Result): Result {
  let memory = idle;
  idle = undefined; // whoever asks meanwhile gets another
  if (!memory || memory.free.length < count) memory = newMemory(2 ** Math.ceil(Math.log2(count)));
  if (!memory) return use(ordinaryArray);
  const { free } = memory;
  let used = 0;
  try {
    return use((length) => {
      used += length;
      if (used > count) throw new Error(`${used} numbers where ${count} were asked for`);
      return free.subarray(used - length, used).fill(0);
    });
  } finally {
    if (free.length <= mostKept) idle = memory;
  }
}

let last: KernelMemory | undefined;

/** The memory that an array lies in; undefined for ordinary arrays. */
export function kernelMemoryOf(array: Float64Array): KernelMemory | undefined {
  const { buffer } = array;
  if (last?.buffer === buffer) return last;
  const memory = known.get(buffer);
  if (memory) last = memory;
  return memory;
}

/** Where entry `at` of an array lies in its memory, in bytes. */
export function addressOf(array: Float64Array, at: number): number {
  return array.byteOffset + 8 * at;
}

/** Beyond these many numbers (512 MiB) products of ordinary arrays are not copied. */
const mostCopied = 2 ** 26;
let scratch: KernelMemory | undefined;

/** Scratch for `count` numbers, overwritten by whoever asks next. */
export function largeMemory(count: number): KernelMemory | undefined {
  if (count > mostCopied) return undefined;
  if (!scratch || scratch.free.length < count) scratch = newMemory(2 ** Math.ceil(Math.log2(Math.max(count, 2 ** 14))));
  return scratch;
}

/** A strided block of a matrix, as in `gemm.ts`. */
interface Strided {
  data: Float64Array;
  at: number;
  row: number;
  column: number;
}

/** Copies a block `[rows, columns]` to scratch, dense from `to` on, and says how it lies there. */
export function copyIn(memory: KernelMemory, from: Strided, rows: number, columns: number, to: number): Strided {
  const { free } = memory;
  const { data, at, row, column } = from;
  // Along whichever dimension lies side by side; numbers of both are taken one by one otherwise.
  const byColumn = column !== 1 && row === 1;
  const [outer, inner, step, stride] = byColumn ? [columns, rows, column, row] : [rows, columns, row, column];
  if (stride === 1 && step === inner) free.set(data.subarray(at, at + outer * inner), to);
  else
    for (let i = 0, p = at, q = to; i < outer; i++, p += step, q += inner)
      if (stride === 1) free.set(data.subarray(p, p + inner), q);
      else for (let j = 0; j < inner; j++) free[q + j] = data[p + j * stride];
  return byColumn ? { data: free, at: to, row: 1, column: rows } : { data: free, at: to, row: columns, column: 1 };
}

/** Copies a dense block `[rows, columns]` of scratch to rows that lie side by side. */
export function copyOut(memory: KernelMemory, to: Strided, rows: number, columns: number, from: number): void {
  const { free } = memory;
  if (to.row === columns) to.data.set(free.subarray(from, from + rows * columns), to.at);
  else
    for (let i = 0, p = to.at, q = from; i < rows; i++, p += to.row, q += columns)
      to.data.set(free.subarray(q, q + columns), p);
}
