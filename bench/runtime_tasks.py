#!/usr/bin/python3 -B
"""Calls of functions in a pool: pixpool's pp_tasks beside Python's multiprocessing.Pool.

    bench/runtime_tasks.py BUILD [--rounds N] [--workers N] [--items N] [--python PYTHON]

In every round both run once, one after the other; the ratio is taken within each round and the
median over the rounds is told. Python squares whole numbers, pixpool eight bytes: the smallest task
that gives something back. Memory is that of a worker after its tasks: all it has mapped and touched
(RSS), the same with what several have counted by parts (PSS), and what it alone has (USS)."""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys

# Run by the Python that is measured.
POOL = """
import json, multiprocessing, sys, time

def square(number):
    return number * number

def memory(pid, what):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith(what))

if __name__ == "__main__":
    workers, count = int(sys.argv[1]), int(sys.argv[2])
    rates = {}
    with multiprocessing.Pool(workers) as pool:
        pool.map(square, range(2000), chunksize=1)
        for chunk in (1, 16, 64, 256):
            begin = time.monotonic()
            results = pool.map(square, range(count), chunksize=chunk)
            rates[chunk] = count / (time.monotonic() - begin)
            assert results[-1] == (count - 1) ** 2
        pids = [child.pid for child in multiprocessing.active_children()]
        rss, pss, uss = (sum(memory(pid, what) for pid in pids) / len(pids)
                         for what in ("Rss:", "Pss:", "Private_"))
    print(json.dumps({"rates": rates, "rss": rss, "pss": pss, "uss": uss}))
"""


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode != 0:
        sys.exit(f"runtime_tasks.py: {command[0]}: {done.stderr.strip()[-300:]}")
    return done.stdout


def ours(options):
    """The figures by name."""
    program = options.build / "bench" / "micro_tasks"
    lines = run([str(program), str(options.workers), str(options.items)]).splitlines()
    return {name: float(value) for name, _, value in (line.split("\t") for line in lines)}


def pythons(options, script):
    told = json.loads(run([options.python, str(script), str(options.workers),
                           str(min(options.items, 50000))]))
    figures = {f"map, chunks of {chunk}": rate for chunk, rate in told["rates"].items()}
    return figures | {f"{name} a worker": told[name.lower()] for name in ("RSS", "PSS", "USS")}


def tell(rounds):
    print("| | pp_tasks | Pool | ratio, median (least to most) |")
    print("|---|---|---|---|")
    for name in rounds[0][0]:
        unit = "kB" if name.endswith("worker") else "items/s"
        ratios = [own[name] / other[name] for own, other in rounds]
        own, other = (statistics.median(pair[i][name] for pair in rounds) for i in (0, 1))
        print(f"| {name}, {unit} | {own:,.0f} | {other:,.0f} | {statistics.median(ratios):.2f} "
              f"({min(ratios):.2f} to {max(ratios):.2f}) |")


def main():
    parser = argparse.ArgumentParser(description="Time calls of functions beside Python's Pool.")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--items", type=int, default=200000)
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    options.build = options.build.resolve()
    script = options.build / "bench" / "python_pool.py"
    script.write_text(POOL, encoding="utf-8")
    tell([(ours(options), pythons(options, script)) for _ in range(max(1, options.rounds))])
    return 0


if __name__ == "__main__":
    sys.exit(main())
