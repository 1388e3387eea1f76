/** The recordings study from file to folder, through the built command line, on activity whose dynamics are known. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeNpy } from "../../src/formats/npy.ts";
import { readNpz, writeNpz } from "../../src/formats/npz.ts";
import { checkedBy, resultSchema } from "../../src/formats/runSchemas.ts";
import { folder, nullcline } from "../cli/command.ts";

const place = folder();
const recordings = (...args: string[]) => nullcline(["run", "recordings", "--workers", "1", ...args], place.path);
const set = (...settings: string[]) => settings.flatMap((s) => ["--set", s]);
const fileOf = (out: string, name: string): string => join(place.path, out, name);
const resultOf = (out: string) =>
  checkedBy(resultSchema, JSON.parse(readFileSync(fileOf(out, "result.json"), "utf8")), "result.json");

interface Model {
  id: string;
  inSample: { pooled: number; median: number };
  crossValidated: { pooled: number } | undefined;
}

/**
 * Two planes of 12 neurons in which the state turns by a fixed angle per sample; conditions are equally spaced phases, so
 * that their mean is zero at each time and each plane is equally wide in all directions.
 */
const [conditions, samples, neurons, dt] = [8, 40, 12, 10];
const planes = [
  { radius: 2, angle: 0.25, winding: 1 },
  { radius: 1, angle: 0.1, winding: 3 },
];
/** Orthonormal columns. */
const direction = (neuron: number, column: number): number =>
  Math.sqrt(2 / neurons) * Math.cos((Math.PI * (neuron + 0.5) * (column + 1)) / neurons);
const rotating = Float64Array.from({ length: conditions * samples * neurons }, (_, at) => {
  const [condition, t, neuron] = [Math.floor(at / samples / neurons), Math.floor(at / neurons) % samples, at % neurons];
  const along = planes.map(({ radius, angle, winding }, p) => {
    const phase = (2 * Math.PI * winding * condition) / conditions + angle * t;
    return radius * (Math.cos(phase) * direction(neuron, 2 * p) + Math.sin(phase) * direction(neuron, 2 * p + 1));
  });
  return 5 + neuron + along[0]! + along[1]!;
});

test("rotations in two planes: linear dynamics are exact, held out or not; jPCA in closed form; every file is there", async () => {
  const activity = { data: rotating, shape: [conditions, samples, neurons] };
  const t = { data: Float64Array.from({ length: samples }, (_, k) => -50 + dt * k), shape: [samples] };
  writeFileSync(join(place.path, "rotating.npz"), await writeNpz({ activity, t }));
  const small = set("units=20", "iterations=200", "dimensions=4", "folds=2", "starts=16");
  const { status, stdout, stderr } = await recordings(
    ...["--data", "rotating.npz", "--axes", "condition,time,neuron", "--out", "rotating", ...small],
  );
  expect(stderr.replace(/^\S+ +[█░]+.*$|^(fixed points|.*: [\w-]+$).*$/gm, "").trim()).toBe("");
  expect(status).toBe(0);
  expect(stdout).toContain("a sample is 10 ms: `t` rises by 10, read as ms (--dt)");
  const { summary, checks } = resultOf("rotating");
  expect(summary.split).toBe("2 folds of conditions, each held out once with all its trials");
  expect(summary.recording).toMatchObject({ axes: "condition,time,neuron", shape: [conditions, samples, neurons], dt });

  const models = Object.fromEntries((summary.models as unknown as Model[]).map((m) => [m.id, m]));
  expect(Object.keys(models).sort()).toEqual(["constant", "freeRun", "linearNetwork", "mean", "network", "oneStep"]);
  for (const score of [models.oneStep!.inSample, models.oneStep!.crossValidated!])
    expect(Math.abs(score.pooled - 1)).toBeLessThan(1e-9);
  // Conditions cancel at each time: their mean explains nothing of them.
  expect(Math.abs(models.mean!.inSample.pooled)).toBeLessThan(0.02);
  expect(models.network!.inSample.pooled).toBeGreaterThan(0.8);
  expect(summary.best).toBe("oneStep");
  expect(checks.map((c) => [c.id, c.verdict])).toEqual([
    ["in-sample", "shown"],
    ["cross-validated", "shown"],
    ["best-baseline", "shown"],
  ]);
  expect(checks[0]!.measured).toBe(models.network!.inSample.pooled);

  // A rotation by θ is x' - x = (R - 1) x; the nearest skew-symmetric matrix has sin θ in it.
  const [{ data }] = (summary.geometry as { jpca: { data: { r2: number; r2Skew: number; frequencies: number[] } }[] })
    .jpca as [{ data: { r2: number; r2Skew: number; frequencies: number[] } }];
  expect(data.r2).toBeCloseTo(1, 9);
  const sum = (of: (p: (typeof planes)[number]) => number): number => planes.reduce((s, p) => s + of(p), 0);
  const lost = sum((p) => (p.radius * (1 - Math.cos(p.angle))) ** 2) / sum((p) => 2 * p.radius ** 2 * (1 - Math.cos(p.angle))); // biome-ignore format: one line
  expect(data.r2Skew).toBeCloseTo(1 - lost, 9);
  planes.forEach(({ angle }, k) => {
    expect(data.frequencies[k]).toBeCloseTo((1000 * Math.sin(angle)) / (2 * Math.PI * dt), 9);
  });

  for (const name of ["run.json", "metrics.jsonl", "parameters.safetensors", "analysis/network.json"])
    expect(existsSync(fileOf("rotating", name)), name).toBe(true);
  const runs = await readNpz(new Uint8Array(readFileSync(fileOf("rotating", "analysis/free-runs.npz"))));
  expect(Object.keys(runs).sort()).toEqual(["activity", "crossValidated", "inSample"]);
  expect(runs.activity).toEqual({ data: Float32Array.from(rotating), shape: [conditions, samples, neurons] });
  const page = readFileSync(fileOf("rotating", "report.html"), "utf8");
  expect(page.match(/<figure/g)).toHaveLength(10);
  expect(page).toMatch(/linear dynamics, fitted one step ahead<\/td><td>1\.000/);
  expect(page).not.toMatch(/NaN|undefined|-0\.000/);
});

test("one long recording without conditions: what cannot be computed is said, on the terminal and in the report", async () => {
  const [length, channels] = [400, 5];
  const wave = (at: number): number => Math.sin((0.2 + 0.05 * (at % channels)) * Math.floor(at / channels) + at);
  const long = {
    data: Float64Array.from({ length: length * channels }, (_, at) => wave(at)),
    shape: [length, channels],
  };
  writeFileSync(join(place.path, "long.npy"), writeNpy(long));
  const open = await recordings("--data", "long.npy", "--out", "open");
  expect(open.stderr.trim()).toBe("long.npy: the file does not say how long a sample is; say it, e.g. --dt 10ms");
  expect([open.status, existsSync(fileOf("open", "."))]).toEqual([1, false]);

  const small = set("units=8", "iterations=5", "dimensions=3", "folds=2", "starts=8");
  const { status, stdout } = await recordings("--data", "long.npy", "--dt", "6.25ms", "--out", "long", ...small);
  expect(status).toBe(0);
  const missing = resultOf("long").summary.missing as string[];
  const page = readFileSync(fileOf("long", "report.html"), "utf8");
  for (const what of [
    "condition-independent mean: windows begin anywhere",
    "averages over trials: there are no trials",
  ]) {
    expect(missing.filter((reason) => reason.startsWith(what))).toHaveLength(1);
    expect(stdout).toContain(`not computed: ${what}`);
    expect(page).toContain(what);
  }
});
