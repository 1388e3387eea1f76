/** What is no mistake in a text but often one in the mind: printed with a run. */
import type { NetworkData } from "./network.ts";
import { type Ast, type Line, nodesOf, walk } from "./syntax.ts";
import type { Quantity, Text } from "./text.ts";

/**
 * Parameters that no equation reads; quantities that reach no output and no state; white noise multiplied by a state;
 * `step` in the path of a trained parameter.
 */
export function warningsOf(text: Text, outputs: string[]): string[] {
  return [...unread(text), ...unreached(text, outputs), ...ito(text), ...steps(text)];
}

const linesOf = (q: Quantity): Line[] => [q.line, q.point].filter((line) => line !== undefined);

function unread(text: Text): string[] {
  const read = new Set<string>();
  for (const line of text.lines)
    for (const node of nodesOf(line)) {
      if (node.type !== "name") continue;
      read.add(node.name);
      if (typeof node.index?.count === "string") read.add(node.index.count);
    }
  return Object.keys(text.network.parameters)
    .filter((name) => !read.has(name))
    .map((name) => `no equation reads the parameter \`${name}\``);
}

/** Names that some nodes read, and everything that those read in turn. */
function below(text: Text, nodes: Iterable<Ast>): Set<string> {
  const names = new Set<string>();
  const open = [...nodes];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.type !== "name" || names.has(node.name)) continue;
    names.add(node.name);
    const quantity = text.quantities.get(node.name);
    if (quantity) open.push(...linesOf(quantity).flatMap(nodesOf));
  }
  return names;
}

function unreached(text: Text, outputs: string[]): string[] {
  // Where nothing is called an output, everything may be what the network is for.
  if (outputs.length === 0) return [];
  const quantities = [...text.quantities.values()];
  const reached = below(
    text,
    quantities.filter((q) => q.memory || outputs.includes(q.name)).flatMap((q) => linesOf(q).flatMap(nodesOf)),
  );
  return quantities
    .filter((q) => !q.memory && !outputs.includes(q.name) && !reached.has(q.name))
    .map((q) => `\`${q.name}\` reaches no output and no state: only an objective can read it`);
}

const isXi = (node: Ast): boolean => node.type === "name" && node.name === "xi";

function ito(text: Text): string[] {
  const warnings: string[] = [];
  for (const line of text.lines) {
    if (line.kind !== "flow") continue;
    const factors = new Set<Ast>(line.scale ? [line.scale] : []);
    for (const node of walk(line.right)) {
      const parts =
        node.type === "chain" ? node.factors : node.type === "mul" || node.type === "div" ? [node.a, node.b] : [];
      const noisy = parts.filter((part) => [...walk(part)].some(isXi));
      if (noisy.length > 0) for (const part of parts) if (!noisy.includes(part)) factors.add(part);
    }
    if (![...walk(line.right)].some(isXi)) continue;
    const read = below(
      text,
      [...factors].flatMap((f) => [...walk(f)]),
    );
    const states = [...read].filter((name) => text.quantities.get(name)?.memory);
    if (states.length > 0)
      warnings.push(`\`xi\` in d${line.name}/dt is multiplied by a state (${quoted(states)}): the equation is Itô's`);
  }
  return warnings;
}

/** Default tags: a parameter with a shape is trained, a number is not. */
const isTrained = ({ tag, shape }: NetworkData["parameters"][string]): boolean =>
  tag === undefined ? (shape ?? []).length > 0 : tag !== "pinned";

function steps(text: Text): string[] {
  const warnings: string[] = [];
  for (const line of text.lines)
    for (const node of nodesOf(line)) {
      if (node.type !== "call" || node.fn !== "step") continue;
      const read = below(text, [...walk(node)]);
      const trained = Object.entries(text.network.parameters).filter(([name, p]) => read.has(name) && isTrained(p));
      if (trained.length > 0)
        warnings.push(
          `\`step\` in line ${node.at.line} has no derivative: nothing is learnt through it (${quoted(trained.map(([name]) => name))})`,
        );
    }
  return warnings;
}

const quoted = (names: string[]): string =>
  [...names.slice(0, 4).map((n) => `\`${n}\``), ...(names.length > 4 ? ["…"] : [])].join(", ");
