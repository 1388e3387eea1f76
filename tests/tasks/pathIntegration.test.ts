import { describe, expect, test } from "vitest";
import { RandomStream } from "../../src/engine/random.ts";
import { pathIntegration, pathPositions } from "../../src/tasks/pathIntegration.ts";
import { placeCells } from "../../src/tasks/placeCells.ts";
import { walk } from "../../src/tasks/trajectory.ts";

const box = 2.2;

describe("walks", () => {
  const steps = 4000;
  const { x, y, heading } = walk({ box, steps, x: 0, y: 0, heading: 0 }, new RandomStream(1, "walk"));
  const inside = [...x.keys()]
    .slice(0, steps)
    .filter((t) => Math.max(Math.abs(x[t]!), Math.abs(y[t]!)) < box / 2 - 0.03);

  test("away from walls: speed Rayleigh of scale 0.26 π m/s, turns of 11.52 rad/s", () => {
    const speeds = inside.map((t) => Math.hypot(x[t + 1]! - x[t]!, y[t + 1]! - y[t]!) / 0.02);
    const scale = 0.13 * 2 * Math.PI;
    const n = inside.length;
    expect(n).toBeGreaterThan(1000);
    // Mean square of a Rayleigh law: 2 scale², with variance 4 scale⁴.
    expect(Math.abs(speeds.reduce((s, v) => s + v * v, 0) / n - 2 * scale ** 2)).toBeLessThan(
      (5 * 2 * scale ** 2) / Math.sqrt(n),
    );
    const sorted = [...speeds].sort((a, b) => a - b);
    const distance = Math.max(
      ...sorted.map((v, i) => Math.abs((i + 0.5) / n - (1 - Math.exp((-v * v) / (2 * scale ** 2))))),
    );
    expect(distance).toBeLessThan(1.95 / Math.sqrt(n));
    const turns = inside.map((t) => heading[t + 1]! - heading[t]!);
    expect(Math.abs(turns.reduce((s, d) => s + d * d, 0) / n / (0.02 * 11.52) ** 2 - 1)).toBeLessThan(
      5 * Math.sqrt(2 / n),
    );
  });

  test("steps go along the heading", () => {
    for (const t of inside.slice(0, 50)) {
      const along = (x[t + 1]! - x[t]!) * Math.cos(heading[t]!) + (y[t + 1]! - y[t]!) * Math.sin(heading[t]!);
      expect(along).toBeCloseTo(Math.hypot(x[t + 1]! - x[t]!, y[t + 1]! - y[t]!), 12);
    }
  });

  test("walls hold the animal: it heads along or away after it came near one", () => {
    // At most one fast step from outside the border, or slowed ones until it has turned.
    expect(Math.max(...x.map(Math.abs), ...y.map(Math.abs))).toBeLessThan(box / 2 + 0.1);
    const still = walk({ box, steps: 1, x: box / 2 - 0.01, y: 0, heading: 0.3 }, new RandomStream(2, "walk"));
    const free = walk({ box: 100, steps: 1, x: box / 2 - 0.01, y: 0, heading: 0.3 }, new RandomStream(2, "walk"));
    expect(still.x[1]! - still.x[0]!).toBeCloseTo(0.25 * (free.x[1]! - free.x[0]!), 12);
    // Turned to the wall's direction, a right angle, plus the same random turn.
    expect(still.heading[1]! - free.heading[1]!).toBeCloseTo(Math.PI / 2 - 0.3, 12);
  });
});

