/** Leaky rate networks of either form, with any transfer function and time constants of any kind. */
import { NullclineError } from "../base/errors.ts";
import type { NetworkData, ParameterData } from "../equations/network.ts";
import { type Transfer, type TransferName, transfers } from "./transfer.ts";

export interface LeakyOptions {
  /**
   * `current` (default): `tau dx/dt = -x + J phi(x) + B u + b + sigma xi`; `rate`:
   * `tau dr/dt = -r + phi(J r + B u + b) + sigma xi`.
   */
  form?: "current" | "rate";
  /** By name, or your own. Default `tanh`. */
  transfer?: TransferName | Transfer;
  /** Whether the parameters of the transfer are one for all units, pinned (default), or learned for each. */
  transferPerUnit?: boolean;
  /**
   * `shared` (default): one `tau`, pinned. `perUnit`: one for each unit, pinned, drawn uniformly between `tauRange`.
   * `learned`: `tau = lo + (hi - lo) sigmoid(k)` with one learned `k` per unit.
   */
  tau?: "shared" | "perUnit" | "learned";
  /** In ms. Default [10, 100]; of a shared `tau` the first counts. */
  tauRange?: [number, number];
  name?: string;
}

/**
 * A leaky rate network as data.
 * @throws NullclineError (code `transfer`) where there is no such transfer function
 * @source both forms: Miller & Fumarola 2012, Neural Comput. 24, 25–31
 */
export function leaky(options: LeakyOptions = {}): NetworkData {
  const { form = "current", transfer = "tanh", transferPerUnit = false, tau = "shared" } = options;
  const { tauRange: [lo, hi] = [10, 100], name = `leaky ${form}` } = options;
  const found: Transfer | undefined =
    typeof transfer === "object" ? transfer : Object.hasOwn(transfers, transfer) ? transfers[transfer] : undefined;
  if (!found)
    throw new NullclineError({
      code: "transfer",
      given: `no transfer function \`${String(transfer)}\``,
      expected: Object.keys(transfers).join(", "),
      remedy: "or { text: (x) => …, parameters }",
    });
  const lines =
    form === "current"
      ? ["tau dx/dt = -x + J r + B u + b + sigma xi", `r = ${found.text("x")}`]
      : ["tau dr/dt = -r + phi + sigma xi", `phi = ${found.text("a")}`, "a = J r + B u + b"];
  const time: Record<string, ParameterData> = {};
  if (tau === "shared") time.tau = { value: lo, unit: "ms", tag: "pinned" };
  else if (tau === "perUnit")
    time.tau = { shape: ["N"], init: { law: "uniform", low: lo, high: hi }, unit: "ms", tag: "pinned" };
  else {
    lines.unshift("tau = lo + (hi - lo) sigmoid(k)");
    time.k = { shape: ["N"], group: "time constants" };
    time.lo = { value: lo, unit: "ms", tag: "pinned" };
    time.hi = { value: hi, unit: "ms", tag: "pinned" };
  }
  const own = Object.entries(found.parameters ?? {}).map(([key, p]): [string, ParameterData] => [
    key,
    transferPerUnit ? { shape: ["N"], value: p.value!, group: "transfer" } : p,
  ]);
  return {
    name,
    description: `Leaky rate network, ${form} form, ${typeof transfer === "string" ? transfer : "own transfer"}.`,
    source: found.source ?? "Miller & Fumarola 2012, Neural Comput. 24, 25–31",
    equations: [...lines, "z = W r + c"].join("\n"),
    parameters: {
      ...time,
      ...Object.fromEntries(own),
      sigma: { value: 0.1, tag: "pinned" },
      J: { shape: ["N", "N"], init: { law: "gaussian", gain: 1 } },
      B: { shape: ["N", "I"] },
      b: { shape: ["N"] },
      W: { shape: ["O", "N"] },
      c: { shape: ["O"] },
    },
    states: { [form === "current" ? "x" : "r"]: { shape: ["N"] } },
  };
}
