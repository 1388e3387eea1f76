/**
 * Arrays of a file as parameters of a network: anybody's trained weights, named, transposed and nested as they are.
 */
import { type NDArray, sizeOf } from "../base/arrays.ts";
import { closest, NullclineError } from "../base/errors.ts";
import type { Dim } from "../equations/graph.ts";
import type { NetworkData } from "../equations/network.ts";

/** One array of a file and the parameter that it is. */
export interface Mapped {
  array: string;
  /** Entry of each leading axis that is taken: `[0]` where an axis of length 1 stands in front. */
  index: number[];
  transpose: boolean;
  parameter: string;
}

/** The part of an `ArrayFile` that is used. */
export interface Arrays {
  names: string[];
  shapes: Record<string, number[]>;
  get(name: string): Promise<NDArray>;
}

/**
 * Reads `array=parameter` pairs, separated by commas: `rnn.m=M,rnn.n=L',x0[0]=x_0`. `'` (on either side) transposes,
 * `[k]` takes entry k of the leading axis. Commas inside brackets and braces belong to a name, as in `a.b{2,1}`.
 * @throws NullclineError (code `map`)
 */
export function parseMapping(text: string): Mapped[] {
  const refuse = (given: string, expected: string): never => {
    throw new NullclineError({ code: "map", given, expected });
  };
  const mapped = (text.match(/(?:[^,{[]|\{[^}]*\}|\[[^\]]*\])+/g) ?? []).map((word) => {
    const at = word.lastIndexOf("=");
    const left = /^(.*?)((?:\[\d+\])*)('?)$/.exec(word.slice(0, Math.max(at, 0)).trim())!;
    const right = /^([A-Za-z]\w*)('?)$/.exec(word.slice(at + 1).trim());
    if (at < 1 || left[1] === "" || !right)
      return refuse(
        `\`${word.trim()}\` in the mapping`,
        "ARRAY=PARAMETER, with [0] after the array's name to take an entry of its first axis and ' to transpose",
      );
    return {
      array: left[1]!,
      index: [...left[2]!.matchAll(/\d+/g)].map(Number),
      transpose: (left[3] === "'") !== (right[2] === "'"),
      parameter: right[1]!,
    };
  });
  if (mapped.length === 0) refuse("an empty mapping", "ARRAY=PARAMETER pairs, separated by commas");
  for (const [k, { parameter }] of mapped.entries())
    if (mapped.findIndex((m) => m.parameter === parameter) !== k)
      refuse(`the parameter \`${parameter}\` is mapped twice`, "one array for each parameter");
  return mapped;
}

/**
 * The network with the values of a file. Arrays that have a parameter's own name need no mapping; what is left over
 * must have a value in the network. Sizes are read off the arrays and win over the network's own.
 * @param file arrays by name
 * @param where the file's name, for messages
 * @param fixed sizes that the user gave: the arrays must agree
 * @throws NullclineError (codes `map`, `shape`, `parameter`) naming the array and the parameter
 */
export async function withArrays(
  network: NetworkData,
  file: Arrays,
  mapping: readonly Mapped[],
  where: string,
  fixed: Readonly<Record<string, number>> = {},
): Promise<NetworkData> {
  const all: Mapped[] = [...mapping];
  for (const name of file.names)
    if (Object.hasOwn(network.parameters, name) && !all.some((m) => m.parameter === name || m.array === name))
      all.push({ array: name, index: [], transpose: false, parameter: name });
  const parameters = { ...network.parameters };
  const sizes: Record<string, number> = { ...fixed };
  const origin: Record<string, string> = Object.fromEntries(Object.keys(fixed).map((name) => [name, "what was set"]));
  for (const m of all) {
    const declared = parameters[m.parameter];
    if (!declared || !Object.hasOwn(parameters, m.parameter)) {
      const meant = closest(m.parameter, Object.keys(parameters));
      throw new NullclineError({
        code: "map",
        given: `\`${m.array}\` is mapped to \`${m.parameter}\`, which is no parameter of the equations`,
        expected: Object.keys(parameters).join(", "),
        remedy: meant && `did you mean \`${meant}\`?`,
      });
    }
    const array = taken(await file.get(m.array), m, where);
    const shape = declared.shape ?? [];
    holdAgainst(m, array.shape, shape, sizes, origin, where, file.shapes[m.array] ?? array.shape);
    parameters[m.parameter] = { ...declared, value: shape.length === 0 ? array.data[0]! : Array.from(array.data) };
  }
  const missing = Object.keys(parameters).filter((name) => parameters[name]!.value === undefined);
  if (missing.length > 0) {
    const unused = file.names.filter((name) => !all.some((m) => m.array === name));
    throw new NullclineError({
      code: "parameter",
      where,
      given: `no values for ${missing.map((name) => `\`${name}\``).join(", ")}`,
      expected: "an array for every parameter that has no value of its own",
      remedy: `map one with --map ARRAY=${missing[0]}${unused.length > 0 ? ` (not mapped yet: ${unused.slice(0, 12).join(", ")})` : ""}, or give a number with --set ${missing[0]}=VALUE`,
    });
  }
  return { ...network, parameters, sizes: { ...network.sizes, ...sizes } };
}

/** The array after its index and transpose. */
function taken({ data, shape }: NDArray, m: Mapped, where: string): NDArray {
  let left = shape;
  let from = 0;
  for (const k of m.index) {
    const [length, ...rest] = left;
    if (length === undefined || k >= length)
      throw new NullclineError({
        code: "map",
        where,
        given: `\`${m.array}[${m.index.join("][")}]\` of an array of shape [${shape.join(", ")}]`,
        expected: length === undefined ? "no more indices than it has axes" : `an index from 0 to ${length - 1}`,
      });
    from += k * sizeOf(rest);
    left = rest;
  }
  const part = data.subarray(from, from + sizeOf(left));
  if (!m.transpose || left.length < 2) return { data: part, shape: left };
  const [rows, columns] = left as [number, number];
  if (left.length > 2)
    throw new NullclineError({
      code: "map",
      where,
      given: `\`${m.array}'\`, the transpose of an array of shape [${left.join(", ")}]`,
      expected: "a matrix",
    });
  return { data: part.map((_, k) => part[(k % rows) * columns + Math.floor(k / rows)]!), shape: [columns, rows] };
}

