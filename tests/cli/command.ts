/** The built command line as a child process (`npm test` builds before it runs). */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

export const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const cli = join(root, "dist/cli/main.js");

export interface Finished {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs `nullcline ARGS` in a folder; `limit`: most KiB of a file (`ulimit -f`). */
export function nullcline(args: string[], cwd: string, limit?: number): Promise<Finished> {
  const command =
    limit === undefined
      ? [process.execPath, cli, ...args]
      : ["bash", "-c", `ulimit -f ${limit}; exec "$@"`, "bash", process.execPath, cli, ...args];
  return new Promise((done) => {
    const child = spawn(command[0]!, command.slice(1), { cwd });
    const out = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) child[stream].on("data", (d: Buffer) => { out[stream] += d; }); // biome-ignore format: short
    child.on("close", (status) => done({ status: status ?? -1, ...out }));
  });
}

/** A folder of the test's own, removed after the file's tests. A file in it is answered by its path from a folder inside. */
export function folder(): { path: string; file(name: string, content: string | Uint8Array): string } {
  const path = mkdtempSync(join(tmpdir(), "nullcline-cli-"));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    file(name, content) {
      writeFileSync(join(path, name), content);
      return `../${name}`;
    },
  };
}
