import type { NetworkData } from "../../equations/network.ts";
import { leaky } from "../leaky.ts";

/**
 * Rate-form network whose units each learn gain `n` and saturation `s` of their transfer function
 * `gamma(a; n, s) = (1 - s) softplus(n a)/n + s sigmoid(n a)`. In `drivenTransfer` a small network drives both.
 * @source Geadah, Horoi, Kerg, Wolf & Lajoie 2024, PLoS Comput. Biol. 20
 */
export const learnedTransfer: NetworkData = {
  ...leaky({ form: "rate", transfer: "gamma", transferPerUnit: true }),
  name: "learnedTransfer",
  description: "Rate-form network whose units learn gain and saturation of their transfer functions.",
};
