/** The module of a worker thread: one compiled program, run on shard after shard. */
import { serveWorker } from "../host/serveWorker.ts";
import { instantiate } from "./compiled/index.ts";
import type { Executable } from "./executable.ts";
import { runShard, setParameters, type Task } from "./pool.ts";

let executable: Executable | undefined;

serveWorker((message, transfer) => {
  const task = message as Task;
  if ("compiled" in task) {
    executable = instantiate(task.compiled);
    return undefined;
  }
  if (!executable) throw new Error("a shard before its program");
  if (task.parameters) setParameters(executable, task.parameters);
  const result = runShard(executable, task.shard, task.read);
  for (const { data } of Object.values(result)) transfer.push(data.buffer as ArrayBuffer);
  return result;
});
