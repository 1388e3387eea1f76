import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Storage } from "../../src/host/host.ts";
import { memoryStorage } from "../../src/host/memoryStorage.ts";
import { nodeStorage } from "../../src/host/nodeStorage.ts";
import { storageError } from "../../src/host/storageError.ts";
import { expectRefusal } from "../formats/fixtures.ts";
import { type Transpiled, transpile } from "./transpiled.ts";

const text = (data: Uint8Array) => new TextDecoder().decode(data);
const folder = mkdtempSync(join(tmpdir(), "nullcline-storage-"));
let built: Transpiled;
beforeAll(() => {
  built = transpile("base", "host");
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  built.remove();
});

for (const [name, storage, root] of [
  ["node", nodeStorage, folder],
  ["memory", memoryStorage(), "root"],
] as [string, Storage, string][])
  describe(`${name} storage`, () => {
    const at = (...names: string[]) => [root, ...names].join("/");

    test("write, read, part, append, truncate, size", async () => {
      await storage.makeFolder(root);
      await storage.write(at("f"), Uint8Array.of(1, 2, 3, 4));
      await storage.write(at("f"), "abcdef");
      expect(text(await storage.read(at("f")))).toBe("abcdef");
      expect(text(await storage.readRange(at("f"), 2, 3))).toBe("cde");
      expect(text(await storage.readRange(at("f"), 4, 100))).toBe("ef");
      expect(await storage.readRange(at("f"), 10, 5)).toHaveLength(0);
      await storage.append(at("f"), "ghi\n");
      await storage.append(at("new"), "µ");
      expect(await storage.size(at("new"))).toBe(2);
      await storage.truncate(at("f"), 3);
      expect(text(await storage.read(at("f")))).toBe("abc");
      expect(await storage.size(at("f"))).toBe(3);
    });

    test("folders: made with their parents, listed in order, removed with what is in them", async () => {
      await storage.makeFolder(at("a", "b", "c"));
      await storage.makeFolder(at("a", "b", "c"));
      await storage.write(at("a", "z"), "");
      await storage.write(at("a", "b", "y"), "");
      expect(await storage.list(at("a"))).toEqual(["b", "z"]);
      expect(await storage.exists(at("a", "b", "c"))).toBe(true);
      await storage.remove(at("a", "b"));
      expect(await storage.exists(at("a", "b", "y"))).toBe(false);
      expect(await storage.list(at("a"))).toEqual(["z"]);
      await storage.remove(at("a", "nothing"));
    });

    test("errors say what is in the way", async () => {
      await storage.makeFolder(at("d"));
      await storage.write(at("file"), "x");
      await expectRefusal(() => storage.read(at("none")), "missing", /none: there is no such file or folder/);
      await expectRefusal(() => storage.list(at("none")), "missing", /no such file or folder/);
      await expectRefusal(() => storage.size(at("none")), "missing", /no such file/);
      await expectRefusal(() => storage.write(at("no", "x"), ""), "cannot-write", /its folder does not exist/);
      await expectRefusal(() => storage.makeFolder(at("file", "x")), "cannot-write", /a file stands where a folder/);
      await expectRefusal(() => storage.makeFolder(at("file")), "cannot-write", /a file stands where a folder/);
      await expectRefusal(() => storage.write(at("file", "x"), ""), "cannot-write", /a file stands where a folder/);
      await expectRefusal(() => storage.list(at("file")), "cannot-read", /a file stands where a folder/);
      await expectRefusal(() => storage.read(at("d")), "cannot-read", /a folder stands where a file/);
      await expectRefusal(() => storage.write(at("d"), ""), "cannot-write", /a folder stands where a file/);
      expect(await storage.exists(at("file", "x"))).toBe(false);
    });
  });

