/** Surgery: a network in, an ordinary network out. */
export { type Lesion, lesion } from "./lesion.ts";
export { keepProbabilities, type PruneOptions, prune } from "./prune.ts";
export { type Resampled, type ResampleOptions, resample } from "./resample.ts";
export { type ToSpikingOptions, toSpiking } from "./toSpiking.ts";
export { type RefitOptions, refit, truncate } from "./truncate.ts";
