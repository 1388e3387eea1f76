/** Ctrl-C during an analysis: it ends between two slices, and what was trained is not lost. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  Interrupted,
  makeNetwork,
  networks,
  nodeHost,
  type Outcome,
  type Progress,
  runStudy,
  type Study,
  tasks,
} from "../../src/node.ts";

const folder = mkdtempSync(join(tmpdir(), "nullcline-interrupt-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const host = nodeHost();
const outcome: Outcome = { verdict: "Done.", checks: [], sections: [], numbers: {} };

/** An analysis that never ends by itself; `begun` is called at its first slice. */
function* endless(begun: () => void): Generator<Progress, never> {
  for (let done = 0; ; done++) {
    if (done === 0) begun();
    yield { phase: "search", done, total: 1, found: 0 };
  }
}

function study(work: Study["run"]): Study {
  return { name: "own", title: "Own", description: "A study of the test.", settings: {}, run: work };
}

const options = (out: string, abort: AbortController) =>
  ({ host, seed: 1, out, quiet: true, workers: 1, signal: abort.signal }) as const;

describe("an analysis that is interrupted", () => {
  test.each<[string, (run: Parameters<Study["run"]>[0], begun: () => void) => Promise<unknown>]>([
    ["one that yields", (run, begun) => run.analyse("search", endless(begun))],
    [
      "long steps with pauses between them",
      async (run, begun) => {
        for (begun(); ; ) await run.pause();
      },
    ],
  ])("ends, and a run without a checkpoint leaves nothing behind: %s", async (name, analysis) => {
    const out = join(folder, name.replaceAll(" ", "-"));
    const abort = new AbortController();
    const begun = () => setTimeout(() => abort.abort());
    const own = study(async (run) => {
      await analysis(run, begun);
      return outcome;
    });
    await expect(runStudy(own, options(out, abort))).rejects.toMatchObject({ name: "AbortError" });
    expect(existsSync(out)).toBe(false);
  });

  test("after training: the run can be gone on with, and is not trained again", async () => {
    const out = join(folder, "trained");
    const abort = new AbortController();
    let patience = false;
    const own = study(async (run) => {
      const network = makeNetwork(networks.vanilla, { seed: 1, sizes: { N: 4, I: 2, O: 2 } });
      const stages = [{ iterations: 3, batch: 4, rate: { kind: "constant" as const, rate: 0.01 } }];
      const trained = await run.train("training", network, tasks.flipFlop({ bits: 2 }), {
        ...{ stages, validationTrials: 8, checkpointEvery: 2 },
      });
      if (!patience)
        await run.analyse(
          "search",
          endless(() => setTimeout(() => abort.abort())),
        );
      return { ...outcome, network: trained.network };
    });
    const stopped = await runStudy(own, options(out, abort)).catch((error: unknown) => error);
    expect(stopped).toBeInstanceOf(Interrupted);
    expect(stopped).toMatchObject({ folder: out, study: "own" });
    const metrics = readFileSync(join(out, "metrics.jsonl"), "utf8");
    expect(metrics.trim().split("\n")).toHaveLength(3);

    patience = true;
    const finished = await runStudy(own, { ...options(out, new AbortController()), resume: out });
    expect(finished.result.status).toBe("passed");
    expect(readFileSync(join(out, "metrics.jsonl"), "utf8")).toBe(metrics);
  });
});

test("Ctrl-C while the built program searches for fixed points: it ends with the command that goes on", async () => {
  const cli = new URL("../../dist/cli/main.js", import.meta.url).pathname;
  const out = join(folder, "searching");
  const small = ["bits=2", "units=8", "iterations=100", "batch=8", "starts=100000"].flatMap((s) => ["--set", s]);
  const child = spawn(process.execPath, [cli, "run", "flip-flop", "--workers", "1", ...small, "--out", out]);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    if (!stdout.includes("searching") && `${stdout}${text}`.includes("searching for fixed points"))
      child.kill("SIGINT");
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  expect(code).toBe(130);
  expect(stderr).toContain(`interrupted; go on with:\n  nullcline run --resume ${out}`);
  expect(existsSync(join(out, "result.json"))).toBe(false);
  expect(existsSync(join(out, "analysis/training.safetensors"))).toBe(true);
});
