/** The network that a command is given: a built-in name, a file of JSON or of plain equations, with numbers on top. */
import type { Command } from "commander";
import { closest, NullclineError } from "../base/errors.ts";
import type { Dim } from "../equations/graph.ts";
import type { NetworkData } from "../equations/network.ts";
import { Text } from "../equations/text.ts";
import { openArrays } from "../formats/arrayFile.ts";
import { parseMapping, withArrays } from "../networks/arrayMapping.ts";
import * as networks from "../networks/index.ts";
import { networkOfText, parseNetworkJson } from "../networks/networkFile.ts";
import type { Shell } from "./main.ts";
import { numbersOf, repeated, settings } from "./options.ts";

export interface NetworkFlags {
  set: string[];
  shape: string[];
  parameters?: string;
  map?: string;
}

/** A network as data, with what must be known to get the same one again. */
export interface LoadedNetwork {
  data: NetworkData;
  /** Pairs of `--set` that are no value or size of the network. */
  rest: Record<string, string>;
  /** Files that were read, with their SHA-256. */
  files: Record<string, string>;
}

const builtIn = networks as Record<string, NetworkData>;
export const networkNames = Object.keys(builtIn);

export const networkOptions = (command: Command): Command =>
  command
    .option(
      "--set <key=value>",
      "a value of a parameter, or the number of a size; may be repeated",
      repeated,
      [] as string[],
    )
    .option(
      "--shape <name=sizes>",
      "shape of a parameter of a plain text, e.g. J=N,N; may be repeated",
      repeated,
      [] as string[],
    )
    .option("--parameters <file>", "values from a .npz, .npy, .mat or .safetensors file")
    .option("--map <pairs>", "its arrays' names and the parameters they are: rnn.m=M,rnn.n=L',x0[0]=x_0");

export const isFile = (what: string): boolean => /[/\\]|\.(json|eq|txt|mjs|js)$/i.test(what);

/**
 * @param others keys of `--set` that belong to the command, not to the network: a prefix such as `task.`
 * @throws NullclineError where there is no such network, a field, a value or an array does not fit
 */
export async function loadNetwork(
  shell: Shell,
  what: string,
  flags: NetworkFlags,
  others = /^$/,
): Promise<LoadedNetwork> {
  const files: Record<string, string> = {};
  const read = async (path: string): Promise<Uint8Array> => {
    const bytes = await shell.host.storage.read(path);
    files[path] = await sha256(bytes);
    return bytes;
  };
  const given = settings(flags.set);
  const rest = Object.fromEntries(Object.entries(given).filter(([key]) => others.test(key)));
  const own = Object.fromEntries(Object.entries(given).filter(([key]) => !others.test(key)));
  const shapes = Object.fromEntries(
    Object.entries(settings(flags.shape, "--shape")).map(([name, text]) => [name, dimsOf(text, name)]),
  );

  let data: NetworkData;
  if (!isFile(what)) data = named(what);
  else {
    const bytes = await read(what);
    if (bytes.length > 2 ** 28)
      throw new NullclineError({
        code: "network",
        where: what,
        given: `${(bytes.length / 2 ** 20).toFixed(0)} MiB of text`,
        expected: "at most 256 MiB",
        remedy: "keep large arrays in a file of their own and read them with --parameters",
      });
    const text = new TextDecoder().decode(bytes);
    data = /\.json$/i.test(what) ? parseNetworkJson(text, what) : plainText(text, what, own, shapes);
    data.name ??= what.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "");
  }
  if (/\.json$/i.test(what) || !isFile(what))
    for (const name of Object.keys(shapes))
      throw new NullclineError({
        code: "option",
        given: `--shape ${name}=…`,
        expected: "shapes only beside a plain text of equations",
        remedy: `${what} declares its own`,
      });
  data = withSettings(data, own, what);
  if (flags.map !== undefined && flags.parameters === undefined)
    throw new NullclineError({
      code: "option",
      given: "--map without --parameters",
      remedy: "name the file of the arrays with --parameters FILE",
    });
  if (flags.parameters !== undefined) {
    const file = await openArrays(flags.parameters, await read(flags.parameters));
    const fixed = Object.fromEntries(
      sizesOf(data).flatMap((name) => (own[name] === undefined ? [] : [[name, data.sizes![name]!]])),
    );
    data = await withArrays(
      data,
      file,
      flags.map === undefined ? [] : parseMapping(flags.map),
      flags.parameters,
      fixed,
    );
  }
  return { data, rest, files };
}

