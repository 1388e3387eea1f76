/** Writes one fused loop: entries × lanes, every map in registers, nothing stored but what leaves the loop. */
import type { MapNode, Node } from "../../equations/graph.ts";
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from "../wasm/assembler.ts";
import { type Fragment, i32, type Local, type Operand } from "../wasm/fragments.ts";
import type { Value, Vector } from "../wasm/vector.ts";
import type { Arrangement } from "./arrangement.ts";
import { emitMap } from "./elementwise.ts";
import { isScaling } from "./resolve.ts";
import type { Loop } from "./section.ts";
import { type Place, placeKey } from "./storage.ts";

/** What every emitter of a compiled program knows. */
export interface Emission {
  module: ModuleBuilder;
  v: Vector;
  arrangement: Arrangement;
  /** Where the lanes are trials: bytes of one entry in all lanes. */
  rowBytes: number;
  /** Address of a row that is ~0 in the lanes that are trials; absent where all are. */
  maskAddress?: number;
  entries(node: Node): number;
  resolve(node: Node): Node;
  isUniform(node: Node): boolean;
  /** Address of the row-major numbers of a uniform node. */
  uniformAddress(node: Node): number;
}

/** A function of the module, and the places whose addresses it takes. */
export interface Emitted {
  run: FunctionRef;
  places: Place[];
}

/** Loops with fewer maps than this handle two vectors at a time. */
export const LARGEST_UNROLLED = 24;

/** `again`: without what the loop adds up or keeps for a sum; all else as without, to the last bit. */
export function emitLoop(e: Emission, given: Loop, placeOf: (node: Node) => Place, again = false): Emitted {
  const { v, rowBytes } = e;
  const absorbed = absorbedProducts(given, e.resolve);
  const loop = again
    ? { ...given, accumulations: [], stores: given.stores.filter(({ place }) => place.kind !== "slot") }
    : given;
  const items = [...loop.stores, ...loop.accumulations];
  const inLoop = new Set<Node>(loop.maps);
  const operandsOf = (map: MapNode): Node[] => map.args.map(e.resolve);
  const used = [...loop.maps.flatMap(operandsOf), ...items.map(({ node }) => node)];
  const outside = [...new Set(used)].filter((node) => !inLoop.has(node));
  const uniform = outside.filter(e.isUniform);
  const memory = outside.filter((node) => !e.isUniform(node));

  const pointers = new Map<string, number>();
  const places: Place[] = [];
  for (const place of [...memory.map(placeOf), ...loop.stores.map((store) => store.place)])
    if (place.kind !== "fixed" && !pointers.has(placeKey(place))) {
      pointers.set(placeKey(place), places.length);
      places.push(place);
    }

  const write = (f: FunctionBuilder, ...params: Local[]): void => {
    const row = f.local("i32");
    const lane = f.local("i32");
    const at = f.local("i32");
    const index = f.local("i32");
    const shared = new Map<Node, Local>();
    const perEntry: Node[] = [];
    for (const node of uniform) {
      const constant = numberOf(node);
      if (constant !== undefined) shared.set(node, f.local("v128", v.constant(constant)));
      else if (e.entries(node) === 1) shared.set(node, f.local("v128", v.loadSplat(0, e.uniformAddress(node))));
      else {
        perEntry.push(node);
        shared.set(node, f.local("v128"));
      }
    }
    const single = loop.entries === 1;
    const step = loop.maps.length < LARGEST_UNROLLED ? 32 : 16;

    /** Address and constant offset of an array of the loop's size, or of one entry for all. */
    const locate = (place: Place, spread: boolean, offset: number): [Operand, number] => {
      const position = spread || single ? lane : at;
      if (place.kind === "fixed") return [position, place.address + offset];
      return [i32.add(params[pointers.get(placeKey(place))!]!, position), offset];
    };

    const body = (offset: number): void => {
      const values = new Map<Node, Value>(shared);
      const value = (given: Node): Value => {
        const node = e.resolve(given);
        let known = values.get(node);
        if (known === undefined) {
          known = f.local("v128", v.load(...locate(placeOf(node), e.entries(node) === 1, offset)));
          values.set(node, known);
        }
        return known;
      };
      for (const map of loop.maps) {
        if (absorbed.has(map)) continue;
        values.set(map, f.local("v128", mapValue(f, v, map, absorbed, e.resolve, value)));
      }
      for (const { node, place, masked } of loop.stores) {
        const stored: Value = masked ? v.keep(v.load(lane, e.maskAddress! + offset), value(node)) : value(node);
        const [address, constant] = locate(place, false, offset);
        f.push(v.store(address, stored, constant));
      }
      for (const { node, address, partial } of loop.accumulations) {
        const position = single || partial !== undefined ? lane : at;
        const to = (partial ?? address) + offset;
        f.push(v.store(position, v.add(v.load(position, to), value(node)), to));
      }
    };

    const lanes = (): void =>
      f.for(lane, 0, rowBytes, step, () => {
        if (!single) f.set(at, i32.add(row, lane));
        for (let offset = 0; offset < step; offset += 16) body(offset);
      });
    if (single) lanes();
    else
      f.for(row, 0, loop.entries * rowBytes, rowBytes, () => {
        for (const node of perEntry) f.set(shared.get(node)!, v.loadSplat(index, e.uniformAddress(node)));
        lanes();
        if (perEntry.length > 0) f.set(index, i32.add(index, v.bytes));
      });
    for (const { address, partial } of loop.accumulations)
      if (partial !== undefined)
        f.for(lane, 0, rowBytes, 16, () => {
          f.push(v.store(lane, v.add(v.load(lane, address), v.load(lane, partial)), address));
          f.push(v.store(lane, v.constant(0), partial));
        });
  };
  const params = places.map(() => "i32" as const);
  const run = e.module.function("loop", params, [], write);
  return { run, places };
}

