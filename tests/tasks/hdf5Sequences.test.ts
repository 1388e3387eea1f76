import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import { hdf5Sequences } from "../../src/tasks/sequenceData.ts";
import { dataset, f2, f4, hdf5, i8, lists, u2 } from "./hdf5File.ts";

// Exact in half precision, so that every type of times gives the same bins.
const times = [[0, 0.0625, 0.25, 0.9375, 1], [], [0.5]];
const units = [[0, 0, 5, 4, 1], [], [3]];
const options = { channels: 6, bin: 0.25, duration: 1 };
const shd = (parts: Record<string, unknown> = {}) =>
  hdf5({
    "spikes/times": lists(f2, times),
    "spikes/units": lists(i8, units),
    labels: dataset(u2, [1, 0, 2]),
    "extra/speaker": dataset(u2, [3, 3, 4]),
    ...parts,
  } as never);
/** Counts at [sequence, step, channel]. */
const expected = new Float32Array(3 * 4 * 6);
expected[0] = 2;
expected[1 * 6 + 5] = 1;
expected[3 * 6 + 4] = 1;
expected[2 * 24 + 2 * 6 + 3] = 1;

test("spikes in SHD's layout are binned, whatever the type of number, packed or not", async () => {
  const data = await hdf5Sequences("shd.h5", shd(), options);
  expect([data.inputs.shape, [...data.labels.data], data.classes]).toEqual([[3, 4, 6], [1, 0, 2], 3]);
  expect(data.inputs.data).toEqual(expected);
  const other = shd({ "spikes/times": lists(f4, times), "spikes/units": lists(u2, units) });
  expect(await hdf5Sequences("shd.h5", other, options)).toEqual(data);
  expect(await hdf5Sequences("shd.h5", gzipSync(shd()), options)).toEqual(data);
  expect((await hdf5Sequences("shd.h5", shd())).inputs.shape).toEqual([3, 250, 700]);
});

test("lists packed by deflate, mostly empty, in a file of fewer bytes than they would take", async () => {
  const n = 1200;
  const many = (of: number[][]) => [...of, ...Array.from({ length: n - 3 }, () => [])];
  const packed = hdf5({
    "spikes/times": { ...lists(f4, many(times)), deflated: true },
    "spikes/units": { ...lists(u2, many(units)), deflated: true },
    labels: dataset(
      u2,
      Array.from({ length: n }, (_, k) => k % 3),
    ),
  });
  expect(packed.length).toBeLessThan(16 * n);
  const read = await hdf5Sequences("shd.h5", packed, options);
  expect(read.inputs.shape).toEqual([n, 4, 6]);
  expect(read.inputs.data.slice(0, 72)).toEqual(expected);
  expect(read.inputs.data.slice(72).some((x) => x !== 0)).toBe(false);
});

test("pooled channels add up, the last of fewer", async () => {
  const { inputs } = await hdf5Sequences("shd.h5", shd(), { ...options, pool: 4 });
  expect(inputs.shape).toEqual([3, 4, 2]);
  expect([...inputs.data]).toEqual([2, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
});

const script = `
import sys, h5py, numpy as np
with h5py.File(sys.argv[1], "w") as f:
    for name, kind, of in (("times", np.float16, ${JSON.stringify(times)}), ("units", np.int64, ${JSON.stringify(units)})):
        d = f.create_dataset("spikes/" + name, (3,), dtype=h5py.vlen_dtype(kind))
        for k, one in enumerate(of):
            d[k] = np.array(one, kind)
    f["labels"] = np.array([1, 0, 2], np.uint16)
`;
test("a file that h5py wrote gives the same", async ({ skip }) => {
  const file = join(mkdtempSync(join(tmpdir(), "nullcline-")), "shd.h5");
  try {
    execFileSync("python3", ["-c", script, file], { stdio: "ignore", timeout: 20_000 });
  } catch {
    skip("no python3 with h5py here");
  }
  expect((await hdf5Sequences("shd.h5", readFileSync(file), options)).inputs.data).toEqual(expected);
});

test("a wrong layout is refused in a sentence", async () => {
  const refused = async (bytes: Uint8Array, message: string, more = {}) => {
    const reading = hdf5Sequences("shd.h5", bytes, { ...options, ...more });
    await expect(reading).rejects.toThrow(NullclineError);
    await expect(reading).rejects.toThrow(message);
  };
  const labels = dataset(u2, [1, 0, 2]);
  await refused(hdf5({ labels }), "shd.h5: no dataset `spikes/times`; expected `spikes/times`, `spikes/units` and `labels`, as SHD has them; at the top it has labels"); // biome-ignore format: one sentence
  await refused(hdf5({ "spikes/times": lists(f4, times), labels }), "shd.h5: no dataset `spikes/units`");
  await refused(
    shd({ labels: dataset(u2, [1, 0]) }),
    "shd.h5: 3 lists in `spikes/times` and 2 labels; expected as many",
  );
  await refused(
    shd({ labels: dataset(f4, [1, 0, 2]) }),
    "shd.h5: `labels` holds floating-point numbers; expected integers",
  );
  await refused(
    shd({ "spikes/units": dataset(u2, [1, 0, 2]) }),
    "shd.h5: `spikes/units` has no lists of variable length",
  );
  await refused(shd({ "spikes/units": lists(u2, [[0, 0, 5], [], [3]]) }), "shd.h5: 5 times and 3 units in sequence 0");
  await refused(shd(), "shd.h5: unit 5 in sequence 0; expected whole numbers from 0 to 4", { channels: 5 });
  await refused(shd(), "a pool of 7 of 6 channels", { pool: 7 });
  await refused(shd(), "shd.h5: [3, 4, 6] (sequence, time, channel; see pool, bin, duration) would take 288 bytes; expected at most 200 bytes", { maxBytes: 200 }); // biome-ignore format: one sentence
  const [many, sparse] = [
    dataset(u2, [1], 1e9),
    { "spikes/times": lists(f4, times, 1e9), "spikes/units": lists(u2, units, 1e9) },
  ];
  await refused(shd({ labels: many }), "shd.h5: 3 lists in `spikes/times` and 1000000000 labels; expected as many");
  await refused(
    shd({ labels: many, ...sparse }),
    "shd.h5: damaged file: it declares 1000000000 lists in `spikes/times`, more than its bytes can hold",
  );
  await refused(shd().subarray(0, 1500), "shd.h5: damaged file: HDF5 cannot read it");
  await refused(new TextEncoder().encode("label,1"), 'shd.h5: no HDF5 file: it starts with "label,1"');
});
