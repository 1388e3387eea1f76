import type { FunctionBuilder } from "./assembler.ts";
import type { Operand } from "./fragments.ts";

/**
 * Covers 0 … total - 1 with blocks of `size`: a loop over the full ones, then one or two with what remains, none thinner
 * than half a block if that can be avoided. `each` writes the code of a block; its size is a constant.
 */
export function forBlocks(
  f: FunctionBuilder,
  total: number,
  size: number,
  each: (size: number, first: Operand) => void,
): void {
  const remain = total % size;
  const split = remain > 0 && remain < size / 2 && total > size;
  const full = Math.floor(total / size) - (split ? 1 : 0);
  const first = f.local("i32");
  f.for(first, 0, full * size, size, () => each(size, first));
  const rest = total - full * size;
  const half = split ? Math.ceil(rest / 2) : rest;
  if (half > 0) each(half, full * size);
  if (split) each(rest - half, full * size + half);
}
