import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../src/formats/crc32.ts";
import { readNpz, writeNpz } from "../../src/formats/npz.ts";
import { sourceOf } from "../../src/formats/source.ts";
import { readZipDirectory, unpackEntry, writeZip } from "../../src/formats/zip.ts";
import { expectRefusal, haveReference, npyFile, referenceFile, zipFile } from "./fixtures.ts";

const a = npyFile("'|u1'", "(3,)", [1, 2, 3]);
const b = npyFile("'<f4'", "(1, 2)", new Uint8Array(Float32Array.of(0.5, -2).buffer));

describe("zip", () => {
  test("CRC-32 of the digits 1 to 9 is the published check value", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
    expect(crc32(new TextEncoder().encode("6789"), crc32(new TextEncoder().encode("12345")))).toBe(0xcbf43926);
  });

  test("what is written, Python's zipfile reads and finds whole (skipped where there is no python3)", async ({
    skip,
  }) => {
    if (spawnSync("python3", ["--version"]).status !== 0) skip("there is no python3");
    const folder = mkdtempSync(join(tmpdir(), "nullcline-zip-"));
    try {
      for (const compress of [false, true]) {
        const text = "a text that can be packed ".repeat(40);
        const files = ["one.txt", "zwei-ä.txt"].map((name) => ({ name, data: new TextEncoder().encode(name + text) }));
        writeFileSync(join(folder, "x.zip"), await writeZip(files, { compress }));
        const script = `import zipfile; z = zipfile.ZipFile("x.zip"); assert z.testzip() is None
for n in z.namelist(): print(ascii(n), ascii(z.read(n).decode()))`;
        const out = execFileSync("python3", ["-c", script], { cwd: folder, encoding: "utf8" });
        expect(out.trim().split(/\r?\n/)).toEqual([
          `'one.txt' 'one.txt${text}'`,
          `'zwei-\\xe4.txt' 'zwei-\\xe4.txt${text}'`,
        ]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("the same data give the same bytes", async () => {
    const files = [{ name: "x", data: Uint8Array.of(1, 2, 3) }];
    expect(await writeZip(files)).toEqual(await writeZip(files));
  });

  test("the first bytes of a deflated entry can be had alone", async () => {
    const data = new Uint8Array(100_000).map((_, i) => i % 251);
    const file = zipFile([{ name: "x", data }]);
    const source = sourceOf("npz");
    const [entry] = readZipDirectory(file, source);
    expect(await unpackEntry(file, entry!, source, 1000)).toEqual(data.subarray(0, 1000));
    expect(await unpackEntry(file, entry!, source)).toEqual(data);
  });
});

describe("npz", () => {
  test("stored, deflated, with zip64 sizes, after a comment, beside other files", async () => {
    for (const method of [0, 8])
      for (const zip64 of [false, true]) {
        const readme = { name: "README", data: new TextEncoder().encode("hello") };
        const file = zipFile(
          [{ name: "a.npy", data: a, method, zip64 }, readme, { name: "rnn.b.npy", data: b }],
          "comment",
        );
        expect(await readNpz(file)).toEqual({
          a: { data: Float64Array.of(1, 2, 3), shape: [3] },
          "rnn.b": { data: Float32Array.of(0.5, -2), shape: [1, 2] },
        });
      }
  });

  test("written and read back, packed or not; names may be anything", async () => {
    const arrays = {
      W: { data: Float64Array.from({ length: 6000 }, (_, i) => Math.sin(i)), shape: [60, 100] },
      "rnn.m": { data: Float32Array.of(1, 2), shape: [2, 1] },
      constructor: { data: Float64Array.of(3), shape: [] },
    };
    for (const compress of [false, true]) expect(await readNpz(await writeNpz(arrays, { compress }))).toEqual(arrays);
    expect(await readNpz(await writeNpz({}))).toEqual({});
  });
});

describe("refusals", () => {
  const good = zipFile([
    { name: "a.npy", data: a },
    { name: "b.npy", data: b, method: 0 },
  ]);
  const one = (part: object) => zipFile([{ name: "a.npy", data: a, ...part }]);
  const cases: [string, Uint8Array, RegExp][] = [
    ["no zip", new TextEncoder().encode("hello, this is a text"), /not a zip archive: it starts with "hello, t"/],
    ["empty file", new Uint8Array(0), /it is empty/],
    ["cut short", good.subarray(0, good.length - 30), /directory is missing from its end, as in a file cut short/],
    ["entry that is no npy", one({ data: new TextEncoder().encode("plain") }), /"a" is not in NumPy's format/],
    ["wrong checksum", one({ crc: 1 }), /checksum of "a.npy" does not match/],
    ["declares more than there is", one({ size: a.length + 5 }), /unpacks to .* but declares/],
    ["declares less than there is", one({ size: a.length - 1 }), /unpacks to more than|declares \[3\]/],
    ["stored, of another size", one({ method: 0, size: 9 }), /stored as \d+ bytes but declares 9/],
    ["packed size beyond the file", one({ packedSize: 99999 }), /declare more packed bytes than the file has/],
    ["entry elsewhere", one({ offset: 3 }), /not where the archive's directory says/],
    ["another packing", one({ method: 12 }), /packed by method 12; expected stored or deflated/],
    ["encrypted", one({ flags: 1 }), /encrypted/],
    ["declares 4 GB from few bytes", one({ size: 0xfffffff0 }), /declares 4.00 GiB, which \d+ bytes cannot unpack to/],
    ["declares an exabyte", one({ size: 2 ** 60, zip64: true }), /would take 1.00 EiB; expected at most 4.00 GiB/],
    [
      "the same name twice",
      zipFile([
        { name: "a.npy", data: a },
        { name: "a.npy", data: b },
      ]),
      /twice/,
    ],
  ];
  for (const [name, file, pattern] of cases)
    test(name, () => expectRefusal(() => readNpz(file, { file: "w.npz" }), "npz", pattern));

  test("a bomb: entries that together unpack to more than the limit", () => {
    const zeros = npyFile("'|u1'", "(60000,)", new Uint8Array(60000));
    const file = zipFile(["x", "y", "z"].map((name) => ({ name: `${name}.npy`, data: zeros })));
    return expectRefusal(() => readNpz(file, { maxBytes: 150_000 }), "npz", /archive, unpacked, would take 176 KiB/);
  });

  test("a bomb: more than a thousand times its packed size, and large", async () => {
    const file = zipFile([{ name: "x.npy", data: new Uint8Array(295_000), method: 0 }]);
    // Stored bytes that the directory calls deflated, and 300 MB when unpacked: refused before that is tried.
    const directory = file.length - 22 - (46 + 5);
    const view = new DataView(file.buffer);
    view.setUint16(directory + 10, 8, true);
    view.setUint32(directory + 24, 300_000_000, true);
    await expectRefusal(() => readNpz(file), "npz", /from 288 KiB to 286 MiB; expected at most 1000 times its packed/);
    await expectRefusal(() => readNpz(file, { maxRatio: 2000 }), "npz", /cannot be unpacked/);
  });

  test("a bomb: entries that share their packed bytes", async () => {
    const data = npyFile(
      "'|u1'",
      "(60000,)",
      new Uint8Array(60000).map((_, i) => (i * i) % 17),
    );
    const parts = [...Array(50).keys()].map((k) => ({ name: `${k}.npy`, data, offset: 0 }));
    const whole = zipFile(parts);
    const first = zipFile(parts.slice(0, 1)).length - 22 - (46 + 5);
    // The directory of fifty entries after the packed bytes of one.
    const directoryAt = whole.length - 22 - parts.reduce((n, { name }) => n + 46 + name.length, 0);
    const file = new Uint8Array([...whole.subarray(0, first), ...whole.subarray(directoryAt)]);
    new DataView(file.buffer).setUint32(file.length - 6, first, true);
    await expectRefusal(() => readNpz(file), "npz", /declare more packed bytes than the file has/);
  });
});

const lfads = "lfads/chaotic_no_inputs_g1p5_seed5.npz";
test.skipIf(!haveReference(lfads))(
  `${lfads}: the published W[0,0]; counts and rates (skipped where absent)`,
  async () => {
    const { W, spikes, rates01 } = await readNpz(referenceFile(lfads));
    expect(W!.shape).toEqual([50, 50]);
    expect(W!.data[0]).toBeCloseTo(0.06239899, 8);
    expect(spikes!.shape).toEqual([4000, 100, 50]);
    expect(spikes!.data.every((n) => Number.isInteger(n) && n >= 0)).toBe(true);
    expect(rates01!.data).toBeInstanceOf(Float32Array);
    expect(rates01!.data.every((r) => r >= 0 && r <= 1)).toBe(true);
  },
);

const ecg = "zoo/ecg_qtdb_train.npz";
test.skipIf(!haveReference(ecg))(`${ecg}: Fortran order, int8 in -1, 0, 1 (skipped where absent)`, async () => {
  const { x, y } = await readNpz(referenceFile(ecg));
  expect(x!.shape).toEqual([618, 1301, 4]);
  expect(new Set(x!.data)).toEqual(new Set([-1, 0, 1]));
  expect(new Set(y!.data)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
});
