/** How a network is run: by an integrator of trajectories where it is a plain flow, else as the compiled program. */
import {
  type Integrator,
  integrate,
  type Model,
  modelOf,
  type NDArray,
  type Network,
  NullclineError,
  runModel,
  systemOf,
  timeScales,
  valuesOf,
} from "../index.ts";

/** A network as a system, with the rule behind it. */
export type NetworkSystem = Awaited<ReturnType<typeof systemOf>>;

/** A quantity with what was recorded of it, `[trial, sample, entry]`. */
export interface Recorded {
  name: string;
  values: NDArray;
}

export interface Trajectories {
  model: Model;
  kind: "flow" | "map";
  dt: number;
  samples: number;
  /** What made the steps, in words. */
  method: string;
  /** States, then outputs. */
  recorded: Recorded[];
  states: Recorded[];
  /** Sample at which a state was no longer finite. */
  divergedAt?: number;
  /** The network as a system, or why it is none. */
  system: NetworkSystem | string;
}

export interface TrajectoryOptions {
  /** 0: chosen from the time constants. */
  dt: number;
  duration: number;
  /** Empty: chosen. */
  method: string;
  trials: number;
  seed: number;
  relaxed: boolean;
  inputs: Record<string, number[]>;
  initial: Record<string, number[]>;
}

const methods = ["euler", "heun", "rk4", "adaptive"];

/**
 * Runs a network. Where it is left open, dt is a tenth of the shortest time constant (0.01 without any, 1 of a map), the
 * duration 50 times the longest (50, 200 samples), the method Runge–Kutta 4 where the text allows it, else Euler.
 * @throws NullclineError where method, dt, inputs or initial values do not fit the text
 */
export async function runTrajectories(network: Network, options: TrajectoryOptions): Promise<Trajectories> {
  const { data, sizes } = network;
  const { inputs, initial, trials, seed } = options;
  const plain = modelOf(data, { integrator: "euler", ...(options.dt > 0 && { dt: options.dt }) });
  const kind = plain.states.length > 0 && plain.states.every((s) => s.flow) ? "flow" : "map";
  const scales = kind === "flow" ? timeScales(network) : undefined;
  const dt = options.dt || (kind === "map" ? 1 : scales ? scales.shortest / 10 : 0.01);
  const duration = options.duration || (kind === "map" ? 200 * dt : scales ? 50 * scales.longest : 50);
  const samples = Math.round(duration / dt) + 1;
  if (!(dt > 0) || samples < 2 || samples > 1e7)
    throw new NullclineError({
      code: "time",
      given: `a duration of ${duration} in steps of ${dt}`,
      expected: "at least one step and at most ten million",
    });
  for (const [what, names] of [
    ["input", inputs],
    ["state", initial],
  ] as const)
    checkNames(
      what,
      Object.keys(names),
      what === "input" ? Object.keys(plain.text.inputs) : plain.states.map((s) => s.name),
    );

  const system = await systemOrReason(network, { inputs, dt, relaxed: options.relaxed });
  const noisy = Object.keys(plain.program.noises).length > 0;
  const delayed = /\bdelay\s*\(/.test(data.equations);
  const stepped = kind === "map" || noisy;
  const method = (options.method || (stepped || delayed ? "euler" : "rk4")) as Integrator;
  if (!methods.includes(method))
    throw new NullclineError({ code: "option", given: `the method \`${method}\``, expected: methods.join(", ") });

  if (method !== "euler" && !plain.states.some((s) => s.flow))
    throw new NullclineError({
      code: "integrator",
      given: `the method \`${method}\` in a text of maps, which make their own steps`,
      remedy: "leave the method out",
    });
  const model = modelOf(data, { integrator: method, dt, initialFromTrial: Object.keys(initial) });
  const outputs = model.outputs.filter((name) => !model.states.some((s) => s.name === name));
  const run = (count: number, record: string[]) =>
    runModel(model, {
      parameters: valuesOf(network),
      sizes,
      samples: count,
      dt,
      record,
      inputs,
      initial,
      trials,
      seed,
    });
  const names = model.states.map((s) => s.name);
  let recorded: Recorded[];
  const field = typeof system !== "string" && !stepped && !delayed && !("t" in system.rule.program.parameters);
  if (field) {
    const first = await run(1, names);
    const start = system.rule.coordinates.flatMap(({ name }) => [
      ...first[name]!.data.subarray(0, first[name]!.data.length / trials),
    ]);
    const { states } = integrate(system, start, { dt, steps: samples - 1, method });
    recorded = split(system, states, outputs);
  } else {
    if (method === "adaptive")
      throw new NullclineError({
        code: "integrator",
        given: "adaptive steps in a text with explicit time",
        remedy: "use rk4 with a fixed dt",
      });
    const all = await run(samples, [...names, ...outputs]);
    recorded = [...names, ...outputs].map((name) => ({ name, values: flattened(all[name]!) }));
  }
  const states = recorded.filter(({ name }) => names.includes(name));
  return {
    model,
    kind,
    dt,
    samples,
    method: kind === "map" ? "the map, compiled" : field ? method : `${method}, compiled`,
    recorded,
    states,
    divergedAt: firstBad(states),
    system,
  };
}

function checkNames(what: string, given: string[], known: string[]): void {
  for (const name of given)
    if (!known.includes(name))
      throw new NullclineError({ code: what, given: `no ${what} \`${name}\``, expected: known.join(", ") || "none" });
}

/** The network as a system, or why it is none: a backward pass, a spike. */
async function systemOrReason(
  network: Network,
  options: Parameters<typeof systemOf>[1],
): Promise<NetworkSystem | string> {
  try {
    return await systemOf(network, options);
  } catch (error) {
    if (error instanceof NullclineError && (error.code === "order" || error.code === "spike")) return error.message;
    throw error;
  }
}

/** Entries of a quantity behind one another: `[trial, sample, entry]`. */
function flattened({ data, shape }: NDArray): NDArray {
  return { data, shape: [shape[0]!, shape[1]!, shape.slice(2).reduce((a, b) => a * b, 1)] };
}

/** States of a system `[sample, D]` and its outputs, by name. */
function split(system: NetworkSystem, states: Float64Array, outputs: string[]): Recorded[] {
  const D = system.dimension;
  const T = states.length / D;
  let from = 0;
  const recorded = system.rule.coordinates.map(({ name }): Recorded => {
    const width = system.coordinates.filter((c) => c === name || c.startsWith(`${name}[`)).length;
    const data = new Float64Array(T * width);
    for (let t = 0; t < T; t++) data.set(states.subarray(t * D + from, t * D + from + width), t * width);
    from += width;
    return { name, values: { data, shape: [1, T, width] } };
  });
  for (const name of outputs) {
    const data = system.output(states, name);
    recorded.push({ name, values: { data, shape: [1, T, data.length / T] } });
  }
  return recorded;
}

function firstBad(states: Recorded[]): number | undefined {
  let first: number | undefined;
  for (const { values } of states) {
    const [, samples, width] = values.shape as [number, number, number];
    const bad = values.data.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) first = Math.min(first ?? samples, Math.floor(bad / width) % samples);
  }
  return first;
}

