/** The 33 networks of the language's section 4, as data: title, declared shapes, text. */
import { readFileSync } from "node:fs";
import type { Dim } from "../../src/equations/graph.ts";
import type { NetworkData, ParameterData } from "../../src/equations/network.ts";

/** Numbers for the names of sizes, all different, so that a mixed-up shape cannot pass. */
export const sizes: Record<string, number> = { N: 5, I: 3, O: 2, R: 4, K: 6, P: 7, E: 3, Z: 2, G: 5, C: 4, U: 1, Y: 6 };

/** Values where a draw around zero would make the equations meaningless (time constants, thresholds, counts). */
const values: Record<string, number> = {
  tau: 10, tau_A: 10, tau_B: 14, tau_z: 8, tau_r: 12, tau_x: 20, tau_p: 30, tau_a: 40, tau_m: 15, tau_k: 25, tau_w: 9,
  lo: 5, hi: 20, sigma: 0.3, sigma_A: 0.2, sigma_B: 0.3, a: 0.2, k: 0.9, theta: 0.4, n: 2.3, n_0: 1.5, h: 0.1, d: 3, D: 0.5,
  lambda_0: 0.1, kappa: 1.1, omega: 0.3, gamma: 0.1, alpha: 0.4, A: 0.5, amp: 0.5, g: 1.3, beta: 0.6, b_0: 0.1, rho: 1.5, I: 0.3, b: 0.8,
  alpha_z: 0.7, beta_z: 0.2, alpha_r: 0.9, beta_r: -0.3,
}; // biome-ignore format: a table

const lfads: Record<string, string> = {
  ...Object.fromEntries(["1", "2", "3", "4"].flatMap((i) => [
    ...["R", "K", "C"].map((m) => [`${m}_${i}`, "E,E"]), ...["P", "Q", "D"].map((m) => [`${m}_${i}`, "E,N"]),
    ...["b", "c", "d"].map((v) => [`${v}_${i}`, "E"])])),
  A_f: "Z,E", A_b: "Z,E", a_m: "Z", V_f: "Z,E", V_b: "Z,E", a_v: "Z", G_0: "G,Z", g_0: "G",
  R_c: "C,C", K_c: "C,C", C_c: "C,C", P_f: "C,E", P_b: "C,E", P_y: "C,Y", Q_f: "C,E", Q_b: "C,E", Q_y: "C,Y",
  D_f: "C,E", D_b: "C,E", D_y: "C,Y", b_c: "C", c_c: "C", d_c: "C", M_u: "U,C", m_u: "U", V_u: "U,C", v_u: "U",
  R_g: "G,G", K_g: "G,G", C_g: "G,G", P_g: "G,U", Q_g: "G,U", D_g: "G,U", b_g: "G", c_g: "G", d_g: "G",
  F_0: "Y,G", W: "N,Y", b: "N",
}; // biome-ignore format: a table

function table(decls: string): Pick<NetworkData, "parameters" | "inputs" | "states"> {
  const parameters: Record<string, ParameterData> = {};
  const states: Record<string, { shape: Dim[] }> = {};
  let inputs: NetworkData["inputs"];
  for (const word of decls.split(" ").filter(Boolean)) {
    const match = /^(in:|state:)?(\w+)(?:\[([^\]]*)\])?(@trial)?$/.exec(word)!;
    const [, role, name, inner, per] = match;
    const shape = inner ? inner.split(",").map((d) => (/^\d+$/.test(d) ? Number(d) : d)) : [];
    if (role === "in:")
      inputs = { ...inputs, ...(name === "none" ? {} : { [name!]: { shape, per: per ? "trial" : "sample" } }) };
    else if (role === "state:") states[name!] = { shape };
    else {
      const value = values[name!];
      parameters[name!] = { shape, ...(value !== undefined && { value }) };
    }
  }
  // A text with an input of its own besides `u` keeps `u`.
  if (inputs && Object.keys(inputs).length > 0) inputs = { u: { shape: ["I"] }, ...inputs };
  return { parameters, ...(inputs && { inputs }), ...(Object.keys(states).length > 0 && { states }) };
}

export const cells: NetworkData[] = readFileSync(new URL("cells.txt", import.meta.url), "utf8")
  .split(/^## /m)
  .filter((block) => block.trim() !== "")
  .map((block) => {
    const end = block.indexOf("\n");
    const head = block.slice(0, end);
    const colon = head.indexOf(" : ");
    const name = head
      .slice(0, colon)
      .replace(/ \([^()]*\)$/, "")
      .trim();
    const data: Pick<NetworkData, "parameters" | "inputs" | "states"> = name.startsWith("LFADS")
      ? {
          parameters: Object.fromEntries(Object.entries(lfads).map(([p, shape]) => [p, { shape: shape.split(",") }])),
          inputs: { u: { shape: ["N"] } },
        }
      : table(head.slice(colon + 3));
    const text = block.slice(end + 1);
    const reads = (p: string): boolean => new RegExp(`\\b${p}\\b`).test(text);
    return {
      name,
      equations: text,
      ...data,
      parameters: Object.fromEntries(Object.entries(data.parameters).filter(([p]) => reads(p))),
      sizes,
      ...(/d[a-z_A-Z]*\/dt/.test(text) || name.includes("adaptive LIF") ? { dt: 0.5 } : {}),
    };
  });
