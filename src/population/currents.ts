/**
 * Currents by source: what each area sends to each other one, apart by the sign of the weight.
 * @source Perich et al. 2020, bioRxiv 2020.12.18.423348 (CURBD): the current from area B into area A is J_AB r_B
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { extent } from "./activity.ts";

export interface Current {
  from: string;
  to: string;
  /** J_AB r_B, `[trial, time, unit of the target area]`. */
  total: NDArray<Float64Array>;
  /** The parts of it through positive and through negative weights; their sum is `total`. */
  excitatory: NDArray<Float64Array>;
  inhibitory: NDArray<Float64Array>;
}

/**
 * The recurrent input of every unit, J r, taken apart by source area and by the sign of the weight.
 * @param J `[unit, unit]`, row: target
 * @param rates what J multiplies, `[trial, time, unit]`
 * @param areas units of each area by name; every unit is in one
 * @returns one entry for each pair of areas, sources within a target; over the sources they sum to J r
 * @throws NullclineError where J and the rates do not fit, or the areas overlap or leave units out
 */
export function currentsBySource(J: NDArray, rates: NDArray, areas: Record<string, readonly number[]>): Current[] {
  const { trials, samples, units } = extent(rates, "rates");
  if (J.shape.length !== 2 || J.shape[0] !== units || J.shape[1] !== units)
    throw new NullclineError({
      code: "currents",
      given: `weights [${J.shape.join(" × ")}] and rates of ${units} units`,
      expected: `weights [${units} × ${units}]`,
    });
  checkPartition(areas, units);
  const rows = trials * samples;
  return Object.entries(areas).flatMap(([to, targets]) =>
    Object.entries(areas).map(([from, sources]): Current => {
      const part = () => ({
        data: new Float64Array(rows * targets.length),
        shape: [trials, samples, targets.length],
      });
      const [total, excitatory, inhibitory] = [part(), part(), part()];
      for (let k = 0; k < rows; k++)
        for (const [i, target] of targets.entries()) {
          let [plus, minus] = [0, 0];
          for (const source of sources) {
            const weight = J.data[target * units + source]!;
            const current = weight * rates.data[k * units + source]!;
            if (weight > 0) plus += current;
            else minus += current;
          }
          const at = k * targets.length + i;
          excitatory.data[at] = plus;
          inhibitory.data[at] = minus;
          total.data[at] = plus + minus;
        }
      return { from, to, total, excitatory, inhibitory };
    }),
  );
}

/** @throws NullclineError where a unit is in no area, in two, or does not exist */
function checkPartition(areas: Record<string, readonly number[]>, units: number): void {
  const home = new Array<string | undefined>(units).fill(undefined);
  const refuse = (given: string): never => {
    throw new NullclineError({ code: "currents", given, expected: `each of the ${units} units in one area` });
  };
  for (const [name, members] of Object.entries(areas))
    for (const unit of members) {
      if (!Number.isInteger(unit) || unit < 0 || unit >= units) refuse(`area \`${name}\` with unit ${unit}`);
      if (home[unit] !== undefined) refuse(`unit ${unit} in \`${home[unit]}\` and in \`${name}\``);
      home[unit] = name;
    }
  const without = home.indexOf(undefined);
  if (without >= 0) refuse(`unit ${without} in no area`);
}
