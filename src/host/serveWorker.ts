/** A worker's own side, in Node and in browsers. */
import { NullclineError } from "../base/errors.ts";
import type { Reply, Request } from "./workerClient.ts";

/** Answers a message; buffers pushed to `transfer` are handed over instead of copied. */
export type WorkerHandler = (message: unknown, transfer: ArrayBuffer[]) => unknown;

interface ParentPort {
  postMessage(reply: Reply, transfer: ArrayBuffer[]): void;
  on(event: "message", listener: (request: Request) => void): void;
}

/**
 * Registers the handler that answers every `Worker.call`, one at a time and in order. To be called once, while the
 * worker's module loads. What the handler throws rejects the call; a `NullclineError` arrives as one.
 */
export function serveWorker(handler: WorkerHandler): void {
  const port = nodePort();
  const post = port ? port.postMessage.bind(port) : (self as unknown as ParentPort).postMessage.bind(self);
  let previous: Promise<void> = Promise.resolve();
  const answer = async ({ id, message }: Request) => {
    const transfer: ArrayBuffer[] = [];
    try {
      post({ id, reply: await handler(message, transfer) }, transfer);
    } catch (error) {
      post(failure(id, error), []);
    }
  };
  const receive = (request: Request) => {
    previous = previous.then(() => answer(request));
  };
  if (port) port.on("message", receive);
  else self.onmessage = (event: MessageEvent<Request>) => receive(event.data);
}

function failure(id: number, error: unknown): Reply {
  if (error instanceof NullclineError) return { id, error: error.message, facts: error.facts };
  return error instanceof Error ? { id, error: error.message, stack: error.stack } : { id, error: String(error) };
}

/** Node's worker threads without an import of them, which a bundle for browsers could not resolve. */
function nodePort(): ParentPort | undefined {
  const node = (globalThis as { process?: { getBuiltinModule?(name: string): unknown } }).process;
  const threads = node?.getBuiltinModule?.("worker_threads") as { parentPort: ParentPort | null } | undefined;
  return threads?.parentPort ?? undefined;
}
