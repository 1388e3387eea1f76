/** The real recording of motor cortex that reference values exist for, or why there is none. */
import { existsSync, readFileSync } from "node:fs";
import type { NDArray } from "../../src/base/arrays.ts";
import { readMat5 } from "../../src/formats/mat5.ts";

const path = new URL("../../../shared/reference/recordings/monkey-reach.mat", import.meta.url);
export const present = existsSync(path);
export const absence = "skipped: ../shared/reference/recordings/monkey-reach.mat is absent";

/** `[10 conditions, 61 times, 50 neurons]` and the times, -50 to 550 ms. */
export async function monkeyReach(): Promise<{ activity: NDArray<Float64Array>; times: Float64Array }> {
  const { dataTensor, t } = await readMat5(new Uint8Array(readFileSync(path)));
  if (dataTensor?.kind !== "numbers" || t?.kind !== "numbers") throw new Error("not the file that it was");
  const tensor = dataTensor.read();
  const [samples, neurons, conditions] = tensor.shape;
  const data = new Float64Array(tensor.data.length);
  for (let time = 0; time < samples; time++)
    for (let neuron = 0; neuron < neurons; neuron++)
      for (let condition = 0; condition < conditions; condition++)
        data[(condition * samples + time) * neurons + neuron] =
          tensor.data[(time * neurons + neuron) * conditions + condition];
  return { activity: { data, shape: [conditions, samples, neurons] }, times: Float64Array.from(t.read().data) };
}
