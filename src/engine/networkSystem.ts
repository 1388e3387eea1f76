/**
 * A network (or a textbook ODE typed in) under a constant input, as a System: what analyses see.
 */
import { NullclineError } from "../base/errors.ts";
import type { Shape } from "../equations/graph.ts";
import type { ModelOptions } from "../equations/model.ts";
import type { NetworkData } from "../equations/network.ts";
import { prune } from "../equations/normalise.ts";
import type { Program } from "../equations/program.ts";
import { partName, type Rule, ruleOf } from "../equations/rule.ts";
import { tangent } from "../equations/tangent.ts";
import type { Executable } from "./executable.ts";
import { interpretProgram } from "./interpreter.ts";
import { entriesOf } from "./shapes.ts";
import type { System } from "./system.ts";
import { type Batched, compileAll, type Programs } from "./systemPrograms.ts";

export interface SystemOptions extends ModelOptions {
  /** Values for every parameter of the network, row-major. */
  parameters: Record<string, ArrayLike<number>>;
  /** Numbers for the names of sizes; they win over the network's own. */
  sizes?: Record<string, number>;
  /** Constant values of inputs. Default: zero. */
  inputs?: Record<string, ArrayLike<number>>;
  /** Time step of a map that has `dt` in its text. */
  dt?: number;
  /** Time at which a rule that depends on time is taken. Default 0. */
  t?: number;
  /** Allows the surrogate derivative of `spike` to stand for a derivative. Default: refused. */
  useSurrogate?: boolean;
  /** Relaxed SIMD, where the host has switched it on. Default false. */
  relaxed?: boolean;
}

/**
 * Compiles a network to a System.
 * @throws EquationError; NullclineError where a size has no number, a parameter is missing or has the wrong length, or
 * a spiking text is analysed without `useSurrogate`.
 */
