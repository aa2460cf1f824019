"""A run that is killed, again and again, and resumed: what was published is never done again, and the
end is the same as if nothing had happened.

usage: resume_kills.py PROGRAM ROOT [KILLS]    the supervisor's deaths at random times; 24 without"""
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import harness
from harness import (PROGRAM, TESTDATA, Skip, children, convert, copies, files, is_alive, records,
                     start, tree, wait_until)

KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 24
CHAIN = "gray,blur=3"
TRACED = ["pwrite64", "linkat", "rename", "renameat2", "fdatasync", "fsync", "syncfs", "flock",
          "ftruncate", "newfstatat"]


def outputs(out):
    """Each output's name with what tells whether it was written again."""
    found = {}
    for path in files(out) if out.is_dir() else []:
        if path.parent.name != ".pixpool":
            stat = path.stat()
            found[path.relative_to(out)] = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
    return found


def assert_nothing_hidden(out):
    left = [path for path in files(out) if path.name.startswith(".")]
    assert not left, f"left over: {left[:5]}"


def kill(process):
    """Its death, and that of its workers within a second. It is stopped first, so that none is
    begun unseen."""
    process.send_signal(signal.SIGSTOP)
    workers = children(process.pid)
    process.kill()
    process.wait()
    assert wait_until(lambda: not any(map(is_alive, workers)), 1), "workers live on"


class Ledger:
    """What was published so far, and what each run was seen to do."""

    def __init__(self, out):
        self.out, self.published = out, {}

    def check(self, joblog):
        """After a run: no output of an earlier one is touched, nor its input tried again."""
        now = outputs(self.out)
        again = {name for name, what in self.published.items() if now.get(name) != what}
        assert not again, f"done twice: {sorted(map(str, again))[:5]}"
        if joblog.exists():
            for line in joblog.read_text().splitlines()[1:]:
                name = line.split("\t")[8].rpartition("/")[2] if line.count("\t") == 8 else None
                assert name not in map(str, self.published), f"tried again: {name}"
        self.published = now


def resume_until_complete(source, folder, options, seconds, dice, kills):
    """One output directory from nothing to its end, with at most `kills` deaths on the way; how many
    there were."""
    out, deaths = folder / "out", 0
    ledger = Ledger(out)
    while True:
        joblog = folder / f"joblog{deaths}"
        process = start(CHAIN, source, "-o", out, "--resume", "--joblog", joblog, "--log",
                        folder / "log", "--quiet", *options, stderr=subprocess.DEVNULL)
        try:
            process.wait(dice.uniform(0, seconds) if deaths < kills else 120)
        except subprocess.TimeoutExpired:
            assert deaths < kills, "a run that nobody disturbs hangs"
            kill(process)
            ledger.check(joblog)
            deaths += 1
            continue
        assert process.returncode == 0, process.returncode
        before = set(map(str, ledger.published))
        ledger.check(joblog)
        states = [(record["status"], os.path.basename(record["input"]))
                  for record in records(folder / "log")]
        assert sorted(name for _, name in states) == sorted(os.listdir(source))
        assert {name for state, name in states if state == "skipped"} == before
        assert_nothing_hidden(out)
        return deaths


def sooner(seconds, deaths):
    """Kill earlier where a whole run passed with hardly a death: the first one had a cold start."""
    return seconds if deaths > 2 else seconds / 2


def killed_and_resumed(folder, name, options, kills):
    source = copies(TESTDATA / "jpeg", folder / "in", 800)
    begin = time.monotonic()
    convert(CHAIN, source, "-o", folder / "whole", "--journal", folder / "journal", *options)
    seconds = time.monotonic() - begin
    whole, dice, deaths, rounds = tree(folder / "whole"), random.Random(name), 0, 0
    while deaths < kills:
        work = folder / f"round{rounds}"
        work.mkdir()
        more = resume_until_complete(source, work, options, seconds / 3, dice, kills - deaths)
        seconds, deaths, rounds = sooner(seconds, more), deaths + more, rounds + 1
        shutil.rmtree(work / "out" / ".pixpool")
        assert tree(work / "out") == whole, "the end is not the same"
        shutil.rmtree(work)
    print(f"    {deaths} kills in {rounds} rounds of {len(whole)} files")


