import type { Dim } from "../../equations/graph.ts";
import type { NetworkData, ParameterData } from "../../equations/network.ts";

/** One gated unit of LFADS: reset before the product, a bias of 1 on the update gate, states clipped at ±5. */
function unit(state: string, index: string, at: "t-1" | "t+1", drive: (matrix: string) => string): string {
  const [r, k] = [`r_${index}`, `k_${index}`];
  const past = `${state}[${at}]`;
  return `${r} = sigmoid(R_${index} ${past} + ${drive("P")} + b_${index})
${k} = sigmoid(K_${index} ${past} + ${drive("Q")} + c_${index} + 1)
n_${index} = tanh(C_${index} (${r} * ${past}) + ${drive("D")} + d_${index})
${state}[t] = max(-5, min(5, ${k} * ${past} + (1 - ${k}) * n_${index}))`;
}

const encoder = (i: string, at: "t-1" | "t+1"): string => unit(`e_${i}`, i, at, (m) => `${m}_${i} u`);
const lagged = (m: string): string => `${m}_f e_3[t-1] + ${m}_b e_4[t+1] + ${m}_y f[t-1]`;

const shapes: Record<string, Dim[]> = {};
const declare = (names: string, ...shape: Dim[]): void => {
  for (const name of names.split(" ")) shapes[name] = shape;
};
for (const i of ["1", "2", "3", "4"]) {
  declare(`R_${i} K_${i} C_${i}`, "E", "E");
  declare(`P_${i} Q_${i} D_${i}`, "E", "N");
  declare(`b_${i} c_${i} d_${i}`, "E");
}
declare("A_f A_b V_f V_b", "Z", "E");
declare("a_m a_v", "Z");
declare("G_0", "G", "Z");
declare("g_0 b_g c_g d_g", "G");
declare("R_c K_c C_c", "C", "C");
declare("P_f P_b Q_f Q_b D_f D_b", "C", "E");
declare("P_y Q_y D_y", "C", "Y");
declare("b_c c_c d_c", "C");
declare("M_u V_u", "U", "C");
declare("m_u v_u", "U");
declare("R_g K_g C_g", "G", "G");
declare("P_g Q_g D_g", "G", "U");
declare("F_0", "Y", "G");
declare("W", "N", "Y");
declare("b", "N");

/**
 * LFADS: counts `u` of N neurons are encoded forward and backward into the initial state of a generator; a controller
 * infers inputs `i` from a second pair of encodings and the factors of the sample before; rates `lambda` are log-linear in
 * the factors `f`. Sizes: E encoders, Z code, G generator, C controller, U inferred inputs, Y factors.
 *
 * The Poisson likelihood and the divergences of `y` (mean `mu_0`, variance `exp(v_0) + 1e-4`) and `i` (mean `mu`, variance
 * `exp(v)`) from their priors belong to the objective.
 * @source Pandarinath et al. 2018, Nat. Methods 15, 805–815, and the published code
 */
export const lfads: NetworkData = {
  name: "lfads",
  description: "LFADS: encoders, controller, generator and factors of a recording's counts.",
  source: "Pandarinath et al. 2018, Nat. Methods 15, 805–815, and the published code",
  equations: `# initial-condition encoder: forward, backward
${encoder("1", "t-1")}
${encoder("2", "t+1")}
mu_0 = A_f e_1[T-1] + A_b e_2[0] + a_m;  v_0 = V_f e_1[T-1] + V_b e_2[0] + a_v
y[0] = mu_0 + sqrt(exp(v_0) + 1e-4) * eps
g[-1] = G_0 y[0] + g_0
# controller-input encoder: forward, backward
${encoder("3", "t-1")}
${encoder("4", "t+1")}
# controller, with lagged encodings and previous factors
${unit("c", "c", "t-1", lagged)}
mu = M_u c + m_u;  v = V_u c + v_u;  i = mu + exp(v/2) * eps
# generator, factors, rates
${unit("g", "g", "t-1", (m) => `${m}_g i`)}
F = rownorm(F_0);  f = F g;  lambda = exp(W f + b)`,
  inputs: { u: { shape: ["N"] } },
  outputs: ["lambda"],
  parameters: Object.fromEntries(
    Object.entries(shapes).map(([name, shape]): [string, ParameterData] => [name, { shape }]),
  ),
  sizes: { E: 32, Z: 16, G: 64, C: 32, U: 1, Y: 8 },
};