export async function networkSystem(network: NetworkData, options: SystemOptions): Promise<System & { rule: Rule }> {
  const rule = ruleOf(network, options);
  if (/\bspike\s*\(/.test(network.equations) && !options.useSurrogate)
    throw new NullclineError({
      code: "spike",
      given: `the network \`${network.name ?? "equations"}\` spikes: its surrogate is no derivative`,
      remedy: "pass useSurrogate: true to analyse the surrogate's dynamics",
    });
  const sizes: Record<string, number> = {};
  for (const [name, n] of Object.entries({ ...rule.program.sizes, ...options.sizes }))
    if (n !== undefined) sizes[name] = n;
  const shared = await compileAll(rule, sizes, options.relaxed ?? false);
  return new NetworkSystem(shared, {
    parameters: options.parameters,
    inputs: options.inputs ?? {},
    dt: options.dt ?? network.dt ?? 1,
    t: options.t ?? 0,
  });
}

interface Values {
  parameters: Record<string, ArrayLike<number>>;
  inputs: Record<string, ArrayLike<number>>;
  dt: number;
  t: number;
}

class NetworkSystem implements System {
  readonly dimension: number;
  readonly kind: "flow" | "map";
  readonly bounded: boolean;
  readonly coordinates: readonly string[];
  readonly rule: Rule;
  private readonly shared: Programs;
  private readonly values: Values;
  /** First coordinate and number of coordinates of each group. */
  private readonly groups: { from: number; entries: number }[];

  constructor(shared: Programs, values: Values) {
    this.shared = shared;
    this.values = values;
    this.rule = shared.rule;
    this.kind = shared.rule.kind;
    this.bounded = shared.rule.bounded;
    let from = 0;
    this.groups = shared.rule.coordinates.map(({ shape }) => {
      const entries = this.entries(shape);
      const group = { from, entries };
      from += entries;
      return group;
    });
    this.dimension = from;
    this.coordinates = shared.rule.coordinates.flatMap(({ name, shape }, i) =>
      shape.length === 0 ? [name] : Array.from({ length: this.groups[i]!.entries }, (_, k) => `${name}[${k}]`),
    );
    for (const [name, { shape }] of Object.entries(shared.rule.program.parameters)) {
      if (name === "t") continue;
      const isInput = name in shared.rule.inputs;
      const given = isInput ? values.inputs[name] : values.parameters[name];
      if (isInput && given === undefined) continue;
      const expected = this.entries(shape);
      if (given === undefined || given.length !== expected)
        throw new NullclineError({
          code: "parameter",
          given:
            given === undefined ? `no values for the parameter \`${name}\`` : `${given.length} values for \`${name}\``,
          expected: `${expected} values, shape [${shape.join(", ")}]`,
        });
    }
    for (const name of Object.keys(values.inputs))
      if (!(name in shared.rule.inputs) && !(name in (shared.rule.model.text.inputs ?? {})))
        throw new NullclineError({
          code: "input",
          given: `no input \`${name}\``,
          expected: Object.keys(shared.rule.inputs).join(", ") || "none",
        });
  }

  private entries(shape: Shape): number {
    return entriesOf(shape, this.shared.sizes);
  }

  /** Hands this system's values to an executable that another one used last. */
  private ready(executable: Executable): Executable {
    if (this.shared.owners.get(executable) === this) return executable;
    for (const [name, { shape }] of Object.entries(executable.program.parameters)) {
      const value =
        name === "t"
          ? [this.values.t]
          : name in this.rule.inputs
            ? this.values.inputs[name]
            : this.values.parameters[name];
      executable.setParameter(name, value ?? new Float64Array(this.entries(shape)));
    }
    this.shared.owners.set(executable, this);
    return executable;
  }

  private run(batched: Batched, points: Float64Array, extra: Float64Array | undefined, out: Float64Array): void {
    const d = this.dimension;
    const n = points.length / d;
    for (let done = 0; done < n; ) {
      const left = n - done;
      const tier =
        batched.executables.find((e) => e.trials >= left) ?? batched.executables[batched.executables.length - 1]!;
      const take = Math.min(left, tier.trials);
      const executable = this.ready(tier.executable);
      this.groups.forEach((group, i) => {
        const state = this.rule.coordinates[i]!.input;
        if (executable.program.inputs[state])
          executable.setInput(state, this.gather(points, done, take, tier.trials, group));
        const name = extra && batched.inputs[i]!;
        if (name && executable.program.inputs[name])
          executable.setInput(name, this.gather(extra, done, take, tier.trials, group));
      });
      executable.run({ dt: this.values.dt });
      this.groups.forEach((group, i) => {
        const name = batched.outputs[i]!;
        const data = name === "" ? undefined : executable.read(name).data;
        for (let k = 0; k < take; k++)
          for (let j = 0; j < group.entries; j++)
            out[(done + k) * d + group.from + j] = data ? data[k * group.entries + j]! : 0;
      });
      done += take;
    }
  }

  private gather(
    points: Float64Array,
    from: number,
    take: number,
    trials: number,
    group: { from: number; entries: number },
  ): Float64Array {
    const { dimension } = this;
    const out = new Float64Array(trials * group.entries);
    for (let k = 0; k < trials; k++) {
      const row = (from + Math.min(k, take - 1)) * dimension + group.from;
      for (let j = 0; j < group.entries; j++) out[k * group.entries + j] = points[row + j]!;
    }
    return out;
  }

  evaluate(points: Float64Array, out: Float64Array): void {
    this.run(this.shared.evaluate, points, undefined, out);
  }
  tangent(points: Float64Array, directions: Float64Array, out: Float64Array): void {
    this.run(this.shared.tangent, points, directions, out);
  }
  adjoint(points: Float64Array, covectors: Float64Array, out: Float64Array): void {
    this.run(this.shared.adjoint, points, covectors, out);
  }

  jacobian(point: Float64Array, out = new Float64Array(this.dimension ** 2)): Float64Array {
    const d = this.dimension;
    if (!this.shared.jacobian) {
      const points = new Float64Array(d * d);
      const identity = new Float64Array(d * d);
      for (let k = 0; k < d; k++) {
        points.set(point, k * d);
        identity[k * d + k] = 1;
      }
      const columns = new Float64Array(d * d);
      this.tangent(points, identity, columns);
      for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) out[i * d + j] = columns[j * d + i]!;
      return out;
    }
    const executable = this.ready(this.shared.jacobian);
    this.setPoint(executable, point);
    executable.run({ dt: this.values.dt });
    out.fill(0);
    for (const block of this.shared.blocks) {
      const row = this.groups[this.rule.coordinates.findIndex((c) => c.rule === block.of)]!;
      const column = this.groups[this.rule.coordinates.findIndex((c) => c.input === block.by)]!;
      if (block.dense) {
        const { data } = executable.read(partName(block.of, block.by, "dense"));
        for (let i = 0; i < row.entries; i++)
          for (let j = 0; j < column.entries; j++)
            out[(row.from + i) * d + column.from + j]! += data[i * column.entries + j]!;
      }
      if (block.diagonal) {
        const { data } = executable.read(partName(block.of, block.by, "diagonal"));
        for (let i = 0; i < row.entries; i++) out[(row.from + i) * d + column.from + i]! += data[i]!;
      }
    }
    return out;
  }

  private setPoint(executable: Executable, point: Float64Array): void {
    this.groups.forEach((group, i) => {
      const name = this.rule.coordinates[i]!.input;
      if (executable.program.inputs[name])
        executable.setInput(name, point.subarray(group.from, group.from + group.entries));
    });
  }

  private rare(key: string, make: () => { program: Program; record: string[] }): Executable {
    let executable = this.shared.rare.get(key);
    if (!executable) {
      const { program, record } = make();
      executable = interpretProgram(prune(program, record), {
        sizes: this.shared.sizes,
        trials: 1,
        samples: 1,
        record,
      });
      this.shared.rare.set(key, executable);
    }
    return executable;
  }

  /** d (definitions) / d (a parameter, an input or all states), by tangents on the identity: `[rows, columns]`. */
  private byTangents(point: Float64Array, of: string[], wrt: string[]): Float64Array {
    const key = `${of.join()} by ${wrt.join()}`;
    let forward: ReturnType<typeof tangent> | undefined;
    const build = (): ReturnType<typeof tangent> => (forward ??= tangent(this.rule.program, wrt, this.rule.surrogates));
    const executable = this.rare(key, () => ({
      program: build().program,
      record: of.map((name) => build().dots[name]).filter((n) => n !== undefined),
    }));
    const { dots, seeds } = build();
    this.ready(executable);
    this.setPoint(executable, point);
    const rows = of.map((name) =>
      this.entries(this.rule.program.blocks.flatMap((b) => b.definitions).find((q) => q.name === name)!.node.shape),
    );
    const widths = wrt.map((name) =>
      this.entries((this.rule.program.parameters[name] ?? this.rule.program.inputs[name])!.shape),
    );
    const height = rows.reduce((a, b) => a + b, 0);
    const width = widths.reduce((a, b) => a + b, 0);
    const out = new Float64Array(height * width);
    let column = 0;
    wrt.forEach((_, w) => {
      for (let k = 0; k < widths[w]!; k++, column++) {
        wrt.forEach((other, o) => {
          const direction = new Float64Array(widths[o]!);
          if (o === w) direction[k] = 1;
          const seed = seeds[other]!;
          if (executable.program.parameters[seed]) executable.setParameter(seed, direction);
          else if (executable.program.inputs[seed]) executable.setInput(seed, direction);
        });
        executable.run({ dt: this.values.dt });
        let row = 0;
        of.forEach((what, r) => {
          const dot = dots[what];
          const data = dot === undefined ? undefined : executable.read(dot).data;
          for (let i = 0; i < rows[r]!; i++, row++) out[row * width + column] = data ? data[i]! : 0;
        });
      }
    });
    // The direction is no value of this system's: the next user sets its own.
    this.shared.owners.delete(executable);
    return out;
  }

  inputJacobian(point: Float64Array, input: string): Float64Array {
    if (!(input in this.rule.inputs))
      throw new NullclineError({
        code: "input",
        given: `no input \`${input}\``,
        expected: Object.keys(this.rule.inputs).join(", ") || "none",
      });
    return this.byTangents(
      point,
      this.rule.coordinates.map((c) => c.rule),
      [input],
    );
  }
  parameterJacobian(point: Float64Array, parameter: string): Float64Array {
    if (!(parameter in this.rule.program.parameters))
      throw new NullclineError({
        code: "parameter",
        given: `no parameter \`${parameter}\``,
        expected: Object.keys(this.values.parameters).join(", "),
      });
    return this.byTangents(
      point,
      this.rule.coordinates.map((c) => c.rule),
      [parameter],
    );
  }

  private checkOutput(name: string): void {
    if (!(name in this.rule.outputs) && !this.rule.coordinates.some((c) => c.name === name))
      throw new NullclineError({
        code: "output",
        given: `no output \`${name}\``,
        expected: Object.keys(this.rule.outputs).join(", ") || "none",
      });
  }

  output(points: Float64Array, name: string): Float64Array {
    this.checkOutput(name);
    const d = this.dimension;
    const n = points.length / d;
    const at = this.rule.coordinates.findIndex((c) => c.name === name);
    if (at >= 0) return this.gather(points, 0, n, n, this.groups[at]!);
    const executable = this.ready(this.rare(`output ${name}`, () => ({ program: this.rule.program, record: [name] })));
    const width = this.entries(this.rule.outputs[name]!);
    const out = new Float64Array(n * width);
    for (let k = 0; k < n; k++) {
      this.setPoint(executable, points.subarray(k * d, (k + 1) * d));
      executable.run({ dt: this.values.dt });
      out.set(executable.read(name).data, k * width);
    }
    return out;
  }
  outputJacobian(point: Float64Array, name: string): Float64Array {
    this.checkOutput(name);
    return this.byTangents(
      point,
      [name],
      this.rule.coordinates.map((c) => c.input),
    );
  }

  withParameters(values: Record<string, ArrayLike<number>>): System {
    return new NetworkSystem(this.shared, { ...this.values, parameters: { ...this.values.parameters, ...values } });
  }
  withInputs(values: Record<string, ArrayLike<number>>): System {
    return new NetworkSystem(this.shared, { ...this.values, inputs: { ...this.values.inputs, ...values } });
  }
}
