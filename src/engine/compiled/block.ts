/** Writes the code of one block: what is done once per trial, then, for a pass, the step and the loop over samples. */
import type { Node } from "../../equations/graph.ts";
import type { Block } from "../../equations/program.ts";
import { entriesOf, type Sizes } from "../shapes.ts";
import type { FunctionBuilder, FunctionRef } from "../wasm/assembler.ts";
import { call, i32, type Local, op } from "../wasm/fragments.ts";
import { bytesOf } from "./arrangement.ts";
import { type Checkpoints, emitAgain, emitReader, emitStretches } from "./checkpoints.ts";
import { emitEntryKernel, emitTotals } from "./entryKernels.ts";
import { emitEntryLoop } from "./entryLoops.ts";
import { emitGradients } from "./gradients.ts";
import { emitKernel, type KernelEmission } from "./kernels.ts";
import type { BlockLayout } from "./layout.ts";
import { type Emission, emitLoop } from "./loops.ts";
import type { Names } from "./names.ts";
import { emitNoiseLeaf } from "./noise.ts";
import { type Knowledge, planSection, type Section, type Store } from "./section.ts";
import { Addresses, type Arena, fixed, type Place } from "./storage.ts";
import { planGradients, planSums } from "./sums.ts";
import { type Brought, uniformsOf } from "./uniforms.ts";

/** What the blocks of a program share. */
export interface Common {
  emission: Pick<Emission, "module" | "v" | "arrangement" | "rowBytes" | "maskAddress" | "resolve">;
  sizes: Sizes;
  samples: number;
  arena: Arena;
  names: Names;
  /** The noise sources in the order of their numbers. */
  sources: string[];
  brought: Brought;
}

/** `slots`: steps after which the gradients of the block are summed. */
export function emitBlock(common: Common, block: Block, index: number): { layout: BlockLayout; slots: number } {
  const { arena, names, sizes, samples } = common;
  const { module, v, arrangement, resolve, maskAddress } = common.emission;
  const isPass = block.kind === "pass";
  const entries = (node: Node) => entriesOf(node.shape, sizes);
  const uniforms = uniformsOf(module, v, sizes, arena, common.brought, arrangement);
  const emission: KernelEmission = { ...common.emission, ...uniforms, sizes, entries };
  const known = (node: Node) => (node.op === "leaf" ? names.place(node) : undefined);
  const about: Knowledge = {
    resolve,
    isUniform: uniforms.isUniform,
    known,
    entries,
    bytes: (n) => bytesOf(arrangement, n),
    arena,
  };

  const trialAddress = (name: string) => names.trialAddresses.get(name)!;
  const definitions = block.definitions.map(({ name, node }): Store => {
    const history = names.histories.get(name);
    const place: Place = history ? { kind: "history", history, offset: 0 } : fixed(trialAddress(name));
    return { node: resolve(node), entries: entries(node), place };
  });
  const sums = planSums(block.sums, { sizes, arena, arrangement, precision: v.precision, trialAddress });
  for (const { factor } of sums.products) if (factor) uniforms.roots.push({ node: factor });
  const own = names.checkpoints.find(({ replay }) => replay.pass === index);
  const read = names.checkpoints.filter(({ replay }) => replay.reader === index);
  const gradients = planGradients(sums.products, about, {
    samples: isPass ? samples : 1,
    masked: maskAddress !== undefined,
    // The window of a reader moves when its gradients have been summed; that of the pass itself at any sample.
    moving: own !== undefined,
    stored: (node) => definitions.find((definition) => definition.node === node)?.place,
  });
  const stores = [...definitions, ...gradients.stores];

  const sections: { once: Section; step?: Section } = isPass
    ? planPass(block, about, names, stores, sums.accumulations)
    : { once: planSection(about, stores, sums.accumulations) };
  const once = prepareSection(emission, sections.once, common.sources);
  const emitStep = (section: Section, again: boolean): FunctionRef => {
    const step = prepareSection(emission, section, common.sources, again);
    return module.function("step", ["i32", "i32"], [], (f, t, slot) => {
      const addresses = new Addresses(f, t, slot);
      uniforms.emitClocks(f, addresses, t);
      step(f, addresses, t);
    });
  };
  const step = sections.step && emitStep(sections.step, false);
  if (own) own.again = emitAgain(module, own, emitStep(sections.step!, true));
  const sum = gradients.terms.length > 0 ? emitGradients(emission, gradients.terms, block.direction) : undefined;

  const run = `run${index}`;
  const write = (f: FunctionBuilder) => {
    const addresses = new Addresses(f);
    once(f, addresses);
    const { direction } = block;
    if (step) emitSamples(f, { samples: addresses.samples, direction, step, slots: gradients.slots, sum, own, read });
    else if (sum) f.call(sum, 0, 1);
    emitTotals(emission, f, sums.totals);
  };
  module.function(run, [], [], write, { export: true });
  const packs = uniforms.packs.map(({ node, emit }, k) => {
    const name = `pack${index}_${k}`;
    module.function(name, [], [], emit, { export: true });
    return { node, name };
  });
  const layout = { run, packs, uniforms: uniforms.roots, definitions: [], clear: sums.clear, sums: sums.layouts };
  return { layout, slots: gradients.slots };
}

