/** Constraints: what each way of enforcing them guarantees, against the definition and independent programs. */
import { Matrix, SVD } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { interpretProgram } from "../../../src/engine/interpreter.ts";
import { expm } from "../../../src/engine/linalg/expm.ts";
import { RandomStream } from "../../../src/engine/random.ts";
import { adjoint } from "../../../src/equations/adjoint.ts";
import { Graph } from "../../../src/equations/build.ts";
import { modelOf } from "../../../src/equations/model.ts";
import type { NetworkData } from "../../../src/equations/network.ts";
import { emptyBlock, normalise } from "../../../src/equations/normalise.ts";
import {
  blocks,
  type Constraint,
  constrain,
  dense,
  type Enforcement,
  enforcements,
  gridDistances,
  lowRank,
  product,
  projectAll,
  wire,
} from "../../../src/networks/connectivity/index.ts";
import type { PenaltyText } from "../../../src/networks/connectivity/penalise.ts";
import { makeNetwork, valuesOf } from "../../../src/networks/network.ts";
import { rate } from "../../../src/networks/rate.ts";
import { caseOf, checkDerivative } from "../properties.ts";

const N = 6;
const sizes = { N, I: 2, O: 1 };
const network: NetworkData = { ...rate, sizes };
const signs = { init: { law: "shares" as const, values: [1, -1], shares: [0.5, 0.5] } };
const distances = gridDistances([3, 2]);
const constraints: Record<Constraint["kind"], Constraint> = {
  sign: { kind: "sign", signs },
  mask: { kind: "mask", mask: { init: { law: "bernoulli", probability: 0.5 } } },
  range: { kind: "range", low: -0.2, high: 0.3 },
  rank: { kind: "rank", rank: 2 },
  budget: { kind: "budget", distances: { value: distances }, total: 3 },
};
const kinds = Object.keys(constraints) as Constraint["kind"][];
const ways: Enforcement[] = ["reparametrise", "project", "penalise", "prune"];
const draw = (key: string | number, std = 0.5): Float64Array =>
  new RandomStream(3, `W ${key}`).fillNormal(new Float64Array(N * N), 0, std);
const cost = (W: ArrayLike<number>): number => distances.reduce((s, d, k) => s + d * Math.abs(W[k]!), 0);
/** How far a matrix is outside of a constraint. */
const violation: Record<Constraint["kind"], (W: Float64Array, mask?: Float64Array) => number> = {
  sign: (W) => Math.max(...W.map((w, k) => Math.max(0, -w * (k % N < N / 2 ? 1 : -1)))),
  mask: (W, mask) => Math.max(...W.map((w, k) => Math.abs(w) * (1 - mask![k]!))),
  range: (W) => Math.max(...W.map((w) => Math.max(w - 0.3, -0.2 - w, 0))),
  rank: (W) => new SVD(Matrix.from1DArray(N, N, W)).diagonal[2]!,
  budget: (W) => Math.max(0, cost(W) - 3),
};
/** The mask as reparametrisation and projection draw it. */
function maskOf(by: Enforcement): Float64Array {
  const ones = new Float64Array(N * N).fill(1);
  constrain(network, "J", constraints.mask, by)[by === "prune" ? "prune" : "projection"]!({ J: ones });
  return ones;
}
/** `J` of a network whose `J` is a line. */
function lineOf(data: NetworkData, values: Record<string, Float64Array>): Float64Array {
  const { program } = modelOf(data);
  const executable = interpretProgram(program, {
    sizes: { ...sizes, ...data.sizes },
    trials: 1,
    samples: 1,
    record: ["J"],
  });
  for (const name of Object.keys(program.parameters)) executable.setParameter(name, values[name]!);
  executable.run({ dt: 1 });
  return executable.read("J").data as Float64Array;
}

