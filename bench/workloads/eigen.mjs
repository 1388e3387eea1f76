/** Eigenvalues with vectors of a general real matrix of normal numbers, in double precision. */
import { generator } from "../numbers.mjs";

const item = (n, quick = false) => ({
  name: `N ${n}`,
  // ml-matrix takes longer than all the rest together beyond this.
  peers: ["nullcline", ...(n >= 256 ? ["nullcline with OpenBLAS"] : []), "NumPy", ...(n <= 256 ? ["ml-matrix"] : [])],
  quick,
  spec: {},
  arrays() {
    const { normal } = generator(n);
    return { A: { data: Float64Array.from({ length: n * n }, () => normal() / Math.sqrt(n)), shape: [n, n] } };
  },
});

export const eigen = {
  name: "eigen",
  title: "Eigenvalues and eigenvectors",
  explain:
    "CPU / wall ms. Ours are right and left vectors with the condition and residual of each pair; the peers' are right " +
    "vectors alone.",
  workload: "eigen",
  cases: [item(64, true), item(128, true), item(256), item(512), item(1024)],
};
