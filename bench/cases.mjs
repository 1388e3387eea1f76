/**
 * One case of a workload, by every peer that takes part: all prepare it, what they computed is compared with ours, and
 * those that agree are timed in turn, round after round.
 */
import { sameNumbers } from "./agreement.mjs";
import { ratio, summarise } from "./statistics.mjs";

/**
 * @param item { name, peers, spec, fresh? }: `fresh` gives every peer a new process
 * @param context { session(peer, fresh), options, rounds, seconds }
 * @param workload { workload, agrees?, measure? }: `measure` turns what was prepared into the number that is reported in
 *   place of times
 * @returns for each peer { case, peer, status, … }
 */
export async function runCase(item, context, workload) {
  const { agrees = sameNumbers } = workload;
  const prepared = [];
  for (const peer of item.peers) {
    const session = await context.session(peer, item.fresh);
    const result = { case: item.name, peer };
    prepared.push({ session, result });
    if (session.missing) {
      Object.assign(result, { status: "missing", says: session.missing });
      continue;
    }
    const reply = await session.ask({ order: "prepare", workload: workload.workload, spec: item.spec });
    if (reply.error !== undefined) Object.assign(result, { status: "failed", says: failure(reply.error) });
    else {
      const ours = prepared[0].result.check;
      Object.assign(result, reply, { status: "agrees" });
      if (prepared.length === 1) continue;
      const verdict = ours ? agrees(ours, reply.check) : { agrees: false, says: "nothing to compare with" };
      result.agreement = verdict.says;
      if (!verdict.agrees) Object.assign(result, { status: "disagrees", says: verdict.says });
      else if (result.says) result.says = `${verdict.says}, ${result.says}`;
    }
  }
  const known = item.expected && prepared[0].result.check;
  if (known) {
    const verdict = sameNumbers(
      Object.values(item.expected),
      Object.keys(item.expected).map((k) => known[k]),
    );
    if (!verdict.agrees) Object.assign(prepared[0].result, { status: "disagrees", says: `published: ${verdict.says}` });
  }
  const ready = prepared.filter(({ result }) => result.status === "agrees");
  const times = new Map(ready.map(({ result }) => [result, { wall: [], cpu: [] }]));
  const rounds = workload.measure ? 1 : context.rounds;
  // A round before the first does not count: programs that compile as they run have not come to rest.
  for (let round = workload.measure ? 0 : -1; round < rounds; round++)
    for (const { session, result } of ready) {
      if (result.status !== "agrees") continue;
      const seconds = workload.measure ? 0 : context.seconds / rounds;
      const reply = await session.ask({ order: "time", seconds, least: round === 0 && !workload.measure ? 2 : 1 });
      if (reply.error !== undefined) Object.assign(result, { status: "failed", says: failure(reply.error) });
      else if (round >= 0) for (const clock of ["wall", "cpu"]) times.get(result)[clock].push(...reply[clock]);
    }
  for (const { session, result } of ready) {
    if (result.status !== "agrees") continue;
    Object.assign(result, summarise(times.get(result)), { status: "timed" });
    if (workload.measure) {
      result.value = workload.measure(result, await session.ask({ order: "memory" }));
      result.status = "measured";
    }
  }
  const [first] = prepared.map(({ result }) => result);
  for (const { result } of prepared.slice(1))
    if (result.status === "timed" && first.status === "timed")
      result.ratio = ratio(first, result, context.options.threads);
    else if (result.status === "measured" && first.status === "measured") result.ratio = result.value / first.value;
  if (item.fresh) for (const { session } of prepared) session.close?.();
  return prepared.map(({ result }) => result);
}

/** The first line of an error. */
const failure = (error) => `failed: ${String(error).split("\n")[0].slice(0, 120)}`;