describe.each(kinds)("%s", (kind) => {
  const constraint = constraints[kind];
  test("the ways without a meaning are refused, and name those with one", () => {
    for (const by of ways)
      if (!enforcements[kind].includes(by))
        expect(() => constrain(network, "J", constraint, by)).toThrow(
          new RegExp(`\`${kind}\` by \`${by}\` has no meaning; expected ${kind} by ${enforcements[kind].join(", ")}`),
        );
  });

  test.runIf(enforcements[kind].includes("project"))(
    "a projection ends inside, and leaves alone what is inside",
    () => {
      const { projection } = constrain(network, "J", constraint, "project");
      const J = draw(kind);
      projection!({ J });
      expect(violation[kind](J, maskOf("project"))).toBeLessThan(1e-12);
      const again = J.slice();
      projection!({ J: again });
      for (let k = 0; k < J.length; k++) expect(again[k]!).toBeCloseTo(J[k]!, 12);
      // Not among the parameters of a stage: nothing to do.
      expect(() => projection!({ W: new Float64Array(3) })).not.toThrow();
    },
  );

  test.runIf(enforcements[kind].includes("prune"))("pruning ends inside", () => {
    const J = draw(kind);
    constrain(network, "J", constraint, "prune").prune!({ J });
    expect(violation[kind](J, maskOf("prune"))).toBeLessThan(1e-12);
    expect(J.some((x) => x !== 0)).toBe(true);
  });

  test("a reparametrisation is inside whatever is trained, and its gradient is right", async () => {
    const { network: made } = constrain(network, "J", constraint, "reparametrise");
    const drawn = valuesOf(makeNetwork(made, { seed: 2 }));
    for (let k = 0; k < 20; k++) {
      const values = Object.fromEntries(
        Object.entries(drawn).map(([name, v]) => [
          name,
          made.parameters[name]!.tag === "pinned" ? v : new RandomStream(k, name).fillNormal(v.slice(), 0, 2),
        ]),
      );
      expect(violation[kind](lineOf(made, values), drawn.J_S)).toBeLessThan(1e-12);
    }
    await checkDerivative(
      caseOf(
        kind === "budget"
          ? { ...made, parameters: { ...made.parameters, J_D: { ...made.parameters.J_D!, value: 2 } } }
          : made,
      ),
    );
  });
});

test("Dale's law holds in 10,000 updates with random gradients, projected and reparametrised", () => {
  const { projection } = constrain(network, "J", constraints.sign, "project");
  const J = draw("Dale");
  const { network: made } = constrain(network, "J", constraints.sign, "reparametrise");
  const K = J.slice();
  const random = new RandomStream(5, "updates");
  const step = new Float64Array(N * N);
  let violations = 0;
  for (let k = 0; k < 10_000; k++) {
    random.fillNormal(step, 0, 0.1);
    for (let i = 0; i < step.length; i++) {
      J[i]! += step[i]!;
      K[i]! += step[i]!;
    }
    projection!({ J });
    // relu(K) diag(d), as the text says; the text itself is evaluated every thousandth time.
    const W = k % 1000 === 999 ? lineOf(made, { ...valuesOf(makeNetwork(made)), J_K: K }) : J;
    for (const M of [J, W]) for (let i = 0; i < M.length; i++) if (M[i]! * (i % N < N / 2 ? 1 : -1) < 0) violations++;
  }
  expect(violations).toBe(0);
  expect(J.some((x) => x < 0) && J.some((x) => x > 0)).toBe(true);
});

test("the projection on a budget is the nearest matrix: no other within it is nearer", () => {
  const { projection } = constrain(network, "J", constraints.budget, "project");
  const J = draw("near");
  const P = J.slice();
  projection!({ J: P });
  expect(cost(P)).toBeCloseTo(3, 12);
  // Optimality on a convex set: <J - P, Q - P> ≤ 0 for every Q within.
  for (let k = 0; k < 200; k++) {
    const Q = draw(k);
    const scale = Math.min(1, 3 / cost(Q));
    const slope = P.reduce((s, p, i) => s + (J[i]! - p) * (Q[i]! * scale - p), 0);
    expect(slope).toBeLessThan(1e-10);
  }
});

test("projections one after the other: signs and a mask at once", () => {
  const J = draw("both");
  projectAll(["sign", "mask"].map((k) => constrain(network, "J", constraints[k as "sign"], "project").projection!))({
    J,
  });
  expect(violation.sign(J)).toBe(0);
  expect(violation.mask(J, maskOf("project"))).toBe(0);
});

