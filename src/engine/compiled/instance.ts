/** A compiled program in its memory: what the host does before, between and after the compiled blocks. */
import type { NDArray } from "../../base/arrays.ts";
import { sizeOf } from "../../base/arrays.ts";
import { type LeafNode, type Node, operands, topological } from "../../equations/graph.ts";
import { evaluationSteps, type LeafSource } from "../evaluate.ts";
import type { Executable } from "../executable.ts";
import { checkEntries, completeRun, inputSamples, unknownName } from "../quantities.ts";
import { randomKey } from "../random.ts";
import { entriesOf, resolveShape } from "../shapes.ts";
import { stridesOf } from "./arrangement.ts";
import type { BlockLayout, CompiledModule, SumLayout } from "./layout.ts";
import { allocate } from "./memory.ts";
import { HEADER } from "./storage.ts";
import { systemGemm } from "./systemProduct.ts";

/** Stands for the time step among the names of parameters. */
const DT = "dt";

/** A new instance, with its own memory and all parameters and inputs zero. */
export function instantiate({ wasm, layout }: CompiledModule): Executable {
  const { program, options, arrangement, inputs, records } = layout;
  const { lanes } = arrangement;
  const { sizes, trials, samples } = options;
  const memory = allocate(layout.bytes, options);
  const gemm = layout.blas === undefined ? () => {} : systemGemm(layout.blas, memory, options.precision);
  const { exports } = new WebAssembly.Instance(wasm, { env: { memory, gemm } });
  const call = (name: string | undefined): void => {
    if (name) (exports[name] as () => void)();
  };
  const header = new DataView(memory.buffer);
  const numbers = options.precision === "f32" ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  const width = numbers.BYTES_PER_ELEMENT;
  if (layout.maskAddress !== undefined) new Uint8Array(memory.buffer, layout.maskAddress, trials * width).fill(0xff);

  const parameters = new Map<string, Float64Array>();
  for (const [name, { shape }] of Object.entries(program.parameters))
    parameters.set(name, new Float64Array(entriesOf(shape, sizes)));
  /** Definitions and sums of level update. */
  const values = new Map<string, Float64Array>();
  const dt = new Float64Array(1);
  let samplesNow = samples;
  /** Counts changes of parameters and `dt`; and the count of the last change of each. */
  let version = 0;
  const changedAt = new Map<string, number>();

  const leafSource: LeafSource = ({ leaf }: LeafNode) => {
    if (leaf.kind === "dt") return { value: dt };
    if (leaf.kind === "parameter") return { value: parameters.get(leaf.name)! };
    if (leaf.kind === "value") return { value: values.get(leaf.name)! };
    throw new Error(`a leaf ${leaf.kind} is not of level update`);
  };
  /** What each value of level update is computed from: parameters, `dt`, and sums over the trials of a run. */
  const sourcesOfNode = new Map<Node, ReadonlySet<string>>();
  const sourcesOfName = new Map<string, ReadonlySet<string>>();
  const findSources = (roots: Node[]): void => {
    for (const node of topological(roots)) {
      if (sourcesOfNode.has(node)) continue;
      let found: ReadonlySet<string> | undefined;
      if (node.op !== "leaf") found = new Set(operands(node).flatMap((o) => [...sourcesOfNode.get(o)!]));
      else if (node.leaf.kind === "value") found = sourcesOfName.get(node.leaf.name);
      else if (node.leaf.kind === "parameter") found = new Set([node.leaf.name]);
      else if (node.leaf.kind === "dt") found = new Set([DT]);
      sourcesOfNode.set(node, found ?? new Set());
    }
  };
  const changedSince = (node: Node, done: number): boolean => {
    for (const name of sourcesOfNode.get(node)!) if ((changedAt.get(name) ?? 0) > done) return true;
    return false;
  };
  const runBlock = layout.blocks.map(prepareBlock);

  /** Before each run only what has another value than before is computed, written and packed. */
  function prepareBlock(block: BlockLayout): () => void {
    const roots = block.uniforms.map(({ node }) => node);
    const { steps, value } = evaluationSteps(roots, sizes, leafSource);
    findSources([...steps.map(({ node }) => node), ...block.definitions.map(({ node }) => node)]);
    for (const { name, node } of block.definitions) {
      values.set(name, value(node));
      sourcesOfName.set(name, sourcesOfNode.get(node)!);
    }
    const finish = block.sums.map((sum) => prepareSum(sum, value));
    for (const { name } of block.sums) sourcesOfName.set(name, new Set([name]));

    let done = -1;
    return () => {
      if (done !== version) {
        for (const { node, run } of steps) if (done === -1 || changedSince(node, done)) run?.();
        for (const { node, address } of block.uniforms)
          if (address !== undefined && (done === -1 || changedSince(node, done)))
            numbers.set(value(node), address / width);
        for (const { node, name } of block.packs) if (done === -1 || changedSince(node, done)) call(name);
        done = version;
      }
      for (const [from, to] of block.clear) numbers.fill(0, from / width, to / width);
      call(block.run);
      for (const end of finish) end();
      if (block.sums.length > 0) version++;
      for (const { name } of block.sums) changedAt.set(name, version);
    };
  }

  /** Finishes a sum over trials in float64, in a fixed order. */
  function prepareSum(sum: SumLayout, value: (node: Node) => Float64Array): () => void {
    const out = new Float64Array(entriesOf(sum.shape, sizes));
    values.set(sum.name, out);
    switch (sum.kind) {
      case "lanes":
        return () => {
          const strides = stridesOf(arrangement, sum.entries);
          out.fill(0);
          for (let i = 0; i < sum.entries; i++) {
            const row = sum.address / width + i * strides.entry;
            let total = 0;
            for (let trial = 0; trial < trials; trial++) total += numbers[row + trial * strides.trial]!;
            out[i % out.length]! += total;
          }
        };
      case "parts":
        return () => {
          out.fill(0);
          for (const { address, columns, stride, sign, factor } of sum.parts) {
            const weight = factor && value(factor);
            const step = weight && weight.length > 1 ? 1 : 0;
            for (let row = 0, i = 0; i < out.length; row++) {
              const from = address / width + row * stride - i;
              for (const end = i + columns; i < end; i++)
                out[i]! += sign * (weight ? weight[i * step]! : 1) * numbers[from + i]!;
            }
          }
        };
      case "host":
        return () => {
          const from = value(sum.node);
          out.fill(0);
          for (let i = 0; i < from.length; i++) out[i % out.length]! += from[i]!;
        };
    }
  }

  return {
    program,
    options,
    setParameter(name, given) {
      const parameter = parameters.get(name) ?? unknownName("parameter", name, parameters.keys());
      checkEntries(name, given.length, parameter.length);
      parameter.set(given);
      changedAt.set(name, ++version);
    },
    setInput(name, given) {
      const declared = program.inputs[name] ?? unknownName("input", name, Object.keys(program.inputs));
      const entries = entriesOf(declared.shape, sizes);
      const count = inputSamples(name, given.length, { per: declared.per, entries }, options);
      const input = inputs[name];
      if (!input) return; // nothing that is recorded depends on it
      const base = input.address / width;
      const stride = input.stride / width;
      const strides = stridesOf(arrangement, entries);
      for (let sample = 0; sample < count; sample++)
        for (let i = 0; i < entries; i++) {
          const row = base + sample * stride + i * strides.entry;
          const from = sample * entries + i;
          for (let trial = 0; trial < trials; trial++)
            numbers[row + trial * strides.trial] = given[trial * count * entries + from]!;
          // Lanes that are no trial repeat the last one, so that they stay as finite as it does.
          if (lanes > trials) numbers.fill(numbers[row + trials - 1]!, row + trials, row + lanes);
        }
      if (arrangement.lanesAre === "entries" && entries === 1)
        for (let at = base; at < base + count * stride; at += strides.trial)
          numbers.fill(numbers[at]!, at, at + strides.trial);
      if (declared.per === "sample") numbers.fill(0, base + count * stride, base + samples * stride);
    },
    run(run = {}) {
      const now = completeRun(run, samples);
      const [key0, key1] = randomKey(now.seed, now.purpose);
      header.setUint32(HEADER.samples, now.samples, true);
      header.setUint32(HEADER.firstSample, now.firstSample, true);
      header.setUint32(HEADER.firstTrial, now.firstTrial, true);
      header.setUint32(HEADER.key, key0, true);
      header.setUint32(HEADER.key + 4, key1, true);
      header.setFloat64(HEADER.dt, now.dt, true);
      header.setFloat64(HEADER.firstSampleAsNumber, now.firstSample, true);
      samplesNow = now.samples;
      if (dt[0] !== now.dt) {
        dt[0] = now.dt;
        changedAt.set(DT, ++version);
      }
      for (const runOne of runBlock) runOne();
    },
    read(name): NDArray {
      const record = records[name] ?? unknownName("recorded quantity", name, options.record);
      const shape = resolveShape(record.shape, sizes);
      if (record.level === "update") return { data: values.get(name)!.slice(), shape };
      const entries = sizeOf(shape);
      const count = record.level === "sample" ? samplesNow : 1;
      const size = trials * count * entries;
      const data = options.precision === "f32" ? new Float32Array(size) : new Float64Array(size);
      const base = record.address / width;
      const strides = stridesOf(arrangement, entries);
      for (let sample = 0; sample < count; sample++)
        for (let i = 0; i < entries; i++) {
          const row = base + (sample * record.stride) / width + i * strides.entry;
          const to = sample * entries + i;
          for (let trial = 0; trial < trials; trial++)
            data[trial * count * entries + to] = numbers[row + trial * strides.trial]!;
        }
      return { data, shape: record.level === "sample" ? [trials, count, ...shape] : [trials, ...shape] };
    },
  };
}
