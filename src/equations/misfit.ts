/** Errors of shapes: both sides with their shapes, and what would fit. */
import { productShape, transposeShape } from "./build.ts";
import { type Place, rowsOf } from "./errors.ts";
import { type Dim, isScalar, type Node, type Shape, sameShape } from "./graph.ts";
import type { Ast } from "./syntax.ts";
import type { Text } from "./text.ts";

export const showShape = (shape: Shape): string => (isScalar(shape) ? "scalar" : `[${shape.join(" × ")}]`);

/** A part of the text as it is written. */
const shown = (text: Text, { line, column, length }: Place): string =>
  rowsOf(text.source.text)[line - 1]!.slice(column - 1, column - 1 + length);

const withShape = (text: Text, ast: Ast, shape: Shape): string => `${shown(text, ast.at)} ${showShape(shape)}`;

/** From one place to the end of another, where both stand in one line. */
const between = (a: Place, b: Place): Place =>
  a.line === b.line ? { ...a, length: b.column + b.length - a.column } : b;

/**
 * Refuses factors side by side that do not multiply.
 * @param target what the product should be, where that is known.
 */
export function checkProduct(text: Text, factors: Ast[], shapes: Shape[], target: Shape = []): void {
  let left: Shape = [];
  for (let i = 0; i < factors.length; i++) {
    const product = productShape(left, shapes[i]!);
    if (!product) {
      const own = isScalar(shapes[i - 1]!) || productShape(shapes[i - 1]!, shapes[i]!) !== undefined;
      refuseProduct(text, factors[i - 1]!, own ? left : shapes[i - 1]!, factors[i]!, shapes[i]!, target);
    }
    left = product!;
  }
}

function refuseProduct(text: Text, first: Ast, a: Shape, second: Ast, b: Shape, target: Shape): never {
  const [x, y] = [shown(text, first.at), shown(text, second.at)];
  const columns: Dim = a.length === 1 ? 1 : a[1]!;
  const remedy =
    a.length === 1 && b.length === 1
      ? sameShape(a, b)
        ? `two vectors: write \`${x} * ${y}\` elementwise or \`${x}' ${y}\` for the inner product`
        : "two vectors of different shapes do not multiply"
      : `\`${x}\` needs as many columns as \`${y}\` has ${b.length === 1 ? "entries" : "rows"}${meant(text, x, a[0]!, columns, y, b, target)}`;
  return text.fail(
    "shape",
    between(first.at, second.at),
    `shapes do not fit: ${withShape(text, first, a)} times ${withShape(text, second, b)}`,
    remedy,
    [x, y],
  );
}

/** What may have been meant: another matrix before the same factor, or another factor after the same matrix. */
function meant(text: Text, x: string, rows: Dim, columns: Dim, y: string, b: Shape, target: Shape): string {
  const wanted: Dim = isScalar(target) ? rows : target[0]!;
  const known: [string, Shape][] = [
    ...text.declaredShapes(),
    ...[...text.quantities.values()].flatMap((q): [string, Shape][] => (q.shape ? [[q.name, q.shape]] : [])),
  ];
  const matrices = known.flatMap(([name, shape]): string[] => {
    if (shape.length !== 2) return [];
    if (shape[0] === wanted && shape[1] === b[0]) return [`\`${name} ${y}\``];
    return shape[1] === wanted && shape[0] === b[0] ? [`\`${name}' ${y}\``] : [];
  });
  const isInput = (name: string): boolean => Object.hasOwn(text.inputs, name);
  const factors = known
    .filter(
      ([name, shape]) =>
        shape[0] === columns && shape.length === b.length && shape[1] === b[1] && !text.parameter(name),
    )
    .sort(([one], [other]) => Number(isInput(other)) - Number(isInput(one)))
    .map(([name]) => `\`${x} ${name}\``);
  const all = [...new Set([...matrices.slice(0, 2), ...(rows === wanted ? factors.slice(0, 1) : [])])];
  return all.length > 0 ? `: did you mean ${all.join(", or ")}?` : "";
}

/** Refuses what is joined elementwise without having one shape. */
export function refuseElementwise(text: Text, at: Place, first: Ast, a: Node, second: Ast, b: Node): never {
  const [x, y] = [shown(text, first.at), shown(text, second.at)];
  const product = productShape(a.shape, b.shape);
  const remedy =
    a.shape.length === 2 && product
      ? `did you mean the product \`${x} ${y}\`?`
      : sameShape(transposeShape(a.shape), b.shape)
        ? "one of the two is transposed"
        : undefined;
  throw text.error("shape", at, {
    given: `shapes do not fit: ${withShape(text, first, a.shape)} and ${withShape(text, second, b.shape)}`,
    expected: "equal shapes, or a scalar with any",
    remedy,
    symbols: [x, y],
  });
}
