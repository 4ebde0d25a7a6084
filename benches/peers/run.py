"""Times sruja and its peers on the reference model, one after the other, and prints the ratios.

Called by run.sh, which installs what is needed. Processor time (user and system) of whole processes, start-up
included; the best of several runs, because whatever else the machine does can only slow one down.
"""

import json
import os
import subprocess
import sys

EXACT = 0.0131335


def cost(command, runs):
    """(processor seconds, peak memory in MB, output) of the fastest run."""
    best = None
    for _ in range(runs):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(writer, 1)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os.close(reader)
            os.execvp(command[0], command)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            output = pipe.read()
        _, status, usage = os.wait4(child, 0)
        if status:
            sys.exit(f"failed: {' '.join(command)}")
        seconds = usage.ru_utime + usage.ru_stime
        if best is None or seconds < best[0]:
            best = (seconds, usage.ru_maxrss / 1024, output)
    return best


def own(output):
    metrics = json.loads(output)["runs"][0]["metrics"]
    return metrics["requests"] / 0.9, metrics["latency"]["mean"]


def plain(output):
    requests, mean = output.split()
    return float(requests), float(mean)


def version(package):
    command = [sys.executable, "-c", f"import importlib.metadata as m; print(m.version('{package}'))"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main():
    here, sruja, floor = sys.argv[1:4]
    model = f"{here}/reference.sruja"
    python = sys.executable
    rows = [
        ("written by hand", [floor, "600"], plain, 5),
        ("sruja, from a file, everything measured", [sruja, "run", model, "-j1", "--no-cache", "--format", "json"], own, 5),
        (f"SimPy {version('simpy')}", [python, f"{here}/simpy_reference.py", "60"], plain, 2),
        (f"Ciw {version('ciw')}", [python, f"{here}/ciw_reference.py", "30"], plain, 2),
    ]
    rates = {}
    print("| who | requests / CPU s | peak memory | mean response (exact 13.13 ms) | against sruja |")
    print("|---|---|---|---|---|")
    measured = []
    for name, command, read, runs in rows:
        seconds, memory, output = cost(command, runs)
        requests, mean = read(output)
        if abs(mean / EXACT - 1) > 0.1:
            sys.exit(f"{name} simulates something else: mean response {mean}")
        measured.append((name, requests / seconds, memory, mean))
        rates[name] = requests / seconds
    own_rate = measured[1][1]
    for name, rate, memory, mean in measured:
        ratio = own_rate / rate
        words = "" if name.startswith("sruja") else (f"{ratio:.0f} x slower" if ratio > 1.5 else f"{1 / ratio:.1f} x faster")
        print(f"| {name} | {rate:,.0f} | {memory:.0f} MB | {mean * 1e3:.2f} ms | {words} |")


main()
