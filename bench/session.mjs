/** A peer as a process of its own: one JSON object a line in each direction (peers/serve.mjs, peers/serve.py). */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * Starts a program. `ask` answers its reply, or `{ error }` where it failed, ended or took longer than the limit (it is
 * then ended).
 * @param command program and arguments
 */
export function startSession(command, { env = {}, limit = 120 } = {}) {
  const [program, ...args] = command.map(String);
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  let waiting;
  let failure;
  let said = "";
  const fail = (error) => {
    failure ??= error;
    waiting?.({ error: failure });
    waiting = undefined;
  };
  child.on("error", (error) => fail(error.code === "ENOENT" ? `${program} is not there` : error.message));
  child.stderr.on("data", (text) => (said = `${said}${text}`.slice(-4000)));
  // After its streams have ended, so that what it said last is known.
  child.on("close", (status, signal) => fail(lastLine(said) ?? `ended with ${signal ?? `status ${status}`}`));
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    waiting?.(JSON.parse(line));
    waiting = undefined;
  });
  return {
    ask(request) {
      if (failure !== undefined) return Promise.resolve({ error: failure });
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          fail(`no reply within ${limit} s`);
          child.kill("SIGKILL");
        }, 1000 * limit);
        waiting = (reply) => {
          clearTimeout(timer);
          resolve(reply);
        };
        child.stdin.write(`${JSON.stringify(request)}\n`);
      });
    },
    close() {
      failure ??= "closed";
      child.stdin.end();
      // One that never started has no number, and ending number 0 ends this program with all of its group.
      if (child.pid !== undefined) child.kill();
    },
  };
}

/** The error of a trace, which Python prints last and Node before the places; else the last line. */
function lastLine(text) {
  const lines = text.trim().split("\n");
  return (lines.findLast((line) => /^\w*Error\b.*: /.test(line)) ?? lines.at(-1)).trim() || undefined;
}
