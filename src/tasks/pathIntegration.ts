/**
 * Path integration: from velocity to position, told by place cells; of oneself, or of oneself and another one.
 * @source Sorscher, Mel, Ganguli & Ocko 2019, NeurIPS 32; two agents: Redman, Acosta-Mendoza, Wei & Goard 2024, NeurIPS 37
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { defineTask, type Signals } from "./defineTask.ts";
import { withDefaults } from "./options.ts";
import { placeCells } from "./placeCells.ts";
import { checkOutputs, mean } from "./score.ts";
import { along, stepTime, walk } from "./trajectory.ts";
import type { Behaviour, Task, Trials } from "./trials.ts";

export interface PathIntegrationOptions {
  /** Time step, s. Default 0.02. */
  dt?: number;
  /** Length of a trial, s. Default 0.4: 20 steps. */
  duration?: number;
  /** Side of the box, m. Default 2.2. */
  box?: number;
  /** Place cells of each agent. Default 512. */
  cells?: number;
  /** Width of a place cell's centre, m. Default 0.12. */
  width?: number;
  /** Variance of the surround over that of the centre; 0: no surround. Default 2. */
  surround?: number;
  /** 1 or 2. Default 1. */
  agents?: number;
  /**
   * Place cells of two agents. `own` (default): each has its own. `shared`, as published: both agents excite the same
   * cells, whose code is the mean of the codes of the two positions (published: their sum), also in `p_0`.
   */
  code?: "own" | "shared";
  /**
   * How a network knows where it starts. `middle` (default): all trials start in the middle of the box. `place`: anywhere, and
   * the place code of the start is given once per trial as the network's input `p_0`, as published.
   */
  start?: "middle" | "place";
  /** Of the place cells' centres. Default 0. */
  placeSeed?: number;
}

const defaults: Required<PathIntegrationOptions> = {
  dt: stepTime,
  duration: 0.4,
  box: 2.2,
  cells: 512,
  width: 0.12,
  surround: 2,
  agents: 1,
  code: "own",
  start: "middle",
  placeSeed: 0,
};

/** A decoded position so near is right, cm: a criterion of ours. */
const near = 10;

/**
 * The task. Inputs `vx1`, `vy1` (and `vx2`, `vy2`): displacement per 0.02 s, m. Outputs `place1 …` (`other1 …`): the place
 * code of the position at the sample's end, which is not negative and has sum 1: for readouts that are a softmax. Agents
 * that share their cells have `place1 …` only. All samples count. Conditions: `x1`, `y1` (m), `heading1` (rad) at the start, likewise for a second agent.
 *
 * The score is the fraction of samples whose decoded position (mean centre of the three most active cells) is within 10 cm
 * of the true one. `parts.errorCm` is the mean distance, published as the decoding error; place cells themselves have one.
 * A shared code says where two agents are and not which is which: the nearer pairing counts.
 * @throws NullclineError for options that make no sense
 */
