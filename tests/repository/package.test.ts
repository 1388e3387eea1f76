/** The package as a user gets it: packed, installed into an empty folder, and README's examples run and type-checked there. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeBlocks, read, root, run } from "./files.ts";

const folder = mkdtempSync(join(tmpdir(), "nullcline-package-"));
const user = join(folder, "user");
const examples = codeBlocks(read("README.md"), "ts");
const installed = join(user, "node_modules", "nullcline");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a shell of the user's would hold: nothing of vitest's, nothing of the `npm test` around it. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|command|execpath|node)|INIT_CWD|NODE_ENV|VITEST|TEST)/i.test(name),
  ),
);

const inside = (program: string, args: string[]) => run(program, args, { cwd: user, env });

async function npm(args: string[], cwd: string): Promise<string> {
  const { status, stdout, stderr } = await run("npm", args, { cwd, env });
  if (status !== 0) throw new Error(`npm ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Packed in a copy, so that the build of `prepack` does not touch what other tests run from. */
async function pack(): Promise<{ tarball: string; files: string[] }> {
  const copy = join(folder, "copy");
  const others = ["node_modules", ".git", "dist", "runs"];
  cpSync(root, copy, { recursive: true, filter: (path) => !others.includes(relative(root, path)) });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "dir");
  const [packed] = JSON.parse(await npm(["pack", "--json", "--silent", "--pack-destination", folder], copy));
  return { tarball: join(folder, packed.filename), files: packed.files.map((file: { path: string }) => file.path) };
}

let packed: Awaited<ReturnType<typeof pack>>;
beforeAll(async () => {
  packed = await pack();
  mkdirSync(user);
  writeFileSync(join(user, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await npm(["install", "--prefer-offline", "--no-audit", "--no-fund", packed.tarball], user);
}, 600_000);

test("the tarball holds the build and the documents, nothing else", () => {
  const tops = new Set(packed.files.map((file) => file.split("/")[0]));
  expect([...tops].sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "dist", "package.json"]);
  expect(packed.files).toContain("dist/index.js");
  expect(packed.files).toContain("dist/index.d.ts");
  expect(packed.files.filter((file) => /(^|\/)tests?\/|\.test\.|\.map$/.test(file))).toEqual([]);
  // One module and its types for each source: nothing is left from an older build.
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const expected = sources.flatMap((file) => [`dist/${file.slice(0, -3)}.js`, `dist/${file.slice(0, -3)}.d.ts`]);
  expect(packed.files.filter((file) => file.startsWith("dist/")).sort()).toEqual(expected.sort());
});

test("no path of the machine that built it is in the package", () => {
  const wrong = packed.files.filter((file) => {
    const text = readFileSync(join(installed, file), "utf8");
    return [root, folder, `${homedir()}/`].some((path) => text.includes(path)) || /file:\/\/\/\w/.test(text);
  });
  expect(wrong).toEqual([]);
});

test("README's examples run with Node as they are printed", async () => {
  const outputs: string[] = [];
  for (const [k, code] of examples.entries()) {
    writeFileSync(join(user, `example${k}.mjs`), code);
    const { status, stdout, stderr } = await inside(process.execPath, [`example${k}.mjs`]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    outputs.push(stdout.trim());
  }
  expect(outputs).toHaveLength(2);
  // A memory of two bits: 3² fixed points, 2² of them stable. How many starts led to each may differ in later versions of Node.
  const census = /^9 fixed points \(4 stable\), 0 slow points.*degree sum \+1/;
  const printed = codeBlocks(read("README.md"), "text").map((block) => block.trim());
  expect(outputs[0]).toMatch(census);
  expect(printed[0]).toMatch(census);
  expect(outputs[1]).toBe(printed[1]);
});

test("README's first example is ten lines", () => {
  expect(examples[0]!.split("\n").filter((line) => line.trim() !== "")).toHaveLength(10);
});

test("README's examples type-check, the package's own types included", async () => {
  for (const [k, code] of examples.entries()) writeFileSync(join(user, `example${k}.ts`), code);
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023", "dom"],
    module: "nodenext",
    strict: true,
    noUncheckedIndexedAccess: false,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    types: [],
  };
  writeFileSync(join(user, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  expect((await inside(process.execPath, [tsc, "-p", "."])).stdout).toBe("");
});

test("bundlers for browsers take the entry for browsers, which needs nothing of Node; and the worker", async () => {
  const page = join(user, "page.js");
  writeFileSync(page, 'import { browserHost, train } from "nullcline"; window.started = train(browserHost());');
  const options = {
    bundle: true,
    format: "esm",
    platform: "browser",
    outdir: "/",
    write: false,
    metafile: true,
  } as const;
  const entryPoints = { page, worker: join(installed, "dist/engine/worker.js") };
  const { metafile, warnings } = await build({ ...options, entryPoints, absWorkingDir: user, logLevel: "silent" });
  expect(warnings).toEqual([]);
  const inputs = Object.keys(metafile.inputs);
  expect(inputs).toContain("node_modules/nullcline/dist/index.js");
  expect(inputs).not.toContain("node_modules/nullcline/dist/node.js");
  const inside = Object.values(metafile.outputs).flatMap((output) => output.imports);
  expect(inside.filter(({ external }) => external)).toEqual([]);
  const worker = Object.values(metafile.outputs).find((output) => output.entryPoint?.endsWith("worker.js"))!;
  expect(worker.bytes).toBeLessThan(300_000);
  expect(Object.keys(worker.inputs).filter((file) => !file.includes("nullcline/dist/"))).toEqual([]);
});

test("the command is installed", async () => {
  const bin = join(user, "node_modules", ".bin", "nullcline");
  const { version } = JSON.parse(read("package.json"));
  expect((await inside(bin, ["--version"])).stdout.trim()).toBe(version);
  const wrong = await inside(bin, ["run", "no-such-study"]);
  expect(wrong.status).not.toBe(0);
  expect(wrong.stderr).toMatch(/no-such-study/);
  expect(wrong.stderr).not.toMatch(/\n\s+at /);
});
