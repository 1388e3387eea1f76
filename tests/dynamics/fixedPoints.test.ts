import { describe, expect, it } from "vitest";
import { degreeAt, findFixedPoints, searchFixedPoints } from "../../src/dynamics/fixedPoints.ts";
import { driveAsync } from "../../src/dynamics/incremental.ts";
import { RandomStream } from "../../src/engine/random.ts";
import type { System } from "../../src/engine/system.ts";
import { functionSystem, tanhSystem } from "./functionSystem.ts";

const normalStates = (count: number, dimension: number, std = 1, seed = 1) =>
  new RandomStream(seed, "test starts").fillNormal(new Float64Array(count * dimension), 0, std);

/** `x' = tanh(x W)` with `W[i, :] = -roll(linspace(-1, 1, n), -i)`: the test nets of FixedPointFinder. */
function ringMap(n: number): System {
  const transposed = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) transposed[j * n + i] = -(-1 + (2 * ((i + j) % n)) / (n - 1));
  return tanhSystem("map", transposed, new Float64Array(n));
}

/** `dx/dt = -x + g tanh(x) + I`, each coordinate by itself. */
function bistable(dimension: number, g: number, drive = 0): System {
  return functionSystem({
    kind: "flow",
    dimension,
    bounded: true,
    f(x, out) {
      for (let i = 0; i < dimension; i++) out[i] = -x[i] + g * Math.tanh(x[i]) + drive;
    },
    jacobian(x, out) {
      out.fill(0);
      for (let i = 0; i < dimension; i++) out[i * dimension + i] = -1 + g * (1 - Math.tanh(x[i]) ** 2);
    },
  });
}

const largestModulus = (point: { eigenvalues: { re: Float64Array; im: Float64Array } }) =>
  Math.max(...point.eigenvalues.re.map((re, k) => Math.hypot(re, point.eigenvalues.im[k])));

const pairwise = (points: { x: Float64Array }[]) => {
  let least = Number.POSITIVE_INFINITY;
  points.forEach((a, k) => {
    for (const b of points.slice(0, k)) least = Math.min(least, Math.hypot(...a.x.map((v, i) => v - b.x[i])));
  });
  return least;
};

/** Coordinates of a unit of the two-dimensional ring map's and three-dimensional one's points: recipes, section 3. */
describe("ring maps", () => {
  it("n = 2: three points, eigenvalue 2 at the origin, 0.166372 at the pair, degree sum +1", () => {
    const found = findFixedPoints(ringMap(2), normalStates(64, 2));
    expect(found.points).toHaveLength(3);
    expect(found.degreeSum).toBe(1);
    expect(found.complete).toBe("consistent");
    const origin = found.points.find((point) => Math.hypot(...point.x) < 1e-9)!;
    expect(largestModulus(origin)).toBeCloseTo(2, 10);
    expect([origin.indexUnstable, origin.realUnstable, origin.degree]).toEqual([1, 1, -1]);
    const pair = found.points.filter((point) => point !== origin);
    for (const point of pair) {
      expect(Math.abs(point.x[0])).toBeCloseTo(0.957504023, 8);
      expect(point.x[1]).toBeCloseTo(-point.x[0], 12);
      expect(largestModulus(point)).toBeCloseTo(0.166372, 6);
      expect([point.stable, point.degree]).toEqual([true, 1]);
    }
  });

  it("n = 3: the outer pair is unstable through a flip, |λ| = 1.006406, and still has degree +1", () => {
    const found = findFixedPoints(ringMap(3), normalStates(64, 3));
    expect(found.points).toHaveLength(3);
    expect(found.degreeSum).toBe(1);
    const origin = found.points.find((point) => Math.hypot(...point.x) < 1e-9)!;
    expect(largestModulus(origin)).toBeCloseTo(1.732051, 6);
    expect([origin.indexUnstable, origin.realUnstable, origin.degree]).toEqual([2, 1, -1]);
    for (const point of found.points.filter((p) => p !== origin)) {
      const sign = Math.sign(point.x[2]);
      [-0.94979571, 0.4255023, 0.879894].forEach((value, i) => {
        expect(sign * point.x[i]).toBeCloseTo(value, 6);
      });
      expect(largestModulus(point)).toBeCloseTo(1.006406, 6);
      expect([point.stable, point.indexUnstable, point.realUnstable, point.degree]).toEqual([false, 1, 0, 1]);
    }
  });
});

