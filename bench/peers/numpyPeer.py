"""NumPy: eigen-decompositions by the LAPACK that it was built with, and a simulation written as a loop."""

import sys

import numpy as np
from serve import load, serve

threads = int(sys.argv[1])


def eigen(spec):
    A = load(spec["arrays"]["A"])
    values = np.linalg.eig(A)[0]
    check = [float(np.sort(np.abs(values))[k]) for k in (0, len(values) // 2, -1)]
    return {"check": [*check, float(values.real.sum())]}, lambda: np.linalg.eig(A)


def simulation(spec):
    arrays = spec["arrays"]
    p = {k: load(a).astype(np.float32) for k, a in arrays.items()}
    u = np.ascontiguousarray(np.swapaxes(p["u"], 0, 1))
    J, B, W = (np.ascontiguousarray(p[k].T) for k in "JBW")
    T, trials = u.shape[:2]
    N = spec["sizes"]["N"]
    random = np.random.default_rng(0)

    def run(sigma):
        drive = 0.2 * (u @ B + p["b"])
        drive += np.float32(sigma) * random.standard_normal((T, trials, N), dtype=np.float32)
        x = np.zeros((trials, N), np.float32)
        for t in range(T):
            x = np.float32(0.8) * x + np.float32(0.2) * (np.tanh(x) @ J) + drive[t]
            drive[t] = x
        return np.tanh(drive, out=drive) @ W + p["c"]

    z = run(0.0)
    return {"check": [float((z**2).mean()), *z[49, 0].tolist()]}, lambda: run(spec["sigma"])


def describe():
    lapack = np.show_config(mode="dicts")["Build Dependencies"]["lapack"]
    return {"name": f"NumPy {np.__version__}", "threads": threads, "blas": f"{lapack['name']} {lapack['version']}"}


serve({"eigen": eigen, "simulation": simulation}, describe)
