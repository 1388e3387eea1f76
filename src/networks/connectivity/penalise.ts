/** A constraint as a term of the objective: an equation over parameters, whose gradient is derived. */
import { identity } from "../../engine/linalg/matrix.ts";
import type { ParameterData } from "../../equations/network.ts";
import { type Constraining, type Constraint, refuse } from "./constraint.ts";

/** What an objective adds: `weight` times the sum of the terms. It is a `Penalty` of training. */
export interface PenaltyText {
  name: string;
  weight: number;
  /** Expressions over parameters whose entries are added up. */
  terms: string[];
  sum: true;
  /** Lines that the terms read. */
  lines?: string;
  /** Constants that terms and lines read. */
  parameters: Record<string, ParameterData>;
}

/**
 * sign: `Σ relu(-W d)`; mask: `Σ |W| (1 - S)`; range: `Σ relu(W - high) + relu(low - W)`; budget: `Σ |W| D`, with
 * communicability `Σ |W| D C`, and with a total only what is above it.
 */
export function penaltyOf({ matrix, shape, weight, numbers, size }: Constraining, constraint: Constraint): PenaltyText {
  const own = (name: string): string => `objective_${name}_${matrix}`;
  const [rows, columns] = shape;
  const constant = (values: Float64Array, of: ParameterData["shape"]): ParameterData => ({
    shape: of,
    value: [...values],
    tag: "pinned",
  });
  const made = (terms: string[], parameters: PenaltyText["parameters"] = {}, lines?: string): PenaltyText => ({
    name: `${constraint.kind} of ${matrix}`,
    weight,
    terms,
    sum: true,
    ...(lines && { lines }),
    parameters,
  });
  switch (constraint.kind) {
    case "sign":
      return made([`relu(-(${matrix} diag(${own("sign")})))`], {
        [own("sign")]: constant(numbers(constraint.signs, true), [columns]),
      });
    case "mask":
      return made([`abs(${matrix}) * (1 - ${own("mask")})`], {
        [own("mask")]: constant(numbers(constraint.mask), [rows, columns]),
      });
    case "range": {
      const { low, high } = constraint;
      return made([`relu(${matrix} - (${high})) + relu((${low}) - ${matrix})`]);
    }
    case "budget": {
      const { communicability: asked, total } = constraint;
      const D = own("distances");
      const parameters = { [D]: constant(numbers(constraint.distances), [rows, columns]) };
      let each = `abs(${matrix}) * ${D}`;
      let lines: string | undefined;
      if (asked) {
        if (rows !== columns) refuse(`communicability of \`${matrix}\` [${shape.join(", ")}]`, "a square matrix");
        const found = communicability(matrix, rows, size()[0], own);
        Object.assign(parameters, found.parameters);
        each = `${each} * ${found.name}`;
        lines = found.lines;
      }
      if (total === undefined) return made([each], parameters, lines);
      const [a, b] = [own("rows"), own("columns")];
      const [n, m] = size();
      parameters[a] = constant(new Float64Array(n).fill(1), [rows]);
      parameters[b] = constant(new Float64Array(m).fill(1), [columns]);
      return made([`relu(${a}' (${each}) ${b} - ${total})`], parameters, lines);
    }
    default:
      throw new Error(`${constraint.kind} is not penalised`);
  }
}

/** Squarings and terms: 1e-13 of the exponential of a matrix of norm up to 8. */
const [squarings, degree] = [4, 12];

/**
 * Communicability: `expm(S^-1/2 |W| S^-1/2)` with a zero diagonal, S the row sums of |W|. The exponential is a Taylor sum
 * of degree 12 of the matrix over 2⁴, squared four times, all as lines: so its gradient is derived like any other.
 * @source Achterberg, Akarca et al. 2023, Nat. Mach. Intell. 5, 1369–1381
 */
export function communicability(
  matrix: string,
  size: string | number,
  n: number,
  own: (name: string) => string,
): { name: string; lines: string; parameters: Record<string, ParameterData> } {
  const [I, ones, root, A] = [own("identity"), own("ones"), own("root"), own("normalised")];
  const lines = [
    `${root} = 1 / sqrt(max(1e-30, abs(${matrix}) ${ones}))`,
    `${A} = diag(${root}) abs(${matrix}) diag(${root}) / ${2 ** squarings}`,
  ];
  let last = I;
  for (let k = degree; k >= 1; k--) {
    lines.push(`${own(`taylor${k}`)} = ${I} + ${A} ${last} / ${k}`);
    last = own(`taylor${k}`);
  }
  for (let k = 1; k <= squarings; k++) {
    lines.push(`${own(`square${k}`)} = ${last} ${last}`);
    last = own(`square${k}`);
  }
  const name = own("communicability");
  lines.push(`${name} = ${last} * (1 - ${I})`);
  return {
    name,
    lines: lines.join("\n"),
    parameters: {
      [I]: { shape: [size, size], value: [...identity(n)], tag: "pinned" },
      [ones]: { shape: [size], value: Array<number>(n).fill(1), tag: "pinned" },
    },
  };
}

/** Euclidean distances between the points of a grid of side 1, the last coordinate fastest: `[points, points]`, row-major. */
export function gridDistances(sides: number[]): number[] {
  const points = sides.reduce((a, b) => a * b, 1);
  const at = (k: number): number[] => {
    const place: number[] = [];
    for (let d = sides.length - 1, rest = k; d >= 0; d--) {
      place.unshift(rest % sides[d]!);
      rest = Math.floor(rest / sides[d]!);
    }
    return place;
  };
  return Array.from({ length: points * points }, (_, k) => {
    const [a, b] = [at(Math.floor(k / points)), at(k % points)];
    return Math.hypot(...a.map((x, d) => x - b[d]!));
  });
}
