#!/usr/bin/env python3
"""runtime_faults_cpython.py pool|executor FAULT: eight tasks, of which the fourth goes wrong.

Prints a JSON line for each task that ended. See runtime_faults.py."""
import concurrent.futures
import json
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time

TASKS, BAD = 8, 3
SIGNALS = {"segv": signal.SIGSEGV, "kill": signal.SIGKILL, "respawn": signal.SIGKILL}


def work(fault, task):
    time.sleep(0.05)
    if fault == "parent":
        time.sleep(1000)
    if task == BAD and fault in SIGNALS:
        os.kill(os.getpid(), SIGNALS[fault])
    if task == BAD and fault == "exit":
        os._exit(0)
    if task == BAD and fault == "hang":
        time.sleep(1000)
    return task * task


def tell(task, get):
    try:
        get()
        status = "ok"
    except BaseException as error:  # pylint: disable=broad-except
        status = type(error).__name__
    print(json.dumps({"task": task, "status": status}), flush=True)


def forbid_forks(seconds):
    """No process, and no thread, can be made until then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    threading.Timer(seconds, resource.setrlimit, (resource.RLIMIT_NPROC, (soft, hard))).start()
    resource.setrlimit(resource.RLIMIT_NPROC, (1, hard))


class Pool:
    """multiprocessing.Pool, which has no time-out for a task but one for waiting."""

    def __init__(self):
        self.pool = multiprocessing.Pool(2)

    def submit(self, fault, task):
        result = self.pool.apply_async(work, (fault, task))
        return lambda: result.get()  # pylint: disable=unnecessary-lambda

    def lazily(self, inputs):
        return self.pool.imap(abs, inputs)

    def worker(self):
        return self.pool._pool[0].pid  # pylint: disable=protected-access


class Executor:
    """concurrent.futures, likewise."""

    def __init__(self):
        self.pool = concurrent.futures.ProcessPoolExecutor(2)

    def submit(self, fault, task):
        return self.pool.submit(work, fault, task).result

    def lazily(self, inputs):
        return self.pool.map(abs, inputs)

    def worker(self):
        return next(iter(self.pool._processes))  # pylint: disable=protected-access


def slow(pool):
    pulled = 0

    def inputs():
        nonlocal pulled
        for number in range(20000):
            pulled += 1
            yield number

    results = iter(pool.lazily(inputs()))
    next(results)
    time.sleep(0.5)
    print(json.dumps({"pulled": pulled}), flush=True)
    os._exit(0)


def main(kind, fault):
    pool = {"pool": Pool, "executor": Executor}[kind]()
    if fault == "slow":
        slow(pool)
    if fault == "idle":
        for task in range(4):
            tell(task, pool.submit(fault, task))
        os.kill(pool.worker(), signal.SIGKILL)
        time.sleep(0.2)
        rest = range(4, TASKS)
    else:
        rest = range(TASKS)
    waiting = [(task, pool.submit(fault, task)) for task in rest]
    if fault == "respawn":
        forbid_forks(2)
    for task, get in waiting:
        tell(task, get)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
