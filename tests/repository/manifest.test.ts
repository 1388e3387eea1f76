/** What package.json promises: entry points, engines, scripts, dependencies; and that continuous integration does what README says. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeBlocks, read, root } from "./files.ts";

const manifest = JSON.parse(read("package.json"));
const commands = codeBlocks(read("README.md"), "sh");

test("entry points are modules of the build, with types, each from a source", () => {
  const { types, browser, default: module } = manifest.exports["."];
  const { types: workerTypes, default: worker } = manifest.exports["./worker"];
  for (const [file, ending] of [
    [types, ".d.ts"],
    [module, ".js"],
    [browser, ".js"],
    [workerTypes, ".d.ts"],
    [worker, ".js"],
    [manifest.bin.nullcline, ".js"],
  ]) {
    expect(file).toMatch(/^(\.\/)?dist\//);
    expect(existsSync(join(root, file.replace("dist/", "src/").replace(ending, ".ts"))), file).toBe(true);
  }
  expect(manifest.exports["./package.json"]).toBe("./package.json");
  expect(manifest.type).toBe("module");
  expect(readFileSync(join(root, "src/cli/main.ts"), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test("engines: Node 20 from 20.19 on; the types that the code is checked against are of Node 20", () => {
  expect(manifest.engines.node).toBe(">=20.19");
  expect(manifest.devDependencies["@types/node"]).toMatch(/^\^20\./);
});

test("nothing runs when the package is installed", () => {
  for (const name of ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"])
    expect(manifest.scripts).not.toHaveProperty(name);
});

test("what the sources import is a dependency, and every dependency is imported", () => {
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const imported = new Set<string>();
  for (const file of sources) {
    const text = readFileSync(join(root, "src", file), "utf8");
    for (const [, name] of text.matchAll(
      /(?:^(?:import|export|}).* from |import\(|createRequire\(import\.meta\.url\)\()"([^".][^"]*)"/gm,
    ))
      if (!name!.startsWith("node:"))
        imported.add(
          name!
            .split("/")
            .slice(0, name!.startsWith("@") ? 2 : 1)
            .join("/"),
        );
  }
  const declared = { ...manifest.dependencies, ...manifest.optionalDependencies };
  expect([...imported].sort()).toEqual(Object.keys(declared).sort());
});

test("versions agree", () => {
  const lock = JSON.parse(read("package-lock.json"));
  expect(lock.version).toBe(manifest.version);
  expect(lock.packages[""].dependencies).toEqual(manifest.dependencies);
  expect(lock.packages[""].devDependencies).toEqual(manifest.devDependencies);
  expect(lock.packages[""].optionalDependencies).toEqual(manifest.optionalDependencies);
  expect(read("CHANGELOG.md")).toContain(`## [${manifest.version}]`);
});

test("the lock holds what every platform needs, so that npm ci accepts it; and no registry's address", () => {
  const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Record<string, unknown>> };
  const missing = Object.entries(packages).flatMap(([at, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {}).filter(
      (name) => !packages[`${at}/node_modules/${name}`] && !packages[`node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
  // Without addresses, npm ci asks the registry that its user has set.
  expect(Object.keys(packages).filter((at) => "resolved" in packages[at]!)).toEqual([]);
});

test("README's first two commands are scripts that build what they need", () => {
  expect(commands.slice(0, 2)).toEqual(["npm ci && npm start\n", "npm ci && npm test\n"]);
  expect(manifest.scripts.start).toMatch(/run (--silent )?build && node dist\/cli\/main\.js run context$/);
  expect(manifest.scripts.test).toMatch(/run (--silent )?check && .*run (--silent )?build && vitest run$/);
});

test(".ci/run does what README says for the tests", () => {
  expect(read(".ci/run").trimEnd().split("\n").at(-1)).toBe(commands[1]!.trim());
});

test("every link of the documents inside the repository leads somewhere", () => {
  const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "bench/README.md", "docs/language.md"].filter(
    (file) => existsSync(join(root, file)),
  );
  expect(documents.length).toBeGreaterThanOrEqual(4);
  const wrong = documents.flatMap((file) => {
    const links = read(file).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g);
    const targets = [...links]
      .map((m) => (m[1] ?? m[2])!.split("#")[0]!)
      .filter((to) => to !== "" && !/^[a-z]+:/.test(to));
    return targets.filter((to) => !existsSync(join(root, file, "..", to))).map((to) => `${file}: ${to}`);
  });
  expect(wrong).toEqual([]);
});

test("commands that the documents print exist", () => {
  const texts = ["README.md", "CONTRIBUTING.md"].map(read).join("\n");
  const scripts = [...texts.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map((m) => m[1]!);
  for (const script of scripts) expect(manifest.scripts).toHaveProperty(script);
});
