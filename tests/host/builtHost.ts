/** A host whose worker threads find their module: the sources, transpiled into a folder of their own. */
import { pathToFileURL } from "node:url";
import type { Host } from "../../src/host/host.ts";
import { transpile } from "./transpiled.ts";

export async function builtHost(): Promise<{ host: Host; remove(): void }> {
  const { folder, remove } = transpile(
    "base",
    "host",
    "equations",
    "engine",
    "engine/linalg",
    "engine/wasm",
    "engine/compiled",
  );
  const { nodeHost } = await import(/* @vite-ignore */ pathToFileURL(`${folder}/host/node.js`).href);
  return { host: nodeHost(), remove };
}