function named(name: string): NetworkData {
  if (Object.hasOwn(builtIn, name)) return builtIn[name]!;
  const like = closest(name, networkNames);
  throw new NullclineError({
    code: "network",
    given: `no network \`${name}\``,
    expected: `${networkNames.join(", ")}, or a file of JSON (.json) or of equations (.eq, .txt)`,
    remedy: like && `did you mean \`${like}\`?`,
  });
}

function plainText(
  text: string,
  what: string,
  own: Record<string, string>,
  shapes: Record<string, Dim[]>,
): NetworkData {
  const sizes = new Set(
    Object.values(shapes)
      .flat()
      .filter((d) => typeof d === "string"),
  );
  if (/\bu\b/.test(text)) sizes.add("I");
  const values = Object.fromEntries(
    Object.entries(own)
      .filter(([key]) => !sizes.has(key) && key !== "dt")
      .map(([key, value]) => [key, valuesIn(value, key)]),
  );
  return networkOfText(text, what.replace(/^.*[/\\]/, ""), { shapes, values });
}

/** `N,N` as a shape; nothing is a scalar. */
function dimsOf(text: string, name: string): Dim[] {
  if (text === "") return [];
  return text.split(",").map((word) => {
    const dim = word.trim();
    if (/^[1-9]\d*$/.test(dim)) return Number(dim);
    if (/^[A-Za-z]\w*$/.test(dim)) return dim;
    throw new NullclineError({
      code: "option",
      given: `--shape ${name}=${text}`,
      expected: "sizes, as names or whole numbers: J=N,N or b=N",
    });
  });
}

function valuesIn(text: string, name: string): number | number[] {
  const values = numbersOf(text, `--set ${name}`);
  return values.length === 1 ? values[0]! : values;
}

/** Values of parameters and numbers of sizes, by name. */
function withSettings(data: NetworkData, given: Record<string, string>, what: string): NetworkData {
  const parameters = { ...data.parameters };
  const sizes = { ...data.sizes };
  const known = sizesOf(data);
  for (const [key, text] of Object.entries(given)) {
    if (Object.hasOwn(parameters, key)) parameters[key] = { ...parameters[key], value: valuesIn(text, key) };
    else if (known.includes(key) || key === "dt") {
      const [n, ...more] = numbersOf(text, `--set ${key}`);
      if (more.length > 0 || (key !== "dt" && !(Number.isInteger(n) && n! > 0)) || !(n! > 0))
        throw new NullclineError({
          code: "option",
          given: `--set ${key}=${text}`,
          expected: key === "dt" ? "a number above 0" : "a whole number above 0",
        });
      if (key === "dt") data = { ...data, dt: n! };
      else sizes[key] = n!;
    } else {
      const all = [...Object.keys(parameters), ...known, "dt"];
      // One letter is close to every other one.
      const like = key.length > 1 ? closest(key, all) : undefined;
      throw new NullclineError({
        code: "setting",
        given: `\`${what}\` has no parameter or size \`${key}\``,
        expected: all.join(", "),
        remedy: like && `did you mean \`${like}\`?`,
      });
    }
  }
  return { ...data, parameters, ...(Object.keys(sizes).length > 0 && { sizes }) };
}

/** Names of the sizes in a network's table. */
export const sizesOf = (data: NetworkData): string[] => [...new Text(data).sizes];

/** @throws NullclineError where a size has no number, or a scalar parameter no value: with how to give it one. */
export function requireNumbers(data: NetworkData, what: string): void {
  const open = sizesOf(data).filter((name) => data.sizes?.[name] === undefined);
  if (open.length > 0)
    throw new NullclineError({
      code: "size",
      given: `the ${open.length > 1 ? "sizes" : "size"} ${open.map((n) => `\`${n}\``).join(", ")} of \`${what}\` ${open.length > 1 ? "have" : "has"} no number`,
      remedy: `set ${open.length > 1 ? "them" : "it"}: ${open.map((n) => `--set ${n}=${n === "N" ? 100 : 3}`).join(" ")}`,
    });
  // A matrix is drawn, a vector starts at zero; a single number has no default that means anything.
  const missing = Object.entries(data.parameters).filter(
    ([, p]) => !p.shape?.length && p.value === undefined && !p.init,
  );
  if (missing.length > 0)
    throw new NullclineError({
      code: "parameter",
      given: `\`${what}\` has no value for the ${missing.length > 1 ? "parameters" : "parameter"} ${missing.map(([name]) => `\`${name}\``).join(", ")}`,
      remedy: `give ${missing.length > 1 ? "them" : "it"}: ${missing.map(([name]) => `--set ${name}=VALUE`).join(" ")}`,
    });
}

export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes));
  return Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, "0")).join("");
}
