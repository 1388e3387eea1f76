/** Files for Node: what is written is either the old content or the new one, also after a power cut. */
import { constants, promises as fs, type PathLike } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { NullclineError } from "../base/errors.ts";
import type { Storage } from "./host.ts";
import { storageError } from "./storageError.ts";

const temporarySuffix = ".nullcline-tmp";

/** Errors are those of `storageError`. The folder of a file must exist. */
export const nodeStorage: Storage = {
  async read(path) {
    return translated(path, "read", async () => {
      const buffer = await fs.readFile(path);
      return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    });
  },

  async readRange(path, from, length) {
    return translated(path, "read", () =>
      withFile(path, "r", async (file) => {
        const { size } = await file.stat();
        const out = new Uint8Array(Math.max(0, Math.min(length, size - from)));
        let at = 0;
        while (at < out.length) {
          const { bytesRead } = await file.read(out, at, out.length - at, from + at);
          if (bytesRead === 0) break;
          at += bytesRead;
        }
        return out.subarray(0, at);
      }),
    );
  },

  async write(path, data) {
    const temporary = join(dirname(path), `.${basename(path)}${temporarySuffix}`);
    await translated(path, "write", async () => {
      try {
        await withFile(temporary, "w", async (file) => {
          await file.writeFile(data);
          await file.sync();
        });
        await fs.rename(temporary, path);
      } catch (error) {
        await fs.rm(temporary, { force: true }).catch(() => {});
        throw error;
      }
      await syncFolder(dirname(path));
    });
  },

  async append(path, data) {
    await translated(path, "write", async () => {
      const isNew = !(await nodeStorage.exists(path));
      await withFile(path, "a", async (file) => {
        const { size } = await file.stat();
        try {
          await file.writeFile(data);
          await file.sync();
        } catch (error) {
          await file.truncate(size).catch(() => {}); // no half line
          throw error;
        }
      });
      if (isNew) await syncFolder(dirname(path));
    });
  },

  async truncate(path, length) {
    await translated(path, "write", () =>
      withFile(path, "r+", async (file) => {
        await file.truncate(length);
        await file.sync();
      }),
    );
  },

  async list(path) {
    const names = await translated(path, "read", () => fs.readdir(path));
    return names.filter((name) => !name.endsWith(temporarySuffix)).sort();
  },

  async exists(path) {
    return translated(path, "read", async () => {
      try {
        await fs.access(path, constants.F_OK);
        return true;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") return false;
        throw error;
      }
    });
  },

  async size(path) {
    return (await translated(path, "read", () => fs.stat(path))).size;
  },

  async makeFolder(path) {
    await translated(path, "write", async () => {
      const first = await makeFolders(resolve(path));
      if (first !== undefined) await syncFolder(dirname(first));
    });
  },

  async remove(path) {
    await translated(path, "write", () => fs.rm(path, { recursive: true, force: true }));
  },
};

/**
 * Makes a folder and those above it; the topmost that was made. Node's own recursion never ends where a file system
 * takes no new folders, as under /proc.
 */
async function makeFolders(path: string): Promise<string | undefined> {
  try {
    await fs.mkdir(path);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await fs.stat(path)).isDirectory()) return undefined;
    const parent = dirname(path);
    if (code !== "ENOENT" || parent === path) throw error;
    if (await nodeStorage.exists(parent))
      throw new NullclineError({
        code: "cannot-write",
        where: path,
        given: "cannot be written: no folder can be made here",
        remedy: "choose another folder",
      });
    const first = await makeFolders(parent);
    // Another process may have made it meanwhile.
    const own = await makeFolders(path);
    return first ?? own;
  }
}

async function translated<T>(path: string, action: "read" | "write", work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageError(error, path, action);
  }
}

async function withFile<T>(path: PathLike, flags: string, work: (file: fs.FileHandle) => Promise<T>): Promise<T> {
  const file = await fs.open(path, flags);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** Makes a rename or a new name durable. Some systems cannot sync a folder: then there is nothing to be done. */
async function syncFolder(path: string): Promise<void> {
  await withFile(path, "r", (folder) => folder.sync()).catch(() => {});
}