/** Value and gradient of a penalty, through its own lines. */
function penalised(penalty: PenaltyText, J: Float64Array): { value: number; gradient: Float64Array } {
  const data: NetworkData = {
    equations: [...(penalty.lines?.split("\n") ?? []), ...penalty.terms.map((t, k) => `term_${k} = ${t}`)].join("\n"),
    parameters: { J: { shape: ["N", "N"] }, ...penalty.parameters },
    sizes: { N },
    outputs: [],
  };
  const { program } = modelOf(data);
  const g = new Graph();
  const total = emptyBlock("update");
  const terms = penalty.terms.map((_, k) => {
    const { node } = program.blocks.flatMap((b) => b.definitions).find((d) => d.name === `term_${k}`)!;
    return g.total(g.leaf({ kind: "value", name: `term_${k}` }, node.shape, "update"));
  });
  total.definitions.push({ name: "penalty", node: terms.reduce((a, b) => g.map("add", a, b)) });
  const back = adjoint(normalise({ ...program, blocks: [...program.blocks, total] }), "penalty", ["J"]);
  const record = ["penalty", back.gradients.J!];
  const executable = interpretProgram(back.program, { sizes: { N }, trials: 1, samples: 1, record });
  const values = { ...valuesOf(makeNetwork(data)), J };
  for (const name of Object.keys(back.program.parameters)) executable.setParameter(name, values[name as "J"]!);
  executable.run({ dt: 1 });
  const [value, gradient] = record.map((name) => executable.read(name).data as Float64Array);
  return { value: value![0]!, gradient: gradient! };
}

describe("penalties", () => {
  const penaltyOf = (constraint: Constraint): PenaltyText =>
    constrain(network, "J", constraint, "penalise", { weight: 0.5 }).penalty!;
  test.each<[string, Constraint, (W: Float64Array) => number]>([
    ["sign", constraints.sign, (W) => W.reduce((s, w, k) => s + Math.max(0, -w * (k % N < N / 2 ? 1 : -1)), 0)],
    ["mask", { kind: "mask", mask: { value: distances.map((d) => (d > 1.2 ? 0 : 1)) } }, (W) => W.reduce((s, w, k) => s + (distances[k]! > 1.2 ? Math.abs(w) : 0), 0)],
    ["range", constraints.range, (W) => W.reduce((s, w) => s + Math.max(0, w - 0.3) + Math.max(0, -0.2 - w), 0)],
    ["budget", { kind: "budget", distances: { value: distances } }, cost],
    ["budget with a total", constraints.budget, (W) => Math.max(0, cost(W) - 3)],
    ["budget with communicability", { kind: "budget", distances: { value: distances }, communicability: true }, withCommunicability],
  ])("%s: the value by its formula, the gradient by finite differences", (_, constraint, formula) => {
    const penalty = penaltyOf(constraint);
    expect(penalty.weight).toBe(0.5);
    // Away from zero, where absolute values have a kink.
    const J = draw("penalty").map((x) => x + 0.05 * Math.sign(x));
    const { value, gradient } = penalised(penalty, J);
    expect(value).toBeGreaterThan(0);
    expect(value / formula(J)).toBeCloseTo(1, 12);
    const direction = draw("direction");
    const at = (h: number): number => formula(J.map((x, k) => x + h * direction[k]!));
    const h = 1e-4;
    const numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    expect(gradient.reduce((s, x, k) => s + x * direction[k]!, 0) / numeric).toBeCloseTo(1, 7);
  }); // biome-ignore format: a table

  test("with D = 1 and no communicability it is L1, with gradient sign(W)", () => {
    const J = draw("L1");
    const { value, gradient } = penalised(penaltyOf({ kind: "budget", distances: { value: 1 } }), J);
    expect(value).toBeCloseTo(
      J.reduce((s, w) => s + Math.abs(w), 0),
      12,
    );
    expect([...gradient]).toEqual([...J].map(Math.sign));
  });

  test("communicability does not change with the scale of W: the penalty is homogeneous of degree 1", () => {
    const penalty = penaltyOf({ kind: "budget", distances: { value: distances }, communicability: true });
    const J = draw("scale");
    const one = penalised(penalty, J).value;
    for (const factor of [0.01, 3, 100])
      expect(
        penalised(
          penalty,
          J.map((x) => factor * x),
        ).value /
          (factor * one),
      ).toBeCloseTo(1, 12);
  });
});

