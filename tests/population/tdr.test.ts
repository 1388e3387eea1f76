import { inverse, Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { type NDArray, ndarray } from "../../src/base/arrays.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { selectUnits } from "../../src/population/activity.ts";
import { conditionAverage, varianceExplainedBy } from "../../src/population/conditionAverage.ts";
import { manteOptions, pycogOptions, type Tdr, tdr } from "../../src/population/tdr.ts";
import { regressOnTask } from "../../src/population/tdrRegression.ts";

const variables = ["choice", "motion", "color", "context"] as const;
const strengths = [-0.15, -0.036, -0.009, 0.009, 0.036, 0.15];
const [trials, samples, units] = [1500, 12, 60];
const dt = 50;

/** Time courses of each variable's contribution. */
const courses = {
  choice: (t: number) => 3 * (t / (samples - 1)),
  motion: (t: number) => (t >= 3 && t < 8 ? 3 : 0),
  color: (t: number) => (t >= 5 && t < 10 ? 3 : 0),
  context: () => 2,
};

function gramSchmidt(vectors: number[][]): number[][] {
  const axes: number[][] = [];
  for (const vector of vectors) {
    let v = vector;
    for (let pass = 0; pass < 2; pass++)
      for (const u of axes) {
        const along = dot(v, u);
        v = v.map((x, i) => x - along * u[i]);
      }
    const length = Math.hypot(...v);
    axes.push(v.map((x) => x / length));
  }
  return axes;
}

/** `r = Σ_v a_v(t) f_v e_v + noise` with orthonormal e_v, and choices by relevant evidence with errors. */
function population(seed: number) {
  const stream = new RandomStream(seed, "tdr test");
  const axes = gramSchmidt(variables.map(() => Array.from({ length: units }, () => stream.normal())));
  const conditions: Record<string, number[]> = { choice: [], motion: [], color: [], context: [], correct: [] };
  const data: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    const motion = stream.choice(strengths);
    const color = stream.choice(strengths);
    const context = stream.choice([-1, 1]);
    const relevant = context > 0 ? motion : color;
    const choice = relevant + 0.05 * stream.normal() > 0 ? 1 : -1;
    const values = { choice, motion: motion / 0.15, color: color / 0.15, context };
    conditions.choice.push(choice);
    conditions.motion.push(motion);
    conditions.color.push(color);
    conditions.context.push(context);
    conditions.correct.push(choice === Math.sign(relevant) ? 1 : 0);
    for (let t = 0; t < samples; t++)
      for (let unit = 0; unit < units; unit++)
        data.push(variables.reduce((r, v, a) => r + courses[v](t) * values[v] * axes[a][unit], stream.normal()));
  }
  // z-scoring divides each unit by its standard deviation, and the axes with it.
  const rows = trials * samples;
  const mean = new Float64Array(units);
  const square = new Float64Array(units);
  data.forEach((x, i) => {
    mean[i % units] += x / rows;
    square[i % units] += (x * x) / rows;
  });
  const deviations = mean.map((m, unit) => Math.sqrt(square[unit] - m * m));
  return {
    activity: ndarray(data, [trials, samples, units]),
    conditions,
    vectors: axes.map((axis) => axis.map((x, unit) => x / deviations[unit])),
  };
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0);
const row = ({ data, shape }: NDArray, i: number) => data.subarray(i * shape[1], (i + 1) * shape[1]);
const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

const { activity, conditions, vectors } = population(1);
const built = gramSchmidt(vectors);
const options = { ...manteOptions, binWidth: dt, dt, correct: "correct", windows: {} };
const result = tdr({ activity, conditions }, options);