describe("place cells", () => {
  const options = { cells: 512, box, width: 0.12, surround: 2, seed: 0 };

  test("a code is a distribution, zero somewhere, greatest at the nearest centre", () => {
    const cells = placeCells(options);
    const code = cells.code(0.3, -0.4);
    expect(code.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    expect(Math.min(...code)).toBe(0);
    const distances = code.map((_, i) => Math.hypot(cells.x[i]! - 0.3, cells.y[i]! + 0.4));
    expect(code.indexOf(Math.max(...code))).toBe(distances.indexOf(Math.min(...distances)));
  });

  test("without a surround: a softmax of Gaussians", () => {
    const cells = placeCells({ ...options, surround: 0, cells: 5 });
    const weights = cells.x.map((x, i) => Math.exp(-((x - 0.1) ** 2 + (cells.y[i]! - 0.2) ** 2) / (2 * 0.12 ** 2)));
    const sum = weights.reduce((a, b) => a + b, 0);
    cells.code(0.1, 0.2).forEach((p, i) => {
      expect(p).toBeCloseTo(weights[i]! / sum, 12);
    });
  });

  test("decoding takes the mean of the three centres that are most active", () => {
    const cells = placeCells({ ...options, cells: 6 });
    const [x, y] = cells.decode([0.1, 0.5, 0, 0.6, 0.2, 0.3]);
    expect(x).toBeCloseTo((cells.x[1]! + cells.x[3]! + cells.x[5]!) / 3, 12);
    expect(y).toBeCloseTo((cells.y[1]! + cells.y[3]! + cells.y[5]!) / 3, 12);
  });
});

describe("the task", () => {
  test("the code at a sample is that of the start plus all displacements until its end, for each agent", () => {
    const task = pathIntegration({ agents: 2, cells: 40, start: "place" });
    const { inputs, targets, conditions, trialInputs } = task.trials({ seed: 1, count: 3 });
    expect(inputs.shape).toEqual([3, 20, 4]);
    expect(targets.shape).toEqual([3, 20, 80]);
    expect(trialInputs!.p_0!.shape).toEqual([3, 80]);
    for (const [a, seed] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const cells = placeCells({ cells: 40, box, width: 0.12, surround: 2, seed });
      for (let k = 0; k < 3; k++) {
        let [x, y] = [conditions[`x${a + 1}`]![k]!, conditions[`y${a + 1}`]![k]!];
        expect([...trialInputs!.p_0!.data.slice(k * 80 + 40 * a, k * 80 + 40 * a + 40)]).toEqual([...cells.code(x, y)]);
        for (let t = 0; t < 20; t++) {
          x += inputs.data[(k * 20 + t) * 4 + 2 * a]!;
          y += inputs.data[(k * 20 + t) * 4 + 2 * a + 1]!;
          const at = (k * 20 + t) * 80 + 40 * a;
          cells.code(x, y).forEach((p, i) => {
            expect(targets.data[at + i]).toBeCloseTo(p, 4);
          });
        }
      }
    }
  });

  test("another time step is the same walk", () => {
    const task = pathIntegration({ cells: 10 });
    const [coarse, fine] = [0.02, 0.005].map((dt) => task.trials({ seed: 2, count: 2, dt }));
    expect(fine!.targets.shape).toEqual([2, 80, 10]);
    // Position codes at the ends of the long samples.
    for (let k = 0; k < 2; k++)
      for (let t = 0; t < 20; t++)
        for (let i = 0; i < 10; i++)
          expect(fine!.targets.data[(k * 80 + 4 * t + 3) * 10 + i]).toBeCloseTo(
            coarse!.targets.data[(k * 20 + t) * 10 + i]!,
            5,
          );
    expect(task.behaviour(fine!.targets, fine!).parts.errorCm).toBeGreaterThan(0);
  });

  test("the decoding error is told in cm, and a code of elsewhere is wrong", () => {
    const task = pathIntegration();
    const trials = task.trials({ seed: 3, count: 10 });
    const good = task.behaviour(trials.targets, trials);
    // 106 cells a square metre: three nearest centres are a few cm away.
    expect(good.parts.errorCm).toBeLessThan(8);
    expect(good.score).toBeGreaterThan(0.9);
    const corner = placeCells({ cells: 512, box, width: 0.12, surround: 2, seed: 0 }).code(1, 1);
    const elsewhere = { data: trials.targets.data.map((_, j) => corner[j % 512]!), shape: trials.targets.shape };
    // From the middle the corner is about 141 cm away.
    const bad = task.behaviour(elsewhere, trials);
    expect(bad.score).toBe(0);
    expect(Math.abs(bad.parts.errorCm! - 141)).toBeLessThan(30);
  });

  test("agents that share their cells: the mean of both codes, of the start too; the nearer pairing is scored", () => {
    const shared = pathIntegration({ agents: 2, cells: 512, start: "place", code: "shared" });
    const trials = shared.trials({ seed: 1, count: 20 });
    expect(trials.targets.shape).toEqual([20, 20, 512]);
    expect(trials.trialInputs!.p_0!.shape).toEqual([20, 512]);
    const cells = placeCells({ cells: 512, box, width: 0.12, surround: 2, seed: 0 });
    const [a, b] = [pathPositions(trials), pathPositions(trials, 2)];
    const [one, two] = [cells.code(a.x[33]!, a.y[33]!), cells.code(b.x[33]!, b.y[33]!)];
    for (let i = 0; i < 512; i++) expect(trials.targets.data[33 * 512 + i]).toBeCloseTo((one[i]! + two[i]!) / 2, 6);
    const { x1, y1, x2, y2 } = trials.conditions;
    const [start, other] = [cells.code(x1![2]!, y1![2]!), cells.code(x2![2]!, y2![2]!)];
    for (let i = 0; i < 512; i++)
      expect(trials.trialInputs!.p_0!.data[2 * 512 + i]).toBeCloseTo((start[i]! + other[i]!) / 2, 12);
    // The code of both says both places; which agent is where it does not say, and needs not.
    expect(shared.behaviour(trials.targets, trials).parts.errorCm).toBeLessThan(10);
    const exchanged = {
      ...trials,
      inputs: { ...trials.inputs, data: trials.inputs.data.map((_, k, all) => all[(k ^ 2) >>> 0]!) },
    };
    exchanged.conditions = { ...trials.conditions, x1: x2!, x2: x1!, y1: y2!, y2: y1! };
    const { errorCm } = shared.behaviour(trials.targets, trials).parts;
    expect(shared.behaviour(trials.targets, exchanged).parts.errorCm).toBeCloseTo(errorCm!, 10);
  });

  test("two places of one code are the clusters of the six most active centres", () => {
    const cells = placeCells({ cells: 60, box, width: 0.12, surround: 2, seed: 0 });
    const byX = [...cells.x.keys()].sort((i, j) => cells.x[i]! - cells.x[j]!);
    const sides = [byX.slice(0, 2), byX.slice(-4)];
    const code = new Float64Array(60);
    for (const i of sides.flat()) code[i] = 1 + i / 100;
    const spread = (of: number[][]) =>
      of.reduce((total, group) => {
        const [mx, my] = [cells.x, cells.y].map((c) => group.reduce((s, i) => s + c[i]!, 0) / group.length);
        return total + group.reduce((s, i) => s + (cells.x[i]! - mx!) ** 2 + (cells.y[i]! - my!) ** 2, 0);
      }, 0);
    const found = cells.decodeTwo(code);
    // Lloyd's step leaves the clusters as they are, and no clusters by side are tighter.
    const six = sides.flat();
    const groups = [0, 1].map((c) =>
      six.filter((i) => {
        const d = found.map(([x, y]) => Math.hypot(cells.x[i]! - x, cells.y[i]! - y));
        return d[c]! < d[1 - c]!;
      }),
    );
    found.forEach(([x, y], c) => {
      expect(x).toBeCloseTo(groups[c]!.reduce((s, i) => s + cells.x[i]!, 0) / groups[c]!.length, 12);
      expect(y).toBeCloseTo(groups[c]!.reduce((s, i) => s + cells.y[i]!, 0) / groups[c]!.length, 12);
    });
    expect(spread(groups)).toBeLessThanOrEqual(spread(sides) + 1e-12);
  });
});
