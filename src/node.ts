/** The public interface in Node: that of `index.ts`, and the host for Node. */

export { nodeHost } from "./host/node.ts";
export * from "./index.ts";
