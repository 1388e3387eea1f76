import { NullclineError } from "../../base/errors.ts";
import { compileProgram } from "../../engine/compiled/index.ts";
import type { Executable } from "../../engine/executable.ts";
import { entriesOf } from "../../engine/shapes.ts";
import { Graph, leavesOf } from "../../equations/build.ts";
import { type Node, topological } from "../../equations/graph.ts";
import { type Model, modelOf } from "../../equations/model.ts";
import { emptyBlock, prune } from "../../equations/normalise.ts";
import type { Block, Program } from "../../equations/program.ts";
import type { Trials } from "../../tasks/trials.ts";
import { shardInputs } from "../gradient.ts";
import type { Credit, CreditSetting, Evidence, Values } from "../rule.ts";

export interface LocalOptions {
  /** Samples between two updates. Default 1. */
  every?: number;
  /**
   * Whether the states of a trial begin where those of the trial before ended, as in one long recording: an iteration is
   * then a stretch of it, and one whose rate is 0 shows how the network runs by itself. Default false.
   */
  carry?: boolean;
}

/**
 * Local error, while the trial runs: after every few samples, what stands before each trained coupling `W r` and how far
 * the output is from its target there. The next samples run with the weights as changed. Each trained parameter is a
 * matrix in one product, with as many rows as the output has entries; error k is that of row k (in FORCE `z = W r`; in
 * networks fitted to recordings the output is the drive `J r` or its rate). The gradient that comes with the pairs is
 * that of the delta rule, `2/n Σ e r'`. Samples whose mask is 0 teach nothing. Runs in one thread.
 * @source Sussillo & Abbott 2009; Perich et al. 2021
 */
export function local({ every = 1, carry = false }: LocalOptions = {}): Credit {
  if (!(Number.isInteger(every) && every > 0))
    throw new NullclineError({
      code: "rule",
      given: `an update every ${every} samples`,
      expected: "a whole number above 0",
    });
  return {
    kind: "local",
    gives: ["pairs"],
    async open(setting) {
      const { trained, sizes, samples, seed, penalties = [] } = setting;
      if (penalties.length > 0)
        throw new NullclineError({ code: "rule", given: "penalties with the credit `local`", expected: "none" });
      const stretch = Math.min(every, samples);
      const plan = planOf(setting);
      let machine: { first: Executable; step: Executable; trials: number } | undefined;
      const machineFor = async (trials: number) => {
        if (machine?.trials === trials) return machine;
        const compile = (program: Program, record: string[], most: number) =>
          compileProgram(program, { sizes, trials, samples: most, record, precision: "f32", relaxed: setting.relaxed });
        machine = {
          trials,
          first: await compile(plan.first, Object.values(plan.initials), 1),
          step: await compile(plan.step, plan.record, stretch),
        };
        return machine;
      };
      const entries = (name: string): number => entriesOf(plan.model.text.quantities.get(name)!.shape!, sizes);
      return {
        reached: trained,
        async *evidence(parameters, { trials, firstTrial }) {
          const [count, steps, rows] = trials.targets.shape as [number, number, number];
          const { first, step } = await machineFor(count);
          for (const executable of [first, step])
            for (const [name, values] of Object.entries(parameters)) executable.setParameter(name, values);
          const inputs = shardInputs(plan.model, trials, 0, count, count);
          const run = { dt: trials.dt, seed, firstTrial };
          for (const [name, values] of Object.entries(shardInputs(setting.model, trials, 0, count, count)))
            if (name in first.program.inputs)
              first.setInput(name, windowOf(plan.model, name, values, count, steps, 0, 1));
          first.run({ ...run, samples: 1 });
          for (const [state, name] of Object.entries(plan.initials)) {
            const { data } = first.read(name);
            const size = entries(state);
            const ended = carry ? setting.state[`credit.${state}`] : undefined;
            step.setInput(
              `${state}.initial`,
              ended?.length === count * size
                ? ended
                : Float64Array.from({ length: count * size }, (_, k) => data[data.length === size ? k % size : k]!),
            );
          }
          for (let from = 0; from < steps; from += stretch) {
            const length = Math.min(stretch, steps - from);
            for (const [name, values] of Object.entries(inputs))
              if (name in step.program.inputs && !name.endsWith(".initial"))
                step.setInput(name, windowOf(plan.model, name, values, count, steps, from, length));
            for (const name of trained) step.setParameter(name, parameters[name]!);
            step.run({ ...run, samples: length, firstSample: from });
            const evidence = pairsOf(step, plan, trials, from + length - 1, { count, steps, rows });
            for (const { name, stored } of plan.model.states)
              step.setInput(`${name}.initial`, step.read(`${stored}.last`).data);
            if (evidence) yield evidence;
          }
          if (carry)
            for (const { name, stored } of plan.model.states)
              setting.state[`credit.${name}`] = Float64Array.from(step.read(`${stored}.last`).data);
        },
        close() {},
      };
    },
  };
}

interface Plan {
  /** All states begin where the trials say. */
  model: Model;
  step: Program;
  record: string[];
  /** Computes the initial values; by state the quantity that holds them. */
  first: Program;
  initials: Record<string, string>;
  /** By trained parameter, the quantity before it. */
  before: Record<string, string>;
  output: string;
}

