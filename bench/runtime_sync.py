#!/usr/bin/env python3
"""runtime_sync.py BUILD: locks and events beside Python's multiprocessing.

The same as micro_sync.c does: a lock that nobody else wants, acquired and released; a round of two
processes that answer each other without a pause; and the time from setting an event until the
process that sleeps over it runs, by the clock both processes see. Medians. Standard output gets a
line for each: what, nanoseconds here, nanoseconds there, how many times as long, tabs between; and
first what two atomic instructions take, below which no lock can get, here alone.
"""
import multiprocessing
import pathlib
import statistics
import subprocess
import sys
import time

BATCHES, PAIRS = 31, 10_000
ROUNDS = 200
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


def turn_event(event, answer, first):
    if first:
        event.set()
        answer.wait()
        answer.clear()
    else:
        event.wait()
        event.clear()
        answer.set()


def turn_semaphore(unit, answer, first):
    if first:
        unit.release()
        answer.acquire()
    else:
        unit.acquire()
        answer.release()


def take_turns(turn, one, other, first):
    figures = []
    for _ in range(BATCHES):
        begin = time.perf_counter_ns()
        for _ in range(ROUNDS):
            turn(one, other, first)
        figures.append((time.perf_counter_ns() - begin) / ROUNDS)
    return statistics.median(figures)


def turns(context, turn, one, other):
    child = context.Process(target=take_turns, args=(turn, one, other, False))
    child.start()
    figure = take_turns(turn, one, other, True)
    child.join()
    return figure


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
             "event set, and the other's answer":
                 turns(context, turn_event, context.Event(), context.Event()),
             "semaphore released, and the other's answer":
                 turns(context, turn_semaphore, context.Semaphore(0), context.Semaphore(0)),
             "event set until the process that sleeps runs": wake_ups(context)}
    print(f"word acquired and released\t{here['word acquired and released']:.0f}", flush=True)
    for name, figure in there.items():
        print(f"{name}\t{here[name]:.0f}\t{figure:.0f}\t{figure / here[name]:.1f}", flush=True)


if __name__ == "__main__":
    main()
