/** Bundles a page, serves it on this machine alone and opens it in a headless Chromium. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { Outcome } from "./leakyRnn.ts";

/** Where systems install it. */
const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
export const chromium = places.find((place) => existsSync(place));

/** Of the training step. */
export interface PageOutcome {
  runtime: string;
  /** Whether the page had shared memory. */
  shared: boolean;
  outcomes: Outcome[];
}

const flags = [
  ..."--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking".split(" "),
  ..."--disable-component-update --disable-sync --disable-dev-shm-usage".split(" "),
];

export interface Pages {
  /** Opens the page with this query; `isolated`: under the headers that give it shared memory. */
  open<Answer = PageOutcome>(query: string, options?: { isolated: boolean }): Promise<Answer>;
  close(): Promise<void>;
}

/** The page and its worker, served under a policy that allows WebAssembly and no code from text. */
export async function servePages(): Promise<Pages> {
  const { outputFiles } = await build({
    ...{ bundle: true, format: "esm", platform: "browser", target: "es2022", write: false, outdir: "/", minify: true },
    entryPoints: { page: "tests/browser/page.ts", worker: "src/engine/worker.ts" },
    logLevel: "error",
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [`/${path.split(/[\\/]/).at(-1)}`, contents]));
  let isolated = false;
  let arrived: (outcome: string) => void = () => {};
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, "http://localhost");
    response.setHeader("Content-Security-Policy", "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'");
    if (isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    if (pathname === "/outcome") {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        response.end();
        arrived(Buffer.concat(parts).toString());
      });
    } else if (pathname === "/") {
      response.setHeader("Content-Type", "text/html");
      response.end('<!doctype html><script type="module" src="/page.js"></script>');
    } else {
      response.setHeader("Content-Type", "text/javascript");
      response.statusCode = files.has(pathname) ? 200 : 404;
      response.end(files.get(pathname));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    async open<Answer>(query: string, options = { isolated: false }) {
      isolated = options.isolated;
      const profile = mkdtempSync(join(tmpdir(), "nullcline-chromium-"));
      const outcome = new Promise<string>((resolve) => {
        arrived = resolve;
      });
      const browser = spawn(chromium!, [...flags, `--user-data-dir=${profile}`, `${origin}/?${query}`], {
        ...{ detached: true, stdio: "ignore" },
      });
      const ended = new Promise<void>((resolve) => browser.once("exit", () => resolve()));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<string>((_, reject) => {
        timer = setTimeout(() => reject(new Error("the page did not answer within 100 s")), 100_000);
        ended.then(() => reject(new Error("Chromium ended before the page answered")));
      });
      try {
        const answer = JSON.parse(await Promise.race([outcome, late])) as Answer & { error?: string };
        if (answer.error) throw new Error(`in the page: ${answer.error}`);
        return answer;
      } finally {
        clearTimeout(timer);
        stop(browser);
        await ended;
        rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      }
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Ends the browser and the processes that it started: they are one group. */
function stop({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}
