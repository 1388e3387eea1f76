import type { NetworkData, ParameterData } from "../../equations/network.ts";

/**
 * A recurrent network with a sampled layer: at each sample it gives mean `m` and log-variance `v`, and
 * `i = m + exp(v/2) * eps` is drawn (reparametrised, so that gradients pass). `kl` is the divergence of N(m, exp v) from
 * the prior N(m_p, exp v_p), entry by entry, an ordinary quantity: the objective adds its sum.
 *
 * - `fixed`: m_p and v_p are pinned (default the standard normal). `learned`: they are trained.
 * - `autoregressive`: i follows `i[t] = q i[t-1] + sqrt(1 - q²) s n` with `q = exp(-dt/tau_p)`, both learned through
 *   logarithms; the divergence is that of each conditional from the chain's, which starts from zero before the trial.
 *
 * @source Kingma & Welling 2014, ICLR; the autoregressive prior: Pandarinath et al. 2018, Nat. Methods 15, 805–815
 */
export function sampledWithPrior(prior: "fixed" | "learned" | "autoregressive", name: string): NetworkData {
  const tag = prior === "fixed" ? "pinned" : "free";
  const autoregressive = prior === "autoregressive";
  const priorLines = autoregressive
    ? ["q = exp(-dt * exp(-l_p))", "v_p = 2 * g_p + log(1 - q * q)", "m_p = q * i[t-1]", "i[-1] = 0"]
    : [];
  const parameters: Record<string, ParameterData> = autoregressive
    ? { l_p: { shape: ["U"], value: 2 }, g_p: { shape: ["U"], value: 0 } }
    : { m_p: { shape: ["U"], value: 0, tag }, v_p: { shape: ["U"], value: 0, tag } };
  return {
    name,
    description: `Recurrent network with a sampled layer and its divergence from a prior that is ${prior}.`,
    source: "Kingma & Welling 2014, ICLR; autoregressive prior: Pandarinath et al. 2018, Nat. Methods 15, 805–815",
    equations: `h[t] = tanh(J h[t-1] + B u + b)
m = M h + c;  v = V h + d
i = m + exp(v/2) * eps
${[...priorLines, "kl = (exp(v - v_p) + (m - m_p)^2 * exp(-v_p) - 1 + v_p - v)/2"].join("\n")}
z = W i`,
    outputs: ["z", "kl"],
    parameters: {
      J: { shape: ["N", "N"] },
      B: { shape: ["N", "I"] },
      b: { shape: ["N"] },
      M: { shape: ["U", "N"] },
      c: { shape: ["U"] },
      V: { shape: ["U", "N"] },
      d: { shape: ["U"] },
      W: { shape: ["O", "U"] },
      ...parameters,
    },
  };
}

export const sampled = sampledWithPrior("fixed", "sampled");
export const sampledLearnedPrior = sampledWithPrior("learned", "sampledLearnedPrior");
export const sampledAutoregressive = sampledWithPrior("autoregressive", "sampledAutoregressive");
