/** The terminal of Node: results to standard output, progress and errors to standard error. */
import type { Terminal } from "./host.ts";

/** What is used of `process.stdout` and `process.stderr`. */
export interface Output {
  write(text: string): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface TerminalOptions {
  /** Default: those of the process. */
  stdout?: Output;
  stderr?: Output;
  /** Least time between two status lines where no one watches, in ms. Default 5000. */
  interval?: number;
  /** Clock in ms. Default `performance.now`. */
  now?: () => number;
}

/**
 * `status` replaces the current line on a terminal; elsewhere it prints a plain line at most once per interval. A
 * reader that goes away (`| head`) ends the output, not the program. Control characters are taken out, since texts
 * may come from a stranger's file.
 */
export function nodeTerminal(options: TerminalOptions = {}): Terminal {
  const { stdout = process.stdout, stderr = process.stderr, interval = 5000, now = () => performance.now() } = options;
  for (const stream of new Set<Output>([stdout, stderr]))
    stream.on("error", (error) => {
      if ((error as NodeJS.ErrnoException).code !== "EPIPE") process.exitCode = 1;
    });
  const isInteractive = stderr.isTTY === true;
  let shown = false;
  let last = Number.NEGATIVE_INFINITY;
  const columns = () => stderr.columns || stdout.columns || 80;
  const clear = () => {
    if (shown) stderr.write("\r\x1b[K");
    shown = false;
  };
  return {
    isInteractive,
    get columns() {
      return columns();
    },
    status(line) {
      if (isInteractive) {
        const text = [...clean(line).replace(/[\n\t]/g, " ")].slice(0, columns() - 1).join("");
        stderr.write(`\r${text}\x1b[K`);
        shown = true;
      } else if (now() - last >= interval) {
        last = now();
        stderr.write(`${clean(line)}\n`);
      }
    },
    line(text) {
      clear();
      stdout.write(`${clean(text)}\n`);
    },
    error(text) {
      clear();
      stderr.write(`${clean(text)}\n`);
    },
  };
}

function clean(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "");
}
