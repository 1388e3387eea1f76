"""JAX: a whole training step (noise, scan, gradient, Adam) in one jit."""

import os
import sys

threads = int(sys.argv[1])
# XLA takes as many threads as it may run on.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as np
from serve import load, serve, trained


def single(array):
    return np.asarray(load(array), dtype=np.float32)


def network(spec):
    """Parameters, inputs and targets, and the outputs [T, trial, O] as a function of (parameters, inputs, noise, key)."""
    arrays, name = spec["arrays"], spec["network"]
    u = np.swapaxes(single(arrays["u"]), 0, 1)
    y = np.swapaxes(single(arrays["y"]), 0, 1) if "y" in arrays else None
    p = {k: single(a).T if len(a["shape"]) == 2 else single(a) for k, a in arrays.items() if k not in "uy"}
    T, B, N = *u.shape[:2], spec["sizes"]["N"]
    if name == "gru":
        p = {
            "A": np.concatenate([p["A_q"], p["A_p"], p["A_n"]], axis=1),
            "B": np.concatenate([p["B_q"], p["B_p"], p["B_n"]], axis=1),
            "W": p["W"],
            "c": p["c"],
        }

    def outputs(p, u, sigma, key):
        drive = u @ p["B"]
        if name != "gru":
            drive = drive + p["b"]
        if name in ("rate", "lowRank"):
            drive = 0.2 * drive + sigma * jax.random.normal(key, (T, B, N))

        def step(x, v):
            if name == "leaky":
                x = 0.8 * x + 0.2 * np.tanh(x @ p["J"] + v)
            elif name == "rate":
                x = 0.8 * x + 0.2 * (np.tanh(x) @ p["J"]) + v
            elif name == "lowRank":
                x = 0.8 * x + 0.2 * (np.tanh(x) @ p["L"].T @ p["M"]) + v
            else:
                a = x @ p["A"]
                q = jax.nn.sigmoid(a[:, :N] + v[:, :N])
                g = jax.nn.sigmoid(a[:, N : 2 * N] + v[:, N : 2 * N])
                x = g * x + (1 - g) * np.tanh(q * a[:, 2 * N :] + v[:, 2 * N :])
            return x, x

        _, states = jax.lax.scan(step, np.zeros((B, N), np.float32), drive)
        return (states if name in ("leaky", "gru") else np.tanh(states)) @ p["W"] + p["c"]

    return p, u, y, outputs


def training(spec):
    p, u, y, outputs = network(spec)
    zeros = jax.tree.map(np.zeros_like, p)

    def update(state, u, y, sigma):
        p, m, v, k, key = state
        key, own = jax.random.split(key)
        loss, g = jax.value_and_grad(lambda p: np.mean((outputs(p, u, sigma, own) - y) ** 2))(p)
        k = k + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        p = jax.tree.map(
            lambda p, m, v: p - 1e-3 * (m / (1 - 0.9**k)) / (np.sqrt(v / (1 - 0.999**k)) + 1e-8), p, m, v
        )
        return loss, (p, m, v, k, key)

    jitted = jax.jit(update, donate_argnums=0)
    state = (p, zeros, jax.tree.map(np.zeros_like, p), np.float32(0), jax.random.key(0))

    def step(sigma):
        nonlocal state
        loss, state = jitted(state, u, y, np.float32(sigma))
        return float(jax.block_until_ready((loss, state))[0])

    return trained(step, spec["iterations"]), lambda: step(spec["sigma"])


def simulation(spec):
    p, u, _, outputs = network(spec)
    jitted = jax.jit(outputs)
    key = jax.random.key(0)

    def run(sigma):
        return jax.block_until_ready(jitted(p, u, np.float32(sigma), key))

    z = run(0.0)
    return {"check": [float(np.mean(z**2)), *z[49, 0].tolist()]}, lambda: run(spec["sigma"])


def describe():
    return {"name": f"JAX {jax.__version__} jit + scan", "threads": threads, "blas": "Eigen (XLA)"}


serve({"training": training, "simulation": simulation}, describe)
