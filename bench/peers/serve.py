"""A Python peer's side of the conversation, one JSON object a line: the same orders as serve.mjs."""

import json
import os
import resource
import sys
import time

import numpy

# What libraries print must not mix with the replies.
_replies = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def load(array):
    """An array of the specification, in float64."""
    return numpy.fromfile(array["file"], dtype="<f8").reshape(array["shape"])


def time_steps(step, seconds, least):
    """Runs `step` until the time is spent, at least `least` times; milliseconds of wall and CPU time."""
    wall, cpu = [], []
    until = time.perf_counter() + seconds
    while len(wall) < least or time.perf_counter() < until:
        c, w = time.process_time(), time.perf_counter()
        step()
        cpu.append(1000 * (time.process_time() - c))
        wall.append(1000 * (time.perf_counter() - w))
    return {"wall": wall, "cpu": cpu}


def trained(step, iterations):
    """Losses of the first iterations, without noise, and the time that the first takes more than the fastest."""
    losses, times = [], []
    for _ in range(iterations):
        began = time.perf_counter()
        losses.append(float(step(0.0)))
        times.append(1000 * (time.perf_counter() - began))
    return {"check": losses, "compileMs": times[0] - min(times[1:])}


def serve(workloads, describe):
    """A workload is a function of a specification that answers (what is said, the step that is timed)."""
    step = None
    for line in sys.stdin:
        request = json.loads(line)
        order = request["order"]
        try:
            if order == "describe":
                reply = describe()
            elif order == "prepare":
                step = None
                reply, step = workloads[request["workload"]](request["spec"])
            elif order == "time":
                reply = time_steps(step, request["seconds"], request["least"])
            else:
                # In MiB; Linux counts in KiB, macOS in bytes.
                unit = 2**20 if sys.platform == "darwin" else 2**10
                reply = {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=_replies, flush=True)
