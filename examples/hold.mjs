/**
 * A task of one's own: hold the height of a pulse until the trial ends.
 *
 *   nullcline train rate --task examples/hold.mjs --set N=32 --set task.duration=400
 */
import { RandomStream } from "nullcline";

/** @param {{ duration?: number, dt?: number }} options times in ms */
export default function hold({ duration = 500, dt = 10 } = {}) {
  return {
    name: "hold",
    description: `Hold the height of a pulse, between -1 and 1, for the rest of a trial of ${duration} ms.`,
    inputs: ["pulse"],
    outputs: ["held"],
    dt,
    unit: "ms",
    epochs: [["pulse", 50, 100]],

    trials({ seed, count, firstTrial = 0, purpose = "train", dt: step = dt, conditions = {} }) {
      const samples = Math.round(duration / step);
      const array = () => ({ data: new Float32Array(count * samples), shape: [count, samples, 1] });
      const [inputs, targets, mask] = [array(), array(), array()];
      const height = new Float64Array(count);
      for (let k = 0; k < count; k++) {
        // A stream for each trial: the same trial in whatever batch it is drawn.
        const random = new RandomStream(seed, `hold ${purpose}`, firstTrial + k);
        const drawn = random.uniform(-1, 1);
        const fixed = conditions.height;
        height[k] = fixed === undefined ? drawn : typeof fixed === "number" ? fixed : fixed[k];
        for (let t = 0; t < samples; t++) {
          const time = t * step;
          const at = k * samples + t;
          inputs.data[at] = time >= 50 && time < 100 ? height[k] : 0;
          targets.data[at] = time >= 50 ? height[k] : 0;
          mask.data[at] = time < 50 || time >= 200 ? 1 : 0;
        }
      }
      return { dt: step, inputs, targets, mask, conditions: { height } };
    },

    behaviour(outputs, { targets, mask }) {
      const [trials] = targets.shape;
      let [error, spread, n] = [0, 0, 0];
      for (let i = 0; i < outputs.data.length; i++) {
        if (mask.data[i] === 0) continue;
        error += (outputs.data[i] - targets.data[i]) ** 2;
        spread += targets.data[i] ** 2;
        n++;
      }
      const score = spread > 0 ? 1 - error / spread : 0;
      return {
        score,
        what: "fraction of the variance that is held",
        n: trials,
        standardError: Number.NaN,
        parts: { meanSquaredError: error / n },
      };
    },
  };
}
