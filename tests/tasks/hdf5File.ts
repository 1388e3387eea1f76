/**
 * Small HDF5 files by hand, since h5wasm writes no lists of variable length.
 * @source The HDF Group, HDF5 File Format Specification 3.0: superblock 0, object headers 1, links as messages
 */
import { deflateSync } from "node:zlib";

interface Kind {
  /** The datatype message. */
  message: number[];
  bytes: number;
  put(view: DataView, at: number, x: number): void;
}
interface Data {
  type: number[];
  declared: number;
  /** The stored bytes; `heap` is where the lists lie. */
  raw(heap: number): Uint8Array;
  lists: Uint8Array[];
  /** Stored as one chunk through deflate. */
  deflated?: boolean;
}

const u16 = (x: number) => [x & 255, x >> 8];
const u32 = (x: number) => [...u16(x & 65535), ...u16(x >>> 16)];
const u64 = (x: number) => [...u32(x % 2 ** 32), ...u32(Math.floor(x / 2 ** 32))];
const nowhere = Array<number>(8).fill(255);
const zeros = (n: number) => Array<number>(n).fill(0);
const ascii = (text: string) => [...new TextEncoder().encode(text)];
const padded = (x: number[]) => [...x, ...Array<number>((8 - (x.length % 8)) % 8).fill(0)];

const whole = (bytes: number, signed: boolean, put: Kind["put"]): Kind => ({
  message: [0x10, signed ? 8 : 0, 0, 0, ...u32(bytes), ...u16(0), ...u16(8 * bytes)],
  bytes,
  put,
});
const floating = (bytes: number, exponent: number, put: Kind["put"]): Kind => {
  const mantissa = 8 * bytes - 1 - exponent;
  const place = [...u16(0), ...u16(8 * bytes), mantissa, exponent, 0, mantissa, ...u32(2 ** (exponent - 1) - 1)];
  return { message: [0x11, 0x20, 8 * bytes - 1, 0, ...u32(bytes), ...place], bytes, put };
};
export const u2 = whole(2, false, (view, at, x) => view.setUint16(at, x, true));
export const i8 = whole(8, true, (view, at, x) => view.setBigInt64(at, BigInt(x), true));
export const f4 = floating(4, 8, (view, at, x) => view.setFloat32(at, x, true));
/** Of 0 and powers of two and short sums of them: the bits of single precision that half precision keeps. */
export const f2 = floating(2, 5, (view, at, x) => {
  const single = new DataView(new ArrayBuffer(4));
  single.setFloat32(0, x);
  const bits = single.getUint32(0);
  view.setUint16(at, x === 0 ? 0 : (((bits >>> 23) - 112) << 10) | ((bits >>> 13) & 1023), true);
});

function packed({ bytes, put }: Kind, values: readonly number[]): Uint8Array {
  const out = new Uint8Array(bytes * values.length);
  values.forEach((x, k) => {
    put(new DataView(out.buffer), k * bytes, x);
  });
  return out;
}

export function dataset(kind: Kind, values: readonly number[], declared = values.length): Data {
  return { type: kind.message, declared, raw: () => packed(kind, values), lists: [] };
}

export function lists(kind: Kind, values: readonly (readonly number[])[], declared = values.length): Data {
  // Empty lists have no object on the heap.
  const objects = values.filter((v) => v.length > 0);
  return {
    type: [0x19, 0, 0, 0, ...u32(16), ...kind.message],
    declared,
    raw: (heap) => {
      let object = 0;
      return Uint8Array.from(
        values.flatMap((v) => [...u32(v.length), ...u64(v.length > 0 ? heap : 0), ...u32(v.length > 0 ? ++object : 0)]),
      );
    },
    lists: objects.map((v) => packed(kind, v)),
  };
}