/** Σ |W| D expm(S^-1/2 |W| S^-1/2) off the diagonal, by the matrix exponential of the library (Padé). */
function withCommunicability(W: Float64Array): number {
  const rows = Array.from({ length: N }, (_, i) => W.subarray(i * N, (i + 1) * N).reduce((s, w) => s + Math.abs(w), 0));
  const A = W.map((w, k) => Math.abs(w) / Math.sqrt(rows[Math.floor(k / N)]! * rows[k % N]!));
  const C = expm(A, N);
  return W.reduce((s, w, k) => s + (k % (N + 1) === 0 ? 0 : Math.abs(w) * distances[k]! * C[k]!), 0);
}

test("distances on a grid", () => {
  const D = gridDistances([5, 5, 4]);
  expect(D.length).toBe(100 * 100);
  // First and last corner; neighbours along the last coordinate.
  expect(D[99]).toBeCloseTo(Math.hypot(4, 4, 3), 14);
  expect(D[1]).toBe(1);
  // The mean over pairs of different units that the catalogue states.
  expect(D.reduce((a, b) => a + b, 0) / (100 * 99)).toBeCloseTo(3.058, 1);
});

test.each<[string, () => unknown, RegExp]>([
  ["a rank above the size", () => constrain(network, "J", { kind: "rank", rank: 7 }, "project"), /rank 7 of `J` \[N, N\]; expected a whole number from 1 to 6/],
  ["a negative budget", () => constrain(network, "J", { ...constraints.budget, total: -1 } as Constraint, "project"), /a budget of -1; expected 0 or more/],
  ["a range turned round", () => constrain(network, "J", { kind: "range", low: 1, high: 0 }, "project"), /a range from 1 to 0/],
  ["a sign of 2", () => constrain(network, "J", { kind: "sign", signs: { value: 2 } }, "project"), /the sign 2; expected \+1, -1, or 0/],
  ["too few signs", () => constrain(network, "J", { kind: "sign", signs: { value: [1, -1] } }, "project"), /2 numbers of the sign on `J`; expected 6/],
  ["no such matrix", () => constrain(network, "b", constraints.sign, "project"), /has no matrix `b`; expected J, B, W/],
  ["no such constraint", () => constrain(network, "J", { kind: "sing" } as never, "project"), /no constraint `sing`; expected sign, mask/],
  ["a wiring of a rank above the size", () => wire(network, "J", lowRank({ rank: 7 })), /rank 7 of `J` \[N, N\]; expected a whole number from 1 to 6/],
  ["factors that lack a size in between", () => wire(network, "J", product([], dense(), dense())), /0 inner sizes for a product of 2; expected 1/],
  ["areas in a matrix that is not square", () => wire(network, "B", blocks([0.5, 0.5], [[1, 1], [1, 1]])), /areas for `B` \[N, I\]; expected a square matrix/],
  ["a budget that is no number", () => constrain(network, "J", { ...constraints.budget, total: Number.NaN } as Constraint, "project"), /a budget of NaN; expected 0 or more/],
  ["a rank that is no whole number", () => constrain(network, "J", { kind: "rank", rank: 1.5 }, "project"), /rank 1\.5 of `J` \[N, N\]; expected a whole number from 1 to 6/],
  ["no sizes", () => constrain(rate, "J", constraints.sign, "project"), /`J` \[N, N\] without numbers for its sizes/],
  ["a wiring where a name is taken", () => wire({ ...network, parameters: { ...network.parameters, J_K: {} } }, "J", () => ({ text: "J_K", parameters: { J_K: {} } })), /a factor `J_K`, a name that the network has already/],
])("%s is one clear sentence", (_, act, message) => {
  expect(act).toThrow(message);
}); // biome-ignore format: a table
