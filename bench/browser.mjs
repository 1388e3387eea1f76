/**
 * The leaky-RNN training step (100 steps × 128 units × 64 trials) in headless Chromium and in this Node, in turn, with one
 * thread and with two; wall time, for a browser tells no other. Run after `npm run build` on a machine with nothing else
 * to do: node bench/browser.mjs [--rounds 3] [--timed 100] [--strict]
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { nodeHost } from "../dist/node.js";
import { median } from "./statistics.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    timed: { type: "string", default: "100" },
    strict: { type: "boolean", default: false },
  },
});
const [rounds, timed, relaxed] = [Number(values.rounds), Number(values.timed), !values.strict];
process.chdir(new URL("..", import.meta.url).pathname);

// The modules of the test, which are TypeScript.
mkdirSync("node_modules/.cache", { recursive: true });
const outdir = mkdtempSync(join(process.cwd(), "node_modules/.cache/nullcline-bench-"));
await build({
  ...{ entryPoints: ["tests/browser/chromium.ts", "tests/browser/leakyRnn.ts"], outdir, logLevel: "error" },
  ...{ bundle: true, platform: "node", format: "esm", packages: "external", outExtension: { ".js": ".mjs" } },
});
const { chromium, servePages } = await import(pathToFileURL(join(outdir, "chromium.mjs")).href);
const { run } = await import(pathToFileURL(join(outdir, "leakyRnn.mjs")).href);

if (chromium === undefined) console.log("no Chromium is installed: nothing to compare with");
else {
  const pages = await servePages();
  const times = { node: { 1: [], 2: [] }, page: { 1: [], 2: [] } };
  const hashes = new Set();
  let runtime = "";
  try {
    for (let round = 0; round < rounds; round++) {
      for (const workers of [1, 2]) {
        const { ms, hash } = await run(nodeHost(), { workers, relaxed, timed });
        times.node[workers].push(ms);
        hashes.add(hash);
      }
      const query = `workers=1,2&timed=${timed}${relaxed ? "&relaxed" : ""}`;
      const answer = await pages.open(query, { isolated: true });
      runtime = answer.runtime;
      for (const [k, { ms, hash }] of answer.outcomes.entries()) {
        times.page[k + 1].push(ms);
        hashes.add(hash);
      }
    }
  } finally {
    await pages.close();
  }
  const [node1, node2, page1, page2] = [times.node[1], times.node[2], times.page[1], times.page[2]].map(median);
  console.log(`${relaxed ? "relaxed" : "strict"} SIMD, medians of ${rounds} rounds of ${timed} steps, wall ms a step`);
  console.log(
    `Node ${process.versions.node}: ${node1.toFixed(2)}, two workers ${node2.toFixed(2)} (${(node1 / node2).toFixed(2)} ×)`,
  );
  console.log(`${runtime}: ${page1.toFixed(2)}, two workers ${page2.toFixed(2)} (${(page1 / page2).toFixed(2)} ×)`);
  console.log(`Chromium over Node: ${(page1 / node1).toFixed(2)} (asked: at most 1.3)`);
  console.log(`parameters after 16 steps: ${hashes.size === 1 ? "the same bits everywhere" : "not the same bits"}`);
}
rmSync(outdir, { recursive: true, force: true });
