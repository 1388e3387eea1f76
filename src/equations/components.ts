/** Strongly connected parts of a graph, dependencies first (Tarjan). */
export function components<T>(nodes: Iterable<T>, edges: (node: T) => Iterable<T>): T[][] {
  const index = new Map<T, number>();
  const low = new Map<T, number>();
  const open: T[] = [];
  const parts: T[][] = [];
  const visit = (node: T): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    open.push(node);
    for (const next of edges(node)) {
      if (!index.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node)!, low.get(next)!));
      } else if (open.includes(next)) low.set(node, Math.min(low.get(node)!, index.get(next)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const part: T[] = [];
    let last: T;
    do part.push((last = open.pop()!));
    while (last !== node);
    parts.push(part);
  };
  for (const node of nodes) if (!index.has(node)) visit(node);
  return parts;
}
