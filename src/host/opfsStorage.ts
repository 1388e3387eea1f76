/** Files of a page that stay when it is closed: the browser's file system that is private to the page's origin. */
import type { Storage } from "./host.ts";
import { bytesOf, normal, parentOf } from "./memoryStorage.ts";
import { storageError } from "./storageError.ts";

/** What its exceptions are called elsewhere. */
const codes: Record<string, string> = {
  NotFoundError: "ENOENT",
  QuotaExceededError: "ENOSPC",
  NoModificationAllowedError: "EACCES",
  NotAllowedError: "EACCES",
  InvalidModificationError: "EEXIST",
};

/**
 * Storage below a folder of the origin's private file system; paths are separated by `/`, the folder of a file must
 * exist. A file that is written has its old content until all of the new one is there.
 * @param root default: the whole of it. Rejects on first use in browsers that have none.
 */
export function opfsStorage(root?: FileSystemDirectoryHandle): Storage {
  const nameOf = (key: string) => key.slice(key.lastIndexOf("/") + 1);

  async function folderAt(key: string, create = false): Promise<FileSystemDirectoryHandle> {
    let folder = root ?? (await navigator.storage.getDirectory());
    for (const part of key.split("/")) if (part !== "") folder = await folder.getDirectoryHandle(part, { create });
    return folder;
  }
  const fileAt = async (key: string, create = false) =>
    (await folderAt(parentOf(key))).getFileHandle(nameOf(key), { create });

  async function kindOf(key: string): Promise<"file" | "directory" | undefined> {
    if (key === "") return "directory";
    try {
      await fileAt(key);
      return "file";
    } catch (error) {
      const { name } = error as DOMException;
      if (name === "NotFoundError") return undefined;
      if (name !== "TypeMismatchError") throw error;
    }
    // The path is a folder's, or leads through a file.
    const parent = await folderAt(parentOf(key)).catch(() => undefined);
    return parent && "directory";
  }

  async function guarded<T>(path: string, action: "read" | "write", work: (key: string) => Promise<T>): Promise<T> {
    const key = normal(path);
    try {
      return await work(key);
    } catch (error) {
      const { name } = error as DOMException;
      const wrong = (await kindOf(key)) === "directory" ? "EISDIR" : "ENOTDIR";
      const code = name === "TypeMismatchError" ? wrong : codes[name];
      throw storageError(code === undefined ? error : { code }, path, action);
    }
  }

  /** Changes a file as a whole: what `change` writes counts once it is closed. */
  async function change(
    file: FileSystemFileHandle,
    keep: boolean,
    work: (stream: FileSystemWritableFileStream) => Promise<void>,
  ): Promise<void> {
    const stream = await file.createWritable({ keepExistingData: keep });
    try {
      await work(stream);
    } catch (error) {
      await stream.abort().catch(() => {});
      throw error;
    }
    await stream.close();
  }

  const contentOf = async (key: string) => (await fileAt(key)).getFile();
  return {
    read: (path) => guarded(path, "read", async (key) => new Uint8Array(await (await contentOf(key)).arrayBuffer())),
    readRange: (path, from, length) =>
      guarded(path, "read", async (key) => {
        const part = (await contentOf(key)).slice(from, from + length);
        return new Uint8Array(await part.arrayBuffer());
      }),
    write: (path, data) =>
      guarded(path, "write", async (key) => {
        await change(await fileAt(key, true), false, (stream) => stream.write(bytesOf(data)));
      }),
    append: (path, data) =>
      guarded(path, "write", async (key) => {
        const file = await fileAt(key, true);
        const { size } = await file.getFile();
        await change(file, true, (stream) => stream.write({ type: "write", position: size, data }));
      }),
    truncate: (path, length) =>
      guarded(path, "write", async (key) => change(await fileAt(key), true, (stream) => stream.truncate(length))),
    list: (path) =>
      guarded(path, "read", async (key) => {
        const names: string[] = [];
        for await (const name of (await folderAt(key)).keys()) if (!name.endsWith(".crswap")) names.push(name);
        return names.sort();
      }),
    exists: (path) => guarded(path, "read", async (key) => (await kindOf(key)) !== undefined),
    size: (path) =>
      guarded(path, "read", async (key) => ((await kindOf(key)) === "directory" ? 0 : (await contentOf(key)).size)),
    makeFolder: (path) => guarded(path, "write", async (key) => void (await folderAt(key, true))),
    remove: (path) =>
      guarded(path, "write", async (key) => {
        if ((await kindOf(key)) === undefined) return;
        await (await folderAt(parentOf(key))).removeEntry(nameOf(key), { recursive: true });
      }),
  };
}
