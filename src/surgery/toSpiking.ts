/** A rate network as a network of leaky integrate-and-fire units, by one factor on its weights. */
import type { NetworkData, ParameterData } from "../equations/network.ts";
import { Text } from "../equations/text.ts";
import type { Network } from "../networks/network.ts";
import { mended, refuse } from "./mend.ts";

export interface ToSpikingOptions {
  /** Weights from rates are divided by it: about the rate in Hz that stands for an activity of 1. Found by a search, often 20 to 100. */
  lambda: number;
  /** Membrane time constant, refractory time and rise time of synapses, in ms. Defaults 10, 2 and 2. */
  membrane?: number;
  refractory?: number;
  rise?: number;
  /** The potential after a spike, in mV relative to the threshold. Default -25. */
  reset?: number;
  /** Time step in ms. Default 0.05. */
  dt?: number;
  /** Of the potentials that units start from, uniform from reset to threshold. Default 0. */
  seed?: number;
}

/**
 * The spiking network of a rate network `tau dx/dt = -x + J r + B u + b`, `z = W r + c`. Potentials v are in mV relative to the
 * threshold, and without input units are at rest there:
 *
 * `tau_m dv/dt = -v + J r / lambda + B u + b`; at v > 0 a spike, then v is `v_reset` and stands still for `tau_ref`.
 * Each spike adds to r a double exponential of area 1 with rise `tau_rise` and decay `tau`, the rate units' own, so r is in
 * Hz; `z = W r / lambda + c`.
 *
 * Under a constant drive I > 0 a unit fires at `1000 / (tau_ref + tau_m ln((I - v_reset) / I))` Hz. The transfer function of the
 * rate units and their noise are left out; J may be any text (low rank, masked, Dale's law). `lambda` is a pinned
 * parameter of the network made: a search for the best gives it other values.
 * @throws NullclineError (code `surgery`) where the network is no such rate network in ms, or a number is out of range
 * @source Kim, Li & Sejnowski 2019, PNAS 116, 22811–22820; constants of their code (`LIF_network_fnc.m`)
 */
export function toSpiking(network: Network, options: ToSpikingOptions): Network {
  const { lambda, membrane = 10, refractory = 2, rise = 2, reset = -25, dt = 0.05, seed = 0 } = options;
  for (const [name, x] of Object.entries({ lambda, membrane, rise, dt }))
    if (!(x > 0 && Number.isFinite(x))) refuse(`${name} ${x}`, "a number above 0");
  if (!(refractory >= 0)) refuse(`a refractory time of ${refractory} ms`, "0 or more");
  if (!(reset < 0)) refuse(`a reset to ${reset} mV`, "below the threshold, which is 0");
  if (dt > Math.min(membrane, rise) / 5)
    refuse(
      `a step of ${dt} ms`,
      `at most a fifth of the membrane's and the rise time, ${Math.min(membrane, rise) / 5}`,
    );

  const { data } = network;
  const lines = data.equations
    .replace(/#.*$/gm, "")
    .split(/[\n;]/)
    .map((line) => line.trim().replace(/\s+/g, " "))
    .filter((line) => line !== "");
  const take = (pattern: RegExp): string | undefined => {
    const at = lines.findIndex((line) => pattern.test(line));
    return at < 0 ? undefined : lines.splice(at, 1)[0];
  };
  const flow = take(/^tau dx\/dt = -x \+ J r \+ B u \+ b( \+ sigma xi)?$/);
  const transfer = take(/^r = /);
  const readout = take(/^z = W r \+ c$/);
  const N = data.states?.x?.shape[0] ?? data.parameters.b?.shape?.[0];
  const text = new Text(data);
  const others = lines.filter((line) => text.quantities.get(/^\w+/.exec(line)?.[0] ?? "")?.level !== "update");
  if (!flow || !transfer || !readout || N === undefined || others.length > 0)
    refuse(
      `the network \`${data.name ?? "equations"}\`${others.length > 0 ? ` with the line \`${others[0]}\`` : ""}`,
      "a rate network in the current form, `tau dx/dt = -x + J r + B u + b` and `z = W r + c`",
      "leaky({ transfer }) makes one, with any wiring of J",
    );
  const units = ["tau", "lo", "hi"].map((name) => data.parameters[name]?.unit).filter((unit) => unit !== undefined);
  if (units.some((unit) => unit !== "ms")) refuse(`\`tau\` in ${units.join(", ")}`, "ms");

  const time = (value: number): ParameterData => ({ value, unit: "ms", tag: "pinned" });
  const added: Record<string, ParameterData> = {
    lambda: { value: lambda, tag: "pinned" },
    tau_m: time(membrane),
    tau_ref: time(refractory),
    tau_rise: time(rise),
    v_reset: { value: reset, tag: "pinned" },
    v_0: { shape: [N!], init: { law: "uniform", low: reset, high: 0 }, tag: "pinned" },
  };
  const equations = `${lines.map((line) => `${line}\n`).join("")}s = spike(v)
q[t+1] = where(s, tau_ref, max(q - dt, 0))
v[t+1] = where(s, v_reset, v + (dt/tau_m) step(dt/2 - q) * (-v + J r / lambda + B u + b))
h[t+1] = exp(-dt/tau_rise) h + (1 - exp(-dt/tau_rise)) (1000/dt) s
r[t+1] = exp(-dt/tau) * r + (1 - exp(-dt/tau)) * h
z = W r / lambda + c
v[0] = v_0`;
  const read = new Set(equations.match(/[A-Za-z]\w*/g));
  const kept = Object.fromEntries(Object.entries(data.parameters).filter(([name]) => read.has(name)));
  for (const name of ["s", "q", "v", "h", ...Object.keys(added)])
    if (name in kept || text.quantities.has(name)) refuse(`the network's own \`${name}\``, "another name for it");
  const made: NetworkData = {
    name: `${data.name ?? "rate network"}, spiking`,
    description: "Leaky integrate-and-fire units with the weights of a rate network.",
    source: "Kim, Li & Sejnowski 2019, PNAS 116, 22811–22820",
    equations,
    ...(data.inputs && { inputs: data.inputs }),
    ...(data.outputs && { outputs: data.outputs }),
    parameters: { ...kept, ...added },
    states: Object.fromEntries(["q", "v", "h", "r"].map((name) => [name, { shape: [N!] }])),
    surrogates: { s: { kind: "triangle", gain: 0.3, width: -reset } },
    ...(data.sizes && { sizes: data.sizes }),
    dt,
  };
  return mended(network, made, {}, { seed });
}
