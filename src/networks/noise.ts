/** Noise put into a network, as text: so that its law stands in the equations and is printed with them. */
import { NullclineError } from "../base/errors.ts";
import type { NetworkData, ParameterData } from "../equations/network.ts";
import { parse } from "../equations/parse.ts";
import { schedule } from "../equations/schedule.ts";
import { inferShapes } from "../equations/shapes.ts";
import { type Line, walk } from "../equations/syntax.ts";
import { Text } from "../equations/text.ts";

/**
 * - white: independent numbers. `law` says how their deviation scales with the step:
 *   `perStep` (default): `sigma` in each sample, whatever dt is (LINT);
 *   `perTime`: at the input `(sigma/sqrt(dt)) eps`; into the state of a flow `sigma xi`, which is `(sigma/tau) sqrt(dt)` (Euler–Maruyama);
 *   `stationary`: into the state of a flow `sigma sqrt(2 tau) xi`, which is `sigma sqrt(2 dt/tau)` (Pals, pycog); in the drive
 *   `sqrt(2 tau/dt) sigma eps` (Yang, inside the transfer).
 * - ornsteinUhlenbeck: a process of time constant `tau` and stationary deviation `sigma`, exact at any dt, started from it.
 * - poisson: at the input, each entry of which is then a rate: counts of mean `dt relu(u)`; in the drive, `sigma` times
 *   counts of the mean `rate dt`. Counts are up to `most` (8).
 */
export type Noise =
  | { kind: "white"; sigma: number; law?: "perStep" | "perTime" | "stationary" }
  | { kind: "ornsteinUhlenbeck"; sigma: number; tau: number }
  | { kind: "poisson"; sigma?: number; rate?: number; most?: number };

/**
 * - `input`: added to an input where the text reads it.
 * - `drive`: added to the coupling by a matrix, `J r + …`; where the coupling is inside the transfer, so is the noise.
 * - `state`: added to the line of a state.
 * - `weights`: a number of deviation `sigma` for each weight and sample. Its sum over connections, `Σ_j n_ij r_j`, is
 *   Gaussian and independent between units, of deviation `sigma sqrt(r' r)`: that is what is drawn.
 */
export type NoiseSite =
  | { at: "input"; input?: string }
  | { at: "drive"; matrix?: string }
  | { at: "state"; state: string }
  | { at: "weights"; matrix?: string };

const kinds: Record<NoiseSite["at"], readonly Noise["kind"][]> = {
  input: ["white", "ornsteinUhlenbeck", "poisson"],
  drive: ["white", "ornsteinUhlenbeck", "poisson"],
  state: ["white", "ornsteinUhlenbeck"],
  weights: ["white"],
};

const refuse = (given: string, expected?: string): never => {
  throw new NullclineError({ code: "noise", given, expected });
};

/**
 * The network with noise. Its parameters are pinned and named after the place: `sigma_u`, `sigma_J`, `sigma_x`.
 * @throws NullclineError (code `noise`) where noise of the kind cannot stand there, or there is no such place
 */
