/** A trial in stretches is the trial in one go, of every cell and of its tangent; and the credit that goes in stretches. */
import { describe, expect, test } from "vitest";
import { compileProgram } from "../../src/engine/compiled/index.ts";
import type { Executable } from "../../src/engine/executable.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { tangent } from "../../src/equations/tangent.ts";
import * as cells from "../../src/networks/cells/index.ts";
import { makeNetwork, valuesOf } from "../../src/networks/network.ts";
import { rate } from "../../src/networks/rate.ts";
import type { Trials } from "../../src/tasks/trials.ts";
import { forward } from "../../src/training/credit/forward.ts";
import { samplesOf } from "../../src/training/gradient.ts";
import { square } from "../../src/training/penalty.ts";
import type { Evidence } from "../../src/training/rule.ts";
import { inStretches } from "../../src/training/stretches.ts";
import { type Case, caseOf, normal, timed } from "../networks/properties.ts";

const [trials, samples] = [2, 5];

describe.each([rate, ...Object.values(cells)].map((data) => [data.name!, data] as const))("%s", (_, data) => {
  const of: Case = caseOf(data);
  const { program, dots, seeds } = tangent(of.model.program, of.free);
  const cut = inStretches(program);
  const backwards = of.model.states.some((s) => s.direction === -1);

  if ("obstacle" in cut) {
    test("says what is in the way", () => {
      if (backwards) expect(cut.obstacle).toMatch(/backwards in time/);
      else expect(data.equations).toMatch(/delay\(|t-[2-9]|\[0\]|\[T/);
    });
    return;
  }

  test("stretches of two samples give the bits of the whole trial", async () => {
    const own = timed(of);
    const record = [...own, ...own.flatMap((name) => dots[name] ?? [])];
    const directions = Object.fromEntries(of.free.map((p) => [seeds[p]!, normal(of.values[p]!.length, `d ${p}`)]));
    const values = { ...of.values, ...directions };
    const compiled = (p: typeof program, most: number, also: string[] = []) =>
      compileProgram(p, { sizes: of.sizes, trials, samples: most, record: [...record, ...also], precision: "f64" });
    const give = (e: Executable, from = 0, length = samples): void => {
      for (const [name, v] of Object.entries(values))
        if (e.program.parameters[name]) e.setParameter(name, v);
        else if (e.program.inputs[name]?.per === "trial") e.setInput(name, v);
        else if (e.program.inputs[name])
          e.setInput(name, samplesOf(v, { count: trials, steps: samples, from, length }));
    };
    const whole = await compiled(program, samples);
    give(whole);
    whole.run({ dt: of.dt, seed: 3, firstTrial: 4 });
    const part = await compiled(
      cut.program,
      2,
      cut.states.map(({ last }) => last),
    );
    for (let from = 0; from < samples; from += 2) {
      const length = Math.min(2, samples - from);
      give(part, from, length);
      part.setParameter(cut.goesOn, [from > 0 ? 1 : 0]);
      if (from > 0) for (const { carried, last } of cut.states) part.setInput(carried, part.read(last).data);
      part.run({ dt: of.dt, seed: 3, firstTrial: 4, firstSample: from, samples: length });
      for (const name of record) {
        const all = whole.read(name).data as Float64Array;
        const expected = samplesOf(all, { count: trials, steps: samples, from, length });
        expect({ name, from, data: part.read(name).data }).toEqual({ name, from, data: expected });
      }
    }
  });
});

describe("forward credit", () => {
  const [N, I, O] = [6, 2, 2];
  const data: NetworkData = {
    equations: "x[t+1] = 0.8 x + J r + B u + 0.1 eps\nr = tanh(x)\nz = W r\nx[0] = x0",
    parameters: { J: { shape: ["N", "N"] }, B: { shape: ["N", "I"] }, W: { shape: ["O", "N"] }, x0: { shape: ["N"] } },
    sizes: { N, I, O },
  };
  const [count, steps] = [5, 23];
  const array = (width: number, key: string) => ({
    data: Float32Array.from(normal(count * steps * width, key)),
    shape: [count, steps, width],
  });
  const given: Trials = {
    ...{ dt: 1, inputs: array(I, "u"), targets: array(O, "z"), conditions: {} },
    mask: { data: new Float32Array(count * steps * O).fill(1), shape: [count, steps, O] },
  };
  const evidenceOf = async (stretch: number): Promise<{ evidence: Evidence; bytes: number }> => {
    const network = makeNetwork(data, { seed: 2 });
    const trained = ["J", "B", "W", "x0"];
    const penalties = [square(["J"], 0.1), square(["r"], 0.3)];
    const engine = await forward({ tangents: 4, stretch }).open({
      ...{
        model: modelOf(data),
        sizes: network.sizes,
        trained,
        samples: steps,
        seed: 1,
        shard: 3,
        state: {},
        penalties,
      },
    });
    for await (const evidence of engine.evidence(valuesOf(network), { trials: given, firstTrial: 7, iteration: 2 }))
      return { evidence, bytes: engine.bytes! };
    throw new Error("no evidence");
  };

  test.each([1, 4, 23, 100])("loss, slopes and curvature do not depend on the stretch: %i samples", async (stretch) => {
    const [{ evidence: ours }, { evidence: whole }] = [await evidenceOf(stretch), await evidenceOf(steps)];
    expect(ours.loss).toBeCloseTo(whole.loss, 6);
    expect(ours.error).toBeCloseTo(whole.error, 6);
    const far = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((v, k) => v - b[k]!)) / Math.hypot(...b);
    expect(far(ours.subspace!.slopes, whole.subspace!.slopes)).toBeLessThan(1e-6);
    expect(far(ours.subspace!.curvature, whole.subspace!.curvature)).toBeLessThan(1e-6);
  });

  test("a stretch of no whole number is refused", () => {
    expect(() => forward({ tangents: 2, stretch: 0.5 })).toThrow(/0\.5 samples of a stretch/);
  });
});