export function pathIntegration(given: PathIntegrationOptions = {}): Task {
  const name = "pathIntegration";
  const o = withDefaults(name, defaults, given, {
    start: ["middle", "place"],
    code: ["own", "shared"],
  });
  const positive = o.box > 0 && o.width > 0 && o.surround >= 0 && o.duration > 0;
  if (!positive || !(Number.isInteger(o.cells) && o.cells >= 3) || (o.agents !== 1 && o.agents !== 2))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: ${o.cells} cells of width ${o.width} (surround ${o.surround}) in a box of ${o.box} m, ${o.agents} agents, ${o.duration} s`,
      expected: "at least 3 cells, 1 or 2 agents, positive lengths and times",
    });
  const agents = Array.from({ length: o.agents }, (_, a) => a + 1);
  // Sets of place cells, each with the agents that excite it.
  const sets = (o.code === "shared" ? [agents] : agents.map((a) => [a])).map((of, s) => {
    const cells = placeCells({ ...o, seed: o.placeSeed + s });
    /** Mean code of the positions of its agents. */
    const code = (at: (agent: number) => readonly [number, number]): Float64Array => {
      const [first, ...more] = of.map((a) => cells.code(...at(a)));
      for (const other of more) for (let i = 0; i < o.cells; i++) first![i] = (first![i]! + other[i]!) / 2;
      return first!;
    };
    return { of, output: s === 0 ? "place" : "other", cells, code };
  });
  const anywhere = o.start === "place" ? ({ uniform: [-o.box / 2, o.box / 2] } as const) : 0;

  function behaviour(outputs: NDArray, trials: Trials): Behaviour {
    checkOutputs(outputs, trials);
    const [n, samples, width] = outputs.shape as [number, number, number];
    const paths = agents.map((a) => pathPositions(trials, a));
    const hits: number[] = [];
    const errors = agents.map(() => [] as number[]);
    for (let k = 0; k < n; k++) {
      let right = 0;
      for (let t = k * samples; t < (k + 1) * samples; t++)
        sets.forEach(({ of, cells }, s) => {
          const first = t * width + s * o.cells;
          const code = outputs.data.subarray(first, first + o.cells);
          const found = of.length === 1 ? [cells.decode(code)] : cells.decodeTwo(code);
          distances(
            found,
            of.map((a): Place => [paths[a - 1]!.x[t]!, paths[a - 1]!.y[t]!]),
          ).forEach((distance, i) => {
            errors[of[i]! - 1]!.push(100 * distance);
            if (100 * distance <= near) right++;
          });
        });
      hits.push(right / (samples * o.agents));
    }
    const score = mean(hits);
    return {
      score,
      what: `fraction of samples whose decoded position is within ${near} cm`,
      n,
      standardError: Math.sqrt(hits.reduce((s, h) => s + (h - score) ** 2, 0) / (n - 1) / n),
      parts: {
        errorCm: mean(errors.flat()),
        ...(sets.length === 2 && { "errorCm own": mean(errors[0]!), "errorCm other": mean(errors[1]!) }),
      },
    };
  }

  return defineTask({
    name,
    description: `Keep track of ${o.agents === 1 ? "one's position" : "one's own position and another's"} in a box of ${o.box} m from velocity.`,
    source: "Sorscher, Mel, Ganguli & Ocko 2019, NeurIPS 32",
    dt: o.dt,
    unit: "s",
    inputs: Object.fromEntries(agents.flatMap((a) => [`vx${a}`, `vy${a}`].map((c) => [c, 1]))),
    outputs: Object.fromEntries(sets.map(({ output }) => [output, o.cells])),
    variables: Object.fromEntries(
      agents.flatMap((a) => [
        [`x${a}`, anywhere],
        [`y${a}`, anywhere],
        [`heading${a}`, { uniform: [0, 2 * Math.PI] }],
      ]),
    ),
    ...(o.start === "place" && {
      trialInputs: (v) => ({
        p_0: sets.flatMap(({ code }) => [...code((a) => [v[`x${a}`]!, v[`y${a}`]!])]),
      }),
    }),
    trial: (v, random) => {
      const inputs: Record<string, Signals[string]> = {};
      const targets: Record<string, Signals[string]> = {};
      // One step more than the longest trial at any time step looks at.
      const steps = Math.ceil(o.duration / stepTime + 1e-9) + Math.ceil(o.dt / stepTime) + 1;
      const paths = agents.map((a) => {
        const from = { x: v[`x${a}`]!, y: v[`y${a}`]!, heading: v[`heading${a}`]! };
        const path = walk({ box: o.box, steps, ...from }, random);
        // At any time step, so that the sum of displacements is the way: the mean velocity of the sample.
        const step = (values: Float64Array) => (time: number, dt: number) =>
          ((along(values, time + dt) - along(values, time)) * stepTime) / dt;
        inputs[`vx${a}`] = step(path.x);
        inputs[`vy${a}`] = step(path.y);
        return path;
      });
      for (const { output, code } of sets)
        targets[output] = {
          code: (time, dt) => code((a) => [along(paths[a - 1]!.x, time + dt), along(paths[a - 1]!.y, time + dt)]),
        };
      return [{ name: "walk", lasts: o.duration, inputs, targets, weight: 1 }];
    },
    score: behaviour,
  });
}

/**
 * Where an agent of `pathIntegration` is at the end of each sample, trial after trial, m.
 * @param agent 1 (default) or 2
 */
export function pathPositions(trials: Trials, agent = 1): { x: Float64Array; y: Float64Array } {
  const { data, shape } = trials.inputs;
  const [n, samples, inputs] = shape as [number, number, number];
  const along = (axis: "x" | "y", channel: number): Float64Array => {
    const places = new Float64Array(n * samples);
    for (let k = 0; k < n; k++) {
      let at = trials.conditions[`${axis}${agent}`]![k]!;
      for (let t = k * samples; t < (k + 1) * samples; t++)
        places[t] = at += (trials.dt / stepTime) * data[t * inputs + channel]!;
    }
    return places;
  };
  return { x: along("x", 2 * agent - 2), y: along("y", 2 * agent - 1) };
}

type Place = [x: number, y: number];

/** From each true place to the found one that is its own; of two, in the pairing that is nearer. */
function distances(found: readonly Place[], places: readonly Place[]): number[] {
  const pairing = (order: readonly Place[]) =>
    places.map(([x, y], i) => Math.hypot(order[i]![0] - x, order[i]![1] - y));
  const [given, exchanged] = [pairing(found), pairing([...found].reverse())];
  return mean(exchanged) < mean(given) ? exchanged : given;
}
