/** The networks that are trained and run: equations for this program; every peer has its own implementation of each. */

const io = {
  B: { shape: ["N", "I"] },
  W: { shape: ["O", "N"] },
};
const biases = { b: { shape: ["N"] }, c: { shape: ["O"] } };

/** `products(sizes)`: multiplications of one forward step of one trial; a training step does three times as many. */
export const networks = {
  leaky: {
    equations: "h[t] = 0.8 h[t-1] + 0.2 tanh(J h[t-1] + B u + b)\nz = W h + c",
    parameters: { J: { shape: ["N", "N"], gain: 1.2 }, ...io, ...biases },
    products: ({ N, I, O }) => N * N + N * (I + O),
  },
  rate: {
    equations: "x[t] = 0.8 x[t-1] + 0.2 (J r[t-1] + B u + b) + sigma eps\nr = tanh(x)\nz = W r + c",
    parameters: { J: { shape: ["N", "N"], gain: 1.2 }, ...io, ...biases },
    products: ({ N, I, O }) => N * N + N * (I + O),
  },
  gru: {
    equations: `q = sigmoid(A_q h[t-1] + B_q u)
p = sigmoid(A_p h[t-1] + B_p u)
n = tanh(q * A_n h[t-1] + B_n u)
h[t] = p * h[t-1] + (1 - p) * n
z = W h + c`,
    parameters: {
      ...Object.fromEntries(["q", "p", "n"].map((gate) => [`A_${gate}`, { shape: ["N", "N"] }])),
      ...Object.fromEntries(["q", "p", "n"].map((gate) => [`B_${gate}`, { shape: ["N", "I"] }])),
      W: io.W,
      c: biases.c,
    },
    products: ({ N, I, O }) => 3 * N * (N + I) + N * O,
  },
  lowRank: {
    equations: "x[t] = 0.8 x[t-1] + 0.2 (M L' r[t-1] + B u + b) + sigma eps\nr = tanh(x)\nz = W r + c",
    parameters: { M: { shape: ["N", "R"] }, L: { shape: ["N", "R"], gain: 0.2 }, ...io, ...biases },
    products: ({ N, I, O, R }) => N * (2 * R + I + O),
  },
};

/** A step of the noise: sqrt(2 · 0.2) · 0.1. Off (0) where peers are compared, on where they are timed. */
export const sigma = 0.0632;

/** Floating-point operations of the matrix products of a training step. */
export const trainingFlops = (spec) => 3 * 2 * networks[spec.network].products(spec.sizes) * spec.trials * spec.samples;
