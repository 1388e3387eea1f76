/** Every cell of the catalogue with dense wires: what its products reach in a training step, beside the rate network's. */
import { runCase } from "../cases.mjs";
import { digits, markdown } from "../table.mjs";

/** Every number of units is 128. */
export const sizes = { N: 128, P: 128, K: 2, E: 128, G: 128, C: 128, I: 4, O: 1, R: 2, Z: 16, U: 2, Y: 8 };
const [trials, samples] = [64, 100];

/** Text and matrices of dense wires, in the order of the catalogue. Those of low rank and those without wires are none. */
export const cells = {
  name: "cells",
  title: "Every cell",
  explain:
    "Our training step (forward pass, adjoint) of every cell whose units are wired densely, at N 128, B 64, T 100. The work is " +
    "that of the matrix products of the step, counted from its program; the last column is the median over rounds of its rate " +
    "over that of the rate network, timed in turn with it. A cell reaches what it should at 0.6: what is lost goes to " +
    "functions of entries, such as gates and traces.",
  async run(context) {
    const { networks } = await import("../../dist/node.js");
    const names = Object.keys(networks).filter(
      (name) => !/^(rate|fitted.*|linearComponents|contextNetwork)$/.test(name),
    );
    const results = [];
    const timed = async (cell, rounds) => {
      const item = { name: cell, peers: ["nullcline"], spec: { cell, sizes, trials, samples } };
      const short = { ...context, rounds, seconds: context.seconds / 6 };
      const [result] = await runCase(item, short, { workload: "cell" });
      return result;
    };
    for (const name of context.options.quick ? ["gruAfter", "lif"] : names) {
      process.stderr.write(`cells: ${name}\n`);
      const first = await timed(name, 1);
      if (first.status === "timed" && !first.dense) continue;
      const rates = [];
      let last = first;
      for (let round = 0; round < context.rounds && last.status === "timed"; round++) {
        const rate = await timed("rate", 1);
        last = await timed(name, 1);
        if (rate.status !== "timed" || last.status !== "timed") break;
        rates.push({ share: gflops(last) / gflops(rate), cell: last, rate });
      }
      rates.sort((a, b) => a.share - b.share);
      const middle = rates[rates.length >> 1];
      results.push({ ...last, ...middle?.cell, share: middle?.share, ofRate: middle && gflops(middle.rate) });
    }
    results.sort((a, b) => (b.share ?? 0) - (a.share ?? 0));
    const rows = results.map((r) =>
      r.share === undefined
        ? [r.case, r.says ?? r.status, "", "", ""]
        : [r.case, digits(r.cpu.median), digits(r.flops / 1e6), digits(gflops(r)), r.share.toFixed(2)],
    );
    return { results, table: markdown(["", "CPU ms", "MFLOP", "GFLOP/s", "of the rate network's"], rows) };
  },
};

/** Of the products of a step. */
const gflops = ({ flops, cpu }) => flops / cpu.median / 1e6;