export function withNoise(network: NetworkData, noise: Noise, site: NoiseSite): NetworkData {
  if (!kinds[site.at]?.includes(noise.kind))
    refuse(
      `${noise.kind} noise at the ${site.at}`,
      `at the ${site.at}: ${(kinds[site.at] ?? Object.keys(kinds)).join(", ")}`,
    );
  const text = new Text(network);
  schedule(text);
  inferShapes(text);
  if (site.at === "state") return intoState(network, text, noise, site.state);
  if (site.at === "input") {
    const { input = "u" } = site;
    const found = text.inputs[input];
    if (!found || found.per === "trial")
      return refuse(`no input \`${input}\` at each sample`, Object.keys(text.inputs).join(", "));
    const made = source(noise, input, [...found.shape], undefined, `relu(${input})`);
    const name = `${input}_n`;
    const line = noise.kind === "poisson" ? `${name} = ${made.text}` : `${name} = ${input} + ${made.text}`;
    const equations = replaceName(network.equations, input, name);
    return added(network, [line, ...made.lines], equations, made, { [name]: [...found.shape] });
  }
  const { matrix = "J" } = site;
  const coupling = new RegExp(`(?<!\\w)${matrix} (delay\\([^()]*\\)|[A-Za-z]\\w*(?:\\[[^\\]]*\\])?)(?![\\w(])`, "g");
  const flow = text.lines.find((l) => l.kind === "flow");
  const shape = network.parameters[matrix]?.shape ?? text.quantities.get(matrix)?.shape;
  if (!coupling.test(network.equations))
    return refuse(`no coupling \`${matrix} …\``, "a matrix and a quantity side by side, e.g. `J r`");
  if (site.at === "weights") {
    const { sigma } = noise as { sigma: number };
    const equations = network.equations.replace(
      coupling,
      (whole, by) => `(${whole} + sigma_${matrix} * sqrt(max(1e-12, ${by}' ${by})) * eps)`,
    );
    return added(network, [], equations, { parameters: { [`sigma_${matrix}`]: pinned(sigma) } });
  }
  const made = source(noise, matrix, shape?.slice(0, 1), flow && scaleOf(flow, network));
  const equations = network.equations.replace(coupling, (whole) => `(${whole} + ${made.text})`);
  return added(network, made.lines, equations, made);
}

interface Source {
  text: string;
  lines: string[];
  parameters: Record<string, ParameterData>;
  states?: NetworkData["states"];
}

const pinned = (value: number): ParameterData => ({ value, tag: "pinned" });

/** Noise to be added to something of a shape. @param mean of Poisson counts, per unit of time */
function source(noise: Noise, place: string, shape: ParameterData["shape"], tau?: string, mean?: string): Source {
  const sigma = `sigma_${place}`;
  switch (noise.kind) {
    case "white": {
      const { law = "perStep" } = noise;
      if (law === "stationary" && tau === undefined)
        refuse("stationary white noise without a time constant", "a flow, `tau dx/dt = …`");
      const factor = {
        perStep: sigma,
        perTime: `(${sigma}/sqrt(dt))`,
        stationary: `sqrt(2 * ${tau}/dt) * ${sigma}`,
      }[law];
      return { text: `${factor} * eps`, lines: [], parameters: { [sigma]: pinned(noise.sigma) } };
    }
    case "ornsteinUhlenbeck": {
      const [w, q] = [`w_${place}`, `q_${place}`];
      return {
        text: w,
        lines: [
          `${q} = exp(-dt/tau_${w})`,
          `${w}[t] = ${q} ${w}[t-1] + sqrt(1 - ${q}^2) * ${sigma} * eps`,
          `${w}[-1] = ${sigma} eps`,
        ],
        parameters: { [sigma]: pinned(noise.sigma), [`tau_${w}`]: pinned(noise.tau) },
        ...(shape && { states: { [w]: { shape } } }),
      };
    }
    case "poisson": {
      const { sigma: size = 1, rate = 1, most = 8 } = noise;
      if (!(Number.isInteger(most) && most > 0)) refuse(`counts up to ${most}`, "a whole number above 0");
      const [m, uniform, lambda] = [`mean_${place}`, `uniform_${place}`, `rate_${place}`];
      // Σ_k step(U - F(k)) counts how many values of the distribution function lie below a uniform number U.
      const counts = Array.from({ length: most }, (_, k) => `step(${uniform} - exp(-${m}) * ${partialSum(m, k)})`);
      const drawn = shape && { states: { [uniform]: { shape } } };
      return {
        text: `${sigma} * (${counts.join(" + ")})`,
        lines: [`${m} = dt * ${mean ?? lambda}`, `${uniform} = (1 + erf(eps/sqrt(2)))/2`],
        parameters: { [sigma]: pinned(size), ...(mean ? {} : { [lambda]: pinned(rate) }) },
        ...drawn,
      };
    }
  }
}

