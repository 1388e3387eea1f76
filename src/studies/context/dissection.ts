/** The network as a dynamical system under each context alone: fixed points, slow line, selection vectors. */
import {
  compareLines, type FixedPoints, type LineAttractor, type LineComparison, lineAttractor, modelOf, type NDArray, type Network, ndarray,
  networkSystem, type SelectionVectors, type SlowManifold, type StudyContext, sampleStates, searchFixedPoints, searchSlowManifold, selectionVectors, simulator, valuesOf,
} from "../../index.ts"; // biome-ignore format: a list
import { type ContextName, type ContextTask, contexts } from "./behaviour.ts";

export interface ContextAnatomy {
  context: ContextName;
  fixed: FixedPoints;
  line: SlowManifold;
  attractor: LineAttractor;
  selection: SelectionVectors;
  /** States of trials in this context, `[trial, time, unit]`. */
  states: NDArray;
}

export interface Anatomy {
  contexts: ContextAnatomy[];
  lines: LineComparison;
  tau: number;
  numbers: Record<string, unknown>;
}

export async function dissect(run: StudyContext, network: Network, task: ContextTask): Promise<Anatomy> {
  const model = modelOf(network.data);
  const parameters = valuesOf(network);
  const tau = parameters.tau![0]!;
  const system = await networkSystem(network.data, { parameters, sizes: network.sizes, relaxed: run.relaxed });
  const dt = 5;
  const sim = await simulator(model, {
    sizes: network.sizes,
    samples: task.duration / dt + 1,
    record: ["x", "z"],
    host: run.host,
    workers: run.workers,
    relaxed: run.relaxed,
  });
  const found: ContextAnatomy[] = [];
  for (const [context, value] of contexts) {
    const trials = task.trials({
      seed: run.seed,
      count: 128,
      dt,
      purpose: "test",
      firstTrial: 1_000_000,
      conditions: { context: value },
    });
    const { x: states } = await sim.run(parameters, trials, { seed: run.seed, firstTrial: 1_000_000, purpose: 4 });
    const alone = system.withInputs({ u: task.contextInput(context) });
    const starts = sampleStates(states!, { count: run.number("starts"), seed: run.seed, jitter: 0.1, from: 10 });
    const fixed = await run.analyse(`${context} context`, searchFixedPoints(alone, starts, { seed: run.seed }));
    run.say(`${context} context: ${fixed.summary}`);
    const tracing = searchSlowManifold(alone, starts, {
      values: Float64Array.from({ length: 21 }, (_, k) => -1 + 0.1 * k),
      scale: tau,
    });
    const line = await run.analyse(`${context} context, slow line`, tracing);
    const attractor = lineAttractor(line);
    const [relevant, irrelevant] = context === "motion" ? ["motion", "color"] : ["color", "motion"];
    const selection = selectionVectors(alone, line, {
      inputs: { motion: { channel: 0 }, color: { channel: 1 } },
      relevant,
      irrelevant,
    });
    found.push({ context, fixed, line, attractor, selection, states: states! });
  }
  sim.close();
  const B = parameters.B!;
  const [N, I] = [network.sizes.N!, network.sizes.I!];
  // The context axis: where the two contexts push the state apart.
  const axis = Float64Array.from({ length: N }, (_, i) => B[i * I + 2]! - B[i * I + 3]!);
  const lines = compareLines(found[0]!.line, found[1]!.line, { axis });
  for (const { context, fixed, line } of found) {
    await run.keep(`dissection-${context}`, {
      fixedPoints: ndarray(flatten(fixed.points.map((p) => p.x)), [fixed.points.length, N]),
      line: ndarray(flatten(line.points.map((p) => p.x)), [line.points.length, N]),
    });
  }
  return {
    contexts: found,
    lines,
    tau,
    numbers: {
      lines,
      contexts: found.map(({ context, fixed, attractor, selection }) => ({
        context,
        fixedPoints: fixed.points.map((p) => ({ residual: p.residual, unstable: p.indexUnstable, degree: p.degree })),
        degreeSum: fixed.degreeSum,
        ledger: fixed.summary,
        line: attractor.mean,
        worst: attractor.worst,
        tauEffective: attractor.tauEffective,
        cosines: selection.mean,
        ratio: selection.ratio,
      })),
    },
  };
}

const flatten = (rows: Float64Array[]): Float64Array => {
  const out = new Float64Array(rows.reduce((n, r) => n + r.length, 0));
  let at = 0;
  for (const row of rows) {
    out.set(row, at);
    at += row.length;
  }
  return out;
};
