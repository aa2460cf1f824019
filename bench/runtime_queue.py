#!/usr/bin/env python3
"""runtime_queue.py BUILD: the queue beside Python's multiprocessing.Queue.

The same items from one process to another, as micro_queue.c does it: a child puts, this process
gets; the time from the first item to the last; the median of a few runs. Standard output gets a line
for each size: what, items a second here, items a second there, how many times as many, tabs between.
"""
import multiprocessing
import pathlib
import statistics
import subprocess
import sys
import time

ROUNDS = 5
# Name as in micro_queue.c, bytes, items the queue has room for, items a run.
LOADS = [("8 B", 8, 4096, 100_000), ("1 KB", 1024, 1024, 50_000), ("1 MB", 1 << 20, 8, 500)]
WAY = "from process to process"


def put_all(queue, data, count):
    for _ in range(count):
        queue.put(data)


def measure(size, depth, count):
    """Items a second."""
    context = multiprocessing.get_context("fork")
    seconds = []
    for _ in range(ROUNDS):
        queue = context.Queue(depth)
        child = context.Process(target=put_all, args=(queue, b"\1" * size, count + 1))
        child.start()
        queue.get()
        begin = time.perf_counter()
        for _ in range(count):
            queue.get()
        seconds.append(time.perf_counter() - begin)
        child.join()
    return count / statistics.median(seconds)


def ours(build):
    """Items a second by what micro_queue calls the figure."""
    program = pathlib.Path(build) / "bench" / "micro_queue"
    told = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {line.split("\t")[0]: float(line.split("\t")[2]) for line in told.splitlines()}


def main():
    figures = ours(sys.argv[1])
    for name, size, depth, count in LOADS:
        here, there = figures[f"{name} {WAY}"], measure(size, depth, count)
        print(f"{name} {WAY}\t{here:.0f}\t{there:.0f}\t{here / there:.1f}", flush=True)


if __name__ == "__main__":
    main()
