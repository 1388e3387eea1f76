/** Weights held near earlier ones: all alike, or each by how much it mattered for what was learned before. */
import type { Memory, Penalty } from "./penalty.ts";
import { restoreInto, stateOf, type Values } from "./rule.ts";
import type { Schedule } from "./schedule.ts";

export interface NearOptions {
  /** What the weights are held near to: those before training, or those at the end of the last stage. Default `stage`. */
  anchor?: "initial" | "stage";
  /**
   * `equal` (default): 1 for each weight. `synaptic`: for each weight how much it contributed to the fall of the loss in
   * the stages so far, 0 in the first one.
   */
  importance?: "equal" | "synaptic";
  /** ξ of synaptic importance. Default 1e-3. */
  damping?: number;
}

/**
 * `c Σ Ω_i (θ_i - θ*_i)²` over the entries of some parameters. With synaptic importance each stage adds
 *
 *     Ω_i ← Ω_i + ω_i / ((θ_i - θ_i^0)² + ξ),   ω_i = -Σ_updates g_i Δθ_i
 *
 * g is the gradient without this penalty, θ^0 the weight at the beginning of the stage.
 * @param shapes shape of each parameter, as in the network's table.
 * @source Zenke, Poole & Ganguli 2017, equations 3 to 5
 */
export function near(
  shapes: Record<string, (string | number)[]>,
  weight: number | Schedule,
  options: NearOptions = {},
): Penalty {
  const { anchor = "stage", importance = "equal", damping = 1e-3 } = options;
  const names = Object.keys(shapes);
  const of = {
    anchor: (name: string) => `objective_anchor_${name}`,
    importance: (name: string) => `objective_importance_${name}`,
  };
  return {
    name: `near ${names.join(", ")}`,
    weight,
    sum: true,
    terms: names.map((n) => `${of.importance(n)} * ((${n} - ${of.anchor(n)}) * (${n} - ${of.anchor(n)}))`),
    parameters: Object.fromEntries(
      names.flatMap((n) =>
        [of.anchor(n), of.importance(n)].map((own) => [own, { shape: shapes[n]!, value: 0, tag: "pinned" as const }]),
      ),
    ),
    memory: (initial) => memoryOf(initial),
  };

  function memoryOf(initial: Values): Memory {
    const fill = importance === "equal" ? 1 : 0;
    const anchors = Object.fromEntries(names.map((n) => [of.anchor(n), Float64Array.from(initial[n]!)]));
    const weights = Object.fromEntries(
      names.map((n) => [of.importance(n), new Float64Array(initial[n]!.length).fill(fill)]),
    );
    const starts = Object.fromEntries(names.map((n) => [`near.start.${n}`, Float64Array.from(initial[n]!)]));
    const paths = Object.fromEntries(names.map((n) => [`near.path.${n}`, new Float64Array(initial[n]!.length)]));
    const kept: Values = { ...anchors, ...weights, ...starts, ...paths };
    const last = Object.fromEntries(
      names.map((n) => [
        n,
        { value: new Float64Array(initial[n]!.length), gradient: new Float64Array(initial[n]!.length) },
      ]),
    );
    return {
      constants: () => ({ ...anchors, ...weights }),
      before(parameters, gradients, coefficient) {
        for (const n of names) {
          const { value, gradient } = last[n]!;
          value.set(parameters[n]!);
          const [a, w] = [anchors[of.anchor(n)]!, weights[of.importance(n)]!];
          for (let k = 0; k < value.length; k++)
            gradient[k] = (gradients[n]?.[k] ?? 0) - 2 * coefficient * w[k]! * (value[k]! - a[k]!);
        }
      },
      after(parameters) {
        for (const n of names) {
          const { value, gradient } = last[n]!;
          const path = paths[`near.path.${n}`]!;
          for (let k = 0; k < path.length; k++) path[k]! -= gradient[k]! * (parameters[n]![k]! - value[k]!);
        }
      },
      stage(parameters) {
        for (const n of names) {
          const [start, path] = [starts[`near.start.${n}`]!, paths[`near.path.${n}`]!];
          const now = parameters[n]!;
          const w = weights[of.importance(n)]!;
          if (importance === "synaptic")
            // A weight that made the loss rise on its way is not held less than one that did nothing.
            for (let k = 0; k < path.length; k++)
              w[k]! += Math.max(0, path[k]!) / ((now[k]! - start[k]!) ** 2 + damping);
          path.fill(0);
          start.set(now);
          if (anchor === "stage") anchors[of.anchor(n)]!.set(now);
        }
      },
      state: () => stateOf(kept),
      restore: (saved) => restoreInto(kept, saved),
    };
  }
}
