/**
 * A parsed text together with its table: every name has one meaning, every quantity a kind, an index on its left side,
 * a level and (after `shapes.ts`) a shape.
 */
import { closest } from "../base/errors.ts";
import { checkLevels, checkNames } from "./checks.ts";
import { components } from "./components.ts";
import { EquationError, type EquationErrorCode, type Place } from "./errors.ts";
import type { Level, Shape } from "./graph.ts";
import type { NetworkData, ParameterData } from "./network.ts";
import { parse } from "./parse.ts";
import { type Ast, type Index, type Line, nodesOf, refusedName, reserved, walk } from "./syntax.ts";
import { limits } from "./tokens.ts";

/** A quantity that the text defines. */
export interface Quantity {
  name: string;
  /** The line for every sample; absent where the quantity exists once per trial (`y[0] = …`). */
  line?: Line;
  flow: boolean;
  /** 1 where the line defines the value at `t+1`. */
  left: 0 | 1;
  /** The line for one sample: an initial value, or the one value of a quantity per trial. */
  point?: Line;
  level: Level;
  /** Whether its past is kept: flows, recurrences, and intermediates whose past cannot be recomputed from the state. */
  memory: boolean;
  shape?: Shape;
}

export type Meaning =
  | { kind: "quantity"; quantity: Quantity }
  | { kind: "parameter"; shape: Shape }
  | { kind: "input"; shape: Shape; per: "sample" | "trial" }
  | { kind: "size" }
  | { kind: "t" | "dt" | "pi" | "xi" | "eps" };

export interface Source {
  name: string;
  text: string;
}

export class Text {
  readonly network: NetworkData;
  readonly source: Source;
  readonly lines: Line[];
  readonly quantities = new Map<string, Quantity>();
  readonly inputs: Record<string, { shape: Shape; per: "sample" | "trial" }> = {};
  readonly sizes = new Set<string>();
  private reading?: Map<string, Quantity[]>;

  /** @throws EquationError: character, syntax, function, division, left, name, reserved, twice, matrix, time, noise, limit. */
  constructor(network: NetworkData) {
    this.network = network;
    this.source = { name: network.name ?? "equations", text: network.equations };
    this.lines = parse(network.equations, this.source.name);
    if (this.lines.length === 0) this.fail("syntax", undefined, "the text has no equations", "write at least one line");
    this.declare();
    this.define();
    for (const line of this.lines) checkNames(this, line);
    this.assignLevels();
    for (const line of this.lines) checkLevels(this, line);
  }

  error(
    code: EquationErrorCode,
    at: Place | undefined,
    facts: ConstructorParameters<typeof EquationError>[2],
  ): EquationError {
    return new EquationError(code, at, facts, this.source);
  }

  fail(code: EquationErrorCode, at: Place | undefined, given: string, remedy?: string, symbols?: string[]): never {
    throw this.error(code, at, { given, remedy, symbols });
  }

  parameter(name: string): ParameterData | undefined {
    return Object.hasOwn(this.network.parameters, name) ? this.network.parameters[name] : undefined;
  }

  private input(name: string): { shape: Shape; per: "sample" | "trial" } | undefined {
    return Object.hasOwn(this.inputs, name) ? this.inputs[name] : undefined;
  }

  /** Refuses a name of the table that cannot be one. */
  private checkName(what: string, name: string): void {
    const why = refusedName(name);
    if (why)
      this.fail(
        /^[A-Za-z]\w*$/.test(name) ? "reserved" : "name",
        undefined,
        `the ${what} \`${name}\` of the table`,
        why,
        [name],
      );
  }

