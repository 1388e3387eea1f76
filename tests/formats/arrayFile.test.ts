import { describe, expect, test } from "vitest";
import { openArrays } from "../../src/formats/arrayFile.ts";
import { writeNpy } from "../../src/formats/npy.ts";
import { writeNpz } from "../../src/formats/npz.ts";
import { writeSafetensors } from "../../src/formats/safetensors.ts";
import { bytes, expectRefusal, matWriter, npyFile, zipFile } from "./fixtures.ts";

const W = { data: Float64Array.of(1, 2, 3, 4), shape: [2, 2] };
const h0 = { data: Float32Array.of(5), shape: [1] };

describe("every format gives names, shapes and arrays", () => {
  const w = matWriter(true);
  const mat = w.file([w.compressed(w.matrix(6, [2, 2], "W", [w.element(9, w.doubles([1, 3, 2, 4]))]))]);
  test("npy, named by its file", async () => {
    const file = await openArrays("some/where/rates.npy", writeNpy(W));
    expect(file).toMatchObject({ format: "npy", names: ["rates"], shapes: { rates: [2, 2] }, others: {} });
    expect(await file.get("rates")).toEqual(W);
  });
  test("npz", async () => {
    const file = await openArrays("a.npz", await writeNpz({ W, h0 }, { compress: true }));
    expect(file).toMatchObject({ format: "npz", names: ["W", "h0"], shapes: { W: [2, 2], h0: [1] } });
    expect(await file.get("h0")).toEqual(h0);
  });
  test("mat", async () => {
    const file = await openArrays("a.mat", mat);
    expect(file).toMatchObject({ format: "mat", names: ["W"], shapes: { W: [2, 2] } });
    expect(await file.get("W")).toEqual(W);
  });
  test("safetensors", async () => {
    const file = await openArrays("a.safetensors", writeSafetensors({ W, h0 }));
    expect(file).toMatchObject({ format: "safetensors", names: ["W", "h0"], shapes: { W: [2, 2], h0: [1] } });
    expect(await file.get("W")).toEqual(W);
  });
  test("the content decides, whatever the ending", async () => {
    expect((await openArrays("weights.dat", await writeNpz({ W }))).format).toBe("npz");
    expect((await openArrays("weights.mat", writeNpy(W))).format).toBe("npy");
    expect((await openArrays("weights", writeSafetensors({ W }))).format).toBe("safetensors");
    expect((await openArrays("weights.npz", mat)).format).toBe("mat");
  });
  test("what is no array of numbers is listed apart, and refused by name", async () => {
    const labels = npyFile("'<U1'", "(2,)", bytes("a\0\0\0b\0\0\0"));
    const file = await openArrays(
      "a.npz",
      zipFile([
        { name: "labels.npy", data: labels },
        { name: "W.npy", data: writeNpy(W) },
      ]),
    );
    expect(file).toMatchObject({ names: ["W"], others: { labels: "text" } });
    await expectRefusal(() => file.get("labels"), "npz", /"labels" holds text; expected an array of real numbers/);
    expect((await openArrays("l.npy", labels)).others).toEqual({ l: "text" });
  });
});

describe("refusals name the file and what was expected", () => {
  const text = new TextEncoder().encode("time,rate\n0,1\n");
  const cases: [string, Uint8Array, string, RegExp][] = [
    ["a.npz", text, "npz", /^a\.npz: not a \.npz file: it starts with "time,rat"; expected \.npy, \.npz,/],
    ["a.npy", text, "npy", /^a\.npy: not a \.npy file/],
    ["a.mat", text, "mat", /^a\.mat: not a MATLAB file/],
    ["a.safetensors", text, "safetensors", /^a\.safetensors: not a safetensors file/],
    ["a.csv", text, "format", /^a\.csv: no known file of arrays/],
    [
      "a.nwb",
      bytes("\x89HDF\r\n\x1a\n"),
      "format",
      /it is HDF5: `hdf5Sequences` reads spikes from it; export other arrays with numpy\.savez/,
    ],
    ["a.npz", new Uint8Array(0), "npz", /it is empty/],
  ];
  for (const [name, file, code, pattern] of cases)
    test(`${name}, ${code}`, () => expectRefusal(() => openArrays(name, file), code, pattern));

  test("an unknown name is answered with the names there are", async () => {
    const file = await openArrays("a.npz", await writeNpz({ weights: W, h0 }));
    await expectRefusal(
      () => file.get("wieghts"),
      "npz",
      /^a\.npz: no array "wieghts"; expected one of weights \[2, 2\], h0 \[1\]; did you mean "weights"\?$/,
    );
    await expectRefusal(
      async () => (await openArrays("e.npz", await writeNpz({}))).get("x"),
      "npz",
      /this one has none/,
    );
  });
});
