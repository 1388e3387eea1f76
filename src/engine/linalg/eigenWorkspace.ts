/** The arrays that eigenvalue computations work in. */
import { type Balance, balanceRecord } from "./balance.ts";
import { type FrancisWorkspace, francisWorkspace } from "./francis.ts";
import { type HessenbergWorkspace, hessenbergWorkspace } from "./hessenberg.ts";
import { inKernelMemory, type MakeArray, ordinaryArray } from "./kernelMemory.ts";

/** Scratch arrays for matrices of order n. */
export interface EigenWorkspace {
  n: number;
  /** Schur form, Schur vectors, and two more of the same size. */
  T: Float64Array;
  Z: Float64Array;
  X: Float64Array;
  Y: Float64Array;
  re: Float64Array;
  im: Float64Array;
  record: Balance;
  hessenberg: HessenbergWorkspace;
  francis: FrancisWorkspace;
}

/** From this order on kernels are worth a memory of their own. */
const kernelsFrom = 48;

export function eigenWorkspace(n: number): EigenWorkspace {
  const build = (make: MakeArray): EigenWorkspace => ({
    n,
    T: make(n * n),
    Z: make(n * n),
    X: make(n * n),
    Y: make(n * n),
    re: make(n),
    im: make(n),
    record: balanceRecord(n),
    hessenberg: hessenbergWorkspace(n, make),
    francis: francisWorkspace(n, make),
  });
  return n < kernelsFrom ? build(ordinaryArray) : inKernelMemory(build);
}

let spare: WeakRef<EigenWorkspace> | undefined;

/** The workspace of the last call where it has the same order and is still there: memories of kernels are costly to make. */
export function spareWorkspace(n: number): EigenWorkspace {
  const held = spare?.deref();
  if (held?.n === n) return held;
  const made = eigenWorkspace(n);
  if (n >= kernelsFrom) spare = new WeakRef(made);
  return made;
}