function planOf(setting: CreditSetting): Plan {
  const { trained, sizes } = setting;
  const own = setting.model;
  const output = own.outputs[0]!;
  const refuse = (given: string, remedy: string): never => {
    throw new NullclineError({ code: "rule", given, remedy });
  };
  if (own.states.some((s) => s.direction === -1))
    refuse("a pass backwards in time with the credit `local`", "use reverse()");
  for (const block of own.program.blocks)
    for (const { leaf } of leavesOf(block.definitions.map((d) => d.node)))
      if (leaf.kind === "read" && leaf.offset < -1) refuse("a delay with the credit `local`", "use reverse()");
  const model = modelOf(own.network, { ...own.options, initialFromTrial: own.states.map((s) => s.name) });
  const g = new Graph();
  const last = emptyBlock("trial");
  const keep = (block: Block, name: string): void => {
    const { shape } = block.definitions.find((d) => d.name === name)!.node;
    const node = g.leaf({ kind: "pick", name, from: "end", index: 0 }, shape, "trial");
    last.definitions.push({ name: `${name}.last`, node });
  };
  const before: Record<string, string> = {};
  const rows = entriesOf(own.text.quantities.get(output)!.shape!, sizes);
  const blocks = model.program.blocks.map((block) => {
    if (block.kind !== "pass") return block;
    const definitions = [...block.definitions];
    for (const name of trained) {
      const found = topological(definitions.map((d) => d.node)).filter(
        (n) => n.op === "product" && n.a.op === "leaf" && n.a.leaf.kind === "parameter" && n.a.leaf.name === name,
      );
      if (found.length > 1 || (found.length === 1 && before[name]))
        refuse(`\`${name}\` in several products`, "local() takes one");
      const [product] = found;
      if (product?.op !== "product") continue;
      before[name] = `local.${name}`;
      definitions.push({ name: before[name], node: product.b });
    }
    const whole = { ...block, definitions };
    for (const { stored } of model.states) if (definitions.some((d) => d.name === stored)) keep(whole, stored);
    for (const { name } of definitions) if (name === output || Object.values(before).includes(name)) keep(whole, name);
    return whole;
  });
  for (const name of trained) {
    const shape = own.program.parameters[name]!.shape;
    if (!before[name] || entriesOf(shape.slice(0, 1), sizes) !== rows || shape.length !== 2)
      refuse(
        `\`${name}\` with the credit \`local\``,
        `it trains matrices of ${rows} rows, one for each entry of \`${output}\`, that stand before something: tag \`${name}\` as pinned`,
      );
  }
  const first = emptyBlock("trial");
  const initials: Record<string, string> = {};
  for (const block of own.program.blocks)
    for (const { name, stored, shape } of own.states)
      if (block.definitions.some((d) => d.name === stored)) {
        const node: Node = block.initials[stored] ? g.rebuild(block.initials[stored]) : g.number(0, shape);
        initials[name] = `local.initial.${name}`;
        first.definitions.push({ name: initials[name], node });
      }
  const record = last.definitions.map((d) => d.name);
  return {
    model,
    step: prune({ ...model.program, blocks: [...blocks, last] }, record),
    record,
    first: prune(
      { ...own.program, blocks: [...own.program.blocks.filter((b) => b.kind !== "pass"), first] },
      Object.values(initials),
    ),
    initials,
    before,
    output,
  };
}

/** Some samples of an input; one that is given per trial as it is. */
function windowOf(
  model: Model,
  name: string,
  values: Float32Array | Float64Array,
  count: number,
  steps: number,
  from: number,
  length: number,
): ArrayLike<number> {
  if (model.program.inputs[name]?.per !== "sample") return values;
  const width = values.length / count / steps;
  const out = new Float64Array(count * length * width);
  for (let k = 0; k < count; k++)
    out.set(values.subarray((k * steps + from) * width, (k * steps + from + length) * width), k * length * width);
  return out;
}

/** What stood before the couplings at a sample, and the errors there; undefined where no trial counts. */
function pairsOf(
  step: Executable,
  plan: Plan,
  trials: Trials,
  sample: number,
  { count, steps, rows }: { count: number; steps: number; rows: number },
): Evidence | undefined {
  const z = step.read(`${plan.output}.last`).data;
  const at = (k: number, o: number): number => (k * steps + sample) * rows + o;
  const taught = Array.from({ length: count }, (_, k) => k).filter((k) => {
    for (let o = 0; o < rows; o++) if (trials.mask.data[at(k, o)]! > 0) return true;
    return false;
  });
  if (taught.length === 0) return undefined;
  const error = new Float64Array(taught.length * rows);
  let squares = 0;
  taught.forEach((k, q) => {
    for (let o = 0; o < rows; o++) {
      const e = trials.mask.data[at(k, o)]! > 0 ? z[k * rows + o]! - trials.targets.data[at(k, o)]! : 0;
      error[q * rows + o] = e;
      squares += e * e;
    }
  });
  const gradients: Values = {};
  const pairs: NonNullable<Evidence["pairs"]> = {};
  for (const [name, quantity] of Object.entries(plan.before)) {
    const all = step.read(`${quantity}.last`).data;
    const n = all.length / count;
    const before = new Float64Array(taught.length * n);
    taught.forEach((k, q) => {
      before.set(all.subarray(k * n, (k + 1) * n), q * n);
    });
    const gradient = (gradients[name] = new Float64Array(rows * n));
    for (let q = 0; q < taught.length; q++)
      for (let o = 0; o < rows; o++)
        for (let j = 0; j < n; j++)
          gradient[o * n + j]! += (2 / error.length) * error[q * rows + o]! * before[q * n + j]!;
    pairs[name] = { before, error, count: taught.length };
  }
  const loss = squares / error.length;
  return { loss, error: loss, gradients, pairs };
}
