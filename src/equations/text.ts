/**
 * A parsed text together with its table: every name has one meaning, every quantity a kind, an index on its left side,
 * a level and (after `shapes.ts`) a shape.
 */
import { closest } from "../base/errors.ts";
import { EquationError, type EquationErrorCode, type Place } from "./errors.ts";
import type { Level, Shape } from "./graph.ts";
import type { NetworkData } from "./network.ts";
import { parse } from "./parse.ts";
import { type Ast, type Index, type Line, reserved, walk } from "./syntax.ts";

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
  readonly warnings: string[] = [];

  /** @throws EquationError: character, syntax, function, division, left, name, reserved, twice, initial, time, noise, limit. */
  constructor(network: NetworkData) {
    this.network = network;
    this.source = { name: network.name ?? "equations", text: network.equations };
    this.lines = parse(network.equations, this.source.name);
    if (this.lines.length === 0) this.fail("syntax", undefined, "the text has no equations", "write at least one line");
    this.declare();
    this.define();
    for (const line of this.lines) this.checkNames(line);
    this.assignLevels();
    this.warnUnread();
  }

  fail(code: EquationErrorCode, at: Place | undefined, given: string, remedy?: string, symbols?: string[]): never {
    throw new EquationError(code, at, { given, remedy, symbols }, this.source);
  }

  private declare(): void {
    const { network } = this;
    const defined = new Set(this.lines.map((l) => l.name));
    const mentioned = new Set<string>();
    for (const line of this.lines)
      for (const node of [...walk(line.right), ...(line.scale ? walk(line.scale) : [])])
        if (node.type === "name") mentioned.add(node.name);
    const implied = mentioned.has("u") && !defined.has("u") && !network.parameters.u ? { u: { shape: ["I"] } } : {};
    for (const [name, { shape, per }] of Object.entries(network.inputs ?? implied)) {
      if (reserved.has(name)) this.fail("reserved", undefined, `the input \`${name}\` has the name of a function or symbol`, "rename it");
      if (network.parameters[name]) this.fail("twice", undefined, `\`${name}\` is an input and a parameter`, "rename one");
      this.inputs[name] = { shape, per: per ?? "sample" };
    }
    const shapes = [
      ...Object.values(network.parameters).map((p) => p.shape ?? []),
      ...Object.values(this.inputs).map((i) => i.shape),
      ...Object.values(network.states ?? {}).map((s) => s.shape),
    ];
    for (const shape of shapes) {
      for (const dim of shape) {
        if (typeof dim === "string") this.sizes.add(dim);
        else if (!Number.isInteger(dim) || dim < 1)
          this.fail("shape", undefined, `a size of ${dim}`, "sizes are positive integers or names");
      }
      if (shape.length > 2) this.fail("shape", undefined, `a shape of ${shape.length} sizes`, "scalars, vectors and matrices are known");
    }
    for (const name of Object.keys(network.parameters)) {
      if (reserved.has(name)) this.fail("reserved", undefined, `the parameter \`${name}\` has the name of a function or symbol`, "rename it");
      if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) this.fail("name", undefined, `the parameter \`${name}\``, "a name is a letter, then letters, digits and `_`");
      if (this.sizes.has(name)) this.fail("twice", undefined, `\`${name}\` is a parameter and the name of a size`, "rename one");
    }
  }

  private define(): void {
    for (const line of this.lines) {
      const { name, index } = line;
      if (reserved.has(name)) this.fail("reserved", line.at, `\`${name}\` cannot be defined`, "it is a function or a symbol of the language; use another name");
      if (this.network.parameters[name] || this.inputs[name])
        this.fail("twice", line.at, `\`${name}\` is defined here and declared as ${this.inputs[name] ? "an input" : "a parameter"} in the table`, "rename one, or take it out of the table", [name]);
      if (this.sizes.has(name)) this.fail("twice", line.at, `\`${name}\` is defined here and is the name of a size`, "rename one", [name]);
      const quantity = this.quantities.get(name) ?? { name, flow: false, left: 0, level: "update", memory: false };
      this.quantities.set(name, quantity);
      const isPoint = line.kind === "plain" && index !== undefined && index.base !== "t";
      const taken = isPoint ? quantity.point : quantity.line;
      if (taken) this.fail("twice", line.at, `\`${name}\` is defined twice: here and in line ${taken.at.line}`, "keep one of the two lines", [name]);
      if (isPoint) quantity.point = line;
      else {
        quantity.line = line;
        quantity.flow = line.kind === "flow";
        const shift = index ? this.count(index, line.at) : 0;
        if (quantity.flow) quantity.left = 1;
        else if (shift === 0 || shift === 1) quantity.left = shift;
        else this.fail("left", line.at, `a line defines a quantity at \`[t${shift > 0 ? "+" : ""}${shift}]\``, "a line defines `[t]` or `[t+1]`");
      }
    }
    for (const [name, { shape }] of Object.entries(this.network.states ?? {})) {
      const quantity = this.quantities.get(name);
      if (!quantity) this.fail("name", undefined, `the table declares the state \`${name}\`, which no line defines`, "define it, or take it out of the table");
      quantity.shape = shape;
    }
  }

  /** The signed offset of an index; a named count is an integer constant of the table. */
  count(index: Index, at: Place): number {
    if (typeof index.count === "number") return index.sign * index.count;
    const value = this.network.parameters[index.count]?.value;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
      this.fail("time", at, `the count \`${index.count}\` in an index`, "give it a whole number as value in the table");
    return index.sign * value;
  }

  meaning(name: string, at?: Place): Meaning {
    if (name === "t" || name === "dt" || name === "pi" || name === "xi" || name === "eps") return { kind: name };
    const quantity = this.quantities.get(name);
    if (quantity) return { kind: "quantity", quantity };
    const parameter = this.network.parameters[name];
    if (parameter) return { kind: "parameter", shape: parameter.shape ?? [] };
    const input = this.inputs[name];
    if (input) return { kind: "input", ...input };
    if (this.sizes.has(name)) return { kind: "size" };
    return this.unknown(name, at);
  }

  private unknown(name: string, at?: Place): never {
    const known = [...this.quantities.keys(), ...Object.keys(this.network.parameters), ...Object.keys(this.inputs), ...this.sizes, ...reserved];
    const set = new Set(known);
    for (let i = 1; i < name.length; i++) {
      const [a, b] = [name.slice(0, i), name.slice(i)];
      if (set.has(a) && set.has(b)) this.fail("name", at, `\`${name}\` is not defined`, `did you mean the product \`${a} ${b}\`?`, [name]);
    }
    const like = closest(name, known);
    this.fail("name", at, `\`${name}\` is not defined`, like ? `did you mean \`${like}\`? Otherwise define it in a line or in the table` : "define it in a line, or in the table of parameters", [name]);
  }

  private checkNames(line: Line): void {
    const flow = line.kind === "flow";
    for (const node of [...walk(line.right), ...(line.scale ? walk(line.scale) : [])]) {
      if (node.type !== "name") continue;
      const meaning = this.meaning(node.name, node.at);
      const { index } = node;
      if (index && meaning.kind !== "quantity" && meaning.kind !== "input")
        this.fail("time", node.at, `\`${node.name}\` has no time`, "leave the index out");
      if (meaning.kind === "quantity") this.checkIndex(node.name, meaning.quantity, index, node.at, flow);
      if (meaning.kind === "input" && index) {
        if (meaning.per === "trial") this.fail("time", node.at, `the input \`${node.name}\` is given once per trial`, "leave the index out");
        if (index.base !== "t") this.fail("time", node.at, `the input \`${node.name}\` at one sample`, `name it first: \`v = ${node.name}\`, then \`v[0]\``);
        this.count(index, node.at);
      }
    }
    if (flow) {
      this.checkXi(line.right, true);
      if (line.scale && [...walk(line.scale)].some(isNoise)) this.fail("noise", line.at, "noise in a time constant", "add the noise to the right side");
    } else
      for (const node of walk(line.right))
        if (node.type === "name" && node.name === "xi")
          this.fail("noise", node.at, "`xi` is white noise and ends a term of a flow", "a normal number per sample is `eps`");
  }

  private checkIndex(name: string, quantity: Quantity, index: Index | undefined, at: Place, flow: boolean): void {
    if (!quantity.line) {
      if (!index || index.base === "t") {
        const point = quantity.point!.index!;
        this.fail("time", at, `\`${name}\` exists at one sample only`, `write \`${name}[${showIndex(point)}]\``);
      }
      if (showIndex(index) !== showIndex(quantity.point!.index!))
        this.fail("time", at, `\`${name}[${showIndex(index)}]\` does not exist`, `write \`${name}[${showIndex(quantity.point!.index!)}]\``);
      return;
    }
    if (!index) return;
    this.count(index, at);
    if (flow && index.base === "t" && index.count !== 0)
      this.fail("time", at, `\`${name}[${showIndex(index)}]\` in a flow, which has no samples`, `write \`delay(${name}, d)\` with d in units of time, or a map`);
  }

  /** `xi` may stand as a term, the last factor of a product, or beside `*`. */
  private checkXi(ast: Ast, allowed: boolean): void {
    if (ast.type === "name" && ast.name === "xi" && !allowed)
      this.fail("noise", ast.at, "`xi` inside a function or before another factor", "white noise ends a term of a flow: `sigma xi`, `sigma * xi`, `L xi`");
    if (ast.type === "name" || ast.type === "number") return;
    if (ast.type === "sum") for (const { term } of ast.terms) this.checkXi(term, allowed);
    else if (ast.type === "chain") ast.factors.forEach((f, i) => this.checkXi(f, allowed && i === ast.factors.length - 1));
    else if (ast.type === "mul") {
      this.checkXi(ast.a, allowed);
      this.checkXi(ast.b, allowed);
    } else if (ast.type === "div") {
      this.checkXi(ast.a, allowed);
      this.checkXi(ast.b, false);
    } else for (const node of walk(ast)) if (node !== ast) this.checkXi(node, false);
  }

  /** A quantity has the highest level among what it reads; a flow, a recurrence and noise make it `sample`. */
  private assignLevels(): void {
    for (const q of this.quantities.values()) if (!q.line) q.level = "trial";
    for (let changed = true; changed; ) {
      changed = false;
      for (const q of this.quantities.values()) {
        if (!q.line || q.level === "sample") continue;
        let level: Level = q.flow || q.line.index || q.point ? "sample" : "update";
        for (const node of walk(q.line.right)) {
          if (node.type !== "name") continue;
          const m = this.meaning(node.name);
          const other: Level =
            m.kind === "quantity" ? (node.index && node.index.base !== "t" ? "trial" : m.quantity.level)
              : m.kind === "input" ? m.per
                : m.kind === "t" || m.kind === "xi" || m.kind === "eps" ? "sample" : "update"; // biome-ignore format: a table
          if (other === "sample" || (other === "trial" && level === "update")) level = other;
          if (m.kind === "quantity" && m.quantity === q) level = "sample";
        }
        if (level !== q.level) {
          q.level = level;
          changed = true;
        }
      }
    }
    for (const line of this.lines)
      for (const node of walk(line.right)) {
        if (node.type !== "name" || !node.index) continue;
        const m = this.meaning(node.name);
        if (m.kind === "quantity" && m.quantity.line && m.quantity.level !== "sample")
          this.fail("time", node.at, `\`${node.name}\` does not change in time`, "leave the index out");
      }
  }

  private warnUnread(): void {
    const read = new Set<string>();
    for (const line of this.lines)
      for (const node of [...walk(line.right), ...(line.scale ? walk(line.scale) : [])])
        if (node.type === "name") {
          read.add(node.name);
          if (typeof node.index?.count === "string") read.add(node.index.count);
        }
    for (const name of Object.keys(this.network.parameters))
      if (!read.has(name)) this.warnings.push(`no equation reads the parameter \`${name}\``);
    for (const line of this.lines) {
      if (line.kind !== "flow") continue;
      for (const node of walk(line.right)) {
        const factors = node.type === "chain" ? node.factors : node.type === "mul" ? [node.a, node.b] : [];
        if (!factors.some((f) => f.type === "name" && f.name === "xi")) continue;
        for (const f of factors)
          for (const n of walk(f))
            if (n.type === "name" && this.quantities.get(n.name)?.level === "sample")
              this.warnings.push(`\`xi\` is multiplied by the state (\`${n.name}\`): the equation is Itô's`);
      }
    }
  }
}

const isNoise = (node: Ast): boolean => node.type === "name" && (node.name === "xi" || node.name === "eps");

export const showIndex = (index: Index | undefined): string => {
  if (!index) return "t";
  if (index.base === "") return `${index.sign < 0 ? "-" : ""}${index.count}`;
  return index.count === 0 ? index.base : `${index.base}${index.sign < 0 ? "-" : "+"}${index.count}`;
};