def a_supervisor_killed_at_random_times_is_resumed_without_a_trace(folder):
    killed_and_resumed(folder, "none", ["--sync=none"], KILLS - KILLS // 3)


def the_same_with_outputs_brought_to_the_disk_in_groups(folder):
    killed_and_resumed(folder, "batch", ["--sync=batch", "--preserve"], KILLS // 3)


def files_in_place_are_converted_once_however_often_the_supervisor_is_killed(folder):
    """Twice inverted is as before: here a file done again would be a file lost."""
    def fresh(name):
        source = copies(TESTDATA / "jpeg", folder / f"links-{name}", 400)
        return shutil.copytree(source, folder / name)

    def arguments(target):
        return ["invert", target, "--in-place", "--resume", "--journal", f"{target}.journal"]

    begin = time.monotonic()
    convert(*arguments(fresh("whole")))
    seconds = time.monotonic() - begin
    whole, dice, deaths, rounds = tree(folder / "whole"), random.Random(1), 0, 0
    while deaths < KILLS // 3:
        target, before = fresh(f"round{rounds}"), deaths
        while True:
            process = start(*arguments(target), stderr=subprocess.DEVNULL)
            try:
                process.wait(dice.uniform(0, seconds / 2) if deaths < KILLS // 3 else 120)
                break
            except subprocess.TimeoutExpired:
                kill(process)
                deaths += 1
        assert process.returncode == 0, process.returncode
        assert tree(target) == whole, "the end is not the same"
        seconds, rounds = sooner(seconds, deaths - before), rounds + 1
    print(f"    {deaths} kills in {rounds} rounds of {len(whole)} files")


def killed_at(call, number, arguments):
    """Whether the program, run with these arguments, was killed as it made its call so numbered."""
    command = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
               "-e", f"inject={call}:signal=KILL:when={number}", PROGRAM, *map(os.fspath, arguments)]
    code = subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode
    return code in (-signal.SIGKILL, 128 + signal.SIGKILL)


def a_supervisor_killed_at_any_call_that_matters_is_resumed_without_a_trace(folder):
    """The few calls between a record of the journal and the name it speaks of, one by one."""
    if not shutil.which("strace") or subprocess.run(["strace", "-o", "/dev/null", "true"],
                                                    check=False).returncode:
        raise Skip("there is no strace, or it may not trace")
    source = copies(TESTDATA / "jpeg", folder / "in", 3)
    convert(CHAIN, source, "-o", folder / "whole")
    whole, kills = tree(folder / "whole"), 0
    for call in TRACED:
        for number in range(1, 6):
            out = folder / f"{call}{number}"
            arguments = [CHAIN, source, "-o", out, "--resume", "--sync=each", "-j1", "--quiet"]
            kills += killed_at(call, number, arguments)
            before = outputs(out)
            convert(*arguments)
            after = outputs(out)
            assert all(after[name] == what for name, what in before.items()), (call, number)
            shutil.rmtree(out / ".pixpool")
            assert tree(out) == whole, (call, number)
    print(f"    {kills} kills at {len(TRACED)} calls")
    assert kills >= 10, kills


def a_finished_run_is_resumed_without_opening_a_file(folder):
    source = copies(TESTDATA / "jpeg", folder / "in", 3000)
    convert("gray", source, "-o", folder / "out", "--resume", "--sync=none")
    begin = time.monotonic()
    errors = convert("gray", source, "-o", folder / "out", "--resume")
    size = (folder / "out" / ".pixpool" / "journal").stat().st_size
    print(f"    3,000 files: {time.monotonic() - begin:.2f} s, a journal of {size / 3000:.0f} "
          "bytes a file")
    assert "0 converted, 0 failed, 3000 skipped" in errors, errors


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    harness.run([
        a_supervisor_killed_at_random_times_is_resumed_without_a_trace,
        the_same_with_outputs_brought_to_the_disk_in_groups,
        files_in_place_are_converted_once_however_often_the_supervisor_is_killed,
        a_supervisor_killed_at_any_call_that_matters_is_resumed_without_a_trace,
        a_finished_run_is_resumed_without_opening_a_file,
    ])