describe("the five tests", () => {
  test("(a) recovers the axes that were built in", () => {
    expect(result.regressors).toEqual([
      "constant",
      ...["choice", "motion", "color", "context", "choice*context", "motion*context", "color*context"],
    ]);
    variables.forEach((_, v) => {
      expect(cosine(row(result.axes, v), built[v])).toBeGreaterThan(0.98);
    });
    // And when: the lengths follow the time courses.
    expect(result.windows[1][0]).toBeGreaterThanOrEqual(3 * dt);
    expect(result.windows[1][0]).toBeLessThan(8 * dt);
    expect(result.norms.data[samples * 2 + samples - 1]).toBeLessThan(0.3 * Math.max(...row(result.norms, 2)));
  });

  test("(b) with shuffled labels lengths fall to what the noise makes of them", () => {
    const order = new RandomStream(9, "shuffle").permutation(trials);
    const shuffled = Object.fromEntries(
      Object.entries(conditions).map(([name, values]) => [name, order.map((trial) => values[trial])]),
    );
    const noise = tdr({ activity, conditions: shuffled }, options);
    // Units have variance 1: a coefficient's is the entry of (X'X)⁻¹, and a length's square the sum over units.
    const scale = (values: number[]) => values.map((x) => x / Math.max(...values.map(Math.abs)));
    const columns = variables.map((name) => scale(shuffled[name]));
    const X = new Matrix([
      Array(trials).fill(1),
      ...columns,
      ...[0, 1, 2].map((v) => columns[v].map((x, trial) => x * columns[3][trial])),
    ]).transpose();
    const covariance = inverse(X.transpose().mmul(X));
    for (let v = 1; v <= 4; v++) {
      const squared = noise.beta.data
        .subarray(v * samples * units, (v + 1) * samples * units)
        .reduce((sum, b) => sum + b * b, 0);
      const expected = samples * units * covariance.get(v, v);
      expect(squared / expected).toBeGreaterThan(0.7);
      expect(squared / expected).toBeLessThan(1.3);
      // Denoising then leaves about 12 of the 60 dimensions of it.
      expect(Math.max(...row(noise.norms, v))).toBeLessThan(Math.sqrt(units * covariance.get(v, v)));
      expect(Math.max(...row(noise.norms, v))).toBeLessThan(0.2 * Math.max(...row(result.norms, v)));
    }
  });

  test("(c) another order changes later axes only", () => {
    const swapped = tdr({ activity, conditions }, { ...options, variables: ["choice", "motion", "context", "color"] });
    for (const v of [0, 1]) expect(cosine(row(swapped.axes, v), row(result.axes, v))).toBeCloseTo(1, 8);
    expect(cosine(row(swapped.axes, 2), row(result.axes, 3))).toBeLessThan(1 - 1e-6);
    // The first axis is its vector.
    expect(cosine(row(result.axes, 0), row(result.vectors, 0))).toBeCloseTo(1, 12);
  });

  test("(d) the axes are orthonormal, (e) span what the vectors span, and point as they do", () => {
    const Q = Matrix.from1DArray(4, units, result.axes.data).transpose();
    const B = Matrix.from1DArray(4, units, result.vectors.data).transpose();
    const gram = Q.transpose().mmul(Q);
    for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) expect(gram.get(i, j)).toBeCloseTo(i === j ? 1 : 0, 12);
    const again = Q.mmul(Q.transpose()).mmul(B);
    const R = Q.transpose().mmul(B);
    for (let v = 0; v < 4; v++) {
      for (let unit = 0; unit < units; unit++) expect(again.get(unit, v)).toBeCloseTo(B.get(unit, v), 10);
      expect(R.get(v, v)).toBeGreaterThan(0);
      expect(R.get(v, v) / B.getColumnVector(v).norm()).toBeCloseTo(result.remaining[v], 10);
    }
  });
});

describe("projections", () => {
  const axisOf = (of: Tdr, v: number) => ({
    data: of.projections.data.filter((_, i) => i % 4 === v),
    shape: [of.projections.shape[0], samples, 1],
  });

  test("what all conditions share is gone, and each axis carries its own variable", () => {
    const [cells] = result.projections.shape;
    for (let i = 0; i < samples * 4; i++) {
      let mean = 0;
      for (let cell = 0; cell < cells; cell++) mean += result.projections.data[cell * samples * 4 + i] / cells;
      expect(mean).toBeCloseTo(0, 10);
    }
    variables.forEach((name, v) => {
      expect(varianceExplainedBy(axisOf(result, v), result.conditions[name])).toBeGreaterThan(0.5);
    });
    expect(result.explained.every((e) => e > 0)).toBe(true);
    expect(result.explained.reduce((sum, e) => sum + e, 0)).toBeLessThan(1);
  });

  test("averaged over other variables, motion strength is ordered along the motion axis", () => {
    const byMotion = conditionAverage(axisOf(result, 1), result.conditions, { variables: ["motion"] });
    const at = Array.from({ length: 6 }, (_, s) => byMotion.activity.data[s * samples + 5]);
    expect(at[5]).toBeGreaterThan(at[4]);
    expect(at[1]).toBeGreaterThan(at[0]);
    expect(at[5] - at[0]).toBeGreaterThan(4);
  });
});

