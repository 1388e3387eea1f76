/** Writes the code of one block: what is done once per trial, then, for a pass, the step and the loop over samples. */
import type { LeafNode, Node } from "../../equations/graph.ts";
import type { Block } from "../../equations/program.ts";
import { entriesOf, rowsAndColumns, type Sizes } from "../shapes.ts";
import type { FunctionBuilder } from "../wasm/assembler.ts";
import { call, f64, i32, type Local, load, op } from "../wasm/fragments.ts";
import { emitPack } from "../wasm/gemm.ts";
import { emitGradients, type GradientTerm, outerProducts, type Stream } from "./gradients.ts";
import { emitKernel, type KernelEmission } from "./kernels.ts";
import type { BlockLayout, SumLayout } from "./layout.ts";
import { type Emission, emitLoop } from "./loops.ts";
import type { Names } from "./names.ts";
import { emitNoise } from "./noise.ts";
import { type Accumulation, type Knowledge, planSection, type Section, type Store } from "./section.ts";
import { Addresses, type Arena, fixed, HEADER, type Place } from "./storage.ts";

/** What the blocks of a program share. */
export interface Common {
  emission: Omit<Emission, "uniformAddress" | "isUniform">;
  sizes: Sizes;
  samples: number;
  arena: Arena;
  names: Names;
  /** Numbers of the noise sources. */
  sources: string[];
  /** Uniform nodes that an earlier block has brought into memory, and matrices packed. */
  uniforms: Map<Node, number>;
  packed: Map<string, number>;
}

/** Bytes of the slots of one factor of a gradient: they should stay in a cache. */
const SLOT_BYTES = 1 << 19;

/** A sample-level quantity that is the same in all lanes: time, or the indicator of a sample. */
const isClock = (node: Node): boolean =>
  node.op === "leaf" && (node.leaf.kind === "t" || node.leaf.kind === "indicator");

