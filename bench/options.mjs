/** The command line of the benchmark. */
import { parseArgs } from "node:util";

export const help = `npm run bench -- [options]

  --quick           a few small cases, under a minute
  --only NAMES      these workloads, separated by commas
  --threads N       threads of every program that can be told (default 1)
  --strict          ours without relaxed SIMD
  --python PATH     Python of the peers (default python3)
  --jax-js DIR      folder in which @jax-js/jax is installed (default: here)
  --node PATH       runs everything under another Node
  --json PATH       where results are written (default bench/results.json)
  --write-readme    puts the report into bench/README.md`;

/** @throws Error where an option is unknown or a value is not one that it takes */
export function readOptions(args, names) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      threads: { type: "string", default: "1" },
      strict: { type: "boolean", default: false },
      python: { type: "string", default: "python3" },
      "jax-js": { type: "string", default: "." },
      node: { type: "string" },
      json: { type: "string", default: "bench/results.json" },
      "write-readme": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const threads = Number(values.threads);
  if (!(Number.isInteger(threads) && threads >= 1)) throw new Error(`--threads ${values.threads}: a whole number`);
  const only = values.only?.split(",") ?? names;
  for (const name of only) if (!names.includes(name)) throw new Error(`--only ${name}: there is ${names.join(", ")}`);
  return { ...values, threads, only, jaxJs: values["jax-js"], writeReadme: values["write-readme"] };
}
