import type { NetworkData } from "../../equations/network.ts";

/**
 * Two populations; `s_p` is 1 on the units of population p, `X` are pinned normal numbers, `m_p` and `n_p` the means and
 * `C_p C_p'`, `E_p E_p'`, `C_p E_p'` the covariances of the loadings.
 * @source Beiran, Dubreuil, Valente, Mastrogiuseppe & Ostojic 2021, Neural Comput. 33, 1572–1615; Dubreuil et al. 2022, Nat. Neurosci. 25, 783–794
 */
export const mixtureLowRank: NetworkData = {
  name: "mixtureLowRank",
  description: "Low-rank rate network whose loadings are drawn from a mixture of two Gaussian populations.",
  source:
    "Beiran, Dubreuil, Valente, Mastrogiuseppe & Ostojic 2021, Neural Comput. 33, 1572–1615; Dubreuil et al. 2022, Nat. Neurosci. 25, 783–794",
  equations: `M = s_1 m_1' + diag(s_1) X C_1' + s_2 m_2' + diag(s_2) X C_2'
L = s_1 n_1' + diag(s_1) X E_1' + s_2 n_2' + diag(s_2) X E_2'
tau dx/dt = -x + M L' tanh(x) / N + B u`,
  parameters: {
    s_1: { shape: ["N"], init: { law: "shares", values: [1, 0], shares: [0.5, 0.5] }, tag: "pinned" },
    s_2: { shape: ["N"], init: { law: "shares", values: [0, 1], shares: [0.5, 0.5] }, tag: "pinned" },
    X: { shape: ["N", "K"], init: { law: "gaussian", std: 1 }, tag: "pinned" },
    m_1: { shape: ["R"] },
    m_2: { shape: ["R"] },
    n_1: { shape: ["R"] },
    n_2: { shape: ["R"] },
    C_1: { shape: ["R", "K"] },
    C_2: { shape: ["R", "K"] },
    E_1: { shape: ["R", "K"] },
    E_2: { shape: ["R", "K"] },
    B: { shape: ["N", "I"], init: { law: "gaussian", std: 1 } },
    tau: { value: 100, unit: "ms", tag: "pinned" },
  },
  states: { x: { shape: ["N"] } },
  outputs: ["x"],
};
