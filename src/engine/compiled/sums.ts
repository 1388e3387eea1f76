/** Plans the sums of a block: gradients of weights from their factors, everything else added up lane by lane. */
import type { Node } from "../../equations/graph.ts";
import type { Sum } from "../../equations/program.ts";
import { entriesOf, type Sizes } from "../shapes.ts";
import { packedRows } from "../wasm/matrixVector.ts";
import type { Precision } from "../wasm/vector.ts";
import { type Arrangement, bytesOf } from "./arrangement.ts";
import { type GradientTerm, type OuterProduct, outerProducts, type Stream } from "./gradients.ts";
import type { SumLayout } from "./layout.ts";
import type { Accumulation, Knowledge, Store } from "./section.ts";
import type { Arena, Place } from "./storage.ts";

export interface SumPlan {
  layouts: SumLayout[];
  accumulations: Accumulation[];
  /** Sums that are formed from the factors of outer products, and where to. */
  products: (OuterProduct & { address: number })[];
  /** Memory to be zeroed before the block. */
  clear: [number, number][];
  /** Arrays of which the sum of all entries is left to be formed, for each trial. */
  totals: { entries: number; from: number; to: number }[];
}

interface SumsAbout {
  sizes: Sizes;
  arena: Arena;
  arrangement: Arrangement;
  precision: Precision;
  /** Address of a sum of level trial. */
  trialAddress(name: string): number;
}

export function planSums(sums: Sum[], about: SumsAbout): SumPlan {
  const { sizes, arena, arrangement, precision } = about;
  const { width } = arrangement;
  const acrossEntries = arrangement.lanesAre === "entries";
  const plan: SumPlan = { layouts: [], accumulations: [], products: [], clear: [], totals: [] };
  for (const { name, node: given, over, shape } of sums) {
    const target = entriesOf(shape, sizes);
    const node = target === 1 ? summand(given) : given;
    const entries = entriesOf(node.shape, sizes);
    const outer = over === "update" && target > 1 ? outerProducts(node, sizes) : undefined;
    if (outer) {
      const parts = outer.map((product) => {
        const columns = entriesOf(product.x.shape, sizes);
        const stride = acrossEntries ? packedRows(columns, precision) : columns;
        const bytes = (entries / columns) * stride * width;
        const address = arena.allocate(bytes);
        plan.clear.push([address, address + bytes]);
        plan.products.push({ ...product, address });
        return { address, columns, stride, sign: product.sign, factor: product.factor };
      });
      plan.layouts.push({ name, shape, kind: "parts", parts });
      continue;
    }
    // Across entries each is added up by itself over the samples, and all of them at the end.
    const added = acrossEntries ? Math.max(entries, target) : target;
    const bytes = bytesOf(arrangement, added);
    const total = over === "trial" && added === target;
    const address = total ? about.trialAddress(name) : arena.allocate(bytes);
    const partial = added === 1 && entries > 1 ? arena.allocate(bytes) : undefined;
    plan.clear.push([address, address + bytes]);
    if (partial !== undefined) plan.clear.push([partial, partial + bytes]);
    plan.accumulations.push({ node, entries: Math.max(entries, target), target: added, address, partial });
    if (over === "update") plan.layouts.push({ name, shape, kind: "lanes", address, entries: added });
    else if (!total) plan.totals.push({ entries: added, from: address, to: about.trialAddress(name) });
  }
  return plan;
}

/** What a scalar sum adds up: a product with ones is the sum of entries, which it takes anyway. */
function summand(node: Node): Node {
  if (node.op !== "product") return node;
  const ones = (n: Node) => n.op === "leaf" && n.leaf.kind === "number" && n.leaf.value === 1;
  if (ones(node.a) && node.a.shape[0] === 1) return summand(node.b);
  return ones(node.b) && node.b.shape.length === 1 ? summand(node.a) : node;
}

/** Bytes of the slots of one factor: they should stay in a cache. */
const SLOT_BYTES = 1 << 19;

export interface GradientPlan {
  terms: GradientTerm[];
  /** Factors to be kept for each step. */
  stores: Store[];
  /** Steps after which the gradients are summed. */
  slots: number;
}

/**
 * Where the factors of outer products are read: where they lie anyway, or in slots for as many steps as fit a cache.
 * @param stored where a definition of the block is kept. @param masked whether some lanes are no trial.
 * @param moving whether windows may move before the gradients are summed.
 */
export function planGradients(
  products: SumPlan["products"],
  about: Knowledge,
  options: { samples: number; masked: boolean; moving: boolean; stored: (node: Node) => Place | undefined },
): GradientPlan {
  const { resolve, entries, bytes, arena } = about;
  const factors = products.flatMap(({ c, x }) => [c, x]);
  const widest = bytes(Math.max(1, ...factors.map(entries)));
  const slots = Math.max(1, Math.min(options.samples, Math.floor(SLOT_BYTES / widest)));
  const stores: Store[] = [];

  const slotOf = (node: Node, masked: boolean): Stream => {
    const known = stores.find((store) => store.node === node && store.masked === masked);
    if (known) return known.place as Stream;
    const stride = bytes(entries(node));
    const place = { kind: "slot" as const, address: arena.allocate(slots * stride), stride };
    stores.push({ node, entries: entries(node), place, masked });
    return place;
  };
  const streamOf = (given: Node, masked: boolean) => {
    const node = resolve(given);
    const place = about.isUniform(node) ? undefined : (about.known(node) ?? options.stored(node));
    let stream: Stream;
    if (!place || masked || place.kind === "slot") stream = slotOf(node, masked);
    else if (place.kind !== "history") stream = { kind: "constant", place };
    else {
      const { slots, window } = place.history;
      const stays = slots === undefined && !(window !== undefined && options.moving);
      stream = stays ? place : slotOf(node, masked);
    }
    return { stream, entries: entries(node) };
  };
  // Lanes that are no trial count for nothing once one factor is zero there.
  const terms = products.map(({ c, x, address }) => ({
    c: streamOf(c, options.masked),
    x: streamOf(x, false),
    address,
  }));
  return { terms, stores, slots };
}