/** 1 + m + m²/2 + … + mᵏ/k!, nested. */
const partialSum = (m: string, k: number): string => {
  let text = "1";
  for (let j = k; j >= 1; j--) text = `(1 + ${m} * ${text}/${j})`;
  return text;
};

function intoState(network: NetworkData, text: Text, noise: Noise, state: string): NetworkData {
  const { line, shape } = text.quantities.get(state) ?? {};
  const rows = network.equations.split("\n");
  const place = rows.flatMap((row, at) =>
    row.split(";").flatMap((part, k) => {
      const left = /^\s*([^=]*?)\s*=/.exec(part)?.[1] ?? "";
      return left === `d${state}/dt` ||
        left.endsWith(` d${state}/dt`) ||
        left === `${state}[t]` ||
        left === `${state}[t+1]`
        ? [{ at, k }]
        : [];
    }),
  );
  if (!line || place.length !== 1)
    return refuse(
      `no line of a state \`${state}\``,
      [...text.quantities.values()]
        .filter((q) => q.flow || q.left === 1)
        .map((q) => q.name)
        .join(", "),
    );
  const flow = line.kind === "flow";
  const scale = flow ? scaleOf(line, network) : undefined;
  const law = noise.kind === "white" ? (noise.law ?? "perStep") : undefined;
  if (law !== undefined && law !== "perStep" && !flow)
    refuse(`white noise \`${law}\` on the map of \`${state}\``, "`perStep`, or a flow");
  const made = source(noise, state, shape && [...shape], scale);
  const term =
    law === "perTime"
      ? `sigma_${state} xi`
      : law === "stationary"
        ? `sigma_${state} * sqrt(2 * ${scale}) * xi`
        : flow && law === "perStep"
          ? `(${scale}/dt) * ${made.text}`
          : made.text;
  const { at, k } = place[0]!;
  const parts = rows[at]!.split(";");
  const [code, comment] = split(parts[k]!);
  parts[k] = `${code.trimEnd()} + ${term}${comment}`;
  rows[at] = parts.join(";");
  return added(network, made.lines, rows.join("\n"), made);
}

const split = (part: string): [string, string] => {
  const at = part.indexOf("#");
  return at < 0 ? [part, ""] : [part.slice(0, at), ` ${part.slice(at)}`];
};

/** What stands before dx/dt, as text; 1 where nothing does. */
function scaleOf(line: Line, network: NetworkData): string {
  const names = line.scale ? [...walk(line.scale)].flatMap((n) => (n.type === "name" ? [n.name] : [])) : [];
  if (names.length > 1)
    refuse(
      `a flow of \`${line.name}\` with ${names.join(" ")} before it, in ${network.name ?? "the network"}`,
      "one time constant",
    );
  return names[0] ?? "1";
}

/** Another name for every reading of a quantity. */
const replaceName = (equations: string, from: string, to: string): string =>
  equations.replace(new RegExp(`(?<![\\w])${from}(?!\\w)`, "g"), to);

function added(
  network: NetworkData,
  lines: string[],
  equations: string,
  { parameters, states }: Pick<Source, "parameters" | "states">,
  more: Record<string, ParameterData["shape"]> = {},
): NetworkData {
  const shapes = Object.fromEntries(Object.entries(more).map(([name, shape]) => [name, { shape: shape! }]));
  for (const name of Object.keys(parameters))
    if (network.parameters[name]) refuse(`\`${name}\` is a parameter of the network already`, "one noise at a place");
  parse(equations, network.name ?? "equations");
  return {
    ...network,
    equations: [equations, ...lines].join("\n"),
    parameters: { ...network.parameters, ...parameters },
    ...(Object.keys({ ...network.states, ...states, ...shapes }).length > 0 && {
      states: { ...network.states, ...states, ...shapes },
    }),
  };
}
