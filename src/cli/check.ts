/** `nullcline check FILE`: what the compiler makes of a text, or what a task asks for. */
import type { Command } from "commander";
import { NullclineError } from "../base/errors.ts";
import { type NoiseLaw, noiseLaws } from "../engine/noiseLaws.ts";
import { type Node, showShape } from "../equations/graph.ts";
import { type Model, modelOf } from "../equations/model.ts";
import type { NetworkData } from "../equations/network.ts";
import { printNode, toLatex } from "../equations/print.ts";
import { readable, uniform } from "../equations/readable.ts";
import { jacobianBlocks, NoClosedForm, type Rule, ruleOf } from "../equations/rule.ts";
import { nodesOf } from "../equations/syntax.ts";
import { formatNumber } from "../figures/number.ts";
import { makeNetwork, valuesOf } from "../networks/network.ts";
import { checkOfTask, isTask, type TaskFlags } from "./checkTask.ts";
import type { Shell } from "./main.ts";
import { loadNetwork, type NetworkFlags, networkOptions, sizesOf } from "./network.ts";

/** Everything that is printed, as data. */
interface Findings {
  name?: string;
  source?: string;
  equations: string;
  sizes: Record<string, number | null>;
  quantities: { name: string; shape: string; level: string; role: string }[];
  parameters: { name: string; shape: string; tag: string; value: string }[];
  inputs: { name: string; shape: string; per: string }[];
  passes: string[];
  noise: {
    source: string;
    into: string;
    law: string;
    additive: boolean;
    perStep: string;
    deviation: number[] | null;
  }[];
  system: { kind: string; dimension: string; bounded: boolean } | { none: string };
  warnings: string[];
  latex: string;
  jacobian: { of: string; by: string; latex: string }[] | { none: string };
}

export function addCheck(program: Command, shell: Shell): void {
  networkOptions(
    program
      .command("check")
      .description(
        "prints what a text means (shapes, passes, noise per step, warnings, LaTeX, Jacobian), or what a task asks for",
      )
      .argument(
        "<network>",
        "a built-in network or task, a .json file, a plain text of equations (.eq, .txt), a task's module (.mjs)",
      ),
  )
    .option("--dt <step>", "time step at which the noise is given; default: the network's")
    .option("--figure <file>", "of a task: writes one trial of each condition as an SVG")
    .option("--json", "prints JSON")
    .option("--quiet", "prints warnings only")
    .action(async (what: string, flags: NetworkFlags & TaskFlags) => {
      if (isTask(what, flags)) return checkOfTask(shell, what, flags);
      if (flags.figure !== undefined)
        throw new NullclineError({ code: "option", given: `--figure for the network \`${what}\``, expected: "a task" });
      const { data } = await loadNetwork(shell, what, {
        ...flags,
        set: flags.dt === undefined ? flags.set : [...flags.set, `dt=${flags.dt}`],
      });
      const findings = check(data);
      const { terminal } = shell.host;
      if (flags.json) terminal.line(JSON.stringify(findings, null, 2));
      else if (flags.quiet) for (const warning of findings.warnings) terminal.line(`warning  ${warning}`);
      else for (const line of lines(findings)) terminal.line(line);
    });
}

