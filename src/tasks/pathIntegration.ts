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
  /** 1 or 2. Each has place cells of its own. Default 1. */
  agents?: number;
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
  start: "middle",
  placeSeed: 0,
};

/** A decoded position so near is right, cm: a criterion of ours. */
const near = 10;

/**
 * The task. Inputs `vx1`, `vy1` (and `vx2`, `vy2`): displacement per 0.02 s, m. Outputs `place1 …` (`other1 …`): the place
 * code of the position at the sample's end, which is not negative and has sum 1: for readouts that are a softmax. All
 * samples count. Conditions: `x1`, `y1` (m), `heading1` (rad) at the start, likewise for a second agent.
 *
 * The score is the fraction of samples whose decoded position (mean centre of the three most active cells) is within 10 cm
 * of the true one. `parts.errorCm` is the mean distance, published as the decoding error; place cells themselves have one.
 * @throws NullclineError for options that make no sense
 */
export function pathIntegration(given: PathIntegrationOptions = {}): Task {
  const name = "pathIntegration";
  const o = withDefaults(name, defaults, given, { start: ["middle", "place"] });
  const positive = o.box > 0 && o.width > 0 && o.surround >= 0 && o.duration > 0;
  if (!positive || !(Number.isInteger(o.cells) && o.cells >= 3) || (o.agents !== 1 && o.agents !== 2))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: ${o.cells} cells of width ${o.width} (surround ${o.surround}) in a box of ${o.box} m, ${o.agents} agents, ${o.duration} s`,
      expected: "at least 3 cells, 1 or 2 agents, positive lengths and times",
    });
  const agents = Array.from({ length: o.agents }, (_, a) => ({
    number: a + 1,
    output: a === 0 ? "place" : "other",
    cells: placeCells({ ...o, seed: o.placeSeed + a }),
  }));
  const anywhere = o.start === "place" ? ({ uniform: [-o.box / 2, o.box / 2] } as const) : 0;

  function behaviour(outputs: NDArray, trials: Trials): Behaviour {
    checkOutputs(outputs, trials);
    const [n, samples, width] = outputs.shape as [number, number, number];
    const [inputs, scale] = [trials.inputs.shape[2]!, trials.dt / stepTime];
    const hits: number[] = [];
    const errors = agents.map(() => [] as number[]);
    for (let k = 0; k < n; k++) {
      let right = 0;
      agents.forEach(({ number, cells }, a) => {
        let [x, y] = [trials.conditions[`x${number}`]![k]!, trials.conditions[`y${number}`]![k]!];
        for (let t = 0; t < samples; t++) {
          const at = (k * samples + t) * inputs + 2 * a;
          x += scale * trials.inputs.data[at]!;
          y += scale * trials.inputs.data[at + 1]!;
          const first = (k * samples + t) * width + a * o.cells;
          const [dx, dy] = cells.decode(outputs.data.subarray(first, first + o.cells));
          const error = 100 * Math.hypot(dx - x, dy - y);
          errors[a]!.push(error);
          if (error <= near) right++;
        }
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
        ...(o.agents === 2 && { "errorCm own": mean(errors[0]!), "errorCm other": mean(errors[1]!) }),
      },
    };
  }

  return defineTask({
    name,
    description: `Keep track of ${o.agents === 1 ? "one's position" : "one's own position and another's"} in a box of ${o.box} m from velocity.`,
    source: "Sorscher, Mel, Ganguli & Ocko 2019, NeurIPS 32",
    dt: o.dt,
    unit: "s",
    inputs: Object.fromEntries(agents.flatMap(({ number }) => [`vx${number}`, `vy${number}`].map((c) => [c, 1]))),
    outputs: Object.fromEntries(agents.map(({ output }) => [output, o.cells])),
    variables: Object.fromEntries(
      agents.flatMap(({ number }) => [
        [`x${number}`, anywhere],
        [`y${number}`, anywhere],
        [`heading${number}`, { uniform: [0, 2 * Math.PI] }],
      ]),
    ),
    ...(o.start === "place" && {
      trialInputs: (v) => ({
        p_0: agents.flatMap(({ number, cells }) => [...cells.code(v[`x${number}`], v[`y${number}`])]),
      }),
    }),
    trial: (v, random) => {
      const inputs: Record<string, Signals[string]> = {};
      const targets: Record<string, Signals[string]> = {};
      // One step more than the longest trial at any time step looks at.
      const steps = Math.ceil(o.duration / stepTime + 1e-9) + Math.ceil(o.dt / stepTime) + 1;
      for (const { number, output, cells } of agents) {
        const path = walk(
          { box: o.box, steps, x: v[`x${number}`], y: v[`y${number}`], heading: v[`heading${number}`] },
          random,
        );
        // At any time step, so that the sum of displacements is the way: the mean velocity of the sample.
        const step = (values: Float64Array) => (time: number, dt: number) =>
          ((along(values, time + dt) - along(values, time)) * stepTime) / dt;
        inputs[`vx${number}`] = step(path.x);
        inputs[`vy${number}`] = step(path.y);
        const codes = new Map<number, Float64Array>();
        const code = (time: number) => {
          let made = codes.get(time);
          if (!made) codes.set(time, (made = cells.code(along(path.x, time), along(path.y, time))));
          return made;
        };
        targets[output] = Array.from({ length: o.cells }, (_, i) => (time: number, dt: number) => code(time + dt)[i]!);
      }
      return [{ name: "walk", lasts: o.duration, inputs, targets, weight: 1 }];
    },
    score: behaviour,
  });
}