  private declare(): void {
    const { network } = this;
    const defined = new Set(this.lines.map((l) => l.name));
    const mentioned = this.lines.some((line) => nodesOf(line).some((n) => n.type === "name" && n.name === "u"));
    const implied: NonNullable<NetworkData["inputs"]> =
      mentioned && !defined.has("u") && !this.parameter("u") ? { u: { shape: ["I"] } } : {};
    for (const [name, { shape, per }] of Object.entries(network.inputs ?? implied)) {
      this.checkName("input", name);
      if (this.parameter(name))
        this.fail("twice", undefined, `\`${name}\` is an input and a parameter of the table`, "rename one", [name]);
      this.inputs[name] = { shape, per: per ?? "sample" };
    }
    for (const name of Object.keys(network.parameters)) this.checkName("parameter", name);
    for (const [owner, shape] of this.declaredShapes()) {
      for (const dim of shape) {
        if (typeof dim === "string") {
          this.checkName("size", dim);
          this.sizes.add(dim);
        } else if (!Number.isInteger(dim) || dim < 1)
          this.fail("shape", undefined, `\`${owner}\` has a size of ${dim}`, "sizes are positive integers or names");
      }
      if (shape.length > 2)
        this.fail(
          "shape",
          undefined,
          `\`${owner}\` has ${shape.length} sizes`,
          "a scalar has none, a vector one, a matrix two",
        );
    }
    for (const name of this.sizes)
      if (this.parameter(name) || this.input(name))
        this.fail(
          "twice",
          undefined,
          `\`${name}\` is a size and ${this.input(name) ? "an input" : "a parameter"} of the table`,
          "rename one",
          [name],
        );
  }

  /** Every shape of the table with the name that has it. */
  declaredShapes(): [string, Shape][] {
    const { parameters, states } = this.network;
    return [
      ...Object.entries(parameters).map(([name, p]): [string, Shape] => [name, p.shape ?? []]),
      ...Object.entries(this.inputs).map(([name, i]): [string, Shape] => [name, i.shape]),
      ...Object.entries(states ?? {}).map(([name, q]): [string, Shape] => [name, q.shape]),
    ];
  }

  private define(): void {
    for (const line of this.lines) {
      const { name, index } = line;
      const why = refusedName(name);
      if (why) this.fail("reserved", line.at, `\`${name}\` cannot be defined`, why, [name]);
      if (this.parameter(name) || this.input(name))
        this.fail(
          "twice",
          line.at,
          `\`${name}\` is defined here and is ${this.input(name) ? "an input" : "a parameter"} of the table`,
          "rename one, or take it out of the table",
          [name],
        );
      if (this.sizes.has(name)) {
        const [owner, shape] = this.declaredShapes().find(([, dims]) => dims.includes(name))!;
        this.fail(
          "twice",
          line.at,
          `\`${name}\` is defined here and is a size of the table: \`${owner}\` has the shape [${shape.join(", ")}]`,
          "rename one",
          [name],
        );
      }
      const quantity = this.quantities.get(name) ?? { name, flow: false, left: 0, level: "update", memory: false };
      this.quantities.set(name, quantity);
      const isPoint = line.kind === "plain" && index !== undefined && index.base !== "t";
      const taken = isPoint ? quantity.point : quantity.line;
      if (taken)
        this.fail(
          "twice",
          line.at,
          `\`${name}\` is defined twice: here and in line ${taken.at.line}`,
          "keep one of the two lines",
          [name],
        );
      if (isPoint) quantity.point = line;
      else {
        quantity.line = line;
        quantity.flow = line.kind === "flow";
        const shift = index ? this.count(index, line.at) : 0;
        if (quantity.flow) quantity.left = 1;
        else if (shift === 0 || shift === 1) quantity.left = shift;
        else
          this.fail(
            "left",
            line.at,
            `a line defines a quantity at \`[t${shift > 0 ? "+" : ""}${shift}]\``,
            "a line defines `[t]` or `[t+1]`",
          );
      }
    }
    for (const [name, { shape }] of Object.entries(this.network.states ?? {})) {
      const quantity = this.quantities.get(name);
      if (!quantity)
        this.fail(
          "name",
          undefined,
          `the table declares the state \`${name}\`, which no line defines`,
          "define it, or take it out of the table",
        );
      quantity.shape = shape;
    }
    for (const name of Object.keys(this.network.surrogates ?? {}))
      if (!this.quantities.has(name))
        this.fail(
          "name",
          undefined,
          `the table has a surrogate for \`${name}\`, which no line defines`,
          "a surrogate has the name of the line with `spike(…)`",
        );
  }

