/** The values of MATLAB v5 files: what stands inside a matrix element, nested to any reasonable depth. */
import type { NDArray } from "../base/arrays.ts";
import { columnToRowMajor } from "./columnMajor.ts";
import {
  bytesOfElement,
  type Cursor,
  countValues,
  type Element,
  elementTypes,
  inside,
  integers,
  letters,
  lettersOf,
  nextElement,
  numbersOf,
} from "./mat5Elements.ts";
import { decodeNumbers, entriesOf } from "./numbers.ts";
import { checkSize, damaged, refusal, type Source } from "./source.ts";

export type MatValue =
  | {
      kind: "numbers";
      /** MATLAB's name of the class, e.g. `double`. */
      class: string;
      logical: boolean;
      shape: number[];
      /** Converts the entries, row-major: class single to float32, all others to float64. */
      read(): NDArray;
    }
  | { kind: "text"; rows: string[] }
  /** Cells in row-major order. */
  | { kind: "cell"; shape: number[]; cells: MatValue[] }
  /** One record of fields per element, in row-major order; empty where there are no fields. */
  | { kind: "struct"; shape: number[]; fields: string[]; elements: Record<string, MatValue>[] }
  /** What is not read, in words. */
  | { kind: "other"; what: string };

const numberClasses: Record<number, string> = {
  6: "double",
  7: "single",
  8: "int8",
  9: "uint8",
  10: "int16",
  11: "uint16",
  12: "int32",
  13: "uint32",
  14: "int64",
  15: "uint64",
};
const classes = { cell: 1, struct: 2, object: 3, char: 4, sparse: 5, function: 16, opaque: 17 } as const;
const deepest = 100;

/** Reads the content of a matrix element; a sparse or complex matrix becomes `other`. */
export function readMatrix(cursor: Cursor, depth = 0): { name: string; value: MatValue } {
  const { source } = cursor;
  if (depth > deepest) throw damaged(source, `values are nested more than ${deepest} deep`);
  countValues(cursor, 1);
  if (cursor.at >= cursor.end) return { name: "", value: empty() }; // how MATLAB writes an empty cell
  const flags = integers(cursor)[0] ?? 0;
  const kind = flags & 255;
  if (kind === classes.opaque) return { name: letters(cursor), value: { kind: "other", what: "a MATLAB object" } };
  const shape = integers(cursor);
  const count = entriesOf(shape);
  if (count === undefined || shape.length < 2 || shape.length > 64) throw damaged(source, "an impossible shape");
  const name = letters(cursor);
  return { name, value: readContent(cursor, kind, flags, shape, count, depth) };
}

function readContent(
  cursor: Cursor,
  kind: number,
  flags: number,
  shape: number[],
  count: number,
  depth: number,
): MatValue {
  switch (kind) {
    case classes.cell:
      return { kind: "cell", shape, cells: inRowMajor(readNested(cursor, count, depth), shape) };
    case classes.object:
      letters(cursor); // name of its class; then as a struct
      return readStruct(cursor, shape, count, depth);
    case classes.struct:
      return readStruct(cursor, shape, count, depth);
    case classes.char:
      return { kind: "text", rows: readText(cursor, shape, count) };
    case classes.sparse:
      return { kind: "other", what: "a sparse matrix (save full(A) instead)" };
    case classes.function:
      return { kind: "other", what: "a function" };
  }
  const name = numberClasses[kind];
  if (!name) return { kind: "other", what: `a value of MATLAB's class number ${kind}` };
  if (flags & 0x800) return { kind: "other", what: "complex numbers (save real and imaginary part instead)" };
  const element = nextElement(cursor);
  const { type, count: stored } = numbersOf(element, cursor.source);
  if (stored !== count)
    throw damaged(cursor.source, `an array declares [${shape.join(", ")}] and holds ${stored} numbers`);
  const bytes = bytesOfElement(cursor, element);
  const { source, little } = cursor;
  const read = (): NDArray => {
    const data = decodeNumbers(bytes, type, count, source, !little);
    const single = name === "single";
    checkSize(source, count * (single ? 4 : 8), "an array");
    try {
      const ordered = single ? new Float32Array(count) : new Float64Array(count);
      columnToRowMajor(data, shape, ordered);
      return { data: ordered, shape: [...shape] };
    } catch (error) {
      if (error instanceof RangeError) throw refusal(source, `an array of ${count} numbers does not fit in memory`);
      throw error;
    }
  };
  return { kind: "numbers", class: name, logical: (flags & 0x200) !== 0, shape, read };
}

function empty(): MatValue {
  const read = () => ({ data: new Float64Array(0), shape: [0, 0] });
  return { kind: "numbers", class: "double", logical: false, shape: [0, 0], read };
}

function readNested(cursor: Cursor, count: number, depth: number): MatValue[] {
  // Each takes at least a tag: a declared number that cannot be there is refused before memory is taken.
  if (count * 8 > cursor.end - cursor.at) throw damaged(cursor.source, `${count} nested values do not fit their place`);
  countValues(cursor, count);
  return Array.from({ length: count }, () => {
    const element = nextElement(cursor);
    if (element.type !== elementTypes.matrix)
      throw damaged(cursor.source, `a nested value is expected where an element of type ${element.type} stands`);
    return readMatrix(inside(cursor, element), depth + 1).value;
  });
}

function readStruct(cursor: Cursor, shape: number[], count: number, depth: number): MatValue {
  const { source } = cursor;
  const width = integers(cursor)[0] ?? 0;
  const names = bytesOfElement(cursor, nextElement(cursor));
  if (names.length > 0 && (width <= 0 || names.length % width !== 0))
    throw damaged(source, "the names of a struct's fields do not fit their declared length");
  const fields: string[] = [];
  for (let at = 0; at < names.length; at += width) fields.push(lettersOf(names.subarray(at, at + width)));
  const values = readNested(cursor, count * fields.length, depth);
  const elements: Record<string, MatValue>[] = [];
  for (let k = 0; fields.length > 0 && k < count; k++)
    elements.push(Object.fromEntries(fields.map((field, j) => [field, values[k * fields.length + j]!])));
  return { kind: "struct", shape, fields, elements: inRowMajor(elements, shape) };
}

function inRowMajor<T>(items: T[], shape: number[]): T[] {
  const out = new Array<T>(items.length);
  columnToRowMajor(items, shape, out);
  return out;
}

/** Rows of a character array. Variable-width text can only be one row. */
function readText(cursor: Cursor, shape: number[], count: number): string[] {
  const element = nextElement(cursor);
  const rows = shape[0]!;
  if (element.type === elementTypes.utf8 && rows <= 1)
    return [new TextDecoder().decode(bytesOfElement(cursor, element))].slice(0, rows);
  const codes = codesOf(cursor, element, cursor.source);
  if (codes.length !== count)
    throw damaged(cursor.source, `a text declares ${count} characters and holds ${codes.length}`);
  if (rows === 0) return [];
  const columns = count / rows;
  if (columns === 0) return [""];
  return Array.from({ length: rows }, (_, i) => {
    let row = "";
    for (let j = 0; j < columns; j++) row += String.fromCharCode(codes[j * rows + i]!);
    return row;
  });
}

function codesOf(cursor: Cursor, element: Element, source: Source): ArrayLike<number> {
  const { type, count } = numbersOf(element, source);
  return decodeNumbers(bytesOfElement(cursor, element), type, count, source, !cursor.little);
}
