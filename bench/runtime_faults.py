#!/usr/bin/env python3
"""runtime_faults.py BUILD: what is left of eight tasks when the fourth goes wrong.

One row a fault, one column a pool of processes: pp_tasks of libpixpool (runtime_faults.c), CPython's
multiprocessing.Pool and ProcessPoolExecutor (runtime_faults_cpython.py), and GNU parallel. Each has
two workers. A cell says which tasks have a result, what became of the others, and after how many
seconds all was known; "hangs" that it was not within LIMIT seconds.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
LIMIT = 15
TASKS = 8
FAULTS = {
    "segv": "the worker crashes",
    "kill": "the worker is killed",
    "exit": "the worker exits with 0 in mid-task",
    "idle": "a worker without a task is killed",
    "hang": "the task never ends; 2 s are allowed",
    "respawn": "the worker is killed, and no process can be forked for 2 s",
    "parent": "the parent is killed",
    "slow": "results are read slowly: inputs taken before the second",
}
MARK = "PIXPOOL_RUNTIME_FAULTS"


def marked(mark):
    """The processes that carry this run's mark in their environment."""
    found = []
    for place in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (place / "environ").read_bytes().split(b"\0"):
                found.append(int(place.name))
        except OSError:
            continue
    return found


def end_all(mark):
    for pid in marked(mark):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def told(lines):
    """The cell for what a driver printed: a JSON line for each task, in the order of their ends."""
    done = sorted(line["task"] for line in lines if line["status"] == "ok")
    failed = [line for line in lines if line["status"] != "ok"]
    parts = [f"{len(done)} ok"]
    parts += [f"{line['task']}: {line['status']}" for line in failed[:1]]
    if len(failed) > 1:
        parts.append(f"{len(failed)} failed")
    lost = TASKS - len(done) - len(failed)
    return ", ".join(parts + ([f"{lost} lost"] if lost else []))


class Driver:
    """A program that runs the eight tasks and prints a JSON line for each that ended."""

    def __init__(self, words, fault):
        self.fault, self.mark = fault, f"{os.getpid()}-{time.monotonic_ns()}"
        self.output = tempfile.TemporaryFile("w+")
        self.begin = time.monotonic()
        # Root may have any number of processes.
        user = ["setpriv", "--reuid", "61234", "--clear-groups"] if (
            fault == "respawn" and os.geteuid() == 0) else []
        self.process = subprocess.Popen(
            [*user, *words, fault], stdout=self.output, stderr=subprocess.DEVNULL,
            env={**os.environ, MARK: self.mark}, start_new_session=True)

    def lines(self):
        self.output.seek(0)
        found = []
        for line in self.output.read().splitlines():
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError:
                continue
        return found

    def ended(self, seconds):
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def cell(self):
        if self.fault == "parent":
            return self.killed()
        ended = self.ended(LIMIT)
        seconds = time.monotonic() - self.begin
        end_all(self.mark)
        self.process.wait()
        lines = self.lines()
        if self.fault == "slow":
            return f"{lines[0]['pulled']} inputs" if lines else "nothing"
        return f"{told(lines)}; " + (f"{seconds:.1f} s" if ended else "hangs")

    def killed(self):
        """How many of its processes are there a second after its own death."""
        self.ended(1)
        self.process.kill()
        self.process.wait()
        time.sleep(1)
        left = len(marked(self.mark))
        end_all(self.mark)
        return f"{left} processes live on" if left else "nobody lives on"


# ---- GNU parallel -------------------------------------------------------------------------------

BAD = {"segv": "kill -SEGV $$", "kill": "kill -KILL $$", "exit": "exit 0", "hang": "sleep 1000",
       "parent": "sleep 1000"}


def parallel(fault):
    """It is no library: a task is a shell's, its result what the shell printed."""
    if fault not in BAD:
        return "-"
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        log = folder / "log"
        script = folder / "run"
        script.write_text(
            "#!/bin/sh\n"
            f"exec parallel --will-cite -j 2 --joblog {log} --timeout 2 "
            f"'sh -c \"test {{}} = 3 && {{ {BAD[fault]}; }}; echo done >{folder}/{{}}\"' ::: "
            f"{' '.join(map(str, range(TASKS)))}\n")
        script.chmod(0o755)
        driver = Driver(["sh", str(script)], fault)
        if fault == "parent":
            return driver.cell()
        ended = driver.ended(LIMIT)
        seconds = time.monotonic() - driver.begin
        end_all(driver.mark)
        rows = [line.split("\t") for line in log.read_text().splitlines()[1:]]
        counted = sum(row[6] == "0" and row[7] == "0" for row in rows)
        with_result = sum((folder / str(task)).exists() for task in range(TASKS))
        return (f"{counted} counted ok, {with_result} with a result; " +
                (f"{seconds:.1f} s" if ended else "hangs"))


def drivers(build):
    cpython = [sys.executable, str(HERE / "runtime_faults_cpython.py")]
    return {
        "pixpool": lambda fault: Driver([str(build / "bench" / "runtime_faults")], fault).cell(),
        "multiprocessing.Pool": lambda fault: Driver([*cpython, "pool"], fault).cell(),
        "ProcessPoolExecutor": lambda fault: Driver([*cpython, "executor"], fault).cell(),
        **({"GNU parallel": parallel} if shutil.which("parallel") else {}),
    }


def main(build):
    columns = drivers(pathlib.Path(build).resolve())
    print("| fault | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for fault, title in FAULTS.items():
        cells = [run(fault) for run in columns.values()]
        print(f"| {title} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
