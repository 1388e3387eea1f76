/** Whole studies through the built command line: the flip-flop's census, and every part of the context study at a small size. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { checkedBy, resultSchema } from "../../src/formats/runSchemas.ts";

const cli = new URL("../../dist/cli/main.js", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "nullcline-studies-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(study: string, args: string[]): Promise<{ code: number; out: string; stdout: string }> {
  const out = join(folder, study);
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [cli, "run", study, "--out", out, ...args]);
    return { code: 0, out, stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, out, stdout };
  }
}

test("flip-flop: all 27 fixed points, 8 of them stable, none missing", async () => {
  const { code, out, stdout } = await run("flip-flop", ["--seed", "1"]);
  expect(code).toBe(0);
  const result = checkedBy(resultSchema, JSON.parse(readFileSync(join(out, "result.json"), "utf8")), "result.json");
  const points = result.summary.fixedPoints as { residual: number; unstable: number; degree: number }[];
  expect(points).toHaveLength(27);
  expect(points.filter((p) => p.unstable === 0)).toHaveLength(8);
  expect(Math.max(...points.map((p) => p.residual))).toBeLessThanOrEqual(1e-12);
  expect(points.reduce((s, p) => s + p.degree, 0)).toBe(1);
  expect(result.status).toBe("passed");
  expect(stdout.trimEnd().split("\n").pop()).toBe(`report  ${out}/report.html`);
});

test("context: every part runs, and a network that has not learned fails its checks with a status other than zero", async () => {
  const small = [
    "units=20",
    "coarse=30",
    "medium=10",
    "fine=5",
    "batch=32",
    "trials=120",
    "refinedTrials=24",
    "starts=32",
  ].flatMap((s) => ["--set", s]);
  const { code, out } = await run("context", ["--seed", "2", "--quiet", ...small]);
  expect(code).toBe(1);
  const result = checkedBy(resultSchema, JSON.parse(readFileSync(join(out, "result.json"), "utf8")), "result.json");
  expect(result.status).toBe("failed");
  expect(result.checks.length).toBeGreaterThan(20);
  expect(result.checks.filter((c) => c.id.startsWith("degree")).map((c) => c.verdict)).toEqual(["pass", "pass"]);
  for (const name of [
    "run.json",
    "metrics.jsonl",
    "parameters.safetensors",
    "report.html",
    "analysis/network.json",
    "analysis/dissection-motion.npz",
  ])
    expect(existsSync(join(out, name)), name).toBe(true);
  const html = readFileSync(join(out, "report.html"), "utf8");
  expect(html).toContain("What the paper reports, what this run measured");
  expect(html.match(/<figure/g)!.length).toBeGreaterThanOrEqual(6);
  expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
});
