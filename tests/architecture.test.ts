/** The design as a test: floors, the host, public surface. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { version } from "../src/version.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const src = join(root, "src");

/** A module imports only from floors below its own, or from its own folder. */
const floors: Record<string, number> = {
  base: 0, formats: 0, figures: 0, host: 0, equations: 1, engine: 2, networks: 3, tasks: 3, training: 4, dynamics: 5, population: 5,
  surgery: 6, studies: 7, sweeps: 8, cli: 9,
}; // biome-ignore format: a table
/** Pairs on one floor that may look at each other, one way. */
const sideways = new Set(["formats>base", "figures>base", "host>base", "formats>host", "dynamics>population"]);

interface Import {
  file: string;
  to: string;
}

const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".ts"));
const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(src, file), "utf8");
  return [...text.matchAll(/(?:from|import\()\s*["']([^"']+)["']/g)].map((m) => ({ file, to: m[1]! }));
});
const folderOf = (file: string): string => (file.includes("/") ? file.split("/")[0]! : "");

test("there is something to check", () => {
  expect(files.length).toBeGreaterThan(80);
  expect(imports.length).toBeGreaterThan(200);
});

test("no module imports from a floor above its own", () => {
  const wrong = imports.filter(({ file, to }) => {
    if (!to.startsWith(".")) return false;
    const target = relative(src, resolve(src, dirname(file), to));
    const [from, at] = [folderOf(file), folderOf(target)];
    if (from === at || from === "" || target === "version.ts") return false;
    // The public index is for studies and faces; a study sees nothing else of the package but its own floor.
    if (target === "index.ts" || target === "node.ts") return floors[from]! < 7;
    if (floors[from] === undefined || floors[at] === undefined) return true;
    return floors[at]! > floors[from]! || (floors[at] === floors[from] && !sideways.has(`${from}>${at}`));
  });
  expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
});

test("only the host imports node:", () => {
  const wrong = imports.filter(({ file, to }) => to.startsWith("node:") && !file.startsWith("host/"));
  expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
});

test("studies import the public index and nothing else of the package", () => {
  const framework = new Set(
    [
      "study.ts",
      "runStudy.ts",
      "report.ts",
      "blocks.ts",
      "html.ts",
      "style.ts",
      "shared.ts",
      "reportData.ts",
      "gallery.ts",
      "index.ts",
    ].map((f) => `studies/${f}`),
  );
  const wrong = imports.filter(({ file, to }) => {
    if (!file.startsWith("studies/") || framework.has(file) || !to.startsWith(".")) return false;
    const target = relative(src, resolve(src, dirname(file), to));
    return target !== "index.ts" && !target.startsWith("studies/");
  });
  expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
});

test("no hidden randomness, no code from text, no hole in the types", () => {
  const wrong = files.flatMap((file) => {
    const text = readFileSync(join(src, file), "utf8");
    return [/Math\.random/, /new Function\(/, /\beval\(/, /@ts-(ignore|expect-error)/, /\bas any\b/]
      .filter((bad) => bad.test(text))
      .map((bad) => `${file}: ${bad}`);
  });
  expect(wrong).toEqual([]);
});

test("the version is the package's", () => {
  expect(version).toBe(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version);
});
