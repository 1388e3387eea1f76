/** The browser's host with stand-ins for what a page offers and Node does not. */
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { afterEach, describe, expect, test, vi } from "vitest";
import { browserHost } from "../../src/host/browser.ts";
import { serveWorker } from "../../src/host/serveWorker.ts";

afterEach(() => vi.unstubAllGlobals());

test("says what a browser knows, keeps files in memory", async () => {
  vi.stubGlobal("navigator", { userAgent: "Browser/1", hardwareConcurrency: 6 });
  const host = browserHost();
  expect(host.describe()).toMatchObject({ runtime: "Browser/1", cores: 6 });
  expect(host.cpuTime()).toBeUndefined();
  await host.storage.write("x", "y");
  expect(await browserHost().storage.exists("x")).toBe(false);
  expect(await host.storage.exists("x")).toBe(true);
});

test("the page's end is an interrupt, unless undone", () => {
  const page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  const [kept, undone] = [vi.fn(), vi.fn()];
  browserHost().onInterrupt(kept);
  browserHost().onInterrupt(undone)();
  page.dispatchEvent(new Event("pagehide"));
  page.dispatchEvent(new Event("pagehide"));
  expect(kept).toHaveBeenCalledTimes(1);
  expect(undone).not.toHaveBeenCalled();
});

describe("workers", () => {
  test("none where there are none or none is wanted", () => {
    vi.stubGlobal("Worker", undefined);
    expect(browserHost().startWorker()).toBeUndefined();
    vi.stubGlobal("Worker", class {});
    expect(browserHost({ worker: false }).startWorker()).toBeUndefined();
  });

  test("both sides of the conversation over a channel", async () => {
    const { port1, port2 } = new MessageChannel();
    // The worker's side: a global scope with onmessage and postMessage, in a process that is not Node's.
    const scope = { onmessage: undefined as ((event: { data: unknown }) => void) | undefined, postMessage };
    function postMessage(message: unknown, transfer: ArrayBuffer[]) {
      port2.postMessage(message, transfer);
    }
    const { getBuiltinModule } = process;
    try {
      Object.assign(process, { getBuiltinModule: undefined });
      vi.stubGlobal("self", scope);
      serveWorker((message, transfer) => {
        if (message === "bad") throw new Error("no");
        const reply = Float32Array.of((message as Float32Array)[0]! + 1);
        transfer.push(reply.buffer);
        return reply;
      });
    } finally {
      Object.assign(process, { getBuiltinModule });
    }
    port2.on("message", (data: unknown) => scope.onmessage?.({ data }));
    // The page's side.
    let made: unknown[] = [];
    class FakeWorker {
      onmessage?: (event: { data: unknown }) => void;
      port: MessagePort = port1;
      constructor(...given: unknown[]) {
        made = given;
        port1.on("message", (data: unknown) => this.onmessage?.({ data }));
      }
      postMessage(message: unknown, transfer: ArrayBuffer[]) {
        port1.postMessage(message, transfer);
      }
      terminate() {
        port1.close();
      }
    }
    vi.stubGlobal("Worker", FakeWorker);
    const worker = browserHost().startWorker()!;
    expect(String(made[0])).toMatch(/\/engine\/worker\.js$/);
    expect(made[1]).toEqual({ type: "module" });
    const data = Float32Array.of(41);
    expect(await worker.call(data, [data.buffer])).toEqual(Float32Array.of(42));
    expect(data).toHaveLength(0);
    await expect(worker.call("bad")).rejects.toThrow("no");
    worker.close();
    await expect(worker.call("bad")).rejects.toThrow("the worker was closed");
  });
});
