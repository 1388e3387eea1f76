/**
 * Draws README's picture from a finished run of `context`, as an example of going on with a run's folder.
 *
 *   npm run build && node examples/picture.mjs runs/context-1 docs/pictures
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import * as nullcline from "nullcline";

const [run, folder] = process.argv.slice(2);
if (!run || !folder) throw new Error("usage: node examples/picture.mjs RUN FOLDER");
const arrays = (file) => nullcline.openArrays(file, readFileSync(join(run, file)));
const json = (file) => JSON.parse(readFileSync(join(run, file), "utf8"));

// The network: equations and sizes from one file, values from the other.
const data = json("analysis/network.json");
const file = await arrays("parameters.safetensors");
const values = {};
for (const name of file.names) values[name] = await file.get(name);
const network = nullcline.withValues(nullcline.makeNetwork(data), values);
const parameters = nullcline.valuesOf(network);
const { N, I } = network.sizes;

// Choices on test trials, and the states on the way.
const strengths = [0.009, 0.02, 0.036, 0.06, 0.1, 0.15];
const task = nullcline.tasks.contextIntegration({ strengths });
const simulator = await nullcline.simulator(nullcline.modelOf(data), {
  sizes: network.sizes,
  samples: task.duration / 5 + 1,
  record: ["r", "z"],
});
const trials = task.trials({ seed: 1, count: 6000, dt: 5, purpose: "test" });
const { r, z } = await simulator.run(parameters, trials, { seed: 1, purpose: 2 });
simulator.close();
const [count, samples] = z.shape;
const { relevant, irrelevant, context } = trials.conditions;
const choice = Float64Array.from({ length: count }, (_, k) => z.data[(k + 1) * samples - 1]);
const curves = (evidence) => nullcline.psychometric({ choice, evidence });

// The axis that tells the contexts apart: the difference of their input vectors, orthogonal to the readout.
const { w, c, B } = parameters;
const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);
const apart = Float64Array.from({ length: N }, (_, i) => B[i * I + 2] - B[i * I + 3]);
const axis = apart.map((v, i) => v - (w[i] * dot(apart, w)) / dot(w, w));
const length = Math.sqrt(dot(axis, axis));
const place = (rates) => ({ x: dot(w, rates) + c[0], y: dot(axis, rates) / length });
const column = (points, key) => points.map((point) => point[key]);

const colors = { motion: "blue", color: "vermilion" };
const contexts = Object.entries({ motion: 1, color: -1 });
const lines = [];
const trajectories = [];
const fixed = [];
for (const [name, sign] of contexts) {
  const found = await arrays(`analysis/dissection-${name}.npz`);
  const rows = ({ data, shape: [n] }) => Array.from({ length: n }, (_, k) => data.subarray(k * N, (k + 1) * N));
  const line = rows(await found.get("line")).map((x) => place(x.map(Math.tanh)));
  lines.push({
    kind: "line",
    name: `slow line, ${name} context`,
    color: colors[name],
    width: 2,
    x: column(line, "x"),
    y: column(line, "y"),
  });
  const system = await nullcline.networkSystem(data, {
    parameters,
    sizes: network.sizes,
    inputs: { u: task.contextInput(name) },
  });
  for (const x of rows(await found.get("fixedPoints")))
    fixed.push({ ...place(x.map(Math.tanh)), stable: nullcline.linearise(system.jacobian(x), N, "flow").stable });
  for (const evidence of [-0.15, -0.06, 0.06, 0.15]) {
    const which = [...context.keys()].filter((k) => context[k] === sign && relevant[k] === evidence);
    const mean = (t) =>
      Float64Array.from(
        { length: N },
        (_, i) => which.reduce((sum, k) => sum + r.data[(k * samples + t) * N + i], 0) / which.length,
      );
    const path = Array.from({ length: samples }, (_, t) => place(mean(t)));
    trajectories.push({
      kind: "line",
      name: "mean trajectories",
      color: "gray",
      opacity: 0.7,
      width: 1,
      arrow: true,
      x: column(path, "x"),
      y: column(path, "y"),
    });
  }
}

const fine = Array.from({ length: 81 }, (_, k) => -0.16 + 0.004 * k);
const behaviour = (name, evidence, look) => {
  const { curve } = curves(evidence)[0];
  return {
    kind: "points",
    name,
    ...look,
    x: column(curve, "evidence"),
    y: column(curve, "fraction"),
    error: column(curve, "standardError"),
  };
};
const { anatomy } = json("result.json").summary;
const figure = {
  title: "",
  caption: "A network trained to judge one of two streams of evidence by context, taken apart.",
  panels: [
    {
      title: "it selects",
      x: { label: "evidence" },
      y: { label: "fraction of positive choices", domain: [0, 1] },
      layers: [
        {
          kind: "line",
          name: "ideal observer",
          color: "ink",
          dash: "dashed",
          x: fine,
          y: fine.map((v) => nullcline.normalCdf(v * Math.sqrt(task.duration))),
        },
        behaviour("relevant evidence", relevant, { color: "green", shape: "circle" }),
        behaviour("irrelevant evidence", irrelevant, { color: "gray", shape: "square" }),
      ],
      aspect: 0.9,
    },
    {
      title: "it integrates along a line per context",
      x: { label: "output z" },
      y: { label: "context axis" },
      layers: [
        ...trajectories,
        ...lines,
        ...nullcline.fixedPointLayers(
          column(fixed, "x"),
          column(fixed, "y"),
          fixed.map(({ stable }) => (stable ? "stable" : "saddle")),
        ),
      ],
      aspect: 0.9,
    },
    {
      title: "by a selection vector",
      x: { label: "context", categories: contexts.map(([name]) => name) },
      y: { label: "|cos| with the input vector", include: [0] },
      layers: contexts.map(([name]) => ({
        kind: "bars",
        name: `${name} input`,
        color: colors[name],
        values: anatomy.contexts.map(({ cosines }) => cosines[name]),
      })),
      aspect: 0.9,
    },
  ],
};

const { document } = parseHTML("<!doctype html><html><body></body></html>");
for (const theme of ["light", "dark"])
  writeFileSync(
    join(folder, `context-${theme}.svg`),
    `${nullcline.drawFigure(figure, { document, theme, width: 900 })}\n`,
  );