/** A file of these datasets, named by their paths of at most one group. */
export function hdf5(parts: Record<string, Data>): Uint8Array {
  const file: number[] = Array<number>(96).fill(0);
  const add = (bytes: number[]): number => {
    const at = file.length;
    file.push(...padded(bytes));
    return at;
  };
  const header = (messages: [number, number[]][]): number => {
    const body = messages.flatMap(([type, data]) => [
      ...u16(type),
      ...u16(padded(data).length),
      0,
      0,
      0,
      0,
      ...padded(data),
    ]);
    return add([1, 0, ...u16(messages.length), ...u32(1), ...u32(body.length), 0, 0, 0, 0, ...body]);
  };
  const group = (links: [string, number][]): number =>
    header([
      [2, [0, 0, ...nowhere, ...nowhere]],
      [10, [0, 0]],
      ...links.map(([name, at]): [number, number[]] => [
        6,
        [1, 0, name.length, ...new TextEncoder().encode(name), ...u64(at)],
      ]),
    ]);
  const stored = ({ type, declared, raw, lists, deflated }: Data): number => {
    const objects = lists.flatMap((x, k) => [...u16(k + 1), ...u16(1), ...u32(0), ...u64(x.length), ...padded([...x])]);
    const rest = 4096 - 16 - objects.length;
    const heap =
      lists.length > 0
        ? add([...ascii("GCOL"), 1, 0, 0, 0, ...u64(4096), ...objects, ...u64(0), ...u64(rest), ...zeros(rest - 16)])
        : 0;
    const size = type[4]!;
    const bytes = [...raw(heap)];
    const dataspace: [number, number[]] = [1, [1, 1, 0, 0, 0, 0, 0, 0, ...u64(declared)]];
    if (deflated) {
      const chunk = [...deflateSync(Uint8Array.from(bytes))];
      const at = add(chunk);
      // A tree of one leaf with one chunk, as long as a node of the default rank 32 is.
      const key = (bytes: number, from: number) => [...u32(bytes), ...u32(0), ...u64(from), ...u64(0)];
      const node = [...ascii("TREE"), 1, 0, ...u16(1), ...nowhere, ...nowhere];
      node.push(...key(chunk.length, 0), ...u64(at), ...key(0, declared));
      const tree = add([...node, ...zeros(24 + 64 * 8 + 65 * 24 - node.length)]);
      return header([
        dataspace,
        [3, type],
        [5, [2, 2, 2, 0]],
        [8, [3, 2, 2, ...u64(tree), ...u32(declared), ...u32(size)]],
        [11, [1, 1, 0, 0, 0, 0, 0, 0, ...u16(1), ...u16(0), ...u16(0), ...u16(1), ...u32(6), ...u32(0)]],
      ]);
    }
    const at = add(bytes);
    return header([
      dataspace,
      [3, type],
      [5, [2, 2, 2, 0]],
      // Declared but not stored: chunks of which none is there.
      [
        8,
        bytes.length < declared * size
          ? [3, 2, 2, ...nowhere, ...u32(1024), ...u32(size)]
          : [3, 1, ...u64(at), ...u64(declared * size)],
      ],
    ]);
  };
  const top: [string, number][] = [];
  const groups = new Map<string, [string, number][]>();
  for (const [path, data] of Object.entries(parts)) {
    const [first, second] = path.split("/") as [string, string?];
    if (second === undefined) top.push([first, stored(data)]);
    else groups.set(first, [...(groups.get(first) ?? []), [second, stored(data)]]);
  }
  const root = group([...top, ...[...groups].map(([name, links]): [string, number] => [name, group(links)])]);
  const superblock = [
    ...[0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0, 8, 8, 0, ...u16(4), ...u16(16), ...u32(0)],
    ...[...u64(0), ...nowhere, ...u64(file.length), ...nowhere],
    ...[...u64(0), ...u64(root), ...u64(0), ...u64(0), ...u64(0)],
  ];
  file.splice(0, superblock.length, ...superblock);
  return Uint8Array.from(file);
}