function check(data: NetworkData): Findings {
  const model = modelOf(data);
  const { text, program } = model;
  const shifted = new Set(
    text.lines
      .flatMap(nodesOf)
      .flatMap((n) => (n.type === "name" && n.index && n.index.base === "t" && n.index.count !== 0 ? [n.name] : [])),
  );
  let rule: Rule | undefined;
  let none = "";
  try {
    rule = ruleOf(data);
  } catch (error) {
    if (!(error instanceof NullclineError)) throw error;
    none = error.facts.given;
  }
  return {
    name: data.name,
    source: data.source,
    equations: data.equations,
    sizes: Object.fromEntries(sizesOf(data).map((name) => [name, data.sizes?.[name] ?? null])),
    quantities: [...text.quantities.values()].map((q) => ({
      name: q.name,
      shape: showShape(q.shape!),
      level: { update: "once per update", trial: "once per trial", sample: "every sample" }[q.level],
      role: roleOf(q.name, model, shifted.has(q.name)),
    })),
    parameters: Object.entries(data.parameters).map(([name, p]) => ({
      name,
      shape: showShape(p.shape ?? []),
      tag:
        p.tag === undefined
          ? p.shape?.length
            ? "free"
            : "pinned"
          : typeof p.tag === "string"
            ? p.tag
            : `bounded ${p.tag.bounded.join(" to ")}`,
      value:
        p.value === undefined
          ? p.init
            ? JSON.stringify(p.init)
            : "drawn"
          : typeof p.value === "number"
            ? `${p.value}${p.unit ? ` ${p.unit}` : ""}`
            : `${p.value.length} values`,
    })),
    inputs: Object.entries(text.inputs).map(([name, { shape, per }]) => ({ name, shape: showShape(shape), per })),
    passes: program.blocks
      .map(({ kind, direction, definitions }) => {
        const names = definitions
          .map((d) => d.name.replace(/\.next$/, ""))
          .filter((name, i, all) => !name.startsWith("_") && all.indexOf(name) === i);
        const when =
          kind === "pass"
            ? direction === 1
              ? "forward pass"
              : "backward pass"
            : kind === "trial"
              ? "once per trial"
              : "once per update";
        return names.length > 0 ? `${when}: ${names.join(", ")}` : "";
      })
      .filter((line) => line !== ""),
    noise: noiseOf(data, model),
    system: rule
      ? { kind: rule.kind, dimension: dimensionOf(rule, data.sizes ?? {}), bounded: rule.bounded }
      : { none },
    warnings: model.warnings,
    latex: toLatex(data),
    jacobian: rule ? jacobianOf(rule) : { none },
  };
}

/** A number where all sizes have one, else a sum of products. */
function dimensionOf(rule: Rule, sizes: Record<string, number>): string {
  const shapes = rule.coordinates.map((c) => c.shape.map((d) => (typeof d === "string" ? (sizes[d] ?? d) : d)));
  if (shapes.flat().every((d) => typeof d === "number"))
    return String(shapes.reduce((sum, s) => sum + (s as number[]).reduce((a, b) => a * b, 1), 0));
  return shapes.map((s) => s.join(" × ") || "1").join(" + ");
}

function roleOf(name: string, model: Model, isShifted: boolean): string {
  const q = model.text.quantities.get(name)!;
  const also = model.outputs.includes(name) ? ", output" : "";
  if (q.memory) return `state (${q.flow ? "flow" : q.point && !q.line ? "initial" : "its past is kept"})${also}`;
  if (q.level === "sample") return `${isShifted ? "recomputed from the past state" : "computed"}${also}`;
  return `${q.level === "update" ? "of parameters" : "of the trial"}${also}`;
}

function noiseOf(data: NetworkData, model: Model): Findings["noise"] {
  const known = sizesOf(data).every((name) => data.sizes?.[name] !== undefined);
  const flow = model.states.some((s) => s.flow);
  const dt = data.dt ?? (flow ? undefined : 1);
  const valued = known ? valuesOf(makeNetwork(data)) : scalars(data);
  const parameters = Object.fromEntries(
    Object.entries(valued).filter(([name]) => data.parameters[name]!.value !== undefined),
  );
  return noiseLaws(model, { parameters, sizes: data.sizes, dt }).map((law) => ({
    source: law.source,
    into: law.into,
    law: slopeLatex(law, model),
    additive: law.additive,
    perStep: perStep(law, dt, flow),
    deviation: law.deviation ? [...law.deviation] : null,
  }));
}

/** Without numbers for the sizes, only one number each. */
const scalars = (data: NetworkData): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(data.parameters).flatMap(([name, p]) =>
      typeof p.value === "number" && !p.shape?.length ? [[name, [p.value]]] : [],
    ),
  );

function perStep({ additive, deviation, slope }: NoiseLaw, dt: number | undefined, flow: boolean): string {
  if (!additive) return slope ? "depends on the state or the input" : "through a threshold or a matrix: no closed form";
  if (!deviation)
    return flow && dt === undefined ? "give --dt and the values that it reads" : "give the values that it reads";
  const [low, high] = [Math.min(...deviation), Math.max(...deviation)];
  const at = flow ? ` at dt = ${dt}` : "";
  return `standard deviation ${low === high ? formatNumber(low, 5) : `${formatNumber(low, 4)} to ${formatNumber(high, 4)}`} per step${at}`;
}

const slopeLatex = ({ slope }: NoiseLaw, { program }: Model): string =>
  slope ? blockLatex(slope, (n) => readable(n, program)) : "";

