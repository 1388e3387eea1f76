import type { NetworkData } from "../../equations/network.ts";

/**
 * Driven damped oscillators, the new velocity in the second line. Without damping and input each unit conserves
 * `y² + omega² x² - h omega² x y`; its resonance is at `sqrt(omega² - 2 gamma²)`. Stable for `h omega < 2`.
 * @source Effenberger, Carvalho, Dubinin & Singer 2025, PNAS 122, e2412830122
 */
export const horn: NetworkData = {
  name: "horn",
  description: "Harmonic oscillators, in the symplectic order.",
  source: "Effenberger, Carvalho, Dubinin & Singer 2025, PNAS 122, e2412830122",
  equations: `y[t+1] = y + h (alpha * tanh(B u + b + (J y + c)/sqrt(N)) - omega^2 * x - 2 gamma * y)
x[t+1] = x + h y[t+1];  z = W x`,
  parameters: {
    J: { shape: ["N", "N"] },
    B: { shape: ["N", "I"] },
    b: { shape: ["N"] },
    c: { shape: ["N"] },
    W: { shape: ["O", "N"] },
    alpha: { value: 0.04, tag: "pinned" },
    omega: { value: 0.224, tag: "pinned" },
    gamma: { value: 0.01, tag: "pinned" },
    h: { value: 1, tag: "pinned" },
  },
};
