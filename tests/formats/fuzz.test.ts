/** Files that are cut, altered or random end in a NullclineError or in arrays, never in anything else. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openArrays } from "../../src/formats/arrayFile.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/formats/checkpoint.ts";
import { writeNpy } from "../../src/formats/npy.ts";
import { writeNpz } from "../../src/formats/npz.ts";
import { writeSafetensors } from "../../src/formats/safetensors.ts";
import { matWriter, onlyNullclineErrors, zipFile } from "./fixtures.ts";

const array = { data: Float64Array.from({ length: 30 }, (_, i) => i / 7), shape: [5, 6] };
const small = { data: Float32Array.of(1, 2, 3), shape: [3] };
const limits = { maxBytes: 2 ** 24 };

async function readAll(name: string, file: Uint8Array): Promise<void> {
  const arrays = await openArrays(name, file, limits);
  for (const key of arrays.names) {
    const { data, shape } = await arrays.get(key);
    expect(shape.reduce((a, b) => a * b, 1)).toBe(data.length);
  }
}

function matFile(little: boolean, packed: boolean): Uint8Array {
  const w = matWriter(little);
  const number = w.matrix(6, [2, 2], "", [w.element(9, w.doubles([1, 2, 3, 4]))]);
  const variables = [
    w.matrix(6, [2, 3], "A", [w.element(9, w.doubles([1, 2, 3, 4, 5, 6]))]),
    w.matrix(4, [1, 2], "text", [w.small(2, Buffer.from("ab"))]),
    w.matrix(1, [1, 2], "cell", [number, number]),
    w.matrix(2, [1, 1], "st", [w.small(5, w.word(8)), w.element(1, Buffer.from("one\0\0\0\0\0")), number]),
  ];
  return w.file(packed ? variables.map(w.compressed) : variables);
}

const samples: Record<string, () => Uint8Array | Promise<Uint8Array>> = {
  "a.npy": () => writeNpy(array),
  "stored.npz": () => writeNpz({ array, small }),
  "packed.npz": () => writeNpz({ array, small }, { compress: true }),
  "zip64.npz": () => zipFile([{ name: "a.npy", data: writeNpy(array), zip64: true }]),
  "a.safetensors": () => writeSafetensors({ array, small }, { note: "x" }),
  "little.mat": () => matFile(true, false),
  "big.mat": () => matFile(false, false),
  "packed.mat": () => matFile(true, true),
};

/** Some bytes replaced, often by values that sizes are made of, then perhaps cut or lengthened. */
const damage = fc.record({
  edits: fc.array(
    fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 2, 8, 14, 15, 127, 128, 255), fc.integer({ min: 0, max: 255 }))),
    { maxLength: 6 },
  ),
  keep: fc.oneof(
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
  more: fc.uint8Array({ maxLength: 3 }),
});

function damagedCopy(
  file: Uint8Array,
  { edits, keep, more }: { edits: [number, number][]; keep: number; more: Uint8Array },
) {
  const out = new Uint8Array([...file.subarray(0, Math.floor(file.length * keep)), ...more]);
  for (const [at, value] of edits) if (out.length > 0) out[at % out.length] = value;
  return out;
}

describe("altered files", () => {
  for (const [name, make] of Object.entries(samples))
    test(name, async () => {
      const file = await make();
      await readAll(name, file);
      await fc.assert(
        fc.asyncProperty(damage, (d) => onlyNullclineErrors(() => readAll(name, damagedCopy(file, d)))),
        { numRuns: 400 },
      );
    });

  test("every way of cutting a file short is found", async () => {
    for (const [name, make] of Object.entries(samples)) {
      const file = await make();
      // Up to seven bytes of padding may be missing from the end of a MATLAB file.
      for (let n = 0; n < file.length - (name.endsWith(".mat") ? 8 : 0); n += 1 + Math.floor(n / 40)) {
        const whole = await readAll(name, file.subarray(0, n)).then(
          () => true,
          () => false,
        );
        // A MATLAB file cut between two variables, the compressed ones included, is a whole file of fewer.
        if (whole) expect(name).toMatch(/mat$/);
        await onlyNullclineErrors(() => readAll(name, file.subarray(0, n)));
      }
    }
  });

  test("random bytes after a magic number", async () => {
    const starts = ["\x93NUMPY\x01\x00", "PK\x03\x04", "PK\x05\x06", "\x20\0\0\0\0\0\0\0{", "\x89HDF\r\n\x1a\n", ""];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), (start, rest) =>
        onlyNullclineErrors(() => readAll("x", new Uint8Array([...Buffer.from(start, "latin1"), ...rest]))),
      ),
      { numRuns: 500 },
    );
  });
});

test("a checkpoint with any one byte altered is refused", async () => {
  const file = encodeCheckpoint(
    { iteration: 3, parameters: { J: array }, optimiser: { m: small }, state: { k: 1 } },
    17,
  );
  expect(decodeCheckpoint(file, "c").metricsBytes).toBe(17);
  await fc.assert(
    fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const altered = file.with(at, file[at]! ^ flip);
      let taken: ReturnType<typeof decodeCheckpoint> | undefined;
      await onlyNullclineErrors(async () => {
        taken = decodeCheckpoint(altered, "c");
      });
      // Only the padding of the header may change without a trace in what is read.
      if (taken) expect(taken).toEqual(decodeCheckpoint(file, "c"));
    }),
    { numRuns: 1000 },
  );
});