describe("the options", () => {
  test("fixed windows take the mean of the coefficients in them", () => {
    const windowed = tdr({ activity, conditions }, { ...options, windows: { motion: [250, 350] } });
    const at = (t: number, unit: number) => windowed.denoised.data[(2 * samples + t) * units + unit];
    for (let unit = 0; unit < units; unit++)
      expect(row(windowed.vectors, 1)[unit]).toBeCloseTo((at(5, unit) + at(6, unit) + at(7, unit)) / 3, 12);
    expect(windowed.windows[1]).toEqual([250, 350]);
    expect(cosine(row(windowed.axes, 1), built[1])).toBeGreaterThan(0.98);
  });

  test("bins are averages, their times the centres of their samples", () => {
    const binned = tdr({ activity, conditions }, { ...options, binWidth: 100, start: 1000 });
    expect([...binned.times.slice(0, 2)]).toEqual([1025, 1125]);
    expect(binned.averages.shape[1]).toBe(samples / 2);
  });

  test("units in sessions of their own trials", () => {
    const other = population(2);
    // The other session has no trial of one combination: without a value of motion, trials are left out.
    const { motion, color, context } = other.conditions;
    const missing = (m: number, trial: number) => m === 0.15 && color[trial] === 0.15 && context[trial] === 1;
    const incomplete = { ...other.conditions, motion: motion.map((m, trial) => (missing(m, trial) ? Number.NaN : m)) };
    const half = Array.from({ length: units / 2 }, (_, unit) => unit);
    const both = tdr(
      [
        { activity: selectUnits(activity, half), conditions },
        { activity: selectUnits(other.activity, half), conditions: incomplete },
      ],
      { ...options, correct: undefined },
    );
    expect(both.axes.shape).toEqual([4, units]);
    const own = conditionAverage(activity, conditions, { variables });
    expect(both.droppedCells).toBeGreaterThan(0);
    expect(both.counts).toHaveLength(own.counts.length - both.droppedCells);
    const stillThere = both.conditions.motion.some(
      (m, cell) => m === 0.15 && both.conditions.color[cell] === 0.15 && both.conditions.context[cell] === 1,
    );
    expect(stillThere).toBe(false);
    const expected = [...vectors[0].slice(0, units / 2), ...other.vectors[0].slice(0, units / 2)];
    expect(cosine(row(both.vectors, 0), expected)).toBeGreaterThan(0.98);
  });

  test("one session whose units come one by one is the same population", () => {
    const few = selectUnits(activity, [0, 1, 2, 3, 4]);
    const apart = [0, 1, 2, 3, 4].map((unit) => ({ activity: selectUnits(few, [unit]), conditions }));
    const whole = tdr({ activity: few, conditions }, options);
    const parts = tdr(apart, options);
    parts.axes.data.forEach((x, i) => {
      expect(x).toBeCloseTo(whole.axes.data[i], 8);
    });
  });

  test("relative to each unit's preferred choice, choice coefficients are positive where they are large", () => {
    const preferred = tdr({ activity, conditions }, { ...pycogOptions, dt, binWidth: dt });
    expect(preferred.regressors).toHaveLength(11);
    const last = (samples + samples - 1) * units;
    built[0].forEach((weight, unit) => {
      if (Math.abs(weight) > 0.1) expect(preferred.beta.data[last + unit]).toBeGreaterThan(0);
    });
    // Flipping a unit's choice and motion together leaves the sizes.
    for (const v of [0, 1])
      built[v].forEach((weight, unit) => {
        const sign = built[0][unit] > 0 ? 1 : -1;
        if (Math.abs(built[0][unit]) > 0.1 && Math.abs(weight) > 0.1)
          expect(Math.sign(row(preferred.axes, v)[unit])).toBe(Math.sign(weight * sign));
      });
  });

  test("says what is wrong", () => {
    const few = selectUnits(activity, [0, 1, 2, 3]);
    const data = { activity: few, conditions };
    expect(() => tdr(data, { ...options, variables: ["choice", "moton"] })).toThrow("did you mean `motion`?");
    const { choice, motion } = conditions;
    const without = { activity: few, conditions: { choice, motion } };
    const lacks = (name: string) => `condition variable \`${name}\`; expected one of choice, motion`;
    const two = { dt, variables: ["choice", "motion"] };
    expect(() => tdr(without, { ...two, variables: ["choice", "pulse"] })).toThrow(lacks("pulse"));
    expect(() => tdr(without, { ...two, correct: "right" })).toThrow(lacks("right"));
    expect(() => tdr(without, { ...two, preferred: { by: "side", flip: ["side"] } })).toThrow(lacks("side"));
    expect(() => tdr(data, { ...options, windows: { choice: [5000, 6000] } })).toThrow("5000 to 6000 ms of `choice`");
    expect(() => tdr(data, { ...options, binWidth: 70 })).toThrow("a multiple of 50");
    const doubled = { activity: few, conditions: { ...conditions, twice: conditions.motion.map((m) => 2 * m) } };
    expect(() => tdr(doubled, { dt, variables: ["motion", "twice"] })).toThrow("`twice` is a combination");
    const still = { activity: few, conditions: { ...conditions, still: conditions.motion.map(() => 3) } };
    expect(() => tdr(still, { dt, variables: ["still"] })).toThrow("`still` is 3 in all");
    expect(() => tdr(data, { dt, variables: ["motion"], interactions: [["motion", "context"]] })).toThrow(
      "motion*context",
    );
  });
});

test("the regression by hand: two-valued variables are ±1 whatever their coding, others divided by their largest", () => {
  // r = 1 + 2 context + 3 motion/4 + 4 (context motion/4), context given as 0 and 1.
  const motion = [-4, -2, 2, 4, -4, -2, 2, 4];
  const context = [0, 0, 0, 0, 1, 1, 1, 1];
  const r = motion.map((m, i) => 1 + (2 + m) * (2 * context[i] - 1) + (3 * m) / 4);
  const { beta } = regressOnTask(
    ndarray(r, [8, 1, 1]),
    { motion, context },
    ["context", "motion"],
    [["motion", "context"]],
  );
  [1, 2, 3, 4].forEach((expected, i) => {
    expect(beta.data[i]).toBeCloseTo(expected, 12);
  });
});