export function emitBlock(common: Common, block: Block, index: number): BlockLayout {
  const { arena, names, sizes, samples } = common;
  const { module, v, rowBytes, resolve } = common.emission;
  const isPass = block.kind === "pass";
  const uniforms: BlockLayout["uniforms"] = [];
  const packs: { rows: number; columns: number; transpose: boolean; from: number; to: number }[] = [];
  const clocks = new Map<LeafNode, number>();

  const entries = (node: Node) => entriesOf(node.shape, sizes);
  const isUniform = (node: Node) => node.level === "update" || isClock(node);
  const uniformAddress = (node: Node): number => {
    if (isClock(node)) {
      const leaf = node as LeafNode;
      if (!clocks.has(leaf)) clocks.set(leaf, arena.allocate(v.bytes));
      return clocks.get(leaf)!;
    }
    let address = common.uniforms.get(node);
    if (address === undefined) {
      address = arena.allocate(entries(node) * v.bytes);
      common.uniforms.set(node, address);
      uniforms.push({ node, address });
    }
    return address;
  };
  const packedAddress = (matrix: Node, transposed: boolean): number => {
    const from = uniformAddress(matrix);
    const key = `${from} ${transposed}`;
    let to = common.packed.get(key);
    if (to === undefined) {
      const [rows, columns] = rowsAndColumns(matrix.shape, sizes);
      to = arena.allocate(rows * columns * v.bytes);
      common.packed.set(key, to);
      packs.push({ rows, columns, transpose: transposed, from, to });
    }
    return to;
  };
  const emission: KernelEmission = { ...common.emission, sizes, isUniform, uniformAddress, packedAddress };

  // Sums: gradients of weights are formed from their factors, everything else is added up lane by lane.
  const clearFrom = arena.bytes;
  const clear: [number, number][] = [];
  const sums: SumLayout[] = [];
  const accumulations: Accumulation[] = [];
  const products: { c: Node; x: Node; address: number }[] = [];
  for (const { name, node, over, shape } of block.sums) {
    const outer = over === "update" && shape.length > 0 ? outerProducts(node, sizes) : undefined;
    if (outer) {
      const parts = outer.map(({ c, x, sign, factor }) => {
        const address = arena.allocate(entries(node) * v.bytes);
        products.push({ c: resolve(c), x: resolve(x), address });
        if (factor && !uniforms.some((root) => root.node === factor)) uniforms.push({ node: factor });
        return { address, sign, factor };
      });
      sums.push({ name, shape, kind: "parts", parts });
      continue;
    }
    const target = entriesOf(shape, sizes);
    const address = over === "trial" ? names.trialAddresses.get(name)! : arena.allocate(target * rowBytes);
    if (over === "trial") clear.push([address, address + target * rowBytes]);
    accumulations.push({ node, entries: Math.max(entries(node), target), target, address });
    if (over === "update") sums.push({ name, shape, kind: "lanes", address });
  }
  clear.push([clearFrom, arena.bytes]);

  const definitions = block.definitions.map(({ name, node }): Store => {
    const history = names.histories.get(name);
    const place: Place = history ? { kind: "history", history, offset: 0 } : fixed(names.trialAddresses.get(name)!);
    return { node: resolve(node), entries: entries(node), place };
  });
  const stores = [...definitions];

  // Factors of gradients: read where they lie, or kept for as many steps as fit the cache.
  const widest = Math.max(1, ...products.flatMap(({ c, x }) => [entries(c), entries(x)]));
  const slots = isPass ? Math.max(1, Math.min(samples, Math.floor(SLOT_BYTES / (widest * rowBytes)))) : 1;
  const streams = new Map<string, Stream>();
  const streamOf = (node: Node, masked: boolean): Stream => {
    const stored = definitions.find((definition) => definition.node === node)?.place;
    const place = isUniform(node) ? undefined : (node.op === "leaf" && names.place(node)) || stored;
    if (place && !masked) {
      if (place.kind !== "history") return { kind: "constant", place };
      if (place.history.slots === undefined) return place;
    }
    const key = `${node.id} ${masked}`;
    let stream = streams.get(key);
    if (!stream) {
      const stride = entries(node) * rowBytes;
      stream = { kind: "slot", address: arena.allocate(slots * stride), stride };
      streams.set(key, stream);
      stores.push({ node, entries: entries(node), place: stream, masked });
    }
    return stream as Stream;
  };
  const masked = emission.maskAddress !== undefined;
  const terms = products.map(
    ({ c, x, address }): GradientTerm => ({
      c: { stream: streamOf(c, masked), entries: entries(c) },
      x: { stream: streamOf(x, false), entries: entries(x) },
      address,
    }),
  );

  // Once per trial: what samples need of lower level, and initial values.
  const onceStores: Store[] = isPass ? [] : stores;
  const perTrial = new Map<Node, Place>();
  const known = (node: Node) => (node.op === "leaf" ? names.place(node) : undefined);
  const about: Knowledge = { resolve, isUniform, known, entries, rowBytes, arena };
  let stepSection: Section | undefined;
  if (isPass) {
    for (const [name, node] of Object.entries(block.initials)) {
      const history = names.histories.get(name);
      if (history) onceStores.push({ node, entries: history.stride / rowBytes, place: fixed(history.initial) });
    }
    const knownInStep = (node: Node): Place | undefined => {
      const place = known(node);
      if (place || node.level !== "trial") return place;
      let own = perTrial.get(node);
      if (!own) {
        perTrial.set(node, (own = fixed(arena.allocate(entries(node) * rowBytes))));
        onceStores.push({ node, entries: entries(node), place: own });
      }
      return own;
    };
    stepSection = planSection({ ...about, known: knownInStep }, stores, accumulations);
  }
  const onceSection = planSection(about, onceStores, isPass ? [] : accumulations);

  const once = prepareSection(emission, onceSection, common.sources);
  const step = stepSection && prepareSection(emission, stepSection, common.sources);
  const stepFunction =
    step &&
    module.function("step", ["i32", "i32"], [], (f, t, slot) => {
      const addresses = new Addresses(f, t, slot);
      for (const [leaf, address] of clocks) emitClock(emission, f, addresses, t, leaf, address);
      step(f, addresses, t);
    });
  const gradients = terms.length > 0 ? emitGradients(emission, terms, block.direction) : undefined;
  const run = `run${index}`;
  module.function(
    run,
    [],
    [],
    (f) => {
      const addresses = new Addresses(f);
      once(f, addresses);
      if (!stepFunction) {
        if (gradients) f.call(gradients, 0, 1);
        return;
      }
      const { samples } = addresses;
      const forward = block.direction === 1;
      const t = f.local("i32", forward ? 0 : i32.sub(samples, 1));
      const first = f.local("i32", t);
      const slot = f.local("i32", 0);
      const step = f.local("i32");
      f.for(step, 0, samples, 1, () => {
        f.call(stepFunction, t, slot);
        f.set(t, i32.add(t, block.direction));
        if (!gradients) return;
        f.set(slot, i32.add(slot, 1));
        f.if(op("i32.eq", slot, slots), () => {
          f.call(gradients, first, slot);
          f.set(slot, 0);
          f.set(first, t);
        });
      });
      if (gradients) f.if(slot as Local, () => f.call(gradients, first, slot));
    },
    { export: true },
  );

  const pack = packs.length > 0 ? `pack${index}` : undefined;
  if (pack)
    module.function(
      pack,
      [],
      [],
      (f) => {
        for (const { from, to, ...shape } of packs)
          f.call(emitPack(module, { precision: v.precision, ...shape }), from, to);
      },
      { export: true },
    );
  return { run, pack, uniforms, definitions: [], clear, sums };
}

