/** Several areas, each any network of the catalogue with its own sizes and time constants, put together into one network. */
import { NullclineError } from "../base/errors.ts";
import type { Dim } from "../equations/graph.ts";
import type { NetworkData, ParameterData } from "../equations/network.ts";
import { schedule } from "../equations/schedule.ts";
import { inferShapes } from "../equations/shapes.ts";
import { Text } from "../equations/text.ts";

export interface Area {
  /** With an input `u` that it reads through matrices, `B u`. */
  network: NetworkData;
  /** What other areas read of it: a vector over its units, e.g. `r`. */
  sends: string;
  /** Whether the input `u` of the whole network reaches it. Default true. */
  input?: boolean;
}

/**
 * One network of several areas. Every name of an area gets its own as suffix: `x_PFC`, `tau_PFC`, `N_PFC`. Where an area reads
 * `B u`, it now reads `(B_PFC u + B_PFC_V1 r_V1 + …)`, with a matrix of its own for each area that it hears; a cell that
 * reads its input in several places (gates) gets one for each.
 * @param wires which area hears which: `[from, to]`
 * @throws NullclineError (code `areas`) where a name is no area, an area hears others but reads no input, or what it sends is no vector
 */
export function joinAreas(
  areas: Record<string, Area>,
  wires: [from: string, to: string][],
  options: { name?: string; outputs?: string[] } = {},
): NetworkData {
  const refuse = (given: string, expected?: string): never => {
    throw new NullclineError({ code: "areas", given, expected });
  };
  const names = Object.keys(areas);
  for (const wire of wires)
    for (const area of wire) if (!areas[area]) refuse(`a wire from or to \`${area}\``, `areas ${names.join(", ")}`);
  const joined: NetworkData = { name: options.name ?? "areas", equations: "", parameters: {}, outputs: [] };
  const sizeOf: Record<string, Dim> = {};
  for (const area of names) {
    const { network, sends } = areas[area]!;
    const text = new Text(network);
    schedule(text);
    inferShapes(text);
    const shape = text.quantities.get(sends)?.shape;
    if (shape?.length !== 1) refuse(`\`${area}\` sends \`${sends}\``, "a vector over its units");
    sizeOf[area] = typeof shape![0] === "string" ? `${shape![0]}_${area}` : shape![0]!;
  }
  const lines: string[] = [];
  for (const area of names) {
    const { network, input = true } = areas[area]!;
    const text = new Text(network);
    const heard = wires.filter(([, to]) => to === area).map(([from]) => from);
    const own = new Set([...Object.keys(network.parameters), ...text.quantities.keys(), ...text.sizes]);
    own.delete("I");
    const renamed = (name: string): string => (own.has(name) ? `${name}_${area}` : name);
    const dims = (of: readonly Dim[]): Dim[] => of.map((d) => (typeof d === "string" ? renamed(d) : d));
    const code = network.equations.replace(/#.*$/gm, "");
    const matrices: Record<string, ParameterData> = {};
    let reads = 0;
    const wired = code.replace(/(?<!\w)([A-Za-z]\w*) u(?!\w)/g, (whole, B: string) => {
      const data = network.parameters[B];
      if (data?.shape?.length !== 2) return whole;
      reads++;
      const terms = input ? [`${B} u`] : [];
      for (const from of heard) {
        const name = `${B}_${area}_${from}`;
        matrices[name] = { shape: [...dims([data.shape[0]!]), sizeOf[from]!] };
        // Not to be renamed with the area's own names: put in afterwards.
        terms.push(`@${name} ${areas[from]!.sends}@${from}`);
      }
      return `(${terms.join(" + ")})`;
    });
    if (heard.length > 0 && reads === 0)
      refuse(`\`${area}\` hears ${heard.join(", ")} but reads no input`, "a line with `B u`");
    if (!input && heard.length === 0) refuse(`\`${area}\` has no input and hears no area`, "a wire to it");
    lines.push(
      wired.replace(/(@?)([A-Za-z]\w*)(?:@(\w+))?/g, (_, put: string, name: string, from?: string) =>
        put
          ? name
          : from
            ? `${name}_${from}`
            : /^d[A-Za-z]\w*$/.test(name) && own.has(name.slice(1)) && !own.has(name)
              ? `d${renamed(name.slice(1))}`
              : renamed(name),
      ),
    );
    const unread = (name: string): boolean => !input && new RegExp(`(?<!\\w)${name} u(?!\\w)`).test(code);
    for (const [name, data] of Object.entries(network.parameters))
      if (!unread(name)) joined.parameters[renamed(name)] = { ...data, ...(data.shape && { shape: dims(data.shape) }) };
    Object.assign(joined.parameters, matrices);
    const over = <T>(table: Record<string, T> | undefined, change: (value: T) => T): Record<string, T> =>
      Object.fromEntries(Object.entries(table ?? {}).map(([name, value]) => [renamed(name), change(value)]));
    joined.states = { ...joined.states, ...over(network.states, ({ shape }) => ({ shape: dims(shape) })) };
    joined.surrogates = { ...joined.surrogates, ...over(network.surrogates, (s) => s) };
    joined.sizes = { ...joined.sizes, ...over(network.sizes, (n) => n) };
    joined.outputs!.push(...(network.outputs ?? (text.quantities.has("z") ? ["z"] : [])).map(renamed));
    const { dt } = network;
    if (dt !== undefined) joined.dt = Math.min(dt, joined.dt ?? dt);
  }
  joined.equations = lines.map((l) => l.trim()).join("\n");
  if (options.outputs) joined.outputs = options.outputs;
  return joined;
}
