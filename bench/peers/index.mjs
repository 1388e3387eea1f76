/** Who takes part: how each is started, and how it is installed where it is not. */
import { fileURLToPath } from "node:url";

const at = (file) => fileURLToPath(new URL(file, import.meta.url));
const pip = (packages) => `python3 -m venv DIR && DIR/bin/pip install ${packages}, then --python DIR/bin/python`;

/**
 * `command(options)`: program and arguments; `options` are those of the command line. `fresh`: variables that keep it from
 * taking what an earlier process compiled, where that is measured.
 */
export const peers = {
  nullcline: {
    command: ({ threads, strict }) => [process.execPath, at("nullcline.mjs"), threads, strict ? "strict" : "relaxed"],
    install: "npm ci && npm run build",
  },
  "nullcline with OpenBLAS": {
    command: ({ threads, strict }) => [
      ...[process.execPath, at("nullcline.mjs"), threads, strict ? "strict" : "relaxed"],
      "auto",
    ],
    install: "Debian's libopenblas0-pthread, or another OpenBLAS; koffi, which npm ci installs where it can",
  },
  "PyTorch eager": {
    command: ({ python, threads }) => [python, at("torchPeer.py"), "eager", threads],
    install: pip("torch numpy"),
  },
  "PyTorch, all in its loop": {
    command: ({ python, threads }) => [python, at("torchPeer.py"), "loop", threads],
    install: pip("torch numpy"),
  },
  "PyTorch compiled": {
    command: ({ python, threads }) => [python, at("torchPeer.py"), "compiled", threads],
    fresh: { TORCHINDUCTOR_FORCE_DISABLE_CACHES: "1" },
    install: `${pip("torch numpy")}; a C++ compiler`,
  },
  JAX: {
    command: ({ python, threads }) => [python, at("jaxPeer.py"), threads],
    install: pip("jax"),
  },
  NumPy: {
    command: ({ python, threads }) => [python, at("numpyPeer.py"), threads],
    install: pip("numpy"),
  },
  "jax-js": {
    command: ({ jaxJs, threads }) => [process.execPath, at("jaxJsPeer.mjs"), threads, jaxJs],
    install: "npm install --prefix DIR @jax-js/jax, then --jax-js DIR",
  },
  "ml-matrix": {
    command: () => [process.execPath, at("mlMatrixPeer.mjs")],
    install: "npm ci",
  },
};

/** Variables that hold numerical libraries to a number of threads. */
export const threadVariables = (threads) =>
  Object.fromEntries(
    ["OMP", "MKL", "OPENBLAS", "NUMEXPR", "VECLIB_MAXIMUM"].map((name) => [`${name}_NUM_THREADS`, String(threads)]),
  );
