/**
 * Runs a program trial by trial, sample by sample, node by node in float64: what a program means, and what the compiled
 * engine is held against.
 */
import type { NDArray } from "../base/arrays.ts";
import type { LeafNode, Level } from "../equations/graph.ts";
import type { Block, Program } from "../equations/program.ts";
import { evaluationSteps, type LeafSource, type Step } from "./evaluate.ts";
import type { Executable, ExecutableOptions, RunOptions } from "./executable.ts";
import { prepareProgram } from "./prepare.ts";
import { checkEntries, completeOptions, completeRun, inputSamples, quantitiesOf, unknownName } from "./quantities.ts";
import { noise } from "./random.ts";
import { entriesOf, resolveShape } from "./shapes.ts";

/** The run in progress. */
interface Now extends Required<RunOptions> {
  trial: number;
  sample: number;
}

/** What is known of a name: one array for all, per trial, or per trial and sample; and its value outside the trial. */
interface Store {
  level: Level;
  entries: number;
  data: Float64Array;
  initial?: Float64Array;
}

/**
 * An executable of `program` that interprets it. Slow but plain: the reference of the compiled engine.
 * `precision` is always f64. @throws NullclineError where a size has no number or a name to record does not exist.
 */
export function interpretProgram(whole: Program, given: ExecutableOptions): Executable {
  const options = { ...completeOptions(whole, given), precision: "f64" as const };
  const { sizes, trials, samples } = options;
  const program = prepareProgram(whole, options.record);
  const quantities = quantitiesOf(program);
  const now: Now = { ...completeRun({}, samples), trial: 0, sample: 0 };

  const parameters = new Map<string, Float64Array>();
  for (const [name, { shape }] of Object.entries(whole.parameters))
    parameters.set(name, new Float64Array(entriesOf(shape, sizes)));

  const inputs = new Map<string, Store>();
  for (const [name, { shape, per }] of Object.entries(whole.inputs)) {
    const entries = entriesOf(shape, sizes);
    const data = new Float64Array(trials * (per === "sample" ? samples : 1) * entries);
    inputs.set(name, { level: per, entries, data });
  }

  const stores = new Map<string, Store>();
  for (const [name, { level, shape }] of quantities) {
    const entries = entriesOf(shape, sizes);
    const count = level === "update" ? 1 : level === "trial" ? trials : trials * samples;
    const store: Store = { level, entries, data: new Float64Array(count * entries) };
    if (level === "sample") store.initial = new Float64Array(trials * entries);
    stores.set(name, store);
  }

  /** Copies the value at `sample` of the present trial, or the initial value. */
  const copySample = (store: Store, sample: number, out: Float64Array): void => {
    const { data, entries, initial } = store;
    const inside = sample >= 0 && sample < now.samples;
    const from = inside ? data : initial;
    const at = (inside ? now.trial * samples + sample : now.trial) * entries;
    if (from) for (let i = 0; i < entries; i++) out[i] = from[at + i]!;
    else out.fill(0);
  };
  const copyTrial = ({ data, entries }: Store, out: Float64Array): void => {
    for (let i = 0; i < entries; i++) out[i] = data[now.trial * entries + i]!;
  };

  const noiseSources = Object.keys(whole.noises);
  const leafSource: LeafSource = (node: LeafNode, entries: number) => {
    const { leaf } = node;
    const value = new Float64Array(entries);
    switch (leaf.kind) {
      case "dt":
        return { value, run: () => value.fill(now.dt) };
      case "t":
        return { value, run: () => value.fill((now.firstSample + now.sample + leaf.offset) * now.dt) };
      case "parameter":
        return { value: parameters.get(leaf.name) ?? unknownName("parameter", leaf.name, parameters.keys()) };
      case "input": {
        const store = inputs.get(leaf.name) ?? unknownName("input", leaf.name, inputs.keys());
        if (store.level === "trial") return { value, run: () => copyTrial(store, value) };
        return { value, run: () => copySample(store, now.sample + leaf.offset, value) };
      }
      case "noise": {
        const source = noiseSources.indexOf(leaf.source);
        const perTrial = whole.noises[leaf.source]!.per === "trial";
        const run = () => {
          const sample = perTrial ? 0xffffffff : (now.firstSample + now.sample + leaf.offset) >>> 0;
          noise({ seed: now.seed, purpose: now.purpose, source, trial: now.firstTrial + now.trial, sample }, value);
        };
        return { value, run };
      }
      case "read": {
        const store = stores.get(leaf.name)!;
        return { value, run: () => copySample(store, now.sample + leaf.offset, value) };
      }
      case "pick": {
        const store = stores.get(leaf.name)!;
        const { from, index } = leaf;
        return { value, run: () => copySample(store, from === "start" ? index : now.samples - 1 - index, value) };
      }
      case "value": {
        const store = stores.get(leaf.name)!;
        if (store.level === "update") return { value: store.data };
        return { value, run: () => copyTrial(store, value) };
      }
      case "indicator": {
        const { from, index } = leaf;
        return {
          value,
          run: () => value.fill(now.sample === (from === "start" ? index : now.samples - 1 - index) ? 1 : 0),
        };
      }
      default:
        throw new Error(`a leaf ${leaf.kind} has no source`);
    }
  };

  const runBlock = program.blocks.map((block) => prepareBlock(block));

  function prepareBlock(block: Block): () => void {
    const roots = [...block.definitions, ...block.sums].map(({ node }) => node);
    const initialNodes = Object.values(block.initials);
    const { steps, value } = evaluationSteps([...initialNodes, ...roots], sizes, leafSource);
    const at = (level: Level) => steps.filter(({ node, run }) => run && node.level === level) as Required<Step>[];
    const [perUpdate, perTrial, perSample] = [at("update"), at("trial"), at("sample")];

    const writes = block.definitions
      .filter(({ name }) => stores.has(name))
      .map(({ name, node }) => ({ store: stores.get(name)!, from: value(node) }));
    const write = (count: number): void => {
      for (const { store, from } of writes)
        for (let i = 0; i < store.entries; i++)
          store.data[count * store.entries + i] = from[from.length === 1 ? 0 : i]!;
    };
    const sums = block.sums
      .filter(({ name }) => stores.has(name))
      .map(({ name, node }) => ({ store: stores.get(name)!, from: value(node) }));
    const accumulate = (): void => {
      for (const { store, from } of sums) {
        const offset = store.level === "trial" ? now.trial * store.entries : 0;
        if (from.length >= store.entries)
          for (let i = 0; i < from.length; i++) store.data[offset + (i % store.entries)]! += from[i]!;
        else for (let i = 0; i < store.entries; i++) store.data[offset + i]! += from[0]!;
      }
    };
    const initials = Object.entries(block.initials)
      .filter(([name]) => stores.has(name))
      .map(([name, node]) => ({ store: stores.get(name)!, from: value(node) }));

    return () => {
      for (const { store } of sums) store.data.fill(0);
      for (const { run } of perUpdate) run();
      if (block.kind === "update") {
        write(0);
        accumulate();
        return;
      }
      for (now.trial = 0; now.trial < trials; now.trial++) {
        for (const { run } of perTrial) run();
        if (block.kind === "trial") {
          write(now.trial);
          accumulate();
          continue;
        }
        for (const { store, from } of initials)
          for (let i = 0; i < store.entries; i++)
            store.initial![now.trial * store.entries + i] = from[from.length === 1 ? 0 : i]!;
        for (let k = 0; k < now.samples; k++) {
          now.sample = block.direction === 1 ? k : now.samples - 1 - k;
          for (const { run } of perSample) run();
          write(now.trial * samples + now.sample);
          accumulate();
        }
      }
    };
  }

  return {
    program: whole,
    options,
    setParameter(name, values) {
      const parameter = parameters.get(name) ?? unknownName("parameter", name, parameters.keys());
      checkEntries(name, values.length, parameter.length);
      parameter.set(values);
    },
    setInput(name, values) {
      const input = inputs.get(name) ?? unknownName("input", name, inputs.keys());
      const count = inputSamples(
        name,
        values.length,
        { per: input.level as "sample" | "trial", entries: input.entries },
        options,
      );
      const stride = input.data.length / trials;
      input.data.fill(0);
      for (let trial = 0; trial < trials; trial++)
        for (let i = 0; i < count * input.entries; i++)
          input.data[trial * stride + i] = values[trial * count * input.entries + i]!;
    },
    run(run = {}) {
      Object.assign(now, completeRun(run, samples));
      for (const runOne of runBlock) runOne();
    },
    read(name): NDArray {
      const quantity = quantities.get(name);
      if (!quantity || !options.record.includes(name)) return unknownName("recorded quantity", name, options.record);
      const { data, entries, level } = stores.get(name)!;
      const shape = resolveShape(quantity.shape, sizes);
      if (level === "update") return { data: data.slice(), shape };
      if (level === "trial") return { data: data.slice(), shape: [trials, ...shape] };
      const out = new Float64Array(trials * now.samples * entries);
      for (let trial = 0; trial < trials; trial++) {
        const from = trial * samples * entries;
        out.set(data.subarray(from, from + now.samples * entries), trial * now.samples * entries);
      }
      return { data: out, shape: [trials, now.samples, ...shape] };
    },
  };
}
