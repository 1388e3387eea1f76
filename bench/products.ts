/**
 * GFLOP/s of the compiled products against a loop of multiply-adds that touches no memory, in one run of this machine.
 * `node bench/products.ts` after a build; options: `strict`, `f64`, sizes.
 */
import { setFlagsFromString } from "node:v8";
import { ModuleBuilder } from "../src/engine/wasm/assembler.ts";
import { emitPack, emitProduct } from "../src/engine/wasm/gemm.ts";
import { emitBiasGradient, emitWeightGradient } from "../src/engine/wasm/gradients.ts";
import { type Precision, vector } from "../src/engine/wasm/vector.ts";

setFlagsFromString("--experimental-wasm-relaxed-simd");
const memory = new WebAssembly.Memory({ initial: 2000 });

type Exports = Record<string, (...args: number[]) => void>;
const instantiate = (m: ModuleBuilder) =>
  new WebAssembly.Instance(new WebAssembly.Module(m.finish()), { env: { memory } }).exports as Exports;

/** Best of several short measurements, in 10^9 operations per second. */
function rate(operations: number, run: () => void): number {
  for (let k = 0; k < 20; k++) run();
  let best = 0;
  for (let k = 0; k < 15; k++) {
    const started = performance.now();
    let repeats = 0;
    let elapsed = 0;
    while (elapsed < 4) {
      run();
      repeats++;
      elapsed = performance.now() - started;
    }
    best = Math.max(best, (repeats * operations) / elapsed / 1e6);
  }
  return best;
}

function registers(precision: Precision, relaxed: boolean): number {
  const m = new ModuleBuilder({ relaxed });
  const v = vector(precision, relaxed);
  const sums = 12;
  m.function(
    "run",
    ["i32"],
    [],
    (f, n) => {
      const acc = Array.from({ length: sums }, () => f.local("v128"));
      const a = f.local("v128", v.load(0));
      const i = f.local("i32");
      // Each product has its own factor, the sum itself, so that none can be moved out of the loop.
      f.for(i, 0, n, 1, () => {
        for (const sum of acc) f.set(sum, v.madd(a, sum, a));
      });
      for (const sum of acc) f.push(v.store(0, sum));
    },
    { export: true },
  );
  const { run } = instantiate(m);
  return rate(20000 * sums * 2 * v.width, () => run!(20000));
}

const words = process.argv.slice(2);
const sizes = words.map(Number).filter((n) => n > 0);
for (const precision of ["f32", "f64"] as const)
  for (const relaxed of [true, false]) {
    if ((words.includes("strict") && relaxed) || (words.includes("f64") && precision === "f32")) continue;
    const peak = registers(precision, relaxed);
    const share = (x: number) => `${x.toFixed(1)} (${((100 * x) / peak).toFixed(0)} %)`;
    console.log(`${precision} ${relaxed ? "relaxed" : "strict"}: registers only ${peak.toFixed(1)} GFLOP/s`);
    for (const n of sizes.length > 0 ? sizes : [64, 100, 128, 256, 512])
      for (const lanes of [32, 64]) {
        const { bytes } = vector(precision, relaxed);
        const m = new ModuleBuilder({ relaxed });
        const steps = 20;
        const shape = { precision, rows: n, columns: n, lanes };
        m.export("pack", emitPack(m, shape));
        m.export("product", emitProduct(m, shape));
        m.export("add", emitProduct(m, { ...shape, accumulate: true }));
        m.export("gradient", emitWeightGradient(m, shape));
        m.export("bias", emitBiasGradient(m, shape));
        const e = instantiate(m);
        const matrix = 0;
        const packed = n * n * bytes;
        const x = 2 * packed;
        const stride = n * lanes * bytes;
        const c = x + steps * stride;
        const flops = 2 * n * n * lanes;
        let t = 0;
        const next = () => (t = (t + 1) % steps) * stride;
        const product = rate(flops, () => e.product!(packed, x + next(), c + t * stride));
        const add = rate(flops, () => e.add!(packed, x + next(), c + t * stride));
        const gradient = rate(flops * steps, () => e.gradient!(matrix, c, stride, x, stride, steps));
        const bias = rate(n * lanes * steps, () => e.bias!(matrix, c, stride, steps));
        const pack = rate(n * n, () => e.pack!(matrix, packed));
        console.log(
          `  N = ${n}, L = ${lanes}: Y = A X ${share(product)}, Y += A X ${share(add)}, G += C X' ${share(gradient)}, ` +
            `g += C 1 ${bias.toFixed(1)} Gadd/s, packing ${(1 / pack).toFixed(2)} ns an entry`,
        );
      }
  }