/** Writes the loops of a section; the result writes the code that calls them. */
function prepareSection(e: KernelEmission, section: Section, sources: string[]) {
  const placeOf = (node: Node): Place => {
    const place = section.place(e.resolve(node));
    if (!place) throw new Error(`no place for node ${node.id} (${node.op})`);
    return place;
  };
  const operations = section.operations.map((operation) =>
    operation.kind === "loop" ? { kind: "loop" as const, ...emitLoop(e, operation, placeOf) } : operation,
  );
  return (f: FunctionBuilder, addresses: Addresses, t?: Local): void => {
    for (const operation of operations) {
      if (operation.kind === "loop")
        f.push(call(operation.run, ...operation.places.map((place) => addresses.of(place))));
      else if (operation.node.op === "leaf") emitNoise(e, f, operation, addresses, sources, t);
      else emitKernel(e, f, operation, addresses, placeOf);
    }
  };
}

/** Writes time, or the indicator of a sample, to its cell. */
function emitClock(
  e: Emission,
  f: FunctionBuilder,
  addresses: Addresses,
  t: Local,
  { leaf }: LeafNode,
  cell: number,
): void {
  const single = e.v.precision === "f32";
  const put = (value: ReturnType<typeof op>) => f.store(single ? "f32.store" : "f64.store", 0, value, cell);
  if (leaf.kind === "t") {
    const sample = op(
      "f64.add",
      op("f64.add", load("f64.load", 0, HEADER.firstSampleAsNumber), op("f64.convert_i32_s", t)),
      f64(leaf.offset),
    );
    const time = op("f64.mul", sample, load("f64.load", 0, HEADER.dt));
    put(single ? op("f32.demote_f64", time) : time);
  } else if (leaf.kind === "indicator") {
    const sample = leaf.from === "start" ? leaf.index : i32.sub(addresses.samples, leaf.index + 1);
    const is = op("i32.eq", t, sample);
    put(op(single ? "f32.convert_i32_u" : "f64.convert_i32_u", is));
  }
}
