/**
 * Parameters of a network as numbers: values given or drawn by their laws, in the network's unit of time.
 */
import { type NDArray, sizeOf } from "../base/arrays.ts";
import { milliseconds } from "../base/durations.ts";
import { NullclineError } from "../base/errors.ts";
import { thinQr } from "../engine/linalg/qr.ts";
import { RandomStream } from "../engine/random.ts";
import type { Dim } from "../equations/graph.ts";
import type { Law, NetworkData, ParameterData, Tag } from "../equations/network.ts";

/** A parameter with everything that was left to defaults filled in; times are in the network's unit. */
export interface Parameter {
  values: NDArray<Float64Array>;
  tag: Tag;
  group?: string;
}

export interface InitialiseOptions {
  /** Numbers for the names of sizes; they win over the network's own. */
  sizes?: Record<string, number>;
  /** Default 0. */
  seed?: number;
}

/**
 * All parameters of a network. What is drawn depends on the seed, the parameter's name, its law and its shape only:
 * another parameter added or removed changes nothing.
 * @throws NullclineError (code `size`, `value`, `law` or `bounds`) where a size has no number, or values, law or bounds do not fit
 */
export function initialise(network: NetworkData, options: InitialiseOptions = {}): Record<string, Parameter> {
  const sizes = { ...network.sizes, ...options.sizes };
  const unit = timeUnit(network);
  return Object.fromEntries(
    Object.entries(network.parameters).map(([name, data]) => {
      const shape = (data.shape ?? []).map((dim) => sizeOfDim(dim, sizes, name));
      const factor =
        data.unit && unit && data.unit in milliseconds ? milliseconds[data.unit]! / milliseconds[unit]! : 1;
      return [name, resolve(name, data, shape, factor, options.seed ?? 0)];
    }),
  );
}

/**
 * The network's unit of time: that of `tau`, else of the first parameter whose name begins with `tau`, else of the
 * first parameter given in a unit of time. Undefined where no parameter is.
 */
export function timeUnit({ parameters }: NetworkData): string | undefined {
  const timed = Object.entries(parameters).filter(([, { unit }]) => unit !== undefined && unit in milliseconds);
  const found = timed.find(([name]) => name === "tau") ?? timed.find(([name]) => name.startsWith("tau")) ?? timed[0];
  return found?.[1].unit;
}

function sizeOfDim(dim: Dim, sizes: Record<string, number>, name: string): number {
  const size = typeof dim === "number" ? dim : sizes[dim];
  if (size === undefined || !Number.isInteger(size) || size < 1)
    throw new NullclineError({
      code: "size",
      given: `size \`${dim}\` of the parameter \`${name}\` is ${size ?? "not given"}`,
      expected: "a whole number above 0",
      remedy: typeof dim === "string" ? `set \`${dim}\`` : undefined,
    });
  return size;
}

function resolve(name: string, data: ParameterData, shape: number[], factor: number, seed: number): Parameter {
  const { value, init = shape.length === 2 ? { law: "gaussian" } : { law: "constant", value: 0 }, group } = data;
  const { tag: given = shape.length > 0 ? "free" : "pinned" } = data;
  const tag: Tag =
    typeof given === "object" ? { bounded: [given.bounded[0] * factor, given.bounded[1] * factor] } : given;
  const numbers = value === undefined ? drawParameter(init, shape, { seed, name }) : givenValues(name, value, shape);
  const values = { data: numbers.map((x) => x * factor), shape };
  if (typeof tag === "object") {
    const [low, high] = tag.bounded;
    const outside = values.data.find((x) => x < low || x > high);
    if (!(low <= high) || (value !== undefined && outside !== undefined))
      throw new NullclineError({
        code: "bounds",
        given: `parameter \`${name}\` bounded from ${low} to ${high}${outside === undefined ? "" : ` with the value ${outside}`}`,
        expected: "a lower bound first, and values between the two",
      });
    // What is drawn is brought inside.
    values.data = values.data.map((x) => Math.min(high, Math.max(low, x)));
  }
  return { values, tag, ...(group === undefined ? {} : { group }) };
}

function givenValues(name: string, value: number | number[], shape: number[]): Float64Array {
  const size = sizeOf(shape);
  const numbers = typeof value === "number" ? new Float64Array(size).fill(value) : Float64Array.from(value);
  if (numbers.length !== size || !numbers.every(Number.isFinite))
    throw new NullclineError({
      code: "value",
      given: `parameter \`${name}\` has ${numbers.length} values${numbers.every(Number.isFinite) ? "" : ", some of them not finite"}`,
      expected: `${size} finite numbers${shape.length ? ` for [${shape.join(", ")}]` : ""}`,
    });
  return numbers;
}

