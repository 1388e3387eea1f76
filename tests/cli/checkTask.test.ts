/** `nullcline check TASK`, on the built command line. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, nullcline } from "./command.ts";

const place = folder();

test("a task: channels, conditions, lengths, and a picture of one trial of each condition", async () => {
  const { stdout, status } = await nullcline(
    ["check", "readySetGo", "--set", "measure=500,700", "--figure", "task.svg"],
    place.path,
  );
  expect(status).toBe(0);
  expect(stdout).toContain("inputs      pulse, gain");
  expect(stdout).toMatch(/trial +\d+ ± \d+, \d+ to \d+ ms/);
  const svg = readFileSync(join(place.path, "task.svg"), "utf8");
  expect(svg).toContain("gain 1.5, measure 700");
});

test("as JSON, and with a time step", async () => {
  const { stdout } = await nullcline(["check", "goNoGo", "--dt", "25", "--json"], place.path);
  const found = JSON.parse(stdout);
  expect(found).toMatchObject({
    name: "goNoGo",
    dt: 25,
    conditions: ["go"],
    lengths: { samples: 40, trial: { mean: 1000, std: 0 } },
  });
});

test("an option that does not exist, and a figure of a network", async () => {
  expect((await nullcline(["check", "goNoGo", "--set", "stop=1"], place.path)).stderr).toContain("no option `stop`");
  expect((await nullcline(["check", "rate", "--figure", "x.svg"], place.path)).stderr).toContain(
    "--figure for the network `rate`; expected a task",
  );
});
