/** The host for browsers: files in memory, web workers. */
import type { Host, Storage, Terminal, Worker } from "./host.ts";
import { memoryStorage } from "./memoryStorage.ts";
import { compilesRelaxedSimd } from "./relaxedSimd.ts";
import { type Reply, workerClient } from "./workerClient.ts";

export interface BrowserHostOptions {
  /** Default: files in memory, gone with the page. */
  storage?: Storage;
  /** Where text goes. Default: the console, without status lines. */
  terminal?: Terminal;
  /** Default: the built `engine/worker.js` beside this module; `false` for none. */
  worker?: URL | false;
}

export function browserHost(options: BrowserHostOptions = {}): Host {
  const { storage = memoryStorage(), terminal = consoleTerminal() } = options;
  return {
    describe: () => ({
      runtime: navigator.userAgent,
      processor: "unknown (browsers do not tell)",
      cores: navigator.hardwareConcurrency || 1,
    }),
    storage,
    terminal,
    now: () => performance.now(),
    cpuTime: () => undefined,
    relaxedSimd: compilesRelaxedSimd,
    startWorker: () => startWorker(options.worker),
    onInterrupt(callback) {
      addEventListener("pagehide", callback, { once: true });
      return () => removeEventListener("pagehide", callback);
    },
  };
}

function startWorker(module: URL | false = new URL("../engine/worker.js", import.meta.url)): Worker | undefined {
  if (module === false || typeof globalThis.Worker === "undefined") return undefined;
  const thread = new globalThis.Worker(module, { type: "module" });
  const { worker, receive, fail } = workerClient({
    post: (request, transfer) => thread.postMessage(request, transfer),
    close: () => thread.terminate(),
  });
  thread.onmessage = (event: MessageEvent<Reply>) => receive(event.data);
  thread.onmessageerror = () => fail(new Error("a worker's reply could not be read"));
  thread.onerror = (event) => fail(new Error(event.message || "the worker could not be started"));
  return worker;
}

function consoleTerminal(): Terminal {
  return {
    isInteractive: false,
    columns: 80,
    status: () => {},
    line: (text) => console.log(text),
    error: (text) => console.error(text),
  };
}