describe("decoupled bistable units", () => {
  it.each([
    { g: 2, x: 1.9150080481545375, lambda: -0.8336279122 },
    { g: 1.5, x: 1.287839455, lambda: -0.6056869745 },
  ])("g = $g: the 27 points of the closed form, 8 / 12 / 6 / 1, degree sum +1", ({ g, x, lambda }) => {
    const found = findFixedPoints(bistable(3, g), normalStates(256, 3, 2));
    expect(found.points).toHaveLength(27);
    expect(pairwise(found.points)).toBeGreaterThan(1);
    const histogram = [0, 0, 0, 0];
    for (const point of found.points) {
      histogram[point.indexUnstable]++;
      expect(point.residual).toBeLessThanOrEqual(1e-12);
      const zeros = point.x.filter((v) => Math.abs(v) < 1e-9).length;
      for (const v of point.x) if (Math.abs(v) >= 1e-9) expect(Math.abs(v)).toBeCloseTo(x, 9);
      const expected = [...Array(zeros).fill(g - 1), ...Array(3 - zeros).fill(lambda)];
      expect(point.eigenvalues.im.every((im) => im === 0)).toBe(true);
      point.eigenvalues.re.forEach((re, k) => {
        expect(re).toBeCloseTo(expected[k], 9);
      });
      point.timeConstants.forEach((tau, k) => {
        expect(tau).toBeCloseTo(-1 / expected[k], 7);
      });
      expect(point.degree).toBe(zeros % 2 === 0 ? 1 : -1);
      expect(point.stable).toBe(zeros === 0);
    }
    expect(histogram).toEqual([8, 12, 6, 1]);
    expect([found.degreeSum, found.complete, found.status]).toEqual([1, "consistent", "settled"]);
  });

  it("reseeding repairs starts that reach stable points only, though their degree sum alone may look right", () => {
    const x = 1.9150080481545375;
    const corners = Float64Array.from([x, x, x, -x, x, x, x, -x, -x].map((v) => v * 1.01));
    const without = findFixedPoints(bistable(3, 2), corners, { rounds: 0 });
    expect(without.points).toHaveLength(3);
    expect([without.degreeSum, without.complete]).toEqual([3, "incomplete"]);
    expect(without.summary).toContain("missing");
    const repaired = findFixedPoints(bistable(3, 2), corners);
    expect(repaired.points).toHaveLength(27);
    expect([repaired.degreeSum, repaired.complete]).toEqual([1, "consistent"]);
    expect(repaired.rounds.length).toBeGreaterThan(0);
    // One corner only: degree sum +1 from the start, and 26 points missing.
    const blind = findFixedPoints(bistable(3, 2), corners.slice(0, 3), { rounds: 0 });
    expect([blind.points.length, blind.complete]).toEqual([1, "consistent"]);
    expect(findFixedPoints(bistable(3, 2), corners.slice(0, 3)).points).toHaveLength(27);
  });

  it("accounts for every start, and says so", () => {
    const found = findFixedPoints(bistable(3, 2), normalStates(200, 3, 2));
    for (const ledger of [found.ledger, ...found.rounds]) {
      const { starts, kept, duplicates, slow, slowDuplicates, tooFast, lost } = ledger;
      expect(kept + duplicates + slow + slowDuplicates + tooFast + lost).toBe(starts);
    }
    expect(found.ledger.starts).toBe(200);
    expect(found.ledger.kept + found.rounds.reduce((sum, round) => sum + round.kept, 0)).toBe(27);
    expect(found.summary).toMatch(/^27 fixed points \(8 stable\).*kept \d+ of 200, \d+ duplicates, 0 too fast/);
  });

  it("gives the same points for the same seed", () => {
    const run = () => findFixedPoints(bistable(3, 2), normalStates(32, 3, 2), { seed: 7 });
    expect(run()).toEqual(run());
  });
});

describe("saddle-node of dx/dt = -x + g tanh x + I", () => {
  // At the fold 1 = g (1 - tanh² x): x = artanh √(1 - 1/g), I = x - g tanh x up to sign.
  const g = 2;
  const fold = Math.atanh(Math.sqrt(1 - 1 / g));
  const critical = g * Math.tanh(fold) - fold;
  const starts = Float64Array.from({ length: 41 }, (_, k) => -4 + 0.2 * k);

  it("three points below the critical input, one above, degree sum +1 on both sides", () => {
    const below = findFixedPoints(bistable(1, g, 0.999 * critical), starts);
    expect(below.points).toHaveLength(3);
    expect(below.points.map((point) => point.degree)).toEqual([1, 1, -1]);
    const above = findFixedPoints(bistable(1, g, 1.001 * critical), starts);
    expect(above.points).toHaveLength(1);
    expect([below.degreeSum, above.degreeSum]).toEqual([1, 1]);
  });

  it("above it the ghost is a slow point at the fold, with the speed of the closed form", () => {
    const excess = 1e-3;
    const found = findFixedPoints(bistable(1, g, critical + excess), starts);
    expect(found.slow).toHaveLength(1);
    expect(found.slow[0].x[0]).toBeCloseTo(-fold, 6);
    expect(found.slow[0].speed).toBeCloseTo(excess, 10);
    expect(found.slow[0].relativeSpeed).toBeCloseTo(excess / found.referenceSpeed, 10);
    expect(found.ledger.tooFast).toBe(0);
    const strict = findFixedPoints(bistable(1, g, critical + excess), starts, { slow: 1e-6 });
    expect(strict.slow).toHaveLength(0);
    expect(strict.ledger.tooFast).toBeGreaterThan(0);
  });

  it("at it the double point has degree 0, and the sum is still +1", () => {
    const found = findFixedPoints(bistable(1, g, critical), starts);
    const double = found.points.find((point) => Math.abs(point.x[0] + fold) < 1e-4)!;
    expect(double.degree).toBe(0);
    expect([found.points.length, found.degreeSum, found.complete]).toEqual([2, 1, "consistent"]);
  });
});

