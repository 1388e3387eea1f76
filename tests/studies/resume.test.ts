/** Killed at any moment of training and resumed, a run ends with the same bytes. Uses the built command line. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const cli = new URL("../../dist/cli/main.js", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "nullcline-resume-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const checkpointInterval = 100;
const small = ["iterations=600", "batch=16", "units=6", "bits=2", "starts=16", "error=0"].flatMap((s) => ["--set", s]);
const begin = (out: string): string[] => [
  cli,
  "run",
  "flip-flop",
  "--seed",
  "3",
  "--quiet",
  "--workers",
  "1",
  ...small,
  "--out",
  out,
];

/** Runs to the end, or to a SIGKILL some milliseconds after the checkpoint of an iteration (0: after the run began). */
function run(args: string[], out: string, kill?: { iteration: number; after: number }): Promise<"killed" | number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: "ignore" });
    let watch: NodeJS.Timeout | undefined;
    if (kill) {
      const sign =
        kill.iteration === 0 ? "run.json" : `checkpoints/step-${String(kill.iteration).padStart(9, "0")}.safetensors`;
      watch = setInterval(() => {
        if (!existsSync(join(out, sign))) return;
        clearInterval(watch);
        setTimeout(() => child.kill("SIGKILL"), kill.after);
      }, 1);
    }
    child.on("exit", (code, signal) => {
      clearInterval(watch);
      resolve(signal === "SIGKILL" ? "killed" : (code ?? -1));
    });
  });
}

const bytes = (out: string, name: string): Buffer => readFileSync(join(out, name));
const iterations = (out: string): number[] =>
  existsSync(join(out, "metrics.jsonl"))
    ? readFileSync(join(out, "metrics.jsonl"), "utf8")
        .split("\n")
        .filter((l) => l.endsWith("}"))
        .map((l) => JSON.parse(l).iteration as number)
    : [];

test("twenty kills: the same parameters and metrics, at most one interval repeated", async () => {
  const whole = join(folder, "whole");
  await run(begin(whole), whole);
  expect(iterations(whole)).toHaveLength(600);
  const training = readFileSync(join(whole, "timing.jsonl"), "utf8")
    .split("\n")
    .map((l) => (l ? JSON.parse(l) : {}))
    .find((l) => l.phase === "training").seconds as number;
  const interval = (1000 * training * checkpointInterval) / 600;
  let killed = 0;
  for (let k = 0; k < 20; k++) {
    const out = join(folder, `killed-${k}`);
    const at = (600 * k) / 20;
    const iteration = checkpointInterval * Math.floor(at / checkpointInterval);
    const outcome = await run(begin(out), out, {
      iteration,
      after: (interval * (at - iteration)) / checkpointInterval,
    });
    if (outcome === "killed") killed++;
    if (outcome === "killed" && !existsSync(join(out, "result.json"))) {
      const reached = Math.max(0, ...iterations(out));
      const before = existsSync(join(out, "metrics.jsonl")) ? bytes(out, "metrics.jsonl") : Buffer.alloc(0);
      await run([cli, "run", "--resume", out, "--quiet", "--workers", "1"], out);
      const lines = iterations(out);
      expect(lines).toEqual(iterations(whole));
      // What had been written up to the last checkpoint still stands; only later lines were made again.
      const stood = Math.max(0, reached - checkpointInterval);
      const prefix = before.toString().split("\n").slice(0, stood).join("\n");
      expect(bytes(out, "metrics.jsonl").toString().startsWith(prefix)).toBe(true);
    }
    for (const name of ["metrics.jsonl", "parameters.safetensors"])
      expect(bytes(out, name).equals(bytes(whole, name)), `${name} of try ${k}`).toBe(true);
    rmSync(out, { recursive: true });
  }
  expect(killed).toBe(20);
}, 300_000);
