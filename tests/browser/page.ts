/** What a page does: the training step with and without workers, or calls of its storage; the outcome goes to the server. */
import { browserHost, opfsStorage } from "../../src/index.ts";
import { run } from "./leakyRnn.ts";
import { transcript } from "./storage.ts";

async function main(): Promise<unknown> {
  const host = browserHost({ worker: new URL("./worker.js", location.href) });
  const query = new URLSearchParams(location.search);
  if (query.has("storage")) {
    const lines = await transcript(opfsStorage());
    return { lines, kept: await opfsStorage().exists("root/f") };
  }
  const timed = Number(query.get("timed"));
  const outcomes = [];
  for (const workers of (query.get("workers") ?? "1").split(",").map(Number))
    outcomes.push(await run(host, { workers, relaxed: query.has("relaxed"), timed }));
  return { runtime: host.describe().runtime, shared: typeof SharedArrayBuffer === "function", outcomes };
}

let outcome: unknown;
try {
  outcome = await main();
} catch (error) {
  outcome = { error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) };
}
await fetch("/outcome", { method: "POST", body: JSON.stringify(outcome) });
