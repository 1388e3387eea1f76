/** Files in memory, behind the same interface and with the same errors as files on a disk. */
import type { Storage } from "./host.ts";
import { storageError } from "./storageError.ts";

/** An empty storage. Paths are separated by `/`; the folder of a file must exist. */
export function memoryStorage(): Storage {
  const files = new Map<string, Uint8Array>();
  const folders = new Set([""]);
  const fail = (code: string, path: string, action: "read" | "write"): never => {
    throw storageError({ code }, path, action);
  };
  const existing = (path: string): Uint8Array => {
    const key = normal(path);
    return files.get(key) ?? fail(folders.has(key) ? "EISDIR" : "ENOENT", path, "read");
  };
  const put = (path: string, data: Uint8Array): void => {
    const key = normal(path);
    if (folders.has(key)) fail("EISDIR", path, "write");
    const parent = parentOf(key);
    if (!folders.has(parent)) fail(files.has(parent) ? "ENOTDIR" : "ENOENT", path, "write");
    files.set(key, data);
  };
  return {
    read: async (path) => existing(path).slice(),
    readRange: async (path, from, length) => existing(path).slice(from, from + length),
    write: async (path, data) => put(path, bytesOf(data)),
    async append(path, data) {
      const before = files.get(normal(path)) ?? new Uint8Array(0);
      const more = bytesOf(data);
      const all = new Uint8Array(before.length + more.length);
      all.set(before);
      all.set(more, before.length);
      put(path, all);
    },
    async truncate(path, length) {
      const all = new Uint8Array(length);
      all.set(existing(path).subarray(0, length));
      put(path, all);
    },
    async list(path) {
      const key = normal(path);
      if (!folders.has(key)) fail(files.has(key) ? "ENOTDIR" : "ENOENT", path, "read");
      const inside = [...files.keys(), ...folders].filter((k) => k !== "" && k !== key && parentOf(k) === key);
      return inside.map((k) => k.slice(k.lastIndexOf("/") + 1)).sort();
    },
    exists: async (path) => files.has(normal(path)) || folders.has(normal(path)),
    size: async (path) => (folders.has(normal(path)) ? 0 : existing(path).length),
    async makeFolder(path) {
      const parts = normal(path).split("/");
      const chain = parts.map((_, k) => parts.slice(0, k + 1).join("/"));
      if (chain.some((key) => files.has(key))) fail("ENOTDIR", path, "write");
      for (const key of chain) folders.add(key);
    },
    async remove(path) {
      const key = normal(path);
      const within = (k: string) => k !== "" && (k === key || k.startsWith(`${key}/`));
      for (const k of [...files.keys()].filter(within)) files.delete(k);
      for (const k of [...folders].filter(within)) folders.delete(k);
    },
  };
}

export function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/"))
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  return parts.join("/");
}

export function parentOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf("/")));
}

export function bytesOf(data: Uint8Array | string): Uint8Array<ArrayBuffer> {
  return typeof data === "string" ? new TextEncoder().encode(data) : data.slice();
}
