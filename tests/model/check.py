#!/usr/bin/env python3
"""check.py [--large]: Spin over the models of the pool's protocol, of resuming, and of what
processes wait for each other by.

A model must have no error in any of its sizes, no endless run, and every kind of outcome within
reach; each mutant, a protocol with one thing done wrong, must have an error. --large goes through
the sizes that take minutes and gigabytes. Exits 77, which is to skip, without Spin or a C compiler.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
POOL, RESUME, QUEUE = HERE / "pool.pml", HERE / "resume.pml", HERE / "queue.pml"
SAFETY, CYCLES = ["-DSAFETY"], ["-DNP"]
ONE_WORKER = {"WORKERS": 1, "TASKS": 3, "FAULTS": 3}
CALLED_OFF = {"WORKERS": 1, "TASKS": 3, "FAULTS": 2, "CANCELS": 1}
TWO_WORKERS = {"WORKERS": 2, "TASKS": 2, "FAULTS": 2}
AT_HAND = {"WORKERS": 2, "TASKS": 3, "FAULTS": 1}
RECALLED = {"WORKERS": 2, "TASKS": 3, "FAULTS": 1, "OVERDUE": 0, "RECALLS": 1}
HUSHED = {"WORKERS": 1, "TASKS": 3, "FAULTS": 2, "HUSH": 1}
SIZES = [ONE_WORKER, CALLED_OFF, TWO_WORKERS, AT_HAND, RECALLED, HUSHED]
MANY_RUNS = {"TASKS": 2, "FAULTS": 3}
QUEUES = [{"WRITERS": 1, "READERS": 1, "ITEMS": 2, "FAULTS": 2},
          {"WRITERS": 1, "READERS": 2, "ITEMS": 2, "FAULTS": 1},
          {"WRITERS": 2, "READERS": 1, "ITEMS": 2, "FAULTS": 1}]
LARGE = [{"WORKERS": 2, "TASKS": 3, "FAULTS": 2},
         {"WORKERS": 2, "TASKS": 3, "FAULTS": 1, "CANCELS": 1}]
ENDLESS = [{"WORKERS": 1, "TASKS": 3, "FAULTS": 2}, {"WORKERS": 2, "TASKS": 2, "FAULTS": 1}]
SEMAPHORE, CONDITION = HERE / "semaphore.pml", HERE / "condition.pml"
WAITING = {SEMAPHORE: [{"USERS": 3, "TIMES": 2, "KILLS": 2},
                       {"USERS": 4, "UNITS": 2, "EXPIRIES": 0}],
           CONDITION: [{"PUTTERS": 2, "EACH": 2, "KILLS": 2},
                       {"PUTTERS": 1, "EACH": 1, "KILLS": 2}]}
OUTCOMES = ["DONE", "CRASHED", "TIMED_OUT", "CANCELLED"]
MEGABYTES = 1000


def explore(folder, model, sizes, switches=(), flags=SAFETY, megabytes=MEGABYTES):
    """States stored, and what went wrong: None when nothing did. What has an error has it soon, so
    that the compiler need not make an effort."""
    words = [f"-D{name}={value}" for name, value in sizes.items()] + list(switches)
    subprocess.run(["spin", "-a", *words, model], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["cc", "-O0" if switches else "-O2", "-w", *flags, "-DCOLLAPSE", f"-DMEMLIM={megabytes}", "-o", "pan",
                    "pan.c"], cwd=folder, check=True)
    command = ["./pan", "-m1000000"] + (["-l"] if flags is CYCLES else [])
    told = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE,
                          check=False).stdout
    found = re.search(r"errors: (\d+)", told)
    states = re.search(r"^\s*(\d+) states, stored", told, re.M)
    if not found or "Search not completed" in told and found.group(1) == "0":
        sys.exit(told + "check.py: the search did not come to its end")
    if found.group(1) == "0":
        return int(states.group(1)), None
    problem = re.search(r"^pan:\d+: (.*)$", told, re.M)
    return int(states.group(1)), problem.group(1) if problem else "no reason given"


def name_of(sizes):
    return ", ".join(f"{value} {name.lower()}" for name, value in sizes.items())


def check_sound(folder, model, sizes, flags=SAFETY, megabytes=MEGABYTES):
    states, problem = explore(folder, model, sizes, flags=flags, megabytes=megabytes)
    kind = "no endless run" if flags is CYCLES else "no error"
    print(f"{states:>9} states  {model.stem}, {name_of(sizes)}: {problem or kind}", flush=True)
    return problem is None


def check_found(folder, model, all_sizes, switch):
    """Some size must show it."""
    for sizes in all_sizes:
        states, problem = explore(folder, model, sizes, [f"-D{switch}"])
        if problem:
            print(f"{states:>9} states  {model.stem}, {switch}: {problem[:60]}", flush=True)
            return True
    print(f"                  {model.stem}, {switch}: not found", flush=True)
    return False


def mutants_of(model):
    return sorted(set(re.findall(r"\bMUTANT_[A-Z]\w+", model.read_text())))


def check_all(folder):
    passed = [check_sound(folder, POOL, sizes) for sizes in SIZES]
    passed += [check_sound(folder, POOL, sizes, CYCLES) for sizes in ENDLESS]
    passed += [check_sound(folder, RESUME, MANY_RUNS, flags) for flags in (SAFETY, CYCLES)]
    order = [CALLED_OFF, AT_HAND, TWO_WORKERS, ONE_WORKER, RECALLED, HUSHED]
    passed += [check_found(folder, POOL, order, f"REACH={outcome}") for outcome in OUTCOMES]
    passed += [check_found(folder, POOL, order, mutant) for mutant in mutants_of(POOL)]
    passed += [check_found(folder, RESUME, [MANY_RUNS], mutant) for mutant in mutants_of(RESUME)]
    passed += [check_sound(folder, QUEUE, sizes) for sizes in QUEUES]
    passed += [check_found(folder, QUEUE, QUEUES, mutant) for mutant in mutants_of(QUEUE)]
    for model, sizes in WAITING.items():
        passed += [check_sound(folder, model, size) for size in sizes]
        passed.append(check_sound(folder, model, {**sizes[0], "KILLS": 1}, CYCLES))
        passed += [check_found(folder, model, sizes, mutant) for mutant in mutants_of(model)]
    return passed


def main(arguments):
    if not shutil.which("spin") or not shutil.which("cc"):
        print("model: skipped, Spin or a C compiler is not here")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        if "--large" in arguments:
            passed = [check_sound(folder, POOL, sizes, megabytes=8000) for sizes in LARGE]
        else:
            passed = check_all(folder)
    print(f"{sum(passed)} passed, {len(passed) - sum(passed)} failed")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
