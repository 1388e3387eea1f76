/**
 * A task of one's own: `nullcline train rate --task examples/integrator.mjs`.
 *
 * Add up pulses of either sign: the output is a quarter of the sum of all pulses so far. What `trials` and `behaviour`
 * are given and return is described by `Task` and `Trials` of the package's types.
 */
import { RandomStream } from "nullcline";

/** @param {{ duration?: number, probability?: number }} options */
export default function integrator({ duration = 500, probability = 0.02 } = {}) {
  return {
    name: "integrator",
    description: "Add up pulses of either sign.",
    inputs: ["pulses"],
    outputs: ["sum"],
    dt: 5,
    unit: "ms",
    epochs: [["pulses", 0, duration]],

    trials({ seed, count, firstTrial = 0, dt = 5, purpose = "train" }) {
      const samples = Math.round(duration / dt);
      const shape = [count, samples, 1];
      const inputs = { data: new Float32Array(count * samples), shape };
      const targets = { data: new Float32Array(count * samples), shape };
      const mask = { data: new Float32Array(count * samples).fill(1), shape };
      for (let k = 0; k < count; k++) {
        // Trial k of a seed is the same trial in whatever batch it is drawn.
        const random = new RandomStream(seed, `integrator ${purpose}`, firstTrial + k);
        let sum = 0;
        for (let t = 0; t < samples; t++) {
          const pulse = random.uniform() < (probability * dt) / 5 ? random.choice([1, -1]) : 0;
          sum += pulse;
          // A pulse has the same area at any time step.
          inputs.data[k * samples + t] = (pulse * 5) / dt;
          targets.data[k * samples + t] = sum / 4;
        }
      }
      return { dt, inputs, targets, mask, conditions: {} };
    },

    behaviour(outputs, { targets }) {
      const [n, samples] = targets.shape;
      const mean = targets.data.reduce((a, b) => a + b, 0) / targets.data.length;
      const variance = targets.data.reduce((sum, target) => sum + (target - mean) ** 2, 0) / n;
      // Squared error of each trial, in units of a trial's share of the variance.
      const errors = new Float64Array(n);
      for (let i = 0; i < n * samples; i++)
        errors[Math.floor(i / samples)] += (outputs.data[i] - targets.data[i]) ** 2 / variance;
      const error = errors.reduce((a, b) => a + b, 0) / n;
      const spread = errors.reduce((sum, e) => sum + (e - error) ** 2, 0) / (n - 1);
      return { score: 1 - error, what: "R² of the sum", n, standardError: Math.sqrt(spread / n), parts: {} };
    },
  };
}
