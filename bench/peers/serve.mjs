/**
 * A peer's side of the conversation, one JSON object a line: `describe`, `prepare` a workload, `time` it, `memory`.
 * A workload is a function of a specification that answers { check, says?, step }: `check` is compared with ours,
 * `step` (which may be asynchronous) is what is timed.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** An array of the specification. */
export function load({ file }) {
  const bytes = readFileSync(file);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

const cpuNow = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Runs `step` until the time is spent, at least `least` times. */
export async function timeSteps(step, { seconds, least }) {
  const wall = [];
  const cpu = [];
  const until = performance.now() + 1000 * seconds;
  while (wall.length < least || performance.now() < until) {
    const from = [cpuNow(), performance.now()];
    await step();
    cpu.push(cpuNow() - from[0]);
    wall.push(performance.now() - from[1]);
  }
  return { wall, cpu };
}

/** Serves until the other side closes the pipe. */
export async function serve(workloads, describe) {
  let step;
  let close;
  const orders = {
    describe,
    async prepare({ workload, spec }) {
      await close?.();
      ({ step, close } = {});
      const { step: next, close: end, ...says } = await workloads[workload](spec);
      step = next;
      close = end;
      return says;
    },
    time: (request) => timeSteps(step, request),
    // In MiB; maxRSS is in KiB.
    memory: () => ({ peak: process.resourceUsage().maxRSS / 1024 }),
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let reply;
    try {
      reply = await orders[request.order](request);
    } catch (error) {
      reply = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  await close?.();
}