/** The two sections of a pass. What a sample needs of level trial is computed once, and so are initial values. */
function planPass(
  block: Block,
  about: Knowledge,
  names: Names,
  stores: Store[],
  accumulations: Parameters<typeof planSection>[2],
): { once: Section; step: Section } {
  const { entries, bytes, arena } = about;
  const perTrial: Store[] = [];
  for (const { name, node: of } of block.definitions) {
    const node = block.initials[name];
    if (node) perTrial.push({ node, entries: entries(of), place: fixed(names.histories.get(name)!.initial) });
  }
  const computed = new Map<Node, Place>();
  const known = (node: Node): Place | undefined => {
    const place = about.known(node) ?? computed.get(node);
    if (place || node.level !== "trial") return place;
    const own = fixed(arena.allocate(bytes(entries(node))));
    computed.set(node, own);
    perTrial.push({ node, entries: entries(node), place: own });
    return own;
  };
  const step = planSection({ ...about, known }, stores, accumulations);
  return { step, once: planSection(about, perTrial, []) };
}

interface Samples {
  samples: Local;
  direction: 1 | -1;
  step: FunctionRef;
  /** Steps after which `sum` sums the gradients. */
  slots: number;
  sum: FunctionRef | undefined;
  /** Of this pass, where it is run in stretches; of those that it reads. */
  own: Checkpoints | undefined;
  read: Checkpoints[];
}

/** Runs the step at every sample, and sums the gradients whenever the slots are full. */
function emitSamples(f: FunctionBuilder, { samples, direction, step, slots, sum, own, read }: Samples): void {
  const t = f.local("i32", direction === 1 ? 0 : i32.sub(samples, 1));
  const first = f.local("i32", t);
  const slot = f.local("i32", 0);
  const replays = read.map((checkpoints) => emitReader(f, checkpoints));
  const each = (): void => {
    for (const replay of replays) replay();
    f.call(step, t, slot);
    if (!sum) return;
    f.set(slot, i32.add(slot, 1));
    f.if(op("i32.eq", slot, slots), () => {
      f.call(sum, first, slot);
      f.set(slot, 0);
      f.set(first, i32.add(t, direction));
    });
  };
  if (own) emitStretches(f, own, samples, t, each);
  else {
    const done = f.local("i32");
    f.for(done, 0, samples, 1, () => {
      each();
      f.set(t, i32.add(t, direction));
    });
  }
  if (sum) f.if(slot, () => f.call(sum, first, slot));
}

/** Writes the loops of a section; the result writes the code that calls them. `again`: nothing is added up. */
function prepareSection(e: KernelEmission, section: Section, sources: string[], again = false) {
  const placeOf = (node: Node): Place => {
    const place = section.place(e.resolve(node));
    if (!place) throw new Error(`node ${node.id} (${node.op}) lies nowhere`);
    return place;
  };
  const acrossEntries = e.arrangement.lanesAre === "entries";
  const write = acrossEntries ? emitEntryLoop : emitLoop;
  const operations = section.operations.map((operation) =>
    operation.kind === "loop" ? { kind: "loop" as const, ...write(e, operation, placeOf, again) } : operation,
  );
  return (f: FunctionBuilder, addresses: Addresses, t?: Local): void => {
    for (const operation of operations) {
      if (operation.kind === "loop") f.push(call(operation.run, ...operation.places.map((p) => addresses.of(p))));
      else if (operation.node.op === "leaf")
        emitNoiseLeaf(e, f, operation.node, addresses.of(operation.place), sources, t);
      else (acrossEntries ? emitEntryKernel : emitKernel)(e, f, operation, addresses, placeOf);
    }
  };
}
