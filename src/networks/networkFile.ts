/**
 * A network as a file: JSON (`NetworkData`; the equations may be a list of lines), or a plain text of equations whose
 * table is given beside it. What is wrong is said by the name of its field.
 */
import { z } from "zod";
import { closest, NullclineError } from "../base/errors.ts";
import { EquationError } from "../equations/errors.ts";
import type { Dim } from "../equations/graph.ts";
import type { NetworkData } from "../equations/network.ts";
import { parse } from "../equations/parse.ts";
import { Text } from "../equations/text.ts";

const says = (error: string): { error: string } => ({ error });
const number = z.number(says("a finite number"));
const text = z.string(says("a text"));
const size = says("the name of a size, or a whole number above 0");
const shape = z.array(
  z.union([z.string(), z.number(size).int(size).positive(size)], size),
  says('a list of sizes: [] for one number, ["N"] for a vector, ["N", "I"] for a matrix'),
);
const law = z.discriminatedUnion(
  "law",
  [
    z.strictObject({
      law: z.literal("gaussian"),
      gain: number.optional(),
      std: number.optional(),
      mean: number.optional(),
    }),
    z.strictObject({ law: z.literal("uniform"), low: number, high: number }),
    z.strictObject({ law: z.literal("orthogonal"), gain: number.optional() }),
    z.strictObject({ law: z.literal("identity"), gain: number.optional() }),
    z.strictObject({ law: z.literal("constant"), value: number }),
    z.strictObject({ law: z.literal("sparse"), probability: number, gain: number.optional() }),
    z.strictObject({ law: z.literal("bernoulli"), probability: number }),
    z.strictObject({ law: z.literal("shares"), values: z.array(number), shares: z.array(number) }),
  ],
  says("{ law } with the law gaussian, uniform, orthogonal, identity, constant, sparse, bernoulli or shares"),
);
const tag = z.union(
  [z.literal("free"), z.literal("pinned"), z.strictObject({ bounded: z.tuple([z.number(), z.number()]) })],
  says('"free", "pinned" or { "bounded": [low, high] }'),
);
const parameter = z.strictObject(
  {
    shape: shape.optional(),
    value: z.union([z.number(), z.array(z.number())], says("a finite number or a list of finite numbers")).optional(),
    init: law.optional(),
    unit: text.optional(),
    tag: tag.optional(),
    group: text.optional(),
  },
  says("an object, e.g. { shape, value, init, unit, tag, group }"),
);
const input = z.strictObject(
  { shape, per: z.enum(["sample", "trial"], says('"sample" or "trial"')).optional() },
  says("an object { shape, per }"),
);
const surrogate = z.strictObject(
  {
    kind: z.enum(
      ["triangle", "gaussian", "fastSigmoid", "multiGaussian"],
      says("triangle, gaussian, fastSigmoid or multiGaussian"),
    ),
    gain: number,
    width: number,
    height: number.optional(),
    spread: number.optional(),
  },
  says("an object { kind, gain, width }"),
);
const record = <T extends z.ZodType>(what: T, expected: string) => z.record(z.string(), what, says(expected));

const network = z.strictObject(
  {
    name: text.optional(),
    description: text.optional(),
    source: text.optional(),
    equations: z
      .union([z.string(), z.array(z.string())], says("the equations: a text, or a list of lines"))
      .transform((lines) => (typeof lines === "string" ? lines : lines.join("\n"))),
    inputs: record(input, "an object of inputs by name").optional(),
    outputs: z.array(text, says("a list of names")).optional(),
    states: record(z.strictObject({ shape }, says("an object { shape }")), "an object of states by name").optional(),
    surrogates: record(surrogate, "an object of surrogates by name").optional(),
    parameters: record(parameter, "an object of parameters by name"),
    sizes: record(
      z
        .number(says("a whole number above 0"))
        .int(says("a whole number above 0"))
        .positive(says("a whole number above 0")),
      "an object of numbers by the names of sizes",
    ).optional(),
    integrator: z.enum(["euler", "heun", "rk4", "adaptive"], says("euler, heun, rk4 or adaptive")).optional(),
    dt: number.positive(says("a number above 0")).optional(),
  },
  says("an object with `equations` and `parameters`"),
);