describe("a continuum of fixed points", () => {
  it("dr/dt = r (1 - r²) in the plane: the circle has degree 0, its Euler characteristic; the origin +1", () => {
    const found = findFixedPoints(
      functionSystem({
        kind: "flow",
        dimension: 2,
        bounded: true,
        f([x, y], out) {
          const growth = 1 - x * x - y * y;
          out.set([x * growth, y * growth]);
        },
        jacobian([x, y], out) {
          const growth = 1 - x * x - y * y;
          out.set([growth - 2 * x * x, -2 * x * y, -2 * x * y, growth - 2 * y * y]);
        },
      }),
      normalStates(100, 2),
    );
    const origin = found.points.filter((point) => Math.hypot(...point.x) < 1e-6);
    const circle = found.points.filter((point) => Math.abs(Math.hypot(...point.x) - 1) < 1e-9);
    expect([origin.length, origin[0].degree, origin[0].indexUnstable]).toEqual([1, 1, 2]);
    expect(circle.length).toBeGreaterThan(50);
    expect(circle.every((point) => point.degree === 0)).toBe(true);
    expect(origin.length + circle.length).toBe(found.points.length);
    expect([found.degreeSum, found.complete, found.status]).toEqual([1, "consistent", "settled"]);
    expect(found.summary).toContain("degenerate");
  });
});

describe("systems whose drive is not bounded", () => {
  it("shows the degree sum and requires nothing of it", () => {
    // dx/dt = x² - 1: stable at -1, unstable at +1; the degrees cancel.
    const found = findFixedPoints(
      functionSystem({
        kind: "flow",
        dimension: 1,
        f: (x, out) => (out[0] = x[0] ** 2 - 1),
        jacobian: (x, out) => (out[0] = 2 * x[0]),
      }),
      Float64Array.from([-2, -0.5, 0.4, 3]),
    );
    expect(found.points.map((point) => point.x[0])).toEqual([-1, 1]);
    expect([found.degreeSum, found.complete]).toEqual([0, "not required"]);
    expect(found.summary).toContain("no value is required");
  });

  it("Lorenz: the three equilibria and their eigenvalues", () => {
    const [sigma, rho, beta] = [10, 28, 8 / 3];
    const lorenz = functionSystem({
      kind: "flow",
      dimension: 3,
      f(x, out) {
        out[0] = sigma * (x[1] - x[0]);
        out[1] = x[0] * (rho - x[2]) - x[1];
        out[2] = x[0] * x[1] - beta * x[2];
      },
      jacobian: (x, out) => out.set([-sigma, sigma, 0, rho - x[2], -1, -x[0], x[1], x[0], -beta]),
    });
    const starts = normalStates(128, 3, 10);
    for (let k = 2; k < starts.length; k += 3) starts[k] += 25;
    const found = findFixedPoints(lorenz, starts);
    expect(found.points).toHaveLength(3);
    const origin = found.points.find((point) => Math.hypot(...point.x) < 1e-6)!;
    // λ² + (σ + 1) λ + σ (1 - ρ) = 0, and -β.
    const root = Math.sqrt((sigma - 1) ** 2 + 4 * sigma * rho);
    expect(origin.eigenvalues.re[0]).toBeCloseTo((-(sigma + 1) + root) / 2, 10);
    expect(origin.eigenvalues.re[1]).toBeCloseTo(-beta, 10);
    expect(origin.eigenvalues.re[2]).toBeCloseTo((-(sigma + 1) - root) / 2, 10);
    expect(origin.degree).toBe(-1);
    const c = Math.sqrt(beta * (rho - 1));
    for (const point of found.points.filter((p) => p !== origin)) {
      expect(Math.abs(point.x[0])).toBeCloseTo(c, 10);
      expect(point.x[2]).toBeCloseTo(rho - 1, 10);
      // λ³ + (σ + β + 1) λ² + β (σ + ρ) λ + 2 σ β (ρ - 1) = 0 at each eigenvalue.
      for (let k = 0; k < 3; k++) {
        const [a, b] = [point.eigenvalues.re[k], point.eigenvalues.im[k]];
        const [a2, b2] = [a * a - b * b, 2 * a * b];
        const [a3, b3] = [a2 * a - b2 * b, a2 * b + b2 * a];
        const s = sigma + beta + 1;
        const t = beta * (sigma + rho);
        expect(a3 + s * a2 + t * a + 2 * sigma * beta * (rho - 1)).toBeCloseTo(0, 8);
        expect(b3 + s * b2 + t * b).toBeCloseTo(0, 8);
      }
      expect([point.indexUnstable, point.realUnstable, point.degree]).toEqual([2, 0, 1]);
    }
    expect(found.degreeSum).toBe(1);
  });

  it("reports no point where there is none", () => {
    const found = findFixedPoints(
      functionSystem({
        kind: "flow",
        dimension: 1,
        f: (x, out) => (out[0] = 1 + x[0] ** 2),
        jacobian: (x, out) => (out[0] = 2 * x[0]),
      }),
      Float64Array.from([-2, 0.3, 1]),
    );
    expect(found.points).toHaveLength(0);
    expect(found.ledger.tooFast).toBe(3);
  });
});

