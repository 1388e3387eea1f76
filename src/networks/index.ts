/** The networks by name. A new one is one file and one line here or, of a cell, in `cells/index.ts`. */
export * from "./cells/index.ts";
export { contextNetwork } from "./contextNetwork.ts";
export { fitted, fittedLowRank, linearComponents } from "./fitted.ts";
export { rate } from "./rate.ts";
export { vanilla } from "./vanilla.ts";
