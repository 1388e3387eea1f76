/** The order in which the factors of a product are multiplied. */
import { type Graph, higher, productShape } from "./build.ts";
import { type Dim, isScalar, type Level, type Node, type Shape } from "./graph.ts";

/** The best product of the factors `i` to `j`: of the parts up to `split` and from `split + 1`. */
interface Part {
  shape: Shape;
  level: Level;
  cost: number;
  /** Whether a matrix is formed at every sample. */
  formed: boolean;
  split: number;
}

/**
 * The product of factors that fit (no scalars), in the order of least cost in which no two quantities of level sample
 * multiply other than to an inner product; ties from the right. Undefined where there is no such order.
 * @param sizes numbers for the names of sizes; one without counts as 100.
 */
export function cheapestProduct(graph: Graph, factors: Node[], sizes: Record<string, number>): Node | undefined {
  const number = (d: Dim | undefined): number =>
    d === undefined ? 1 : typeof d === "number" ? d : Object.hasOwn(sizes, d) ? sizes[d]! : 100;
  const n = factors.length;
  const parts: (Part | undefined)[][] = factors.map(({ shape, level }, i) => {
    const row = new Array<Part | undefined>(n);
    row[i] = { shape, level, cost: 0, formed: false, split: i };
    return row;
  });
  for (let length = 1; length < n; length++)
    for (let i = 0; i + length < n; i++)
      for (let k = i; k < i + length; k++) {
        const [a, b] = [parts[i]![k], parts[k + 1]![i + length]];
        const shape = a && b && productShape(a.shape, b.shape);
        if (!shape) continue;
        const formed = a.formed || b.formed || (!isScalar(shape) && a.level === "sample" && b.level === "sample");
        const multiplications = number(a.shape[0]) * number(a.shape[1]) * number(b.shape[1]);
        const cost = a.cost + b.cost + multiplications + (formed ? 1e18 : 0);
        const best = parts[i]![i + length];
        // A smaller k is a longer right part.
        if (!best || cost < best.cost)
          parts[i]![i + length] = { shape, level: higher(a.level, b.level), cost, formed, split: k };
      }
  const build = (i: number, j: number): Node => {
    const { split } = parts[i]![j]!;
    return i === j ? factors[i]! : graph.product(build(i, split), build(split + 1, j));
  };
  return parts[0]![n - 1]!.formed ? undefined : build(0, n - 1);
}
