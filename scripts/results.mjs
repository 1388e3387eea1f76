/**
 * Runs the studies whose results are not current, one after another, and makes the gallery from all results.
 *
 *   npm run results                          every study that is not current
 *   npm run results -- NAME --seed 2 …       one, with options of `nullcline run`
 *   npm run results -- --under 5             those that take less than 5 minutes
 *   npm run results -- --pages               only the pages
 *
 * Interrupted, it goes on where it was: a run under `runs/results/` without a result is resumed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { drawFigure, figureDocument } from "../dist/figures/draw.js";
import { galleryIndex, galleryPage, recordOf, resultRecord } from "../dist/studies/gallery.js";
import { studies } from "../dist/studies/index.js";
import { version } from "../dist/version.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const results = join(root, "docs/results");
const runs = join(root, "runs/results");
mkdirSync(results, { recursive: true });
const json = (file) => JSON.parse(readFileSync(file, "utf8"));

/** SHA-256 of the version and of the file or folder that declares the study. */
function fingerprint(name) {
  const folder = join(root, "src/studies");
  const texts = (at) =>
    statSync(at).isDirectory()
      ? readdirSync(at)
          .sort()
          .flatMap((f) => texts(join(at, f)))
      : [readFileSync(at, "utf8")];
  const declares = new RegExp(`^  name: ${JSON.stringify(name)},$`, "m");
  const home = readdirSync(folder)
    .map((f) => texts(join(folder, f)))
    .find((all) => all.some((t) => declares.test(t)));
  if (!home) throw new Error(`no file of src/studies declares ${name}`);
  return createHash("sha256")
    .update([version, ...home].join("\0"))
    .digest("hex")
    .slice(0, 16);
}

function records() {
  const files = readdirSync(results).filter((f) => f.endsWith(".json"));
  return new Map(files.map((f) => [f.slice(0, -5), resultRecord(json(join(results, f)), f)]));
}

function pages() {
  const known = records();
  writeFileSync(join(root, "docs/results.md"), galleryIndex(Object.values(studies), known));
  for (const [name, record] of known)
    if (studies[name]) writeFileSync(join(results, `${name}.md`), galleryPage(studies[name], record));
}

/** @returns whether the run ended, with checks that hold or fail */
async function run(name, options) {
  const folder = join(runs, name);
  const begun = existsSync(join(folder, "run.json"));
  if (begun && existsSync(join(folder, "result.json"))) rmSync(folder, { recursive: true });
  mkdirSync(runs, { recursive: true });
  const how = existsSync(folder) ? ["--resume", folder] : [name, "--out", folder, ...options];
  const { status } = spawnSync(process.execPath, [join(root, "dist/cli/main.js"), "run", ...how], { stdio: "inherit" });
  if (status === 130) process.exit(130);
  if (!existsSync(join(folder, "result.json")) || !existsSync(join(folder, "analysis/report.json"))) return false;
  const total = readFileSync(join(folder, "timing.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter((line) => line.phase === "total");
  const sum = (key) => Number(total.reduce((s, line) => s + line[key], 0).toFixed(1));
  const { record, figure } = recordOf(json(join(folder, "result.json")), json(join(folder, "analysis/report.json")), {
    fingerprint: fingerprint(name),
    wallSeconds: sum("seconds"),
    cpuSeconds: sum("cpuSeconds"),
  });
  writeFileSync(join(results, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
  const document = await figureDocument();
  for (const theme of figure ? ["light", "dark"] : [])
    writeFileSync(join(results, `${name}-${theme}.svg`), drawFigure(figure, { document, id: name, theme }));
  return true;
}

const [first, ...rest] = process.argv.slice(2);
const under = first === "--under" ? Number(rest[0]) : Infinity;
if (first !== "--pages") {
  const named = first !== undefined && !first.startsWith("--");
  if (named && !studies[first]) throw new Error(`no study ${first}; there are ${Object.keys(studies).join(", ")}`);
  const known = records();
  for (const { name, minutes, settings } of named ? [studies[first]] : Object.values(studies)) {
    if (!named && known.get(name)?.fingerprint === fingerprint(name)) console.log(`${name}: current`);
    else if (!named && minutes >= under) console.log(`${name}: takes ${minutes} minutes, left out`);
    else if (!named && settings.data?.value === "")
      console.log(`${name}: needs data; npm run results -- ${name} --set data=PATH`);
    else if (!(await run(name, named ? rest : []))) console.log(`${name}: did not end`);
    pages();
  }
}
pages();
