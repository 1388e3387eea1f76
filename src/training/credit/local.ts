import { NullclineError } from "../../base/errors.ts";
import { compileProgram } from "../../engine/compiled/index.ts";
import type { Executable } from "../../engine/executable.ts";
import { entriesOf } from "../../engine/shapes.ts";
import { topological } from "../../equations/graph.ts";
import { prune } from "../../equations/normalise.ts";
import type { Trials } from "../../tasks/trials.ts";
import { samplesOf, shardInputs } from "../gradient.ts";
import type { Credit, CreditSetting, Evidence, Values } from "../rule.ts";
import { inStretches, lastOf, type Stretches } from "../stretches.ts";

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
      const { model, trained, sizes, samples, seed, state, penalties = [] } = setting;
      if (penalties.length > 0)
        throw new NullclineError({ code: "rule", given: "penalties with the credit `local`", expected: "none" });
      const stretch = Math.min(every, samples);
      const plan = planOf(setting);
      const record = [plan.output, ...Object.values(plan.before), ...plan.states.map(({ name }) => name)].map(lastOf);
      let machine: { step: Executable; trials: number } | undefined;
      const machineFor = async (trials: number): Promise<Executable> => {
        if (machine?.trials === trials) return machine.step;
        const options = { sizes, trials, samples: stretch, record, precision: "f32" as const };
        machine = { trials, step: await compileProgram(plan.program, { ...options, relaxed: setting.relaxed }) };
        return machine.step;
      };
      return {
        reached: trained,
        async *evidence(parameters, { trials, firstTrial }) {
          const [count, steps, rows] = trials.targets.shape as [number, number, number];
          const step = await machineFor(count);
          const { inputs } = step.program;
          const given = Object.entries(shardInputs(model, trials, 0, count, count)).filter(([name]) => inputs[name]);
          for (const [name, values] of Object.entries(parameters)) step.setParameter(name, values);
          const ended = carry ? plan.states.map(({ name }) => state[`credit.${name}`]) : [];
          const goesOn = plan.states.every(({ shape }, k) => ended[k]?.length === count * entriesOf(shape, sizes));
          for (let from = 0; from < steps; from += stretch) {
            const length = Math.min(stretch, steps - from);
            for (const [name, values] of given)
              step.setInput(
                name,
                inputs[name]!.per === "sample" ? samplesOf(values, { count, steps, from, length }) : values,
              );
            step.setParameter(plan.goesOn, [from > 0 || goesOn ? 1 : 0]);
            plan.states.forEach(({ carried, last }, k) => {
              if (from > 0) step.setInput(carried, step.read(last).data);
              else if (goesOn) step.setInput(carried, ended[k]!);
            });
            for (const name of trained) step.setParameter(name, parameters[name]!);
            step.run({ dt: trials.dt, seed, firstTrial, samples: length, firstSample: from });
            const evidence = pairsOf(step, plan, trials, from + length - 1, { count, steps, rows });
            if (evidence) yield evidence;
          }
          if (carry)
            for (const { name, last } of plan.states) state[`credit.${name}`] = Float64Array.from(step.read(last).data);
        },
        close() {},
      };
    },
  };
}

interface Plan extends Stretches {
  /** By trained parameter, the quantity before it. */
  before: Record<string, string>;
  output: string;
}

function planOf({ model, trained, sizes }: CreditSetting): Plan {
  const output = model.outputs[0]!;
  const refuse = (given: string, remedy: string): never => {
    throw new NullclineError({ code: "rule", given, remedy });
  };
  const before: Record<string, string> = {};
  const rows = entriesOf(model.text.quantities.get(output)!.shape!, sizes);
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
    return { ...block, definitions };
  });
  for (const name of trained) {
    const shape = model.program.parameters[name]!.shape;
    if (!before[name] || entriesOf(shape.slice(0, 1), sizes) !== rows || shape.length !== 2)
      refuse(
        `\`${name}\` with the credit \`local\``,
        `it trains matrices of ${rows} rows, one for each entry of \`${output}\`, that stand before something: tag \`${name}\` as pinned`,
      );
  }
  const shown = [output, ...Object.values(before)];
  const cut = inStretches({ ...model.program, blocks }, shown);
  if ("obstacle" in cut) return refuse(`${cut.obstacle} with the credit \`local\``, "use reverse()");
  const kept = [...shown, ...cut.states.map(({ name }) => name)].map(lastOf);
  return { ...cut, program: prune(cut.program, kept), before, output };
}

/** What stood before the couplings at a sample, and the errors there; undefined where no trial counts. */
function pairsOf(
  step: Executable,
  plan: Plan,
  trials: Trials,
  sample: number,
  { count, steps, rows }: { count: number; steps: number; rows: number },
): Evidence | undefined {
  const z = step.read(lastOf(plan.output)).data;
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
    const all = step.read(lastOf(quantity)).data;
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