/** Holds an array's shape against the declared one and reads sizes off it. */
function holdAgainst(
  m: Mapped,
  given: number[],
  declared: readonly Dim[],
  sizes: Record<string, number>,
  origin: Record<string, string>,
  where: string,
  whole: number[],
): void {
  const what = `\`${m.array}\` [${whole.join(", ")}]${m.transpose || m.index.length > 0 ? `, taken as [${given.join(", ")}],` : ""}`;
  const target = `\`${m.parameter}\`, which is ${declared.length === 0 ? "one number" : `[${declared.join(", ")}]`}`;
  const refuse = (given: string, remedy?: string): never => {
    throw new NullclineError({ code: "shape", where, given, remedy });
  };
  // One number may come as [1], [1, 1], …
  if (declared.length === 0 && sizeOf(given) === 1) return;
  const clash = conflict(given, declared, sizes);
  if (clash === undefined) {
    for (const [k, dim] of declared.entries())
      if (typeof dim === "string" && sizes[dim] === undefined) {
        sizes[dim] = given[k]!;
        origin[dim] = what.replace(/,$/, "");
      }
    return;
  }
  const transposed = [...given].reverse();
  const written = `${m.array}${m.index.map((k) => `[${k}]`).join("")}`;
  const remedy =
    given.length === 2 && conflict(transposed, declared, sizes) === undefined
      ? `transpose it: --map "${written}${m.transpose ? "" : "'"}=${m.parameter}"`
      : given[0] === 1 && conflict(given.slice(1), declared, sizes) === undefined
        ? `take its first entry: --map "${written}[0]=${m.parameter}"`
        : undefined;
  const dim = clash.dim;
  refuse(
    dim === undefined
      ? `${what} does not fit ${target}`
      : `${what} does not fit ${target}: ${typeof dim === "string" ? `${dim} = ${sizes[dim]} by ${origin[dim]}` : `${dim} is asked for`}`,
    remedy,
  );
}

/** The first dimension that does not fit, or `{}` where the number of axes does not; undefined where all fits. */
function conflict(
  given: readonly number[],
  declared: readonly Dim[],
  sizes: Record<string, number>,
): { dim?: Dim } | undefined {
  if (given.length !== declared.length) return {};
  const own: Record<string, number> = { ...sizes };
  for (const [k, dim] of declared.entries()) {
    const expected = typeof dim === "number" ? dim : (own[dim] ??= given[k]!);
    if (expected !== given[k]) return typeof dim === "string" && sizes[dim] === undefined ? {} : { dim };
  }
  return undefined;
}
