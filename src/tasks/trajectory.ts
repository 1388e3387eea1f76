/**
 * Random walks of an animal in a square box.
 * @source Sorscher, Mel, Ganguli & Ocko 2019, NeurIPS 32, with the parameters of their code; its walls follow Raudies &
 * Hasselmo 2012, PLoS Comput. Biol. 8, e1002553
 */
import type { RandomStream } from "../engine/random.ts";

/** Time between steps, s. */
export const stepTime = 0.02;
/** Standard deviation of the turning, rad/s; scale of the Rayleigh law of the speed, m/s. */
const [turning, speed] = [11.52, 0.13 * 2 * Math.PI];
/** Within this distance of a wall (m) that it heads for, the animal slows down to this fraction and turns along the wall. */
const [border, slowed] = [0.03, 0.25];

export interface Walk {
  /** Position at step k, `k stepTime` after the start, from -box/2 to box/2 but for the last step into a wall, m. */
  x: Float64Array;
  y: Float64Array;
  /** Direction of step k, rad. */
  heading: Float64Array;
}

export interface WalkOptions {
  box: number;
  steps: number;
  /** Where it starts, m, and the first heading, rad. */
  x: number;
  y: number;
  heading: number;
}

/** A walk: `steps` + 1 positions. */
export function walk({ box, steps, ...from }: WalkOptions, random: RandomStream): Walk {
  const x = new Float64Array(steps + 1);
  const y = new Float64Array(steps + 1);
  const heading = new Float64Array(steps + 1);
  [x[0], y[0], heading[0]] = [from.x, from.y, from.heading];
  for (let t = 0; t < steps; t++) {
    let v = speed * Math.sqrt(-2 * Math.log1p(-random.uniform()));
    let turn = stepTime * random.normal(0, turning);
    // The nearest wall, and how the heading stands to the way straight into it.
    const distances = [box / 2 - x[t]!, box / 2 - y[t]!, box / 2 + x[t]!, box / 2 + y[t]!];
    const nearest = distances.indexOf(Math.min(...distances));
    const towards = wrapped(heading[t]! - (nearest * Math.PI) / 2);
    if (distances[nearest]! < border && Math.abs(towards) < Math.PI / 2) {
      v *= slowed;
      turn += Math.sign(towards) * (Math.PI / 2 - Math.abs(towards));
    }
    x[t + 1] = x[t]! + stepTime * v * Math.cos(heading[t]!);
    y[t + 1] = y[t]! + stepTime * v * Math.sin(heading[t]!);
    heading[t + 1] = heading[t]! + turn;
  }
  return { x, y, heading };
}

/** An angle in [-π, π). */
function wrapped(angle: number): number {
  const turns = (angle + Math.PI) / (2 * Math.PI);
  return 2 * Math.PI * (turns - Math.floor(turns)) - Math.PI;
}

/** A value of the walk between steps: linear. */
export function along(values: Float64Array, time: number): number {
  const at = Math.min(values.length - 1, Math.max(0, time / stepTime));
  const k = Math.min(values.length - 2, Math.floor(at + 1e-9));
  return values[k]! + (at - k) * (values[k + 1]! - values[k]!);
}