function jacobianOf(rule: Rule): Findings["jacobian"] {
  const names = new Map(rule.coordinates.map((c) => [c.rule, c.name]));
  try {
    const { blocks } = jacobianBlocks(
      rule,
      rule.coordinates.map((c) => c.rule),
      rule.coordinates.map((c) => c.input),
    );
    return blocks
      .filter((b) => b.diagonal || b.dense)
      .map((b) => ({ of: names.get(b.of)!, by: b.by, latex: blockLatex(b, (n) => readable(n, rule.program)) }));
  } catch (error) {
    if (error instanceof NoClosedForm) return { none: "a state is a matrix: the Jacobian is computed by tangents" };
    throw error;
  }
}

/** `diag(d) + A`; a diagonal of one number is that number times the identity. */
function blockLatex({ diagonal, dense }: { diagonal?: Node; dense?: Node }, shown: (n: Node) => Node): string {
  const parts: string[] = [];
  if (diagonal) {
    const node = shown(diagonal);
    const latex = printNode(node);
    const sum = /[+-]/.test(latex.slice(1)) && !latex.startsWith("\\");
    if (diagonal.shape.length === 0) parts.push(latex);
    else if (uniform(node)) parts.push(`${sum ? `\\left(${latex}\\right)` : latex} \\, I`);
    else parts.push(`\\operatorname{diag}\\left(${latex}\\right)`);
  }
  if (dense) parts.push(printNode(shown(dense)));
  return parts.join(" + ");
}

function lines(f: Findings): string[] {
  const table = (title: string, rows: string[][]): string[] => {
    if (rows.length === 0) return [];
    const widths = rows[0]!.map((_, c) => Math.max(...rows.map((r) => r[c]!.length)));
    return [
      "",
      title,
      ...rows.map((r) => `  ${r.map((cell, c) => (c === r.length - 1 ? cell : cell.padEnd(widths[c]!))).join("  ")}`),
    ];
  };
  const sizes = Object.entries(f.sizes).map(([name, n]) => `${name} = ${n ?? "open"}`);
  return [
    `${f.name ?? "equations"}${f.source ? `  (${f.source})` : ""}`,
    "",
    ...f.equations
      .trim()
      .split("\n")
      .map((line) => `  ${line}`),
    ...table(
      "quantities",
      f.quantities.map((q) => [q.name, q.shape, q.level, q.role]),
    ),
    ...table(
      "inputs",
      f.inputs.map((i) => [i.name, i.shape, `per ${i.per}`]),
    ),
    ...table(
      "parameters",
      f.parameters.map((p) => [p.name, p.shape, p.tag, p.value]),
    ),
    ...table("sizes", sizes.length > 0 ? [[sizes.join(", ")]] : []),
    ...table(
      "passes",
      f.passes.map((p) => [p]),
    ),
    ...table(
      "noise",
      f.noise.map((n) => [
        `${n.source === n.into ? n.into : `${n.source} → ${n.into}`}`,
        n.perStep,
        n.law === "" ? "" : `d${n.into}/dn = ${short(n.law)}`,
      ]),
    ),
    ...table(
      "system",
      "none" in f.system
        ? [[`no step: ${f.system.none}`]]
        : [
            [
              `a ${f.system.kind} of dimension ${f.system.dimension}`,
              f.system.bounded
                ? "bounded drive: degree sum of all fixed points +1"
                : "the drive is not known to be bounded",
            ],
          ],
    ),
    ...table(
      "warnings",
      f.warnings.map((w) => [w]),
    ),
    "",
    "LaTeX",
    f.latex,
    ...("none" in f.jacobian
      ? ["", `Jacobian  ${f.jacobian.none}`]
      : [
          "",
          "Jacobian",
          ...f.jacobian.map(
            (b) => `\\frac{\\partial ${symbol(b.of, f)}}{\\partial ${printName(b.by)}} = ${short(b.latex)}`,
          ),
        ]),
  ];
}

/** The derivative of a flow, or the next value of a map. */
function symbol(name: string, f: Findings): string {
  return "kind" in f.system && f.system.kind === "flow"
    ? `\\dot{${printName(name)}}`
    : `${printName(name)}^{\\mathrm{next}}`;
}

const printName = (name: string): string => name.replace(/_(\w+)/g, "_{$1}");
const short = (latex: string): string =>
  latex.length > 1500 ? `… (${latex.length} characters of LaTeX; --json prints them)` : latex;