/** The number of a node that is a constant. */
export function numberOf(node: Node): number | undefined {
  return node.op === "leaf" && node.leaf.kind === "number" ? node.leaf.value : undefined;
}

/** Products that only one sum of the same loop reads: they become part of a multiply-add. */
export function absorbedProducts(loop: Loop, resolve: (node: Node) => Node): Set<Node> {
  const uses = new Map<Node, number>();
  const count = (node: Node) => uses.set(node, (uses.get(node) ?? 0) + 1);
  for (const map of loop.maps) for (const arg of map.args) count(resolve(arg));
  for (const { node } of [...loop.stores, ...loop.accumulations]) count(node);
  const absorbed = new Set<Node>();
  for (const map of loop.maps) {
    if (map.fn !== "add" && map.fn !== "sub") continue;
    const args = map.args.map(resolve);
    const free = (node: Node): boolean =>
      node.op === "map" && node.fn === "mul" && uses.get(node) === 1 && !isScaling(node) && loop.maps.includes(node);
    const chosen = map.fn === "sub" ? [args[1]!] : args;
    const product = chosen.find(free);
    if (product) absorbed.add(product);
  }
  return absorbed;
}

export function mapValue(
  f: FunctionBuilder,
  v: Vector,
  map: MapNode,
  absorbed: Set<Node>,
  resolve: (node: Node) => Node,
  value: (node: Node) => Value,
): Fragment {
  const [a, b] = map.args.map(resolve) as [Node, Node];
  if (map.fn === "add" || map.fn === "sub") {
    const [product, other] = absorbed.has(b) ? [b, a] : absorbed.has(a) ? [a, b] : [];
    if (product?.op === "map" && other) {
      const [x, y] = product.args as [Node, Node];
      const multiplyAdd = map.fn === "add" ? v.madd : v.nmadd;
      return multiplyAdd(value(x), value(y), value(other));
    }
  }
  return emitMap(f, v, map, map.args.map(value));
}
