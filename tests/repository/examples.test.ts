/** The files of `examples/` do what they say, through the built command line. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { codeBlocks, read, root, run } from "./files.ts";

const folder = mkdtempSync(join(tmpdir(), "nullcline-examples-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const example = (name: string): string => join(root, "examples", name);
const cli = join(root, "dist/cli/main.js");

/** Run where a user would: outside the repository. */
const node = (file: string, args: string[]) => run(process.execPath, [file, ...args], { cwd: folder });

test("a network and a task of one's own: checked, trained, taken apart", async () => {
  const checked = await node(cli, ["check", example("adaptation.json")]);
  expect(checked.stderr).toBe("");
  expect(checked.stdout).toContain("a flow of dimension 100");

  const learning = ["--iterations", "200", "--batch", "32", "--out", "trained", "--json"];
  const trained = await node(cli, [
    "train",
    example("adaptation.json"),
    "--task",
    example("integrator.mjs"),
    ...learning,
  ]);
  expect(trained.stderr).toBe("");
  expect(trained.status).toBe(0);
  const metrics = readFileSync(join(folder, "trained/metrics.jsonl"), "utf8").trim().split("\n");
  // R² of the sum on held-out trials; an output that stays at 0 has none.
  expect(JSON.parse(metrics.at(-1)!).score).toBeGreaterThan(0.5);

  const dissected = await node(cli, ["dissect", "trained", "--starts", "16", "--trajectories", "4", "--quiet"]);
  expect(dissected.stderr).toBe("");
  expect(dissected.status).toBe(0);
});

test("the study that CONTRIBUTING shows is the file, and runs to its report", async () => {
  expect(codeBlocks(read("CONTRIBUTING.md"), "js")).toContain(read("examples/study.mjs"));
  const { stdout, stderr, status } = await node(example("study.mjs"), []);
  expect(stderr).not.toContain("Error");
  expect(status).toBe(0);
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("passed: runs/one-bit-1/report.html");
  expect(readFileSync(join(folder, "runs/one-bit-1/report.html"), "utf8")).toContain("One bit, two stable states");
});

test("the mistake in README is answered as README prints it", async () => {
  const [sample] = codeBlocks(read("README.md"), "text").filter((block) => block.startsWith("$ nullcline check"));
  const [command, ...answer] = sample!.trimEnd().split("\n");
  writeFileSync(join(folder, "rate.eq"), "tau dx/dt = -x + B r + b\nr = tanh(x)\nz = W r\n");
  const { status, stderr } = await node(cli, command!.split(" ").slice(2));
  expect(stderr.trimEnd()).toBe(answer.join("\n"));
  expect(status).not.toBe(0);
});

test("README's picture is drawn from a run's folder, for light and for dark pages", async () => {
  const small = [
    "units=12",
    "coarse=20",
    "medium=5",
    "fine=2",
    "batch=16",
    "trials=120",
    "refinedTrials=24",
    "starts=32",
  ];
  const settings = small.flatMap((setting) => ["--set", setting]);
  await node(cli, ["run", "context", "--quiet", "--out", "context", ...settings]);
  mkdirSync(join(folder, "pictures"));
  const drawn = await node(example("picture.mjs"), ["context", "pictures"]);
  expect(drawn.stderr).toBe("");
  for (const theme of ["light", "dark"]) {
    const picture = readFileSync(join(folder, `pictures/context-${theme}.svg`), "utf8");
    const committed = readFileSync(join(root, `docs/pictures/context-${theme}.svg`), "utf8");
    for (const svg of [picture, committed]) {
      expect(svg).toMatch(/^<svg [^>]*role="img"/);
      expect(svg).toContain("it integrates along a line per context");
      // GitHub shows an SVG as an image: no style sheet of the page reaches it, nothing is fetched.
      expect(svg).not.toMatch(/var\(|<script|url\(http|NaN/);
    }
  }
});
