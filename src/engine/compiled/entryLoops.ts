/** Writes one fused loop where the lanes are entries: trials one after the other, the entries of each in vectors. */
import type { Node } from "../../equations/graph.ts";
import type { FunctionBuilder } from "../wasm/assembler.ts";
import { i32, type Local, type Operand } from "../wasm/fragments.ts";
import type { Value } from "../wasm/vector.ts";
import { bytesOf } from "./arrangement.ts";
import { absorbedProducts, type Emission, type Emitted, LARGEST_UNROLLED, mapValue, numberOf } from "./loops.ts";
import type { Loop } from "./section.ts";
import { type Place, placeKey } from "./storage.ts";

/** As `emitLoop`. */
export function emitEntryLoop(e: Emission, loop: Loop, placeOf: (node: Node) => Place, again = false): Emitted {
  const { v, arrangement } = e;
  const trials = arrangement.lanes;
  const absorbed = absorbedProducts(loop, e.resolve);
  const accumulations = again ? [] : loop.accumulations;
  const stores = again ? loop.stores.filter(({ place }) => place.kind !== "slot") : loop.stores;
  const inLoop = new Set<Node>(loop.maps);
  const left = [...stores, ...accumulations].map(({ node }) => node);
  const used = [...loop.maps.flatMap((map) => map.args.map(e.resolve)), ...left];
  const outside = [...new Set(used)].filter((node) => !inLoop.has(node));
  const memory = outside.filter((node) => !e.isUniform(node));
  const pointers = new Map<string, number>();
  const places: Place[] = [];
  for (const place of [...memory.map(placeOf), ...stores.map((store) => store.place)])
    if (place.kind !== "fixed" && !pointers.has(placeKey(place))) {
      pointers.set(placeKey(place), places.length);
      places.push(place);
    }

  const write = (f: FunctionBuilder, ...params: Local[]): void => {
    const single = loop.entries === 1;
    const ofTrial = bytesOf(arrangement, loop.entries) / trials;
    const scalarOfTrial = bytesOf(arrangement, 1) / trials;
    const span = Math.ceil(loop.entries / v.width) * 16;
    const step = span > 16 && loop.maps.length < LARGEST_UNROLLED ? 32 : 16;
    /** Position in a scalar, in an array of the loop's size, and in the entries of one trial. */
    const scalarAt = f.local("i32");
    const at = f.local("i32");
    const entryAt = f.local("i32");
    const shared = new Map<Node, Local>();
    const perEntry = new Set<Node>();
    for (const node of outside.filter(e.isUniform)) {
      const constant = numberOf(node);
      if (constant !== undefined) shared.set(node, f.local("v128", v.constant(constant)));
      else if (e.entries(node) === 1) shared.set(node, f.local("v128", v.loadSplat(0, e.uniformAddress(node))));
      else perEntry.add(node);
    }
    const locate = (place: Place, scalar: boolean, offset: number): [Operand, number] => {
      const position = scalar ? scalarAt : at;
      const within = scalar ? 0 : offset;
      if (place.kind === "fixed") return [position, place.address + within];
      return [i32.add(params[pointers.get(placeKey(place))!]!, position), within];
    };

    const body = (offset: number): void => {
      const values = new Map<Node, Value>(shared);
      const value = (given: Node): Value => {
        const node = e.resolve(given);
        let known = values.get(node);
        if (known === undefined) {
          const from: [Operand, number] = perEntry.has(node)
            ? [entryAt, e.uniformAddress(node) + offset]
            : locate(placeOf(node), e.entries(node) === 1, offset);
          known = f.local("v128", v.load(...from));
          values.set(node, known);
        }
        return known;
      };
      for (const map of loop.maps)
        if (!absorbed.has(map)) values.set(map, f.local("v128", mapValue(f, v, map, absorbed, e.resolve, value)));
      for (const { node, place } of stores) {
        const [address, constant] = locate(place, single, offset);
        f.push(v.store(address, value(node), constant));
      }
      for (const { node, address } of accumulations) {
        const [position, to] = locate({ kind: "fixed", address }, single, offset);
        f.push(v.store(position, v.add(v.load(position, to), value(node)), to));
      }
    };

    const start = f.local("i32");
    f.for(scalarAt, 0, trials * scalarOfTrial, scalarOfTrial, () => {
      f.set(at, start);
      f.for(entryAt, 0, span, step, () => {
        for (let offset = 0; offset < step; offset += 16) body(offset);
        f.set(at, i32.add(at, step));
      });
      f.set(start, i32.add(start, ofTrial));
    });
  };
  const run = e.module.function("loop", Array(places.length).fill("i32"), [], write);
  return { run, places };
}
