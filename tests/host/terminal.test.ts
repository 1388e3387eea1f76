import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeTerminal, type Output } from "../../src/host/nodeTerminal.ts";
import { type Transpiled, transpile } from "./transpiled.ts";

function fake(options: Partial<Output> = {}) {
  const written: string[] = [];
  const listeners: ((error: Error) => void)[] = [];
  const output: Output = {
    write: (text) => written.push(text),
    on: (_, listener) => listeners.push(listener),
    ...options,
  };
  return { output, written, listeners };
}

describe("where no one watches", () => {
  test("status lines are plain and at most one per interval", () => {
    let time = 0;
    const [out, err] = [fake(), fake()];
    const terminal = nodeTerminal({ stdout: out.output, stderr: err.output, interval: 5000, now: () => time });
    for (time = 0; time < 12_000; time += 100) terminal.status(`at ${time}`);
    expect(err.written).toEqual(["at 0\n", "at 5000\n", "at 10000\n"]);
    terminal.line("result");
    terminal.error("mistake");
    expect(out.written).toEqual(["result\n"]);
    expect(err.written.at(-1)).toBe("mistake\n");
    expect(terminal.isInteractive).toBe(false);
  });
});

describe("on a terminal", () => {
  test("a status line replaces the one before, fits the width, and gives way to text", () => {
    const [out, err] = [fake({ isTTY: true }), fake({ isTTY: true, columns: 10 })];
    const terminal = nodeTerminal({ stdout: out.output, stderr: err.output });
    terminal.status("a long line of progress");
    terminal.status("b\nc");
    terminal.line("result");
    terminal.line("more");
    expect(err.written).toEqual(["\ra long li\x1b[K", "\rb c\x1b[K", "\r\x1b[K"]);
    expect(out.written).toEqual(["result\n", "more\n"]);
  });
});

test("control characters from a file do not reach the terminal", () => {
  const [out, err] = [fake(), fake()];
  nodeTerminal({ stdout: out.output, stderr: err.output }).line("a\x1b]0;title\x07b\tc\nd\u009b");
  expect(out.written).toEqual(["a]0;titleb\tc\nd\n"]);
});

describe("a reader that goes away", () => {
  let built: Transpiled;
  beforeAll(() => {
    built = transpile("base", "host");
  });
  afterAll(() => built.remove());

  test.skipIf(process.platform === "win32")("does not end the program", () => {
    const script = built.add(
      "pipe.js",
      `import { nodeTerminal } from "./host/nodeTerminal.js";
const terminal = nodeTerminal();
for (let k = 0; k < 200; k++) {
  terminal.line("line " + k + " ".repeat(1000));
  await new Promise((resolve) => setTimeout(resolve, 1));
}
terminal.error("finished");`,
    );
    const { stdout, stderr } = spawnSync(
      "bash",
      ["-c", 'set -o pipefail; "$0" "$1" | head -1; echo "$?"', process.execPath, script],
      {
        encoding: "utf8",
      },
    );
    expect(stderr.trim()).toBe("finished");
    expect(stdout.trim().split("\n")).toEqual([expect.stringMatching(/^line 0/), "0"]);
  });
});
