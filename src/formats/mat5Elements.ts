/**
 * The building blocks of MATLAB v5 files: tagged elements of numbers.
 * Source: MathWorks, MAT-File Format (level 5).
 */
import { bytesOf, type NumberType } from "./numbers.ts";
import { checkSize, damaged, type Source } from "./source.ts";

/** A position in the file or in an unpacked part of it. */
export interface Cursor {
  bytes: Uint8Array;
  view: DataView;
  at: number;
  end: number;
  little: boolean;
  source: Source;
  /** Shared by all cursors of a file: what reading it has cost so far. */
  spent: { unpacked: number; values: number };
}

export interface Element {
  /** Number of the type in its tag. */
  type: number;
  /** Where its content is. */
  start: number;
  size: number;
}

export const elementTypes = { matrix: 14, compressed: 15, utf8: 16, utf16: 17, utf32: 18 } as const;

const numberTypes: Record<number, NumberType> = {
  1: "i1",
  2: "u1",
  3: "i2",
  4: "u2",
  5: "i4",
  6: "u4",
  7: "f4",
  9: "f8",
  12: "i8",
  13: "u8",
  [elementTypes.utf8]: "u1",
  [elementTypes.utf16]: "u2",
  [elementTypes.utf32]: "u4",
};

export function cursorOver(bytes: Uint8Array, from: number, like: Omit<Cursor, "bytes" | "view" | "at" | "end">) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { little, source, spent } = like;
  return { bytes, view, at: from, end: bytes.length, little, source, spent } satisfies Cursor;
}

/** A cursor over the content of one element. */
export function inside(cursor: Cursor, { start, size }: Element): Cursor {
  return { ...cursor, at: start, end: start + size };
}

/** Reads a tag and moves past the element; content of up to four bytes sits in the tag itself. */
export function nextElement(cursor: Cursor): Element {
  const { view, at, end, little, source } = cursor;
  if (at + 8 > end) throw damaged(source, "it breaks off in the middle of an element");
  const word = view.getUint32(at, little);
  const small = word >>> 16;
  if (small > 0) {
    if (small > 4) throw damaged(source, `a short element declares ${small} bytes`);
    cursor.at = at + 8;
    return { type: word & 0xffff, start: at + 4, size: small };
  }
  const size = view.getUint32(at + 4, little);
  if (at + 8 + size > end) throw damaged(source, `an element declares ${size} bytes where ${end - at - 8} are left`);
  // Elements are padded to eight bytes, compressed ones are not.
  const padded = word === elementTypes.compressed ? size : Math.ceil(size / 8) * 8;
  cursor.at = Math.min(at + 8 + padded, end);
  return { type: word, start: at + 8, size };
}

/** Type and number of entries of an element of numbers. */
export function numbersOf(element: Element, source: Source): { type: NumberType; count: number } {
  const type = numberTypes[element.type];
  if (!type) throw damaged(source, `numbers are expected where an element of type ${element.type} stands`);
  const count = element.size / bytesOf(type);
  if (!Number.isInteger(count)) throw damaged(source, "an element ends in the middle of a number");
  return { type, count };
}

/** The numbers of a small 32-bit element, e.g. dimensions. */
export function integers(cursor: Cursor): number[] {
  const element = nextElement(cursor);
  const { type, count } = numbersOf(element, cursor.source);
  if (type !== "i4" && type !== "u4") throw damaged(cursor.source, "32-bit integers are expected where others stand");
  return Array.from({ length: count }, (_, i) => cursor.view.getInt32(element.start + 4 * i, cursor.little));
}

export function bytesOfElement(cursor: Cursor, { start, size }: Element): Uint8Array {
  return cursor.bytes.subarray(start, start + size);
}

/** A name: one byte a letter. */
export function letters(cursor: Cursor): string {
  return lettersOf(bytesOfElement(cursor, nextElement(cursor)));
}

export function lettersOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder("latin1").decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** A nested value costs an object each: bounds their number as sizes bound bytes. */
export function countValues(cursor: Cursor, more: number): void {
  cursor.spent.values += more;
  if (cursor.spent.values > 2_000_000)
    throw damaged(cursor.source, "it declares more than two million cells and fields");
}

export function countUnpacked(cursor: Cursor, more: number): void {
  cursor.spent.unpacked += more;
  checkSize(cursor.source, cursor.spent.unpacked, "the file, unpacked,");
}
