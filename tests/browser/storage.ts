/** What a storage answers to the same calls: in a page and in Node. */
import type { NullclineError } from "../../src/base/errors.ts";
import type { Storage } from "../../src/host/host.ts";

export async function transcript(storage: Storage): Promise<unknown[]> {
  const lines: unknown[] = [];
  const text = (data: Uint8Array) => new TextDecoder().decode(data);
  const refused = (work: Promise<unknown>) =>
    work.then(
      () => lines.push("not refused"),
      (error: NullclineError) => lines.push([error.facts.code, error.message]),
    );
  await storage.makeFolder("root/a/b");
  await storage.makeFolder("root/a/b");
  await storage.write("root/f", Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  await storage.write("root/f", "abcdef");
  lines.push(text(await storage.read("root/f")), text(await storage.readRange("root/f", 4, 100)));
  lines.push((await storage.readRange("root/f", 10, 5)).length);
  await storage.append("root/f", "ghi\n");
  await storage.append("root/new", "µ");
  lines.push(text(await storage.read("root/f")), await storage.size("root/new"), await storage.size("root/a"));
  await storage.truncate("root/f", 3);
  lines.push(text(await storage.read("root/f")));
  await storage.write("root/a/z", "");
  await storage.write("root/a/b/../b/y", "");
  lines.push(await storage.list("root/a"), await storage.list("root"), await storage.exists("root/a/b/y"));
  await refused(storage.read("root/none"));
  await refused(storage.list("root/none"));
  await refused(storage.size("root/none"));
  await refused(storage.write("root/no/x", ""));
  await refused(storage.makeFolder("root/f/x"));
  await refused(storage.makeFolder("root/f"));
  await refused(storage.write("root/f/x", ""));
  await refused(storage.list("root/f"));
  await refused(storage.read("root/a"));
  await refused(storage.write("root/a", ""));
  lines.push(await storage.exists("root/f/x"), await storage.exists("root/nothing/x"));
  await storage.remove("root/a");
  await storage.remove("root/a");
  lines.push(await storage.list("root"));
  return lines;
}
