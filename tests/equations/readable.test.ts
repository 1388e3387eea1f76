import { expect, test } from "vitest";
import type { NetworkData } from "../../src/equations/network.ts";
import { printNode } from "../../src/equations/print.ts";
import { readable } from "../../src/equations/readable.ts";
import { jacobianBlocks, ruleOf } from "../../src/equations/rule.ts";
import { cell, cells } from "./cells.ts";

function jacobian(network: NetworkData): Record<string, string> {
  const rule = ruleOf(network);
  const { blocks } = jacobianBlocks(
    rule,
    rule.coordinates.map((c) => c.rule),
    rule.coordinates.map((c) => c.input),
  );
  return Object.fromEntries(
    blocks.flatMap((b) =>
      (["diagonal", "dense"] as const).flatMap((part) => {
        const node = b[part];
        return node
          ? [
              [
                `${b.of.slice(2)} ${b.by} ${part}`,
                printNode(readable(node, rule.program)).replace(/\\left|\\right|\\,|\s/g, ""),
              ],
            ]
          : [];
      }),
    ),
  );
}

test("names of the text stand where its expressions stood", () => {
  // -1/tau + J diag(1 - r²)/tau, with r = tanh(x).
  expect(jacobian(cell("rate"))).toEqual({
    "x x diagonal": "-\\frac{1}{\\tau}",
    "x x dense": "\\frac{1}{\\tau}J\\operatorname{diag}(1-r\\odotr)",
  });
  // s_z (-h + …): the gates by their names.
  expect(jacobian(cell("gatedRate"))["h h diagonal"]).toBe("-s_{z}");
  expect(jacobian(cell("adaptiveLif"))["v v diagonal"]).toBe("\\alpha");
});

test("no name of the compiler's own is printed", () => {
  for (const network of cells) {
    let entries: Record<string, string>;
    try {
      entries = jacobian(network);
    } catch {
      continue; // a backward pass, or a state that is a matrix
    }
    for (const [which, latex] of Object.entries(entries))
      expect(latex, `${network.name} ${which}`).not.toMatch(/(^|[^\w}])_\{?\d/);
  }
});
