/** A constraint as a way of writing the matrix: text and parameters take its place. */
import type { NetworkData, ParameterData } from "../../equations/network.ts";
import { type Constraining, type Constraint, refuse } from "./constraint.ts";
import { type Wired, wire } from "./wiring.ts";
import { lowRank } from "./wirings.ts";

/**
 * sign: `J = relu(J_K) diag(J_d)`. Columns without a sign (0) have no such form.
 * mask: `J = J_S * J_K`.
 * range: `J = low + (high - low) sigmoid(J_K)`.
 * rank: `J = J_M J_L' / columns`.
 * budget: `J = J_K * min(1, total / Σ |J_K| D)`, the whole matrix scaled down where it costs too much.
 * What is trained takes over the matrix's law, tag and group.
 */
export function reparametrise({ network, matrix, shape }: Constraining, constraint: Constraint): NetworkData {
  const own = network.parameters[matrix]!;
  const { init, group } = own;
  const K = `${matrix}_K`;
  const put = (text: string, more: Record<string, ParameterData>, inner: ParameterData = own): NetworkData =>
    wire(network, matrix, (): Wired => ({ text, parameters: { [K]: inner, ...more } }));
  const table = (numbers: Pick<ParameterData, "value" | "init">, of: ParameterData["shape"]): ParameterData => ({
    ...numbers,
    shape: of,
    tag: "pinned",
  });
  const [rows, columns] = shape;
  switch (constraint.kind) {
    case "sign": {
      const { value, init: law } = constraint.signs;
      if ([value ?? [], law?.law === "shares" ? law.values : []].flat().includes(0))
        refuse("columns without a sign (0), reparametrised", "+1 or -1 for each", "project leaves such columns free");
      return put(`relu(${K}) diag(${matrix}_d)`, { [`${matrix}_d`]: table(constraint.signs, [columns]) });
    }
    case "mask":
      return put(`${matrix}_S * ${K}`, { [`${matrix}_S`]: table(constraint.mask, [rows, columns]) });
    case "range": {
      const { low, high } = constraint;
      const middle: ParameterData = { ...own, init: init ?? { law: "gaussian" } };
      return put(`${low < 0 ? "-" : ""}${Math.abs(low)} + ${high - low} sigmoid(${K})`, {}, middle);
    }
    case "rank":
      return wire(network, matrix, lowRank({ rank: constraint.rank, ...(group && { group }) }));
    case "budget": {
      const { total } = constraint;
      if (total === undefined) refuse("a budget without a total, reparametrised", "{ total: … }");
      const ones = (name: string, dim: string | number): Record<string, ParameterData> => ({
        [name]: { shape: [dim], value: 1, tag: "pinned" },
      });
      return put(`${K} * min(1, ${total} / max(1e-30, ${matrix}_a' (abs(${K}) * ${matrix}_D) ${matrix}_b))`, {
        [`${matrix}_D`]: table(constraint.distances, [rows, columns]),
        ...ones(`${matrix}_a`, rows),
        ...ones(`${matrix}_b`, columns),
      });
    }
  }
}
