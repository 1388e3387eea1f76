import { describe, expect, it } from "vitest";
import { selectionVectors } from "../../src/dynamics/selectionVectors.ts";
import { traceSlowManifold } from "../../src/dynamics/slowManifold.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { linearLine } from "./lineSystems.ts";

const values = Float64Array.from({ length: 21 }, (_, k) => -1 + k / 10);
const rates = [0, 0.01, -0.4, -0.6, -0.6, -1];
const D = rates.length;
const starts = new RandomStream(9, "states").fillNormal(new Float64Array(60 * D));

describe("selectionVectors, on a line with known left and right eigenvector", () => {
  const { rho, s } = linearLine(rates, { seed: 3 });
  const size = Math.hypot(...s);
  // Inputs at known angles to s: along it, orthogonal to it, and at cos 0.6 in between; none along ρ.
  const along = [...s].map((v) => (2 * v) / size);
  const raw = [1, -2, 0.5, 3, 1, -1];
  const part = raw.reduce((sum, v, i) => sum + (v * s[i]) / size, 0);
  const orthogonal = raw.map((v, i) => v - (part * s[i]) / size);
  const length = Math.hypot(...orthogonal);
  const between = raw.map((_, i) => (0.6 * s[i]) / size - (0.8 * orthogonal[i]) / length);
  const inputs = raw.map((_, i) => [along[i], orthogonal[i], -between[i]]);
  const { system } = linearLine(rates, { seed: 3, inputs });
  const manifold = traceSlowManifold(system, starts, { values });
  const selected = selectionVectors(system, manifold, {
    inputs: { motion: { channel: 2 }, color: { channel: 1 }, other: { input: "u", channel: 0 } },
    relevant: "motion",
    irrelevant: "color",
  });

  it("recovers s and ρ with s · ρ = 1", () => {
    expect(selected.points).toHaveLength(13);
    for (const { selection, mode } of selected.points)
      for (let i = 0; i < D; i++) {
        expect(mode[i]).toBeCloseTo(rho[i], 8);
        expect(selection[i]).toBeCloseTo(s[i], 8);
      }
    expect(selected.oscillating).toBe(0);
    for (let i = 0; i < D; i++) expect(selected.meanSelection[i]).toBeCloseTo(s[i] / size, 8);
  });

  it("gives the exact cosines and effects", () => {
    expect(selected.mean.other).toBeCloseTo(1, 9);
    expect(selected.mean.color).toBeCloseTo(0, 8);
    expect(selected.mean.motion).toBeCloseTo(0.6, 9);
    expect(selected.effect.other).toBeCloseTo(2 * size, 7);
    expect(selected.effect.motion).toBeCloseTo(-0.6 * size, 7);
    expect(selected.ratio).toBeCloseTo(selected.mean.motion / selected.mean.color, 3);
  });

  it("predicts what remains of a pulse after the other modes have decayed", () => {
    // exp(A t) b → ρ (s · b) for a line whose other modes all decay.
    const decaying = [0, -0.4, -0.7, -0.9, -1.3];
    const b = [0.2, -1, 0.7, 0.4, 0.3];
    const line = linearLine(decaying, { seed: 11, inputs: b.map((v) => [v]) });
    const more = traceSlowManifold(line.system, starts.slice(0, 50), { values });
    const { effect, points } = selectionVectors(line.system, more, { inputs: { pulse: { channel: 0 } } });
    const x = Float64Array.from(b);
    const dx = new Float64Array(5);
    for (let t = 0; t < 8000; t++) {
      line.system.evaluate(x, dx);
      for (let i = 0; i < 5; i++) x[i] += 0.01 * dx[i];
    }
    for (let i = 0; i < 5; i++) expect(x[i]).toBeCloseTo(points[0].mode[i] * effect.pulse, 8);
  });

  it("refuses an input or channel that does not exist", () => {
    expect(() => selectionVectors(system, manifold, { inputs: { a: { channel: 3 } } })).toThrow(/0 to 2/);
    expect(() => selectionVectors(system, manifold, { inputs: { a: { channel: 0 } }, relevant: "b" })).toThrow(/"b"/);
  });
});
