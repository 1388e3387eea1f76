/** The programs behind a System: the rule, its adjoint, tangent and Jacobian, for batches of several sizes. */
import { adjoint } from "../equations/adjoint.ts";
import { prune } from "../equations/normalise.ts";
import { weightedSum } from "../equations/objective.ts";
import type { Program } from "../equations/program.ts";
import { jacobianBlocks, NoClosedForm, partName, type Rule } from "../equations/rule.ts";
import { tangent } from "../equations/tangent.ts";
import { compileProgram } from "./compiled/index.ts";
import type { Executable } from "./executable.ts";

/** Points that one compiled program takes at once; a batch is cut into the largest that fit. */
const tiers = [1, 4, 32, 256] as const;

export interface Batched {
  inputs: string[];
  outputs: string[];
  executables: { trials: number; executable: Executable }[];
}

/** What is compiled once for a rule and serves it under any values. */
export interface Programs {
  rule: Rule;
  sizes: Record<string, number>;
  evaluate: Batched;
  adjoint: Batched;
  tangent: Batched;
  /** Undefined where the language has no closed form: tangents on the identity then. */
  jacobian?: Executable;
  blocks: ReturnType<typeof jacobianBlocks>["blocks"];
  /** Rare questions are answered by the interpreter, made when asked. */
  rare: Map<string, Executable>;
  /** Whose values the executables hold. */
  owners: WeakMap<Executable, object>;
}

export async function compileAll(rule: Rule, sizes: Record<string, number>, relaxed: boolean): Promise<Programs> {
  const states = rule.coordinates.map((c) => c.input);
  const rules = rule.coordinates.map((c) => c.rule);
  const batched = async (program: Program, inputs: string[], outputs: string[]): Promise<Batched> => ({
    inputs,
    outputs,
    executables: await Promise.all(
      tiers.map(async (trials) => ({
        trials,
        // A state that nothing reads has no adjoint.
        executable: await compileProgram(prune(program, outputs.filter(Boolean)), {
          sizes,
          trials,
          samples: 1,
          record: outputs.filter(Boolean),
          precision: "f64",
          relaxed,
        }),
      })),
    ),
  });
  const weighted = weightedSum(rule.program, rules);
  const back = adjoint(weighted.program, weighted.sum, states, rule.surrogates);
  const forward = tangent(rule.program, states, rule.surrogates);
  let closed: { program: Program; blocks: Programs["blocks"] } | undefined;
  try {
    closed = jacobianBlocks(rule, rules, states);
  } catch (error) {
    if (!(error instanceof NoClosedForm)) throw error;
  }
  const parts = (closed?.blocks ?? []).flatMap((b) =>
    (["diagonal", "dense"] as const).filter((part) => b[part]).map((part) => partName(b.of, b.by, part)),
  );
  return {
    rule,
    sizes,
    evaluate: await batched(rule.program, states, rules),
    adjoint: await batched(
      back.program,
      rules.map((r) => weighted.weights[r]!),
      states.map((s) => back.gradients[s] ?? ""),
    ),
    tangent: await batched(
      forward.program,
      states.map((s) => forward.seeds[s]!),
      rules.map((r) => forward.dots[r] ?? ""),
    ),
    jacobian:
      closed &&
      (await compileProgram(prune(closed.program, parts), {
        sizes,
        trials: 1,
        samples: 1,
        record: parts,
        precision: "f64",
        relaxed,
      })),
    blocks: closed?.blocks ?? [],
    rare: new Map(),
    owners: new WeakMap(),
  };
}
