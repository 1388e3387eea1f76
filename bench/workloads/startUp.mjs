/** From the command to its end: the command line's `--version`, and what importing each library takes. */
import { spawnSync } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ratio, summarise } from "../statistics.mjs";

const built = (file) => fileURLToPath(new URL(`../../dist/${file}`, import.meta.url));
const importing = (url) => ["--input-type=module", "-e", `await import(${JSON.stringify(url)})`];

const programs = ({ python, jaxJs }) => [
  ["nullcline", "command line", [process.execPath, built("cli/main.js"), "--version"]],
  ["nullcline", "import", [process.execPath, ...importing(pathToFileURL(built("index.js")).href)]],
  ["PyTorch eager", "import", [python, "-c", "import torch"]],
  ["JAX", "import", [python, "-c", "import jax"]],
  ["NumPy", "import", [python, "-c", "import numpy"]],
  [
    "jax-js",
    "import",
    [process.execPath, "-e", `require(require.resolve("@jax-js/jax", { paths: [${JSON.stringify(jaxJs)}] }))`],
  ],
];

/** Wall and CPU ms of one run, or `undefined` where it fails. The shell's `times` says what its child used. */
function once(command) {
  const from = performance.now();
  const { status, stdout } = spawnSync("sh", ["-c", '"$@" >/dev/null 2>&1 || exit 1; times', "sh", ...command], {
    encoding: "utf8",
  });
  const wall = performance.now() - from;
  if (status !== 0) return undefined;
  const children = stdout
    .trim()
    .split("\n")
    .at(-1)
    .matchAll(/(\d+)m([\d.]+)s/g);
  let cpu = 0;
  for (const [, minutes, seconds] of children) cpu += 60_000 * minutes + 1000 * seconds;
  return { wall, cpu };
}

export const startUp = {
  name: "startUp",
  title: "Start-up",
  explain: "CPU / wall ms from starting a process to its end.",
  async run({ options, rounds }) {
    const list = programs(options).map(([peer, name, command]) => ({ peer, name, command, wall: [], cpu: [] }));
    // Once for the disk's cache, then in turn.
    for (let round = 0; round <= rounds; round++)
      for (const entry of list) {
        if (entry.missing) continue;
        const time = once(entry.command);
        if (!time) entry.missing = true;
        else if (round > 0) for (const clock of ["wall", "cpu"]) entry[clock].push(time[clock]);
      }
    const results = list.map(({ peer, name, missing, wall, cpu }) =>
      missing
        ? { case: name, peer, status: "missing" }
        : { case: name, peer, status: "timed", ...summarise({ wall, cpu }) },
    );
    const ours = results.find((r) => r.case === "import" && r.status === "timed");
    for (const r of results)
      if (ours && r.status === "timed" && r.peer !== "nullcline") r.ratio = ratio(ours, r, options.threads);
    return { results };
  },
};
