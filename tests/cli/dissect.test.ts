/** `nullcline dissect` of a run of a study. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, nullcline } from "./command.ts";

const place = folder();
const run = (...args: string[]) => nullcline(args, place.path);
const specification = (name: string) =>
  JSON.parse(readFileSync(join(place.path, name, "run.json"), "utf8")).specification;

test("a run of a study knows its task: dissect needs no --task", async () => {
  const small = ["bits=2", "units=6", "iterations=30", "batch=8", "starts=16"].flatMap((s) => ["--set", s]);
  await run("run", "flip-flop", "--workers", "1", "--quiet", "--out", "flip-flop", ...small);
  const short = ["--starts", "16", "--trajectories", "2", "--steps", "50"];
  const { stdout } = await run("dissect", "flip-flop", ...short, "--json");
  const { path } = JSON.parse(stdout);
  const task = { task: "flipFlop", options: { bits: 2, duration: 32 } };
  expect(specification("flip-flop").task).toEqual(task);
  expect(specification(path).task).toEqual(task);
  expect(readFileSync(join(place.path, path, "report.html"), "utf8")).toContain(
    "Starts: states of 64 trials of flipFlop",
  );
});
