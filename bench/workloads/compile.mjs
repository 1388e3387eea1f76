/** From the text (or the function) to a step that runs, in a fresh process: what the first step takes more than a later one. */
import { training } from "./training.mjs";

const peers = ["nullcline", "PyTorch compiled", "JAX", "jax-js"];
const named = (start) => training.cases.find(({ name }) => name.startsWith(start));

const item = (start, who, quick) => ({ ...named(start), peers: who, expected: undefined, quick, fresh: true });

export const compile = {
  name: "compile",
  title: "Compilation",
  explain:
    "Wall ms from equations to a training step, the first in its process: building, compiling and the first iteration, " +
    "less one iteration. N 128, B 64, T 100.",
  workload: "training",
  measure: (result) => result.compileMs,
  cases: [
    item("rate, N 128, B 64, T 100", peers, ["nullcline", "JAX"]),
    item("GRU, N 128", ["nullcline", "JAX"], false),
    item("low rank, N 128", ["nullcline", "JAX"], false),
  ],
};
