/**
 * The numbers that every peer works on: one generator, written to files that all of them read. For the leaky network
 * of 128 units and 64 trials they are those for which its losses were published (workloads/training.mjs).
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** s ← (1664525 s + 1013904223) mod 2^32; a normal is sqrt(-2 ln(u1 + 1e-12)) cos(2π u2). */
export function generator(seed = 12345) {
  let s = seed;
  const uniform = () => {
    s = (Math.imul(1664525, s) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
  const normal = () => {
    const u1 = uniform();
    return Math.sqrt(-2 * Math.log(u1 + 1e-12)) * Math.cos(2 * Math.PI * uniform());
  };
  return { uniform, normal };
}

/**
 * Values of a network's parameters, inputs `u [trial, sample, I]` and targets `y [trial, sample, O]`. A matrix has the
 * standard deviation `gain / sqrt(columns)` and is drawn as its transpose, a vector is zero; then for each sample the
 * inputs and the targets of all trials.
 */
export function drawNetwork(network, { sizes, trials, samples }) {
  const { normal } = generator();
  const arrays = {};
  for (const [name, { shape, gain = 1 }] of Object.entries(network.parameters)) {
    const [rows, columns = 1] = shape.map((size) => sizes[size]);
    const data = new Float64Array(rows * columns);
    if (shape.length === 2)
      for (let j = 0; j < columns; j++)
        for (let i = 0; i < rows; i++) data[i * columns + j] = (normal() * gain) / Math.sqrt(columns);
    arrays[name] = { data, shape: shape.map((size) => sizes[size]) };
  }
  const { I, O } = sizes;
  const u = { data: new Float64Array(trials * samples * I), shape: [trials, samples, I] };
  const y = { data: new Float64Array(trials * samples * O), shape: [trials, samples, O] };
  for (let t = 0; t < samples; t++)
    for (const { data, shape } of [u, y])
      for (let b = 0; b < trials; b++)
        for (let i = 0; i < shape[2]; i++) data[(b * samples + t) * shape[2] + i] = normal();
  return { ...arrays, u, y };
}

/** Writes arrays as plain little-endian float64, row-major. @returns what a specification says of them */
export function writeArrays(folder, arrays) {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape }]) => {
      const file = join(folder, `${name}.f64`);
      writeFileSync(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      return [name, { file, shape }];
    }),
  );
}
