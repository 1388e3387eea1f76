/** The host for Node. */
import { existsSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { Worker as Thread } from "node:worker_threads";
import { NullclineError } from "../base/errors.ts";
import type { Host, Worker } from "./host.ts";
import { nodeStorage } from "./nodeStorage.ts";
import { nodeTerminal, type TerminalOptions } from "./nodeTerminal.ts";
import { compilesRelaxedSimd } from "./relaxedSimd.ts";
import { type Reply, workerClient } from "./workerClient.ts";

export function nodeHost(options: { terminal?: TerminalOptions } = {}): Host {
  return {
    describe: () => ({
      runtime: `Node ${process.versions.node}`,
      processor: cpus()[0]?.model.trim() || process.arch,
      cores: availableParallelism(),
    }),
    storage: nodeStorage,
    terminal: nodeTerminal(options.terminal),
    now: () => performance.now(),
    cpuTime() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    relaxedSimd,
    startWorker,
    onInterrupt,
  };
}

let relaxed: boolean | undefined;

/** Node 20 keeps relaxed SIMD behind a flag of V8, which holds for the whole process, worker threads included. */
function relaxedSimd(): boolean {
  if (relaxed === undefined) {
    relaxed = compilesRelaxedSimd();
    if (!relaxed) {
      setFlagsFromString("--experimental-wasm-relaxed-simd");
      relaxed = compilesRelaxedSimd();
    }
  }
  return relaxed;
}

/** A thread that runs the built `engine/worker.js`; `undefined` where there is none, as when run from the sources. */
function startWorker(): Worker | undefined {
  const module = new URL("../engine/worker.js", import.meta.url);
  if (module.protocol !== "file:" || !existsSync(fileURLToPath(module))) return undefined;
  relaxedSimd();
  const thread = new Thread(module);
  const { worker, receive, fail } = workerClient({
    post: (request, transfer) => thread.postMessage(request, transfer),
    close: () => void thread.terminate(),
    // An idle worker does not keep the program from ending.
    busy: (busy) => (busy ? thread.ref() : thread.unref()),
  });
  thread.on("message", (reply: Reply) => receive(reply));
  thread.on("messageerror", fail);
  thread.on("error", fail);
  thread.on("exit", (status) => fail(new Error(`the worker ended with status ${status}`)));
  thread.unref();
  return worker;
}

/** Ctrl-C or SIGTERM, once: a second one ends the program at once, as the system does by itself. */
function onInterrupt(callback: () => void): () => void {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const undo = () => {
    for (const signal of signals) process.off(signal, interrupted);
  };
  const interrupted = () => {
    undo();
    callback();
  };
  for (const signal of signals) process.on(signal, interrupted);
  return undo;
}

/**
 * Loads a user's own module, which runs with all the rights of this program. Relative paths count from the working folder.
 * @throws NullclineError (code `module`) where it cannot be loaded, with what it or the runtime said
 */
export async function importModule(path: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    if (error instanceof NullclineError) throw error;
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new NullclineError({ code: "module", where: path, given: `this module cannot be loaded (${said})` });
  }
}
