/** The host for browsers: files in memory, web workers. */
import type { Host, Worker as HostWorker, Storage, Terminal } from "./host.ts";
import { memoryStorage } from "./memoryStorage.ts";
import { compilesRelaxedSimd } from "./relaxedSimd.ts";
import { type Reply, workerClient } from "./workerClient.ts";

export interface BrowserHostOptions {
  /** Default: files in memory, gone with the page. */
  storage?: Storage;
  /** Where text goes. Default: the console, without status lines. */
  terminal?: Terminal;
  /**
   * The module that worker threads run. Default: `engine/worker.js` beside this module, which Vite, webpack and pages
   * without a bundler find; other bundlers make one of `nullcline/worker` and name it here. `false` for no workers.
   */
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

function startWorker(module: URL | false | undefined): HostWorker | undefined {
  if (module === false || typeof Worker === "undefined") return undefined;
  // In this form bundlers recognise a module that is to be built as well.
  const thread = module
    ? new Worker(module, { type: "module" })
    : new Worker(new URL("../engine/worker.js", import.meta.url), { type: "module" });
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
