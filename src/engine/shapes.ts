/** Shapes with numbers in place of the names of sizes. */
import { NullclineError } from "../base/errors.ts";
import type { Shape } from "../equations/graph.ts";

export type Sizes = Readonly<Record<string, number>>;

/** The shape in numbers. @throws NullclineError where a size has no number. */
export function resolveShape(shape: Shape, sizes: Sizes): number[] {
  return shape.map((dim) => (typeof dim === "number" ? dim : sizeNamed(dim, sizes)));
}

/** The number of a size. @throws NullclineError where it has none, or none above 0. */
export function sizeNamed(name: string, sizes: Sizes): number {
  const n = Object.hasOwn(sizes, name) ? sizes[name] : undefined;
  if (n === undefined)
    throw new NullclineError({
      code: "size",
      given: `the size ${name} has no number`,
      remedy: `give sizes: { ${name}: … }`,
    });
  if (!Number.isInteger(n) || n < 1)
    throw new NullclineError({ code: "size", given: `the size ${name} is ${n}`, expected: "a whole number above 0" });
  return n;
}

/** Entries of a quantity of this shape. */
export const entriesOf = (shape: Shape, sizes: Sizes): number => resolveShape(shape, sizes).reduce((n, d) => n * d, 1);

/** Rows and columns; a column `[a]` is `a` by 1, a scalar 1 by 1. */
export function rowsAndColumns(shape: Shape, sizes: Sizes): [rows: number, columns: number] {
  const [rows = 1, columns = 1] = resolveShape(shape, sizes);
  return [rows, columns];
}