describe("node storage", () => {
  test("a temporary file that a killed program left is not listed and is in no one's way", async () => {
    const place = join(folder, "left");
    await nodeStorage.makeFolder(place);
    writeFileSync(join(place, ".f.nullcline-tmp"), "half");
    expect(await nodeStorage.list(place)).toEqual([]);
    await nodeStorage.write(join(place, "f"), "whole");
    expect(readdirSync(place)).toEqual(["f"]);
  });

  test("system errors in words", () => {
    for (const [code, action, ours, pattern] of [
      ["ENOSPC", "write", "disk-full", /the disk is full/],
      ["EDQUOT", "write", "disk-full", /the disk is full/],
      ["EFBIG", "write", "disk-full", /limit on the size of a file/],
      ["EROFS", "write", "cannot-write", /read-only/],
      ["EACCES", "read", "cannot-read", /no permission/],
      ["ENAMETOOLONG", "write", "cannot-write", /too long/],
      ["ERR_FS_FILE_TOO_LARGE", "read", "cannot-read", /larger than 2 GiB/],
      ["EIO", "write", "cannot-write", /cannot be written \(EIO\)/],
    ] as const)
      expect(storageError({ code }, "p", action)).toMatchObject({
        code: ours,
        message: expect.stringMatching(pattern),
      });
    const other = new TypeError("a bug");
    expect(storageError(other, "p", "read")).toBe(other);
  });

  /** Runs lines of JavaScript in a process of their own, with `storage`, and answers what they print. */
  const inProcess = (script: string, before = ""): string => {
    const file = built.add(
      `script-${script.length}.js`,
      `import { nodeStorage as storage } from "./host/nodeStorage.js";
const tried = (work) => work.then(() => "done", (e) => e.name + " " + e.code + ": " + e.message);
${script}`,
    );
    const { stdout, stderr } = spawnSync("bash", ["-c", `${before} exec "$0" "$1"`, process.execPath, file], {
      encoding: "utf8",
    });
    return stdout + stderr;
  };

  test.skipIf(process.platform === "win32")(
    "a full disk (a limit on file size) leaves the old file and no half line",
    () => {
      const [big, log] = [join(folder, "big"), join(folder, "log")];
      writeFileSync(big, "old");
      writeFileSync(log, "one\n");
      const out = inProcess(
        `console.log(await tried(storage.write(${JSON.stringify(big)}, "x".repeat(100_000))));
console.log(await tried(storage.append(${JSON.stringify(log)}, "y".repeat(100_000))));
console.log(await tried(storage.append(${JSON.stringify(log)}, "two\\n")));`,
        "ulimit -f 16;",
      );
      const lines = out.trim().split("\n");
      expect(lines[0]).toMatch(/^NullclineError disk-full: .*big: cannot be written: the limit on the size of a file/);
      expect(lines[1]).toMatch(/^NullclineError disk-full: .*log: /);
      expect(lines[2]).toBe("done");
      expect(readFileSync(big, "utf8")).toBe("old");
      expect(readFileSync(log, "utf8")).toBe("one\ntwo\n");
      expect(readdirSync(folder).filter((name) => name.includes("big"))).toEqual(["big"]);
    },
  );

  test.skipIf(process.platform === "win32")("no permission", () => {
    const place = mkdtempSync(join(tmpdir(), "nullcline-locked-"));
    try {
      chmodSync(place, 0o555);
      // The superuser may write anywhere, so that the process gives the right up first.
      const out = inProcess(`if (process.getuid() === 0) process.setuid(65534);
console.log(await tried(storage.write(${JSON.stringify(join(place, "x"))}, "x")));
console.log(await tried(storage.makeFolder(${JSON.stringify(join(place, "y"))})));`);
      for (const line of out.trim().split("\n"))
        expect(line).toMatch(/^NullclineError cannot-write: .*: cannot be written: no permission$/);
      expect(existsSync(join(place, "x"))).toBe(false);
    } finally {
      chmodSync(place, 0o755);
      rmSync(place, { recursive: true });
    }
  });
});
