/** The same engine in a browser: the losses of the reference, and the bits of Node. */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryStorage } from "../../src/host/memoryStorage.ts";
import { nodeHost } from "../../src/host/node.ts";
import { chromium, type Pages, servePages } from "./chromium.ts";
import { type Outcome, run } from "./leakyRnn.ts";
import { transcript } from "./storage.ts";

const file = "../shared/reference/benchmarks/leaky-rnn.md";

describe.skipIf(chromium === undefined)("in Chromium (skipped where none is installed)", () => {
  let pages: Pages;
  let node: Outcome;
  beforeAll(async () => {
    pages = await servePages();
    node = await run(nodeHost(), { workers: 1, relaxed: false });
  });
  afterAll(() => pages?.close());

  test.each([
    ["with shared memory", true],
    ["without shared memory", false],
  ])("strict: the same losses and parameters as Node, with and without workers, %s", async (_, isolated) => {
    const { shared, outcomes } = await pages.open("workers=1,2", { isolated });
    expect(shared).toBe(isolated);
    expect(outcomes).toHaveLength(2);
    expect(node.hash).toMatch(/^[0-9a-f]{64}$/);
    for (const { losses, hash } of outcomes) {
      expect(losses).toEqual(node.losses);
      expect(hash).toBe(node.hash);
    }
  });

  test("the page's private files answer as files in memory do, and stay", async () => {
    const { lines, kept } = await pages.open<{ lines: unknown[]; kept: boolean }>("storage");
    expect(lines).toEqual(await transcript(memoryStorage()));
    expect(lines.slice(0, 2)).toEqual(["abcdef", "ef"]);
    expect(kept).toBe(true);
  });

  test.skipIf(!existsSync(file))(`the losses of ${file} (skipped where it is not there), relaxed SIMD`, async () => {
    const { outcomes } = await pages.open("workers=1&relaxed", { isolated: false });
    const rows = [...readFileSync(file, "utf8").matchAll(/^\| (\d+) \| (\d\.\d{6}) \|$/gm)];
    expect(rows).toHaveLength(4);
    for (const { losses } of [node, ...outcomes])
      for (const [, iteration, loss] of rows)
        expect(Math.abs(losses[Number(iteration)]! - Number(loss))).toBeLessThan(2e-6);
  });
});
