/** The fixed points found so far, and a quick way to tell that a state leads to one of them. */
import { luFactor, luSolve } from "../engine/linalg/lu.ts";
import type { System } from "../engine/system.ts";
import { evaluateResidual, residualJacobian } from "./residual.ts";

interface Known {
  x: Float64Array;
  q: number;
  /** Factors of `DF(x)`, while there is room for them. */
  factors?: { LU: Float64Array; pivots: Int32Array };
}

/** At most this many numbers (256 MB) are kept as factors. */
const room = 2 ** 25;

export class KnownPoints {
  readonly points: Known[] = [];
  private readonly system: System;
  private readonly distance: number;
  private readonly radius: number;
  private readonly step: Float64Array;
  private readonly state: Float64Array;

  /**
   * @param distance two points at most this far apart are one
   * @param radius states farther than this from a known point are not tested against it
   */
  constructor(system: System, distance: number, radius: number) {
    this.system = system;
    this.distance = distance;
    this.radius = radius;
    this.step = new Float64Array(system.dimension);
    this.state = new Float64Array(system.dimension);
  }

  /** The nearest known point and how far it is. */
  nearest(x: Float64Array): { point: Known | undefined; distance: number } {
    let point: Known | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const known of this.points) {
      let sum = 0;
      for (let i = 0; i < x.length && sum < least; i++) sum += (x[i] - known.x[i]) ** 2;
      if (sum < least) {
        least = sum;
        point = known;
      }
    }
    return { point, distance: Math.sqrt(least) };
  }

  /**
   * Whether Newton's iteration with the factors of the nearest known point, which costs no new factorisation, carries
   * `start` to that point, at least halving the distance at each step.
   */
  recognises(start: Float64Array): boolean {
    let { point, distance } = this.nearest(start);
    if (!point?.factors || distance > this.radius) return false;
    const { state, step } = this;
    state.set(start);
    for (let k = 0; distance > this.distance; k++) {
      if (k === 10) return false;
      evaluateResidual(this.system, state, step);
      luSolve(point.factors.LU, state.length, point.factors.pivots, step);
      let sum = 0;
      for (let i = 0; i < state.length; i++) {
        state[i] -= step[i];
        sum += (state[i] - point.x[i]) ** 2;
      }
      const next = Math.sqrt(sum);
      if (!(next <= distance / 2)) return false;
      distance = next;
    }
    return true;
  }

  /** Adds a zero of F; answers false where it is known already. */
  add(x: Float64Array, q: number): boolean {
    if (this.nearest(x).distance <= this.distance) return false;
    const known: Known = { x, q };
    const D = x.length;
    if ((this.points.length + 1) * D * D <= room) {
      const LU = residualJacobian(this.system, x);
      const pivots = new Int32Array(D);
      if (luFactor(LU, D, pivots) !== 0) known.factors = { LU, pivots };
    }
    this.points.push(known);
    return true;
  }
}
