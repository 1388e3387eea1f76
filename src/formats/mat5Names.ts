/** Names for the arrays inside nested MATLAB values, as one would write them in MATLAB: `a.b`, `c{3}`, `s(2).x`. */
import type { MatValue } from "./mat5Values.ts";
import { damaged, type Source } from "./source.ts";

type Numbers = Extract<MatValue, { kind: "numbers" }>;

export function matArrays(
  variables: Record<string, MatValue>,
  source: Source,
): { arrays: Map<string, Numbers>; others: Map<string, string> } {
  const arrays = new Map<string, Numbers>();
  const others = new Map<string, string>();
  let letters = 0;
  const visit = (name: string, value: MatValue): void => {
    letters += name.length;
    if (letters > 1e8) throw damaged(source, "the names of its values take more than 100 MB");
    switch (value.kind) {
      case "numbers":
        arrays.set(name, value);
        return;
      case "text":
        others.set(name, "text");
        return;
      case "other":
        others.set(name, value.what);
        return;
      case "cell":
        for (const [k, cell] of value.cells.entries()) visit(`${name}{${subscript(k, value.shape)}}`, cell);
        return;
      case "struct":
        for (const [k, element] of value.elements.entries()) {
          const at = value.elements.length === 1 ? "" : `(${subscript(k, value.shape)})`;
          for (const field of value.fields) visit(`${name}${at}.${field}`, element[field]!);
        }
    }
  };
  for (const [name, value] of Object.entries(variables)) visit(name, value);
  return { arrays, others };
}

/** One-based subscripts of entry `k` in row-major order; one alone where only one dimension is longer than 1. */
function subscript(k: number, shape: readonly number[]): string {
  if (shape.filter((n) => n > 1).length <= 1) return String(k + 1);
  const subscripts: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    subscripts.unshift((k % shape[axis]!) + 1);
    k = Math.floor(k / shape[axis]!);
  }
  return subscripts.join(",");
}
