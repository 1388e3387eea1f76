"""
PyTorch, eagerly, or with the step of the network compiled (torch.compile). Written as one would for speed: inputs and
noise of all samples are made before the loop over samples, the readout after it. In the mode `loop` all of it is in the
loop, as the equations stand.
"""

import sys

import torch
from serve import load, serve, trained

mode, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)


def single(array):
    return torch.tensor(load(array), dtype=torch.float32)


def leaky(x, v, J):
    return 0.8 * x + 0.2 * torch.tanh(x @ J + v)


def rate(x, v, J):
    return 0.8 * x + 0.2 * (torch.tanh(x) @ J) + v


def low_rank(x, v, M, L):
    return 0.8 * x + 0.2 * (torch.tanh(x) @ L.T @ M) + v


def looped(step, drive, coupling):
    """States at all samples, [T, trial, N]."""
    x = torch.zeros_like(drive[0])
    states = []
    for v in drive.unbind(0):
        x = step(x, v, *coupling)
        states.append(x)
    return torch.stack(states)


def network(spec):
    """The trained tensors, and the outputs [T, trial, O] as a function of the noise's size."""
    arrays, name = spec["arrays"], spec["network"]
    # [trial, sample, channel] becomes [sample, trial, channel]; matrices act on rows.
    u = single(arrays["u"]).transpose(0, 1).contiguous()
    y = single(arrays["y"]).transpose(0, 1).contiguous() if "y" in arrays else None
    T, B = u.shape[:2]
    N = spec["sizes"]["N"]
    p = {k: single(a).T.contiguous() if len(a["shape"]) == 2 else single(a) for k, a in arrays.items() if k not in "uy"}
    if name == "gru":
        # The library's own gated unit, whose loop is compiled C++; its gates are in the order r, z, n.
        cell = torch.nn.GRU(u.shape[2], N, bias=False)
        with torch.no_grad():
            cell.weight_ih_l0.copy_(torch.cat([p["B_q"].T, p["B_p"].T, p["B_n"].T]))
            cell.weight_hh_l0.copy_(torch.cat([p["A_q"].T, p["A_p"].T, p["A_n"].T]))
        W, c = p["W"].requires_grad_(), p["c"].requires_grad_()
        return [*cell.parameters(), W, c], y, lambda sigma: cell(u)[0] @ W + c

    for tensor in p.values():
        tensor.requires_grad_()
    step = {"leaky": leaky, "rate": rate, "lowRank": low_rank}[name]
    if mode == "compiled":
        step = torch.compile(step)
    coupling = [p[k] for k in ("J", "M", "L") if k in p]

    def plain(sigma):
        x = torch.zeros(B, N)
        z = []
        for t in range(T):
            pre = torch.tanh(x) @ p["J"] + u[t] @ p["B"] + p["b"]
            x = 0.8 * x + 0.2 * pre + sigma * torch.randn(B, N)
            z.append(torch.tanh(x) @ p["W"] + p["c"])
        return torch.stack(z)

    def outputs(sigma):
        drive = u @ p["B"] + p["b"]
        if name != "leaky":
            drive = 0.2 * drive + sigma * torch.randn(T, B, N)
        states = looped(step, drive, coupling)
        return (states if name == "leaky" else torch.tanh(states)) @ p["W"] + p["c"]

    return list(p.values()), y, plain if mode == "loop" else outputs


def training(spec):
    parameters, y, outputs = network(spec)
    optimiser = torch.optim.Adam(parameters, lr=1e-3)

    def step(sigma):
        loss = ((outputs(sigma) - y) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.item()

    return trained(step, spec["iterations"]), lambda: step(spec["sigma"])


def simulation(spec):
    _, _, outputs = network(spec)

    def run(sigma):
        with torch.no_grad():
            return outputs(sigma)

    z = run(0.0)
    check = [float((z**2).mean()), *z[49, 0].tolist()]
    return {"check": check}, lambda: run(spec["sigma"])


def fixed_points(spec):
    """
    States where q = |F|²/2 is least, F(h) = tanh(J h + b) - h: L-BFGS from all starts at once, in double precision,
    until |F| is within the tolerance everywhere; then one point of those closer than `distance` (Sussillo & Barak 2013).
    Adam with a falling rate reached 375 to 923 of 1,024 starts in three times the time.
    """
    J = torch.tensor(load(spec["arrays"]["J"]))
    b = torch.tensor(load(spec["arrays"]["b"]))
    starts = torch.tensor(load(spec["arrays"]["starts"]))

    def search():
        x = starts.clone().requires_grad_()
        optimiser = torch.optim.LBFGS(
            [x], max_iter=100, tolerance_grad=0, tolerance_change=0, history_size=20, line_search_fn="strong_wolfe"
        )
        slowest = float("inf")

        def closure():
            nonlocal slowest
            optimiser.zero_grad()
            F = torch.tanh(x @ J.T + b) - x
            slowest = float(F.detach().norm(dim=1).max())
            q = (F**2).sum() / 2
            q.backward()
            return q

        for _ in range(spec["iterations"] // 100):
            optimiser.step(closure)
            if slowest <= spec["residual"]:
                break
        with torch.no_grad():
            F = torch.tanh(x @ J.T + b) - x
            ready = x[F.norm(dim=1) <= spec["residual"]]
        found = []
        for point in ready.detach():
            if all(float((point - other).norm()) > spec["distance"] for other in found):
                found.append(point)
        return found, len(ready)

    found, ready = search()
    return {
        "check": [point.tolist() for point in found],
        "says": f"{ready} of {len(starts)} starts converged",
    }, search


def blas():
    lines = torch.__config__.show().split("\n")
    return next((line.strip(" -").split("-Product")[0] for line in lines if "Math Kernel" in line), "no MKL")


def describe():
    return {
        "name": f"PyTorch {torch.__version__} {mode}",
        "threads": torch.get_num_threads(),
        "blas": f"{blas()}, {torch.backends.cpu.get_cpu_capability()}",
    }


serve({"training": training, "simulation": simulation, "fixedPoints": fixed_points}, describe)
