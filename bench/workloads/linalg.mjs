/** The decompositions, timed by bench/linalg.mjs against NumPy and ml-matrix; what it prints is kept as it is. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../linalg.mjs", import.meta.url));

export const linalg = {
  name: "linalg",
  title: "Linear algebra",
  explain: "Printed by `node bench/linalg.mjs`, which times each program alone.",
  async run({ options, folder }) {
    if (options.quick) return { results: [], table: "Not in a quick run." };
    const json = join(folder(), "linalg.json");
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [program, "--python", options.python, "--sizes", "64,256", "--json", json],
      { encoding: "utf8", timeout: 120_000 },
    );
    const result = { case: "linalg", peer: "nullcline", status: status === 0 ? "printed" : "failed" };
    const numbers = existsSync(json) ? JSON.parse(readFileSync(json, "utf8")) : undefined;
    return { results: [{ ...result, numbers }], table: (status === 0 ? stdout : stderr).trim() };
  },
};
