#!/usr/bin/env python3
"""runtime_sync.py BUILD: locks and events beside Python's multiprocessing.

The same as micro_sync.c does: a lock that nobody else wants, acquired and released; and the time from
setting an event until the process that waits for it runs, by the clock both processes see. Medians.
Standard output gets a line for each: what, nanoseconds here, nanoseconds there, how many times as
long, tabs between.
"""
import multiprocessing
import pathlib
import statistics
import subprocess
import sys
import time

BATCHES, PAIRS = 31, 10_000
WAKE_UPS = 501
PAUSE = 0.0005  # seconds: long enough for the other to be asleep again


def pairs(lock):
    """Nanoseconds for acquiring and releasing, the loop around them taken off."""
    figures = []
    for _ in range(BATCHES):
        begin = time.perf_counter_ns()
        for _ in range(PAIRS):
            pass
        empty = time.perf_counter_ns() - begin
        begin = time.perf_counter_ns()
        for _ in range(PAIRS):
            lock.acquire()
            lock.release()
        figures.append((time.perf_counter_ns() - begin - empty) / PAIRS)
    return statistics.median(figures)


def wait(event, answer, woken):
    for _ in range(WAKE_UPS):
        event.wait()
        woken.value = time.monotonic_ns()
        event.clear()
        answer.release()


def wake_ups(context):
    event, answer, woken = context.Event(), context.Semaphore(0), context.Value("q", 0, lock=False)
    child = context.Process(target=wait, args=(event, answer, woken))
    child.start()
    figures = []
    for _ in range(WAKE_UPS):
        time.sleep(PAUSE)
        begin = time.monotonic_ns()
        event.set()
        answer.acquire()
        figures.append(woken.value - begin)
    child.join()
    return statistics.median(figures)


def ours(build):
    program = pathlib.Path(build) / "bench" / "micro_sync"
    told = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {line.split("\t")[0]: float(line.split("\t")[2]) for line in told.splitlines()}


def main():
    context = multiprocessing.get_context("fork")
    here = ours(sys.argv[1])
    there = {"lock acquired and released": pairs(context.Lock()),
             "recursive lock acquired and released": pairs(context.RLock()),
             "semaphore acquired and released": pairs(context.Semaphore(1)),
             "event set until the process that waits runs": wake_ups(context)}
    for name, figure in there.items():
        print(f"{name}\t{here[name]:.0f}\t{figure:.0f}\t{figure / here[name]:.1f}", flush=True)


if __name__ == "__main__":
    main()
