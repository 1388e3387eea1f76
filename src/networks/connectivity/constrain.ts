/** A constraint on a matrix, enforced in one of the ways that have a meaning for it. */
import { closest } from "../../base/errors.ts";
import type { NetworkData } from "../../equations/network.ts";
import { drawParameter } from "../initialise.ts";
import {
  type Constraining,
  type Constraint,
  type Enforcement,
  enforcements,
  type Numbers,
  refuse,
} from "./constraint.ts";
import { type PenaltyText, penaltyOf } from "./penalise.ts";
import { type Projection, projectionOf, pruneOf } from "./project.ts";
import { reparametrise } from "./reparametrise.ts";
import { checkRank, numberOf, shapeOf } from "./wiring.ts";

export interface Constrained {
  /** Another network where the constraint is a reparametrisation, else the one given. */
  network: NetworkData;
  /** For `project`: what training calls after each update. */
  projection?: Projection;
  /** For `penalise`: a term of the objective. */
  penalty?: PenaltyText;
  /** For `prune`: what is applied once. */
  prune?: Projection;
}

export interface ConstrainOptions {
  /** Numbers for the names of sizes; default the network's. Needed by projections and by penalties with lists of numbers. */
  sizes?: Record<string, number>;
  /** Of masks and signs that are drawn; default 0. */
  seed?: number;
  /** Of a penalty; default 1. */
  weight?: number;
}

/**
 * Puts a constraint on a matrix of a network.
 * @throws NullclineError (code `constraint`) where the pair has no meaning, or the constraint cannot be: a rank above the
 * size, a negative budget, a range whose bounds are exchanged, signs other than +1, -1 and 0
 */
export function constrain(
  network: NetworkData,
  matrix: string,
  constraint: Constraint,
  by: Enforcement,
  options: ConstrainOptions = {},
): Constrained {
  const ways = enforcements[constraint.kind];
  if (!ways) {
    const meant = closest(constraint.kind, Object.keys(enforcements));
    refuse(
      `no constraint \`${constraint.kind}\``,
      Object.keys(enforcements).join(", "),
      meant && `did you mean \`${meant}\`?`,
    );
  }
  if (!ways.includes(by)) {
    const others = Object.entries(enforcements).filter(([, list]) => list.includes(by));
    refuse(
      `\`${constraint.kind}\` by \`${by}\` has no meaning`,
      `${constraint.kind} by ${ways.join(", ")}`,
      others.length > 0 ? `${by} is for ${others.map(([kind]) => kind).join(", ")}` : undefined,
    );
  }
  const shape = shapeOf(network, matrix);
  const { seed = 0, weight = 1 } = options;
  const sizes = { ...network.sizes, ...options.sizes };
  const size = (): [number, number] => {
    const [rows, columns] = shape.map((dim) => numberOf(dim, sizes));
    if (rows === undefined || columns === undefined)
      refuse(
        `\`${matrix}\` [${shape.join(", ")}] without numbers for its sizes`,
        undefined,
        "give them: { sizes: { N: 100 } }",
      );
    return [rows!, columns!];
  };
  const numbers = ({ value, init }: Numbers, vector = false): Float64Array => {
    const [rows, columns] = size();
    const expected = vector ? [columns] : [rows, columns];
    const length = expected.reduce((a, b) => a * b);
    if (value === undefined)
      return drawParameter(init ?? { law: "constant", value: 1 }, expected, {
        seed,
        name: `${matrix} ${constraint.kind}`,
      });
    const given = typeof value === "number" ? new Float64Array(length).fill(value) : Float64Array.from(value);
    if (given.length !== length)
      refuse(
        `${given.length} numbers of the ${constraint.kind} on \`${matrix}\``,
        `${length} for [${expected.join(", ")}]`,
      );
    return given;
  };
  const it: Constraining = { network: { ...network, sizes }, matrix, shape, weight, numbers, size };
  check(it, constraint);
  switch (by) {
    case "reparametrise":
      return { network: reparametrise({ ...it, network }, constraint) };
    case "project":
      return { network, projection: projectionOf(it, constraint) };
    case "penalise":
      return { network, penalty: penaltyOf(it, constraint) };
    case "prune":
      return { network, prune: pruneOf(it, constraint) };
  }
}

function check({ network, matrix, shape, weight }: Constraining, constraint: Constraint): void {
  if (!(weight >= 0)) refuse(`a penalty of weight ${weight}`, "0 or more");
  switch (constraint.kind) {
    case "sign": {
      const { value, init } = constraint.signs;
      const given = [value ?? [], init?.law === "shares" ? init.values : []].flat();
      const wrong = given.find((d) => ![1, -1, 0].includes(d));
      if (wrong !== undefined) refuse(`the sign ${wrong}`, "+1, -1, or 0 for no sign");
      break;
    }
    case "range":
      if (!(constraint.low < constraint.high))
        refuse(`a range from ${constraint.low} to ${constraint.high}`, "the lower bound first");
      break;
    case "rank":
      checkRank(constraint.rank, shape, network, matrix);
      break;
    case "budget":
      if (constraint.total !== undefined && !(constraint.total >= 0))
        refuse(`a budget of ${constraint.total}`, "0 or more");
      break;
  }
}
