/** The work of the matrix products of a program, counted from its graph. */

/**
 * Floating-point operations of the products that a program does at every sample of a trial, forward and backward: 2 m k n
 * for [m, k] times [k, n]. Products of parameters alone are done once an update and are left out.
 * @param program of dist/equations: what is recorded, and no more (`prune`)
 * @param sizes numbers for the names of sizes
 */
export function productFlops(program, sizes) {
  let flops = 0;
  for (const block of program.blocks) {
    if (block.kind !== "pass") continue;
    const seen = new Set();
    const visit = (node) => {
      if (seen.has(node)) return;
      seen.add(node);
      if (node.op === "product" && node.level === "sample") flops += 2 * work(node, sizes);
      for (const below of node.op === "map" ? node.args : node.op === "product" ? [node.a, node.b] : [node.a])
        if (below) visit(below);
    };
    for (const { node } of [...block.definitions, ...block.sums]) visit(node);
  }
  return flops;
}

/** m k n. */
function work({ a, b }, sizes) {
  const [rows, inner = 1] = a.shape.map((d) => sizes[d] ?? d);
  const [, columns = 1] = b.shape.map((d) => sizes[d] ?? d);
  return rows * inner * columns;
}