/**
 * Recorded states as states of the system: `[trial, sample, D]`. A coordinate `x[t-1]` is the sample before, so the first
 * samples are left out where there are such. Undefined where a state of the system was not recorded.
 */
export function systemStates(system: NetworkSystem, recorded: Recorded[]): NDArray<Float64Array> | undefined {
  const parts = system.rule.coordinates.map(({ name }) => {
    const match = /^(.*?)(?:\[t-(\d+)\])?$/.exec(name)!;
    return { of: recorded.find((r) => r.name === match[1])?.values, lag: Number(match[2] ?? 0) };
  });
  if (parts.some(({ of }) => !of)) return undefined;
  const most = Math.max(...parts.map(({ lag }) => lag));
  const [trials, all] = parts[0]!.of!.shape as [number, number];
  const samples = all - most;
  if (samples < 1) return undefined;
  const D = system.dimension;
  const data = new Float64Array(trials * samples * D);
  let from = 0;
  for (const { of, lag } of parts) {
    const width = of!.shape[2]!;
    for (let k = 0; k < trials; k++)
      for (let t = 0; t < samples; t++)
        for (let i = 0; i < width; i++)
          data[(k * samples + t) * D + from + i] = of!.data[(k * all + t + most - lag) * width + i]!;
    from += width;
  }
  return { data, shape: [trials, samples, D] };
}

/** The states among rows of D that are finite and not on their way to infinity, `[1, n, D]`; undefined where none is. */
export function finiteStates(rows: Float64Array, D: number, most = 1e6): NDArray<Float64Array> | undefined {
  const kept = new Float64Array(rows.length);
  let n = 0;
  for (let k = 0; k + D <= rows.length; k += D) {
    const row = rows.subarray(k, k + D);
    if (row.every((x) => Math.abs(x) < most)) kept.set(row, D * n++);
  }
  return n === 0 ? undefined : { data: kept.slice(0, n * D), shape: [1, n, D] };
}