  /** The signed offset of an index; a named count is an integer constant of the table. */
  count(index: Index, at: Place): number {
    if (typeof index.count === "number") return index.sign * index.count;
    const value = this.parameter(index.count)?.value;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > limits.samples)
      this.fail(
        "time",
        at,
        `the count \`${index.count}\` in an index${value === undefined ? "" : ` is ${value}`}`,
        `give it a whole number up to ${limits.samples} as value in the table`,
        [index.count],
      );
    return index.sign * value;
  }

  meaning(name: string, at?: Place): Meaning {
    if (name === "t" || name === "dt" || name === "pi" || name === "xi" || name === "eps") return { kind: name };
    const quantity = this.quantities.get(name);
    if (quantity) return { kind: "quantity", quantity };
    const parameter = this.parameter(name);
    if (parameter) return { kind: "parameter", shape: parameter.shape ?? [] };
    const input = this.input(name);
    if (input) return { kind: "input", ...input };
    if (this.sizes.has(name)) return { kind: "size" };
    return this.unknown(name, at);
  }

  private unknown(name: string, at?: Place): never {
    const known = [
      ...this.quantities.keys(),
      ...Object.keys(this.network.parameters),
      ...Object.keys(this.inputs),
      ...this.sizes,
      ...reserved,
    ];
    const set = new Set(known);
    for (let i = 1; i < name.length; i++) {
      const [a, b] = [name.slice(0, i), name.slice(i)];
      if (set.has(a) && set.has(b))
        this.fail("name", at, `\`${name}\` is not defined`, `did you mean the product \`${a} ${b}\`?`, [name]);
    }
    if (name.startsWith("d") && this.quantities.get(name.slice(1))?.flow)
      this.fail(
        "name",
        at,
        `\`${name}\` is not defined`,
        "`dx/dt` stands on the left side only: give its right side a name of its own",
        [name],
      );
    // One letter is close to every other one.
    const like = closest(name, name.length > 2 ? known : known.filter((k) => k.toLowerCase() === name.toLowerCase()));
    this.fail(
      "name",
      at,
      `\`${name}\` is not defined`,
      like
        ? `did you mean \`${like}\`? Otherwise define it in a line or in the table`
        : "define it in a line, or in the table of parameters",
      [name],
    );
  }

  /** A quantity has the highest level among what it reads; a flow, a recurrence and noise make it `sample`. */
  private assignLevels(): void {
    for (const q of this.quantities.values()) if (!q.line) q.level = "trial";
    // A recurrence may go through several lines.
    const recurrent = new Set(
      components(this.quantities.values(), (q) => this.readers(q.name)).flatMap((part) =>
        part.length > 1 || this.readers(part[0]!.name).includes(part[0]!) ? part : [],
      ),
    );
    const open = new Set(this.quantities.values());
    for (const q of open) {
      open.delete(q);
      if (!q.line || q.level === "sample") continue;
      const level = q.flow || q.line.index || q.point || recurrent.has(q) ? "sample" : this.levelOf(q.line.right);
      if (level === q.level) continue;
      q.level = level;
      for (const reader of this.readers(q.name)) open.add(reader);
    }
  }

  /** Quantities with a line that reads `name`. */
  readers(name: string): readonly Quantity[] {
    if (!this.reading) {
      this.reading = new Map();
      for (const line of this.lines)
        for (const node of nodesOf(line)) {
          if (node.type !== "name") continue;
          const list = this.reading.get(node.name) ?? [];
          list.push(this.quantities.get(line.name)!);
          this.reading.set(node.name, list);
        }
    }
    return this.reading.get(name) ?? [];
  }

  /** The level of an expression: the highest of what it reads. */
  levelOf(ast: Ast): Level {
    let level: Level = "update";
    for (const node of walk(ast)) {
      if (node.type !== "name") continue;
      const m = this.meaning(node.name);
      const other: Level =
        m.kind === "quantity" ? (node.index && node.index.base !== "t" ? "trial" : m.quantity.level)
          : m.kind === "input" ? m.per
            : m.kind === "t" || m.kind === "xi" || m.kind === "eps" ? "sample" : "update"; // biome-ignore format: a table
      if (other === "sample") return "sample";
      if (other === "trial") level = "trial";
    }
    return level;
  }
}
