import type { NetworkData } from "../../equations/network.ts";

/**
 * A textbook plane: the linear part turns and scales, `Q` is the quarter turn.
 * @source composition: at the angle theta the origin loses stability where g cos(theta) = 1
 */
export const planarRotation: NetworkData = {
  name: "planarRotation",
  description: "Two rate units coupled by a scaled rotation.",
  source: "composition: at the angle theta the origin loses stability where g cos(theta) = 1",
  equations: `dx/dt = -x + g (cos(theta) r + sin(theta) Q r);  r = tanh(x)`,
  parameters: {
    g: { value: 1.5, tag: "pinned" },
    theta: { value: 0.5, tag: "pinned" },
    Q: { shape: [2, 2], value: [0, -1, 1, 0], tag: "pinned" },
  },
  inputs: {},
  outputs: ["r"],
  dt: 0.1,
};
