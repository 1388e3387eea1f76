/**
 * Parts of the sources as plain JavaScript in a folder of their own, for tests that need a process to themselves:
 * one that is killed, that may not write, or whose worker threads must find a file.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

export interface Transpiled {
  /** Absolute; `src` is its root, so that it holds `host/node.js`. */
  folder: string;
  /** Adds a module to it and answers its path. */
  add(file: string, text: string): string;
  remove(): void;
}

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/** Transpiles the named folders of `src`. It lies inside the repository, so that packages are found from it. */
export function transpile(...folders: string[]): Transpiled {
  const cache = join(process.cwd(), "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "nullcline-test-"));
  const add = (file: string, text: string) => {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const name of folders)
    for (const file of readdirSync(join("src", name)).filter((entry) => entry.endsWith(".ts"))) {
      const text = readFileSync(join("src", name, file), "utf8");
      const { outputText } = ts.transpileModule(text, { compilerOptions, fileName: file });
      add(join(name, file.replace(/\.ts$/, ".js")), outputText);
    }
  return { folder, add, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
