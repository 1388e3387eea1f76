/** The decompositions, timed by bench/linalg.mjs; what it prints is kept as it is. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const linalg = {
  name: "linalg",
  title: "Linear algebra",
  explain: "Printed by `node bench/linalg.mjs`.",
  async run({ options }) {
    if (options.quick) return { results: [], table: "Not in a quick run." };
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [fileURLToPath(new URL("../linalg.mjs", import.meta.url))],
      { encoding: "utf8", timeout: 120_000 },
    );
    const lines = (status === 0 ? stdout : stderr).trim();
    return {
      results: [{ case: "linalg", peer: "nullcline", status: status === 0 ? "printed" : "failed", lines }],
      table: `\`\`\`text\n${lines}\n\`\`\``,
    };
  },
};
