/** The two sides of a worker's conversation, the same in Node and browsers: one message, one reply or error. */
import { type ErrorFacts, NullclineError } from "../base/errors.ts";
import type { Worker } from "./host.ts";

/** To the worker. */
export interface Request {
  id: number;
  message: unknown;
}

/** From the worker. */
export type Reply = { id: number; reply: unknown } | { id: number; error: string; stack?: string; facts?: ErrorFacts };

export interface Port {
  post(request: Request, transfer: ArrayBuffer[]): void;
  close(): void;
  /** Told when the first call begins and when the last has its reply. */
  busy?(busy: boolean): void;
}

/** The caller's side over any port: hand replies to `receive` and the worker's death to `fail`. */
export function workerClient(port: Port): { worker: Worker; receive(reply: Reply): void; fail(error: Error): void } {
  const waiting = new Map<number, { resolve(reply: unknown): void; reject(error: Error): void }>();
  let next = 0;
  let dead: Error | undefined;
  const take = (id: number) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) port.busy?.(false);
    return call;
  };
  const fail = (error: Error) => {
    dead ??= error;
    for (const id of [...waiting.keys()]) take(id)?.reject(dead);
  };
  return {
    worker: {
      call<R>(message: unknown, transfer: ArrayBuffer[] = []) {
        if (dead) return Promise.reject(dead);
        return new Promise<R>((resolve, reject) => {
          const id = next++;
          port.post({ id, message }, transfer); // throws where the message cannot be cloned: then nothing waits
          if (waiting.size === 0) port.busy?.(true);
          waiting.set(id, { resolve: resolve as (reply: unknown) => void, reject });
        });
      },
      close() {
        fail(new Error("the worker was closed"));
        port.close();
      },
    },
    receive(reply) {
      const call = take(reply.id);
      if ("error" in reply) call?.reject(rebuilt(reply));
      else call?.resolve(reply.reply);
    },
    fail,
  };
}

function rebuilt({ error, stack, facts }: { error: string; stack?: string; facts?: ErrorFacts }): Error {
  if (facts) return new NullclineError(facts);
  const result = new Error(error);
  if (stack) result.stack = stack;
  return result;
}
