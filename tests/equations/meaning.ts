/** What tests compare of a text: its program as text, and the values that it computes. */
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { type Node, operands, topological } from "../../src/equations/graph.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import type { Program } from "../../src/equations/program.ts";
import { declare } from "./declare.ts";

/** A program as text, for comparing: every node numbered, names as they are. */
export function shown({ blocks, ...rest }: Program): string {
  const numbers = new Map<Node, number>();
  const lines: string[] = [];
  const number = (node: Node): number => {
    for (const n of topological([node])) {
      if (numbers.has(n)) continue;
      const what = n.op === "leaf" ? JSON.stringify(n.leaf) : n.op === "map" ? `${n.fn} ${n.surrogate ?? ""}` : n.op;
      lines.push(`${numbers.size}: ${what} ${operands(n).map((o) => numbers.get(o))} ${n.shape} ${n.level}`);
      numbers.set(n, numbers.size);
    }
    return numbers.get(node)!;
  };
  for (const b of blocks) {
    const definitions = b.definitions.map((d) => `${d.name} ${number(d.node)}`);
    const initials = Object.entries(b.initials).map(([name, node]) => `${name} ${number(node)}`);
    lines.push(`${b.kind} ${b.direction}: ${definitions} | ${initials}`);
  }
  return [JSON.stringify(rest), ...lines].join("\n");
}
export const program = (...of: Parameters<typeof declare>): string => shown(modelOf(declare(...of)).program);

/** Values of quantities of a text, trial by trial; everything that is not given is zero. */
export function run(
  network: NetworkData,
  record: string[],
  given: Record<string, ArrayLike<number>> = {},
  { trials = 1, samples = 4, seed = 0, initial = [] as string[] } = {},
) {
  const model = modelOf(network, { initialFromTrial: initial });
  const executable = interpretProgram(model.program, { sizes: network.sizes ?? {}, trials, samples, record });
  for (const [name, p] of Object.entries(network.parameters))
    if (typeof p.value === "number" && !given[name]) executable.setParameter(name, [p.value]);
  for (const [name, values] of Object.entries(given))
    if (model.program.parameters[name]) executable.setParameter(name, values);
    else executable.setInput(name, values);
  executable.run({ dt: network.dt ?? 1, seed });
  return Object.fromEntries(record.map((name) => [name, [...executable.read(name).data]]));
}