/** Fields that an object may have, by where it stands. */
const fields: [RegExp, z.ZodObject][] = [
  [/^$/, network],
  [/^parameters\.[^.]+$/, parameter],
  [/^inputs\.[^.]+$/, input],
  [/^surrogates\.[^.]+$/, surrogate],
];

/**
 * Checks what claims to be a network: fields, kinds and laws. The text itself is checked where it is used.
 * @param where the file, for messages
 * @throws NullclineError (code `network`) with the name of the field
 */
export function networkOf(value: unknown, where: string): NetworkData {
  const outcome = network.safeParse(value);
  if (outcome.success) return outcome.data;
  const issue = outcome.error.issues[0]!;
  const path = showPath(issue.path);
  const refuse = (given: string, expected?: string, remedy?: string): never => {
    throw new NullclineError({ code: "network", where, given, expected, remedy });
  };
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const known = Object.keys(fields.find(([place]) => place.test(path))?.[1].shape ?? {});
    const meant = closest(key, known);
    return refuse(
      `${path === "" ? "a network" : `\`${path}\``} has no field \`${key}\``,
      known.join(", ") || undefined,
      meant && `did you mean \`${meant}\`?`,
    );
  }
  const found = issue.path.reduce<unknown>((at, key) => Object(at)[key as string], value);
  return refuse(
    path === "" ? `${shown(found)} in place of a network` : `\`${path}\` is ${shown(found)}`,
    issue.message,
  );
}

/**
 * A network from JSON.
 * @throws NullclineError (code `network`) where it is no JSON or no network
 */
export function parseNetworkJson(json: string, where: string): NetworkData {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new NullclineError({ code: "network", where, given: `no JSON (${(error as Error).message})` });
  }
  return networkOf(value, where);
}

/** The table beside a plain text of equations. */
export interface TextTable {
  /** Shapes of parameters, of states that the text leaves open, and of the input `u`. */
  shapes?: Record<string, Dim[]>;
  /** Values of parameters; one that has no shape is a scalar. */
  values?: Record<string, number | number[]>;
}

/**
 * A network from a plain text. What a shape is declared for is a state where the text defines it, an input where it is
 * `u`, else a parameter.
 * @throws EquationError where the text cannot be; NullclineError (code `name`) where it reads what nothing declares
 */
export function networkOfText(equations: string, name: string, { shapes = {}, values = {} }: TextTable): NetworkData {
  const defined = new Set(parse(equations, name).map((line) => line.name));
  const data: NetworkData = { name, equations, parameters: {} };
  for (const [owner, shape] of Object.entries(shapes)) {
    if (defined.has(owner)) data.states = { ...data.states, [owner]: { shape } };
    else if (owner === "u" && !Object.hasOwn(values, "u")) data.inputs = { u: { shape } };
    else data.parameters[owner] = { shape };
  }
  for (const [owner, value] of Object.entries(values)) data.parameters[owner] = { ...data.parameters[owner], value };
  try {
    new Text(data);
  } catch (error) {
    if (!(error instanceof EquationError) || error.code !== "name" || error.symbols.length !== 1) throw error;
    const [symbol] = error.symbols;
    throw new NullclineError({
      code: "name",
      given: error.message,
      remedy: `the table of a plain text is --set ${symbol}=VALUE for a number and --shape ${symbol}=N,N for a matrix`,
    });
  }
  return data;
}

function showPath(path: readonly PropertyKey[]): string {
  return path.map((key, i) => (typeof key === "number" ? `[${key}]` : `${i > 0 ? "." : ""}${String(key)}`)).join("");
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 59)}…` : json;
}
