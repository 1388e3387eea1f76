/** How the time of our training step grows with units, trials and samples: it must follow the work, without a cliff. */
import { runCase } from "../cases.mjs";
import { networks, sigma, trainingFlops } from "../networks.mjs";
import { drawNetwork, writeArrays } from "../numbers.mjs";
import { exponent, exponents } from "../statistics.mjs";
import { digits, markdown } from "../table.mjs";

const base = { N: 128, B: 64, T: 100 };
const axes = {
  N: { values: [32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024], with: { B: 32, T: 50 } },
  B: { values: [1, 2, 4, 8, 16, 32, 64, 128, 256] },
  T: { values: [50, 100, 200, 400, 700, 1000] },
};

const units = { N: "units", B: "trials", T: "samples" };

/** Time against size on logarithmic axes, beside that of the matrix products alone at the rate of the largest case. */
export function figureOf(results) {
  const panels = Object.entries(units).flatMap(([axis, label]) => {
    const timed = results.filter((r) => r.axis === axis && r.status === "timed");
    if (timed.length < 2) return [];
    const x = timed.map((r) => r.value);
    const y = timed.map((r) => r.cpu.median);
    const last = timed.at(-1);
    const line = { kind: "line", x };
    return {
      x: { label, scale: "log" },
      y: { label: "CPU time of a step", unit: "ms", scale: "log" },
      layers: [
        {
          ...line,
          name: "products at the rate of the largest",
          dash: "dashed",
          color: "gray",
          y: timed.map((r) => (r.flops / last.flops) * last.cpu.median),
        },
        { ...line, name: "measured", color: "blue", shape: "circle", y },
      ],
    };
  });
  return {
    title: "",
    caption: "CPU time of a training step of the rate network against its sizes.",
    panels,
    share: "y",
  };
}

export const growth = {
  name: "growth",
  title: "Growth",
  explain:
    "CPU ms of our training step of the rate network against N (B 32, T 50), B (N 128, T 100) and T (N 128, B 64); the " +
    "work is that of the matrix products.",
  async run(context) {
    const results = [];
    const rows = [];
    for (const [axis, { values, with: fixed }] of Object.entries(axes)) {
      const chosen = context.options.quick ? values.filter((_, k) => k % 3 === 1) : values;
      for (const value of chosen) {
        const { N, B, T } = { ...base, ...fixed, [axis]: value };
        const spec = { network: "rate", sizes: { N, I: 4, O: 1 }, trials: B, samples: T, iterations: 2, sigma };
        spec.arrays = writeArrays(context.folder(), drawNetwork(networks.rate, spec));
        const item = { name: `${axis} ${value}`, peers: ["nullcline"], spec };
        const quarter = { ...context, seconds: context.seconds / 4 };
        const [result] = await runCase(item, quarter, { workload: "training" });
        results.push({ ...result, axis, value, flops: trainingFlops(spec) });
      }
      const timed = results.filter((r) => r.axis === axis && r.status === "timed");
      const [x, y] = [timed.map((r) => r.value), timed.map((r) => r.cpu.median)];
      if (timed.length < 2) continue;
      const local = exponents(x, y).map((e) => e.toFixed(2));
      const rates = timed.map((r) => digits(r.flops / r.cpu.median / 1e6));
      const work = timed.map((r) => r.flops);
      rows.push([
        axis,
        exponent(x, y).toFixed(2),
        exponent(x, work).toFixed(2),
        x.join(", "),
        y.map(digits).join(", "),
        local.join(", "),
        rates.join(", "),
      ]);
    }
    const head = ["", "exponent", "of the work", "values", "CPU ms", "exponents between neighbours", "GFLOP/s"];
    return { results, table: markdown(head, rows), figure: figureOf(results) };
  },
};
