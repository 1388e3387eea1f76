/**
 * The benchmark: every workload by this program and by each peer that is installed, on the same numbers, in turn. A
 * peer's time counts only where it computed the same. See README.md; `--help` lists the options.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { arch, availableParallelism, cpus, loadavg, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { runCase } from "./cases.mjs";
import { svgOf } from "./draw.mjs";
import { writeArrays } from "./numbers.mjs";
import { help, readOptions } from "./options.mjs";
import { peers, threadVariables } from "./peers/index.mjs";
import { startSession } from "./session.mjs";
import { tableOf, withReport } from "./table.mjs";
import { workloads } from "./workloads/index.mjs";

const readme = new URL("README.md", import.meta.url);

async function main() {
  const options = readOptions(
    process.argv.slice(2),
    workloads.map(({ name }) => name),
  );
  if (options.help) return console.log(help);
  if (options.node) {
    const at = process.argv.findIndex((word) => word.startsWith("--node"));
    const rest = process.argv.toSpliced(at, process.argv[at] === "--node" ? 2 : 1).slice(1);
    process.exitCode = spawnSync(options.node, rest, { stdio: "inherit" }).status ?? 1;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "nullcline-bench-"));
  const started = performance.now();
  const load = loadavg()[0].toFixed(1);
  const { described, session, closeAll } = sessions(options);
  const context = {
    options,
    session,
    rounds: options.quick ? 2 : 3,
    seconds: options.quick ? 0.4 : 0.9,
    folder: () => mkdtempSync(join(folder, "case-")),
  };
  const sections = [];
  try {
    for (const workload of workloads.filter(({ name }) => options.only.includes(name))) {
      const { results, table, figure } = await (workload.run ?? runCases)(context, workload);
      closeAll();
      const body = table ?? tableOf(results);
      sections.push({ name: workload.name, title: workload.title, explain: workload.explain, results, body, figure });
      console.log(`\n## ${workload.title}\n\n${workload.explain}\n\n${body}`);
    }
  } finally {
    closeAll();
    rmSync(folder, { recursive: true, force: true });
  }
  const machine = {
    processor: cpus()[0]?.model.trim() ?? arch(),
    cores: availableParallelism(),
    system: `${platform()} ${arch()}`,
    load,
    threads: options.threads,
    date: new Date().toISOString().slice(0, 10),
    seconds: Math.round((performance.now() - started) / 1000),
  };
  const about = aboutRun(machine, described, options);
  console.log(`\n${about}`);
  writeFileSync(options.json, `${JSON.stringify({ machine, peers: described, sections }, null, 1)}\n`);
  if (options.writeReadme) {
    const parts = [about];
    for (const { name, title, explain, body, figure } of sections) {
      parts.push(`### ${title}`, explain, body);
      if (!figure) continue;
      writeFileSync(new URL(`${name}.svg`, import.meta.url), await svgOf(figure));
      parts.push(`![${figure.caption}](${name}.svg)`);
    }
    const report = parts.join("\n\n");
    writeFileSync(readme, withReport(readFileSync(readme, "utf8"), report));
  }
  const ours = sections.flatMap((s) => s.results).filter((r) => r.peer === "nullcline");
  if (ours.some((r) => r.status === "failed" || r.status === "disagrees")) process.exitCode = 1;
}

/** The cases of a workload, one after the other. */
async function runCases(context, workload) {
  const results = [];
  for (const item of workload.cases) {
    const { quick } = context.options;
    if (quick && !item.quick) continue;
    // A case's `quick` may name the peers that a quick run has time for.
    const who = quick && Array.isArray(item.quick) ? item.quick : item.peers;
    process.stderr.write(`${workload.name}: ${item.name}\n`);
    const spec = { ...item.spec, arrays: writeArrays(context.folder(), await item.arrays()) };
    for (const result of await runCase({ ...item, peers: who, spec }, context, workload))
      results.push({ ...result, ...(item.flops && { flops: item.flops }) });
  }
  return { results };
}

/** One process for each peer of a workload, started when it is first asked for; what each says of itself is kept. */
function sessions(options) {
  const described = {};
  const open = new Map();
  async function start(name, fresh) {
    if (described[name]?.missing) return described[name];
    const session = startSession(peers[name].command(options), {
      env: { ...threadVariables(options.threads), ...(fresh && peers[name].fresh) },
    });
    const about = await session.ask({ order: "describe" });
    if (about.error === undefined) {
      described[name] = about;
      return session;
    }
    session.close();
    described[name] = { missing: about.error, install: peers[name].install };
    return described[name];
  }
  return {
    described,
    async session(name, fresh = false) {
      if (fresh) return start(name, true);
      if (!open.has(name)) open.set(name, await start(name));
      return open.get(name);
    },
    closeAll() {
      for (const session of open.values()) session.close?.();
      open.clear();
    },
  };
}

function aboutRun(machine, described, { quick, threads }) {
  const clock = threads === 1 ? "CPU" : "wall";
  const lines = Object.entries(described).map(([name, peer]) =>
    peer.missing
      ? `- ${name}: not installed (${peer.missing}); \`${peer.install}\``
      : `- ${peer.name}: ${peer.threads} ${peer.threads === 1 ? "thread" : "threads"}, ${peer.blas}`,
  );
  return [
    `${quick ? "A quick run" : "A run"} of ${machine.date}, ${machine.seconds} s: ${machine.processor}, ` +
      `${machine.cores} cores, ${machine.system}, load ${machine.load} at its start, --threads ${threads}. ` +
      `Medians; × is the peer's ${clock} time over ours.`,
    "",
    ...lines,
  ].join("\n");
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
