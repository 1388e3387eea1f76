import type { NetworkData } from "../../equations/network.ts";

/**
 * Depression `q` (resources) and facilitation `p` (release) per presynaptic unit; `r` is in spikes per unit of time.
 * @source Tsodyks, Pawelzik & Markram 1998, Neural Comput. 10, 821–835; Mongillo, Barak & Tsodyks 2008, Science 319, 1543–1546
 */
export const shortTermPlasticity: NetworkData = {
  name: "shortTermPlasticity",
  description: "Rate network with short-term depression and facilitation.",
  source:
    "Tsodyks, Pawelzik & Markram 1998, Neural Comput. 10, 821–835; Mongillo, Barak & Tsodyks 2008, Science 319, 1543–1546",
  equations: `tau dx/dt = -x + J (p * q * r) + B u + b
dq/dt = (1 - q)/tau_x - p * q * r
dp/dt = (p_0 - p)/tau_p + p_0 * (1 - p) * r
r = relu(x);  z = W r;  q[0] = 1;  p[0] = p_0`,
  parameters: {
    J: { shape: ["N", "N"] },
    B: { shape: ["N", "I"] },
    b: { shape: ["N"] },
    W: { shape: ["O", "N"] },
    tau: { value: 10, unit: "ms", tag: "pinned" },
    tau_x: { value: 200, unit: "ms", tag: "pinned" },
    tau_p: { value: 1500, unit: "ms", tag: "pinned" },
    p_0: { shape: ["N"], value: 0.2, tag: "pinned" },
  },
};
