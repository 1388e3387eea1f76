/** Random programs with every kind of node, for holding one executable against another. */

import { RandomStream } from "../../src/engine/random.ts";
import { Graph } from "../../src/equations/build.ts";
import type { Level, MapName, Node, Shape } from "../../src/equations/graph.ts";
import type { Block, Program } from "../../src/equations/program.ts";
import { block, leaves, program } from "./programs.ts";

export interface RandomProgram {
  program: Program;
  record: string[];
}

const shapes: Shape[] = [[], ["a"], ["b"], [1, "a"], [1, "b"], ["a", "b"], ["b", "a"], ["a", "a"], ["b", "b"]];
const rank: Record<Level, number> = { update: 0, trial: 1, sample: 2 };
const same = (a: Shape, b: Shape) => a.join() === b.join();

/** `maps`: the functions of one number to draw from. `jumps`: whether to use functions that are not continuous. */
export interface RandomOptions {
  maps: MapName[];
  noise: boolean;
  jumps: boolean;
}

/** The same program for the same seed. */
export function randomProgram(seed: number, options: RandomOptions): RandomProgram {
  const maps = options.maps.filter((fn) => options.jumps || fn !== "step");
  const random = new RandomStream(seed, "random programs");
  const g = new Graph();
  const of = leaves(g);
  const chance = (p: number) => random.uniform() < p;
  const pool: Node[] = [g.number(0.5), g.number(2, ["a"]), of.size("a"), of.dt()];
  const parameters: Program["parameters"] = {};
  const inputs: Program["inputs"] = {};
  const noises: Program["noises"] = {};
  const record: string[] = [];
  shapes.forEach((shape, i) => {
    parameters[`p${i}`] = { shape };
    pool.push(of.parameter(`p${i}`, shape));
    inputs[`u${i}`] = { shape, per: "sample" };
    inputs[`v${i}`] = { shape, per: "trial" };
    pool.push(of.input(`u${i}`, shape), of.input(`u${i}`, shape, random.integer(7) - 3), of.trialInput(`v${i}`, shape));
    if (!options.noise) return;
    noises[`n${i}`] = { shape, per: "sample" };
    noises[`m${i}`] = { shape, per: "trial" };
    pool.push(of.noise(`n${i}`, shape), of.noise(`n${i}`, shape, -1), of.trialNoise(`m${i}`, shape));
  });
  pool.push(of.t(), of.t(-2), of.indicator("start", 1), of.indicator("end", 0), of.indicator("end", 2));

  const leafOf = (shape: Shape, level: Level, extra: Node[]): Node => {
    const fits = [...pool, ...extra].filter((n) => same(n.shape, shape) && rank[n.level] <= rank[level]);
    if (fits.length === 0) return g.number(random.uniform(-1, 1), shape);
    const best = fits.filter((n) => n.level === level);
    return random.choice(best.length > 0 && chance(0.7) ? best : fits);
  };
  const bounded = (x: Node): Node => g.map("div", x, g.map("add", g.number(1), g.map("abs", x)));
  const grow = (shape: Shape, level: Level, depth: number, extra: Node[]): Node => {
    if (depth === 0 || chance(0.08)) return leafOf(shape, level, extra);
    const next = (s: Shape) => grow(s, level, depth - 1, extra);
    const choices: (() => Node)[] = [
      () => g.map(random.choice(["add", "sub", "mul", "min", "max"]), next(shape), next(chance(0.3) ? [] : shape)),
      () => g.map("add", next(shape), g.map("mul", next(shape), next(shape))),
      () => g.map("sub", next(shape), g.map("mul", next([]), next(shape))),
      () => g.map("div", next(shape), g.map("add", g.number(2), g.map("abs", next(shape)))),
      () => g.map("pow", bounded(next(shape)), g.number(random.choice([2, 3, 5]))),
      () => g.map("pow", g.map("add", g.number(1.5), bounded(next(shape))), g.number(-2)),
    ];
    if (options.jumps)
      choices.push(
        () => g.map("where", next(chance(0.3) ? [] : shape), next(shape), next(shape)),
        () => g.spike(next(shape), "s"),
      );
    const unary = random.choice(maps);
    if (unary === "sqrt" || unary === "log")
      choices.push(() => g.map(unary, g.map("add", g.number(1), g.map("abs", next(shape)))));
    else if (unary === "pow")
      choices.push(() => g.map("pow", g.map("add", g.number(1), g.map("abs", next(shape))), bounded(next([]))));
    else choices.push(() => g.map(unary as "tanh", bounded(next(shape))));
    choices.push(choices.at(-1)!, choices.at(-1)!);
    const transposed: Shape =
      shape.length === 1 ? [1, shape[0]!] : shape[0] === 1 ? [shape[1]!] : [shape[1]!, shape[0]!];
    if (shape.length > 0)
      choices.push(
        () => g.fill(next([]), shape),
        () => g.transpose(next(transposed)),
      );
    const inner = random.choice(["a", "b"]);
    const [rows, columns] =
      shape.length === 1 ? [shape[0]!, undefined] : shape.length === 2 ? shape : [undefined, undefined];
    const products: (() => Node)[] = [];
    if (shape.length === 0)
      products.push(
        () => g.product(next([1, inner]), next([inner])),
        () => g.total(next([inner])),
        () => g.total(next(["a", "b"])),
      );
    else if (columns === undefined)
      products.push(
        () => g.product(next([rows!, inner]), next([inner])),
        () => g.product(g.diag(next(shape)), next(shape)),
      );
    else if (rows === 1) products.push(() => g.product(next([1, inner]), next([inner, columns])));
    else {
      products.push(
        () => g.product(next([rows!]), next([1, columns])),
        () => g.product(next([rows!, inner]), next([inner, columns])),
        () => g.product(g.diag(next([rows!])), next(shape)),
        () => g.product(next(shape), g.diag(next([columns]))),
      );
      if (rows === columns) products.push(() => g.map("add", g.diag(next([rows!])), next(shape)));
    }
    choices.push(...products, ...products);
    return random.choice(choices)();
  };
  const definition = (shape: Shape, level: Level, extra: Node[] = []) => bounded(grow(shape, level, 3, extra));

  const blocks: Block[] = [];
  /** Per block: definitions of random shapes, with reads of its own past in a pass; sums of what it computes. */
  const makeBlock = (index: number, kind: Block["kind"], direction: 1 | -1) => {
    const level: Level = kind === "pass" ? "sample" : kind;
    const names = [0, 1, 2].map((i) => ({ name: `q${index}${i}`, shape: random.choice(shapes) }));
    const own =
      kind === "pass"
        ? names.flatMap(({ name, shape }) =>
            [1, 1 + random.integer(4)].map((k) => of.read(name, -direction * k, shape)),
          )
        : [];
    const definitions = Object.fromEntries(names.map(({ name, shape }) => [name, definition(shape, level, own)]));
    const initials: Record<string, Node> = {};
    if (kind === "pass")
      for (const { name, shape } of names)
        if (chance(0.6)) initials[name] = definition(shape, chance(0.5) ? "trial" : "update");
    const sums: Block["sums"] = [];
    const shape = random.choice(shapes);
    for (const over of ["trial", "update"] as const) {
      if (kind === "update" || (kind === "trial" && over === "trial")) continue;
      sums.push({ name: `s${index}${over}`, node: random.choice(Object.values(definitions)), over, shape: [] });
      sums.push({ name: `e${index}${over}`, node: definition(shape, level, own), over, shape });
    }
    if (kind !== "update") {
      const vector = (s: Shape) => grow(s, level, 2, own);
      const outer = () => g.product(vector(["a"]), vector([1, "b"]));
      let node = g.map("add", outer(), g.map("neg", g.map("mul", of.parameter("p5", ["a", "b"]), outer())));
      if (chance(0.5)) node = g.map("sub", node, g.transpose(g.product(vector(["b"]), vector([1, "a"]))));
      sums.push({ name: `o${index}`, node, over: "update", shape: ["a", "b"] });
    }
    blocks.push(block(kind, { direction, definitions, sums, initials }));
    record.push(...names.map(({ name }) => name), ...sums.map(({ name }) => name));
    for (const { name, shape } of names) {
      if (kind !== "pass") pool.push(of.value(name, shape, level));
      else {
        for (const offset of [0, random.integer(5) - 2]) pool.push(of.read(name, offset, shape));
        pool.push(of.pick(name, random.choice(["start", "end"]), random.integer(3) - 1, shape));
      }
    }
    for (const sum of sums) pool.push(of.value(sum.name, sum.shape, sum.over));
  };
  const kinds: [Block["kind"], 1 | -1][] = [
    ["update", 1],
    ["trial", 1],
    ["pass", 1],
    ["pass", -1],
    ["trial", 1],
    ["update", 1],
    ["pass", chance(0.5) ? 1 : -1],
  ];
  for (const [index, [kind, direction]] of kinds.entries()) makeBlock(index, kind, direction);
  return { program: program({ sizes: { a: 3, b: 5 }, parameters, inputs, noises, blocks }), record };
}
