/** What the commands print and write, on the built command line. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { readNpz } from "../../src/formats/npz.ts";
import { haveReference, referenceFile } from "../formats/fixtures.ts";
import { folder, nullcline, root } from "./command.ts";

const place = folder();
const run = (...args: string[]) => nullcline(args, place.path);
async function json(...args: string[]) {
  const { stdout, stderr, status } = await run(...args, "--json");
  expect(stderr.replace(/^(fixed points|training).*$/gm, "").trim()).toBe("");
  return { status, ...JSON.parse(stdout) };
}
const lorenz = [join(root, "examples/lorenz.eq"), "--set", "sigma=10", "--set", "rho=28", "--set", `beta=${8 / 3}`];

describe("list", () => {
  test("names everything with a sentence, and a study's settings", async () => {
    const all = await json("list");
    for (const kind of ["networks", "tasks", "studies"])
      for (const { name, what } of all[kind]) expect(what.length, name).toBeGreaterThan(10);
    expect((await json("list", "flip-flop")).settings.units.value).toBe(16);
    expect((await run("list")).stdout).toMatch(/^networks\n {2}\w+ +\w/);
  });
});

describe("check", () => {
  test("a rate network: shapes, noise per step, boundedness, closed form of the Jacobian", async () => {
    const found = await json("check", "rate", "--dt", "4");
    expect(found.quantities.map((q: { name: string; shape: string }) => `${q.name} ${q.shape}`)).toEqual([
      "x [N]",
      "r [N]",
      "z [O]",
    ]);
    expect(found.system).toMatchObject({ kind: "flow", bounded: true });
    // (sigma / tau) sqrt(dt) = (0.1 / 10) · 2
    expect(found.noise[0].perStep).toBe("give the values that it reads");
    const sized = await json("check", "rate", "--dt", "4", "--set", "N=2", "--set", "I=1", "--set", "O=1");
    expect(sized.noise[0].deviation[0]).toBeCloseTo(0.02, 14);
    expect(found.jacobian).toEqual([
      {
        of: "x",
        by: "x",
        latex: "-\\frac{1}{\\tau} \\, I + \\frac{1}{\\tau} \\, J \\, \\operatorname{diag}\\left(1-r\\odot r\\right)",
      },
    ]);
    expect(found.latex).toContain("\\tau \\, \\frac{dx}{dt} &= -x + J \\, r");
  });

  test("a plain text with its table in options", async () => {
    const file = join(place.path, "two.eq");
    place.file("two.eq", "tau dx/dt = -x + J tanh(x) + w\ntau dw/dt = -w + s sqrt(2 tau) * xi\ny = k");
    const { stdout, status } = await run(
      "check",
      file,
      "--set",
      "tau=10",
      "--set",
      "s=1",
      "--set",
      "k=2",
      "--shape",
      "J=N,N",
      "--shape",
      "w=N",
      "--dt",
      "0.1",
      "--set",
      "N=3",
    );
    expect(status).toBe(0);
    // s sqrt(2 dt / tau)
    expect(stdout).toMatch(/w {2}standard deviation 0\.14142 per step at dt = 0\.1/);
    expect(stdout).toMatch(/a flow of dimension 6/);
    expect(stdout).toMatch(/y +scalar +once per update/);
  });

  test("Lorenz: every entry of the Jacobian", async () => {
    const { jacobian } = await json("check", ...lorenz);
    const entries = Object.fromEntries(
      jacobian.map((b: { of: string; by: string; latex: string }) => [b.of + b.by, b.latex.replace(/\s/g, "")]),
    );
    expect(entries).toEqual({
      xx: "-\\sigma",
      xy: "\\sigma",
      yx: "\\rho-z",
      yy: "-1",
      yz: "-x",
      zx: "y",
      zy: "x",
      zz: "-\\beta",
    });
  });
});

describe("simulate", () => {
  test("Lorenz: the saddle at the origin with its closed-form spectrum", async () => {
    const { status, summary, path } = await json(
      "simulate",
      ...lorenz,
      "--initial",
      "x=1",
      "--initial",
      "y=1",
      "--initial",
      "z=1",
      "--duration",
      "20",
    );
    expect(status).toBe("passed");
    expect(summary).toMatchObject({ status: "done", method: "rk4", samples: 2001, rest: { norm: 0, unstable: 1 } });
    const expected = [(-11 + Math.sqrt(1201)) / 2, -8 / 3, (-11 - Math.sqrt(1201)) / 2];
    summary.rest.eigenvalues.forEach(([re, im]: [number, number], k: number) => {
      expect(re).toBeCloseTo(expected[k]!, 10);
      expect(im).toBe(0);
    });
    const report = readFileSync(join(place.path, path, "report.html"), "utf8");
    expect(report).toContain("nullcline simulate");
    const { x, time } = await readNpz(new Uint8Array(readFileSync(join(place.path, path, "analysis/trajectory.npz"))));
    expect([x!.shape, time!.data[2000]]).toEqual([[1, 2001, 1], 20]);
  });

  test("divergence is a status with its time: dx/dt = x² from 1 is infinite at 1", async () => {
    const file = place.file("blow.eq", "dx/dt = x * x").slice(3);
    const { status, summary, checks } = await json(
      "simulate",
      file,
      "--initial",
      "x=1",
      "--duration",
      "3",
      "--method",
      "adaptive",
    );
    expect([status, summary.status]).toEqual(["failed", "diverged"]);
    expect(Math.abs(summary.divergedAt - 1)).toBeLessThan(0.02);
    expect(checks[0]).toMatchObject({ id: "finite", verdict: "fail" });
    expect((await run("simulate", file, "--initial", "x=1", "--duration", "3", "--quiet")).status).toBe(1);
  });

  test("noise goes through the compiled program: the spread of an Ornstein–Uhlenbeck process", async () => {
    const file = place.file("ou.eq", "tau dx/dt = -x + s sqrt(2 tau) * xi").slice(3);
    const { path, summary } = await json(
      "simulate",
      file,
      "--set",
      "tau=10",
      "--set",
      "s=2",
      "--dt",
      "0.5",
      "--duration",
      "20000",
      "--trials",
      "4",
    );
    expect(summary.method).toBe("euler, compiled");
    const { x } = await readNpz(new Uint8Array(readFileSync(join(place.path, path, "analysis/trajectory.npz"))));
    const settled = Float64Array.from(x!.data).filter((_, k) => k % 40001 > 200);
    // Euler's stationary variance is s² / (1 - dt/2tau); 8000 correlation times: 5 standard errors are 8 %.
    const variance = settled.reduce((sum, v) => sum + v * v, 0) / settled.length;
    expect(Math.abs(variance / (4 / (1 - 0.5 / 20)) - 1)).toBeLessThan(0.08);
  });
});

describe("train, dissect, report", () => {
  const task = `import { RandomStream } from ${JSON.stringify(join(root, "dist/index.js"))};
export default ({ samples = 20 } = {}) => ({
  name: "sign", description: "Hold the sign of the first input.", inputs: ["u"], outputs: ["z"], dt: 1, unit: "sample", epochs: [],
  trials({ seed, count, firstTrial = 0, purpose = "train", dt = 1 }) {
    const array = () => ({ data: new Float32Array(count * samples), shape: [count, samples, 1] });
    const [inputs, targets, mask] = [array(), array(), array()];
    for (let k = 0; k < count; k++) {
      const s = new RandomStream(seed, purpose, firstTrial + k).uniform() < 0.5 ? -1 : 1;
      for (let t = 0; t < samples; t++) { inputs.data[k * samples + t] = t === 0 ? s : 0; targets.data[k * samples + t] = s; mask.data[k * samples + t] = t > 2 ? 1 : 0; }
    }
    return { dt, inputs, targets, mask, conditions: {} };
  },
  behaviour(outputs, { targets, mask }) {
    let [right, n] = [0, 0];
    outputs.data.forEach((z, i) => { if (mask.data[i] > 0) { n++; if (z * targets.data[i] > 0) right++; } });
    return { score: right / n, what: "correct signs", n: outputs.shape[0], standardError: 0, parts: {} };
  },
});`;
  const net = JSON.stringify({
    name: "mine",
    equations: ["h[t] = tanh(J h[t-1] + B u)", "z = W h"],
    parameters: { J: { shape: ["N", "N"] }, B: { shape: ["N", "I"] }, W: { shape: ["O", "N"] } },
  });

  test("a network and a task of one's own: trained, resumed, taken apart, reported again", async () => {
    place.file("sign.mjs", task);
    place.file("mine.json", net);
    const command = [
      "train",
      "mine.json",
      "--task",
      "sign.mjs",
      "--set",
      "N=8",
      "--set",
      "task.samples=12",
      "--batch",
      "16",
      "--trials",
      "64",
      "--workers",
      "1",
    ];
    const whole = await json(
      ...command,
      "--iterations",
      "250",
      "--score",
      "1",
      "--validate-every",
      "250",
      "--out",
      "whole",
    );
    expect(whole.status).toBe("passed");
    expect(whole.summary.score).toBe(1);
    const record = JSON.parse(readFileSync(join(place.path, "whole/run.json"), "utf8")).specification;
    expect(record.network.sizes).toEqual({ N: 8, I: 1, O: 1 });
    expect(record.task).toMatchObject({
      task: "sign.mjs",
      options: { samples: 12 },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });

    // A bistable memory: two stable fixed points and one between them, by symmetry at the origin.
    const taken = await json("dissect", "whole", "--starts", "64");
    const points = taken.summary.fixedPoints as { stable: boolean; unstable: number }[];
    expect(taken.summary.degreeSum).toBe(1);
    expect(points.filter((p) => p.stable)).toHaveLength(2);

    const before = readFileSync(join(place.path, "whole/report.html"), "utf8");
    const again = await run("report", "whole");
    expect(again.status).toBe(0);
    expect(again.stdout).toMatch(/train · seed 1 · passed\n✓ correct signs, test trials +1/);
    expect(readFileSync(join(place.path, "whole/report.html"), "utf8")).toBe(before);
    expect((await json("report", "whole")).summary.score).toBe(1);

    const ended = await run("train", "--resume", "whole");
    expect([ended.status, ended.stderr]).toEqual([1, expect.stringContaining("this run has ended")]);
    place.file("sign.mjs", `${task}\n`);
    const changed = await run("train", "--resume", "whole");
    expect([changed.status, changed.stderr]).toEqual([
      1,
      expect.stringContaining("is not the one that the run began with"),
    ]);
  });
});

describe("the published low-rank teacher", () => {
  const file = "lowrank/weights/teacher_osc_state_dict_rnn.npz";
  test("its oscillation: an unstable focus inside a limit cycle with the period of its task", async ({ skip }) => {
    if (!haveReference(file)) skip(`${file} is not here`);
    const map = "rnn.m=M,rnn.n=L,rnn.b_rec=b,rnn.w_inp'=B,rnn.w_out=W,x0[0]=x_0";
    const { status, summary, path } = await json(
      "dissect",
      "--equations",
      join(root, "examples/low-rank-oscillation.json"),
      "--parameters",
      join(root, "../shared/reference", file),
      "--map",
      map,
    );
    expect(status).toBe("passed");

    // The same map by hand: x' = 0.9 x + 0.1 M (L relu(x + b)) / 20, and the period of its readout.
    const arrays = await readNpz(referenceFile(file));
    const get = (name: string) => Float64Array.from(arrays[name]!.data);
    const [M, L, b, w] = [get("rnn.m"), get("rnn.n"), get("rnn.b_rec"), get("rnn.w_out")];
    const next = (x: Float64Array): Float64Array => {
      const r = x.map((v, i) => Math.max(v + b[i]!, 0));
      const k = [0, 1].map((a) => r.reduce((sum, v, i) => sum + L[20 * a + i]! * v, 0) / 20);
      return x.map((v, i) => 0.9 * v + 0.1 * (M[2 * i]! * k[0]! + M[2 * i + 1]! * k[1]!));
    };
    let x: Float64Array = get("x0");
    const z: number[] = [];
    for (let t = 0; t < 4000; t++) {
      x = next(x);
      z.push(x.reduce((sum, v, i) => sum + w[i]! * Math.max(v, 0), 0) / 20);
    }
    const up = z.flatMap((v, t) => (t > 2000 && v < 0 && z[t + 1]! >= 0 ? [t - v / (z[t + 1]! - v)] : []));
    const period = (10 * (up.at(-1)! - up[0]!)) / (up.length - 1);
    const [cycle] = summary.cycles;
    expect(summary.cycles).toHaveLength(1);
    expect(cycle.trajectories).toBe(16);
    expect(Math.abs(cycle.period / period - 1)).toBeLessThan(1e-3);
    // It was trained to make four cycles in 200 samples of 10 ms: 500 ms (train_student_teacher_continuous.ipynb of mackelab/smc_rnns).
    expect(Math.abs(cycle.period / 500 - 1)).toBeLessThan(0.02);
    expect(Math.abs(cycle.frequency * cycle.period - 1000)).toBeLessThan(1e-9);

    // The one fixed point, and its spectrum by another program.
    expect(summary.fixedPoints).toHaveLength(1);
    const { points, eigenvaluesRe, eigenvaluesIm } = await readNpz(
      new Uint8Array(readFileSync(join(place.path, path, "analysis/fixed-points.npz"))),
    );
    const at = Float64Array.from(points!.data);
    expect(Math.hypot(...next(at).map((v, i) => v - at[i]!))).toBeLessThan(1e-12);
    const jacobian = Matrix.zeros(20, 20);
    for (let i = 0; i < 20; i++)
      for (let j = 0; j < 20; j++) {
        const slope = at[j]! + b[j]! > 0 ? 1 : 0;
        jacobian.set(i, j, (i === j ? 0.9 : 0) + (0.1 / 20) * slope * (M[2 * i]! * L[j]! + M[2 * i + 1]! * L[20 + j]!));
      }
    const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(jacobian);
    const k = imaginaryEigenvalues.indexOf(Math.max(...imaginaryEigenvalues));
    expect(eigenvaluesRe!.data[0]).toBeCloseTo(realEigenvalues[k]!, 9);
    expect(eigenvaluesIm!.data[0]).toBeCloseTo(imaginaryEigenvalues[k]!, 9);
    expect(summary.fixedPoints[0]).toMatchObject({ stable: false, unstable: 2 });
    expect(existsSync(join(place.path, path, "report.html"))).toBe(true);
  });
});