describe("random tanh networks", () => {
  it.each([1, 2, 3])("degree sum +1 and |F| ≤ 1e-12 at every point, flow and map, seed %i", (seed) => {
    for (const kind of ["flow", "map"] as const) {
      const n = 12;
      const random = new RandomStream(seed, "network");
      const W = random.fillNormal(new Float64Array(n * n), 0, 1.8 / Math.sqrt(n));
      const b = random.fillNormal(new Float64Array(n), 0, 0.1);
      const system = tanhSystem(kind, W, b);
      const found = findFixedPoints(system, normalStates(256, n, 1, seed));
      expect(found.points.length).toBeGreaterThan(0);
      expect(found.degreeSum).toBe(1);
      expect(pairwise(found.points)).toBeGreaterThan(1e-3);
      const F = new Float64Array(n);
      for (const point of found.points) {
        system.evaluate(point.x, F);
        const residual = Math.hypot(...F.map((v, i) => v - (kind === "map" ? point.x[i] : 0)));
        expect(residual).toBeLessThanOrEqual(1e-12);
        // The determinant's sign is that of the product of the eigenvalues.
        expect(point.degree).toBe(point.realUnstable % 2 === 0 ? 1 : -1);
        expect(degreeAt(system, point.x)).toBe(point.degree);
      }
    }
  });

  it("N = 64, 1,024 starts: all 27 points and a settled search", () => {
    const n = 64;
    const random = new RandomStream(5, "network");
    const W = random.fillNormal(new Float64Array(n * n), 0, 0.2 / Math.sqrt(n));
    // Three uncoupled bistable directions have 27 regular points, 8 stable; a weak random background keeps them.
    for (let k = 0; k < 3; k++)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) if (i % 3 === k && j % 3 === k) W[i * n + j] += 1.7 / Math.ceil((n - k) / 3);
    const found = findFixedPoints(tanhSystem("map", W, new Float64Array(n)), normalStates(1024, n, 0.5));
    expect([found.degreeSum, found.status]).toEqual([1, "settled"]);
    expect(found.points).toHaveLength(27);
    expect(found.points.filter((point) => point.stable)).toHaveLength(8);
  });
});

describe("running", () => {
  it("reports progress and stops when told to", async () => {
    const phases = new Set<string>();
    findFixedPoints(bistable(2, 2), normalStates(16, 2), { onProgress: ({ phase }) => phases.add(phase) });
    expect([...phases].sort()).toEqual(["descend", "linearise", "polish"]);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 1);
    const search = searchFixedPoints(bistable(8, 2), normalStates(4096, 8, 3));
    await expect(driveAsync(search, { signal: controller.signal, slice: 1 })).rejects.toThrow("enough");
  });

  it("refuses starts that are not whole states", () => {
    expect(() => findFixedPoints(bistable(3, 2), new Float64Array(4))).toThrow(/4 numbers.*3 coordinates/);
    expect(() => findFixedPoints(bistable(3, 2), new Float64Array(0))).toThrow(/expected one state/);
    expect(() => findFixedPoints(bistable(1, 2), Float64Array.from([Number.NaN]))).toThrow(/finite/);
  });
});