/**
 * Values of one parameter by a law, row-major.
 *
 * - gaussian: mean `mean` (0), standard deviation `std`, or `gain / sqrt(columns)` of a matrix and
 *   `gain / sqrt(entries)` of a vector (gain 1).
 * - uniform: on [low, high).
 * - orthogonal: `gain` (1) times a matrix with orthonormal rows or columns, whichever are fewer, uniform over all such
 *   (QR of a gaussian matrix with the diagonal of R positive); a vector of length `gain`.
 * - identity: `gain` (1) on the diagonal of a matrix.
 * - constant: `value`.
 * - sparse: nonzero with `probability` p, then gaussian of deviation `gain / sqrt(p columns)` (gain 1).
 * - bernoulli: 1 with `probability`, else 0.
 * - shares: the first `shares[0]` of the entries are `values[0]`, the next `shares[1]` are `values[1]`, …
 * @param key the numbers belong to the seed and the parameter's name
 * @throws NullclineError (code `law`) where the law cannot be, or not for this shape
 * @source orthogonal: Mezzadri 2007, Notices of the AMS 54, 592–604
 */
export function drawParameter(
  law: Law,
  shape: readonly number[],
  key: { seed: number; name: string },
): Float64Array<ArrayBuffer> {
  const size = sizeOf(shape);
  const out = new Float64Array(size);
  const random = new RandomStream(key.seed, `parameter ${key.name}`);
  const refuse = (expected: string): never => {
    throw new NullclineError({
      code: "law",
      given: `the law ${JSON.stringify(law)} for the parameter \`${key.name}\` of shape [${shape.join(", ")}]`,
      expected,
    });
  };
  for (const [option, x] of Object.entries(law))
    if (option !== "law" && !(Array.isArray(x) ? x : [x]).every((v) => typeof v === "number" && Number.isFinite(v)))
      refuse(`a finite number for \`${option}\``);
  if ("probability" in law && !(law.probability > 0 && law.probability <= 1))
    refuse("a probability above 0 and at most 1");
  switch (law.law) {
    case "gaussian": {
      const { gain = 1, std = gain / Math.sqrt(shape.at(-1) ?? 1), mean = 0 } = law;
      if (law.std !== undefined && law.gain !== undefined) refuse("either `gain` or `std`");
      return random.fillNormal(out, mean, std);
    }
    case "uniform":
      if (law.low > law.high) refuse("`low` below `high`");
      return random.fillUniform(out, law.low, law.high);
    case "orthogonal":
      return orthogonal(random, shape, law.gain ?? 1);
    case "identity":
      if (shape.length !== 2) refuse("a matrix");
      for (let i = 0; i < Math.min(shape[0]!, shape[1]!); i++) out[i * shape[1]! + i] = law.gain ?? 1;
      return out;
    case "constant":
      return out.fill(law.value);
    case "sparse": {
      const { probability, gain = 1 } = law;
      random.fillNormal(out, 0, gain / Math.sqrt(probability * (shape.at(-1) ?? 1)));
      return out.map((x) => (random.uniform() < probability ? x : 0));
    }
    case "bernoulli":
      return out.map(() => (random.uniform() < law.probability ? 1 : 0));
    case "shares": {
      const { values, shares } = law;
      const total = shares.reduce((a, b) => a + b, 0);
      if (values.length !== shares.length || shares.some((x) => x < 0) || Math.abs(total - 1) > 1e-9)
        refuse("one share for each value, together 1");
      let [end, sum] = [0, 0];
      shares.forEach((share, k) => {
        const start = end;
        sum += share;
        end = k === shares.length - 1 ? size : Math.round(sum * size);
        out.fill(values[k]!, start, end);
      });
      return out;
    }
    default:
      return refuse("gaussian, uniform, orthogonal, identity, constant, sparse, bernoulli or shares");
  }
}

function orthogonal(random: RandomStream, shape: readonly number[], gain: number): Float64Array<ArrayBuffer> {
  const [rows, columns] = [shape[0] ?? 1, shape[1] ?? 1];
  const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
  const { Q } = thinQr(random.fillNormal(new Float64Array(long * short)), long, short);
  return Float64Array.from({ length: rows * columns }, (_, k) => {
    const [i, j] = [Math.floor(k / columns), k % columns];
    return gain * (rows >= columns ? Q[i * short + j]! : Q[j * short + i]!);
  });
}
