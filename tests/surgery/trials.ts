import { RandomStream } from "../../src/engine/random.ts";
import { modelOf, type Network, runModel, valuesOf } from "../../src/index.ts";
import type { Trials } from "../../src/tasks/trials.ts";

/** Trials of white input, for networks with outputs that nothing scores. */
export function whiteTrials(count: number, samples: number, inputs: number, outputs = 1, dt = 1): Trials {
  const random = new RandomStream(3, "inputs");
  const none = { data: new Float32Array(count * samples * outputs), shape: [count, samples, outputs] };
  return {
    dt,
    inputs: {
      data: Float32Array.from({ length: count * samples * inputs }, () => random.normal()),
      shape: [count, samples, inputs],
    },
    targets: none,
    mask: none,
    conditions: {},
  };
}

/** A weight that the text computes from parameters, row-major. */
export async function weightOf(network: Network, name: string): Promise<number[]> {
  const options = { parameters: valuesOf(network), sizes: network.sizes, samples: 1, dt: 1, record: [name] };
  return [...(await runModel(modelOf(network.data), options))[name]!.data];
}
