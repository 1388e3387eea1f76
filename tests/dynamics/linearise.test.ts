import { describe, expect, it } from "vitest";
import { alignments, column, linearise } from "../../src/dynamics/linearise.ts";
import { RandomStream } from "../../src/engine/random.ts";

/** A rotation with growth `a ± bi` in the plane, and the rates `more` beside it, in an oblique basis. */
function blocks(a: number, b: number, more: number[]) {
  const D = 2 + more.length;
  const J = new Float64Array(D * D);
  // The shear x → x + y on the first two coordinates keeps the eigenvalues: S A S⁻¹.
  J.set([a + b, -2 * b], 0);
  J.set([b, a - b], D);
  more.forEach((value, k) => {
    J[(k + 2) * D + k + 2] = value;
  });
  return { J, D };
}

describe("linearise", () => {
  it("flow: rates, time constants and frequencies in the flow's unit of time, slowest first", () => {
    const { J, D } = blocks(-0.2, 3, [-0.5, 0.1]);
    const modes = linearise(J, D, "flow");
    [0.1, -0.2, -0.2, -0.5].forEach((rate, k) => {
      expect(modes.rates[k]).toBeCloseTo(rate, 12);
      expect(modes.timeConstants[k]).toBeCloseTo(-1 / rate, 9);
    });
    [0, 3 / (2 * Math.PI), -3 / (2 * Math.PI), 0].forEach((frequency, k) => {
      expect(modes.frequencies[k]).toBeCloseTo(frequency, 12);
    });
    expect([...modes.partner]).toEqual([-1, 2, 1, -1]);
    expect([modes.stable, modes.indexUnstable, modes.realUnstable]).toEqual([false, 1, 1]);
    expect(modes.eigenResidual).toBeLessThan(1e-14);
  });

  it("map: -dt / ln|λ|, and a flip is unstable without a real eigenvalue above 1", () => {
    const modes = linearise(Float64Array.from([0.5, 0, 0, 0, -1.25, 0, 0, 0, 0.9]), 3, "map", { dt: 2 });
    [-1.25, 0.9, 0.5].forEach((lambda, k) => {
      expect(modes.eigenvalues.re[k]).toBeCloseTo(lambda, 14);
      expect(modes.timeConstants[k]).toBeCloseTo(-2 / Math.log(Math.abs(lambda)), 10);
    });
    expect(modes.frequencies[0]).toBeCloseTo(1 / 4, 12); // half a cycle per step of 2
    expect([modes.stable, modes.indexUnstable, modes.realUnstable]).toEqual([false, 1, 0]);
  });

  it("an Euler step and its flow have the same time constants as dt → 0", () => {
    const { J, D } = blocks(-0.2, 0.7, [-0.5]);
    const dt = 1e-5;
    const step = J.map((value, p) => dt * value + (p % (D + 1) === 0 ? 1 : 0));
    const [flow, map] = [linearise(J, D, "flow"), linearise(step, D, "map", { dt })];
    for (let k = 0; k < D; k++) {
      expect(map.timeConstants[k] / flow.timeConstants[k]).toBeCloseTo(1, 4);
      expect(map.frequencies[k]).toBeCloseTo(flow.frequencies[k], 4);
    }
  });

  it("left and right eigenvectors of a random matrix solve their equations and are biorthogonal", () => {
    const D = 9;
    const J = new RandomStream(2, "matrix").fillNormal(new Float64Array(D * D));
    const { eigenvalues, right, left } = linearise(J, D, "flow");
    for (let k = 0; k < D; k++) {
      const [a, b] = [eigenvalues.re[k], eigenvalues.im[k]];
      const [re, im] = [column(right.re, D, k), column(right.im, D, k)];
      const [lr, li] = [column(left.re, D, k), column(left.im, D, k)];
      for (let i = 0; i < D; i++) {
        let [jr, ji, vr, vi] = [0, 0, 0, 0];
        for (let j = 0; j < D; j++) {
          jr += J[i * D + j] * re[j];
          ji += J[i * D + j] * im[j];
          vr += lr[j] * J[j * D + i];
          vi -= li[j] * J[j * D + i];
        }
        expect(jr).toBeCloseTo(a * re[i] - b * im[i], 11);
        expect(ji).toBeCloseTo(a * im[i] + b * re[i], 11);
        expect(vr).toBeCloseTo(a * lr[i] + b * li[i], 11); // conj(l)' J = λ conj(l)'
        expect(vi).toBeCloseTo(b * lr[i] - a * li[i], 11);
      }
      for (let m = 0; m < D; m++) {
        const product = re.reduce((sum, v, i) => sum + v * left.re[i * D + m] + im[i] * left.im[i * D + m], 0);
        expect(product).toBeCloseTo(k === m ? 1 : 0, 9);
      }
    }
  });
});

describe("alignments", () => {
  it("is the |cos| with a real mode, and with the plane of a complex pair", () => {
    const { J, D } = blocks(-0.2, 3, [-0.5, 0.1]);
    const modes = linearise(J, D, "flow");
    // 60 degrees out of the plane of the pair (the first two coordinates), towards the mode of rate 0.1.
    const direction = Float64Array.from([0.3, 0.4, 0, 0.5 * Math.sqrt(3)]);
    const cosines = alignments(modes, D, direction);
    expect(cosines[0]).toBeCloseTo(Math.sqrt(3) / 2, 12);
    expect(cosines[1]).toBeCloseTo(0.5, 12);
    expect(cosines[2]).toBeCloseTo(0.5, 12);
    expect(cosines[3]).toBeCloseTo(0, 12);
  });
});
