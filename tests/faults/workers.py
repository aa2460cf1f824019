"""workers.py PROGRAM ROOT LIBRARIES [all]: what happens to workers costs one file, or none.

Cases 1 to 11, 26 and 27 of README.md: each run's books are audited, whatever else is looked at."""
import os
import random
import signal
import subprocess
import sys
import time

import ledger
from harness import (NOBODY, TESTDATA, Skip, copies, is_alive, kill_pause, run as run_tests,
                     wait_until)
from ledger import Books, audit
from points import (SANITIZED, VICTIM, Fault, attempts, charged_more_than_once, with_victim)


def told(run, counts, more=""):
    print(f"    {counts.done} done, {counts.failed} failed, {counts.skipped} skipped, "
          f"{counts.lost} lost; exit {run.status} after {run.seconds:.2f} s{more}")


def only_the_victim_failed(run, counts, word):
    assert run.status == 1 and counts.failed == 1 and counts.skipped == 0, counts
    assert list(run.failures()) == [VICTIM] and word in run.failures()[VICTIM], run.failures()


def all_done(run, counts):
    assert run.status == 0 and counts.failed == counts.skipped == 0, (counts, run.errors[-500:])


# ---- 1
def a_crash_on_one_file_is_tried_twice_and_fails_that_file(folder):
    books = with_victim(folder)
    fault = Fault(books, "work", "segv")
    run, counts = books.run(environment=fault.environment)
    told(run, counts, f", {fault.fired} crashes")
    only_the_victim_failed(run, counts, "crashed with SIGSEGV (2 attempts)")
    assert fault.fired == 2 and charged_more_than_once(run) == {VICTIM: 2}


# ---- 2
def kill_as_it_goes(books, every):
    """Kill a random worker whenever so many more files are in the log, which without sync has each
    as soon as it is done; how many were killed."""
    run = books.start("--sync", "none")
    dice, kills, lines = random.Random(1), 0, 0
    with open(run.log, "rb") if wait_until(run.log.exists, 20) else None as log:
        while run.process.poll() is None:
            lines += log.read().count(b"\n")
            if lines < every * (kills + 1):
                time.sleep(0.001)
                continue
            try:
                os.kill(dice.choice(ledger.harness.children(run.process.pid) or [NOBODY]),
                        signal.SIGKILL)
                kills += 1
            except ProcessLookupError:
                time.sleep(0.001)
    run.wait(1)
    return run, kills


def workers_killed_at_random_lose_and_double_nothing(folder):
    number, every = (50000, 25) if ledger.ALL else (2500, 25)
    copies(TESTDATA / "jpeg", folder / "in", number)
    books = Books(folder)
    run, kills = kill_as_it_goes(books, every)
    run.limit = 120 + number / 50
    counts = audit(books, run)
    told(run, counts, f", {kills} kills")
    all_done(run, counts)
    assert kills > 0.7 * number / every, "hardly anything was tested"


# ---- 3
def a_worker_killed_while_idle_charges_no_task(folder):
    books = with_victim(folder, 40, "-j", "8")
    fault = Fault(books, "work", "dawdle")
    run, kills = books.start(environment=fault.environment), 0
    # Some stay at hand behind the one in work; the others leave their workers with nothing to do.
    assert wait_until(lambda: fault.fired and len(run.records()) >= 30, 20)
    for worker in set(run.workers()) - {fault.process}:
        os.kill(worker, signal.SIGKILL)
        kills += 1
    assert fault.survived == 0, "nobody was idle"
    counts = audit(books, run.wait(30))
    told(run, counts, f", {kills} kills")
    all_done(run, counts)
    assert kills >= 3 and not charged_more_than_once(run)


# ---- 4
def a_worker_that_exits_in_the_middle_of_a_task_is_no_success(folder):
    books = with_victim(folder)
    fault = Fault(books, "work", "exit")
    run, counts = books.run(environment=fault.environment)
    told(run, counts, f", {fault.fired} exits")
    only_the_victim_failed(run, counts, "worker exited with status 0 (2 attempts)")
    assert fault.fired == 2


# ---- 5 and 6
def readings(books):
    """How many inputs are read from their start when nothing goes wrong."""
    fault = Fault(books, "work", "none", size=1)
    run, counts = books.run(environment=fault.environment)
    all_done(run, counts)
    assert fault.begun >= counts.done and fault.fired == 0
    return fault.begun


def a_death_after_the_slot_is_filled_and_before_the_tail_redoes_one_task_once(folder):
    books = with_victim(folder)
    calm = readings(books)
    fault = Fault(books, "filled", "segv", times=1)
    run, counts = books.run(environment=fault.environment)
    told(run, counts, f", {fault.fired} death, {fault.begun - calm} inputs read again")
    all_done(run, counts)
    assert fault.fired == 1 and list(charged_more_than_once(run).values()) == [2]
    assert fault.begun > calm


def a_death_after_the_tail_and_before_the_doorbell_costs_nothing(folder):
    books = with_victim(folder)
    calm = readings(books)
    fault = Fault(books, "told", "segv", times=5)
    run, counts = books.run(environment=fault.environment)
    told(run, counts, f", {fault.fired} deaths, {fault.begun - calm} inputs read again")
    all_done(run, counts)
    assert fault.fired >= 1 and not charged_more_than_once(run)
    assert fault.begun == calm, "a result that was published was made again"


# ---- 7
def a_death_with_tasks_at_hand_gives_them_back_uncharged(folder):
    books = with_victim(folder, 40, "-j", "1")
    fault = Fault(books, "receive", "kill", times=5)
    run, counts = books.run(environment=fault.environment)
    told(run, counts, f", {fault.fired} kills of a worker that had received")
    all_done(run, counts)
    assert fault.fired == 5 and not charged_more_than_once(run)
    fault = Fault(books, "work", "segv", times=1)
    run, counts = books.run(environment=fault.environment)
    all_done(run, counts)
    assert fault.fired == 1 and charged_more_than_once(run) == {VICTIM: 2}


# ---- 8
def workers_that_all_die_at_their_start_end_the_run(folder):
    books = with_victim(folder)
    for action in ("segv", "exit", "kill"):
        fault = Fault(books, "start", action)
        run = books.start(environment=fault.environment).wait(10)
        counts = audit(books, run, {70})
        told(run, counts, f", {fault.fired} deaths by {action}")
        assert counts.done == 0 and fault.fired >= 3


# ---- 9 and 10
def ends_at_its_limit(folder, action):
    books = with_victim(folder, 200)
    fault = Fault(books, "work", action)
    run, counts = books.run("--timeout", "1", environment=fault.environment)
    victim = next(record for record in run.records() if record["input"].endswith(VICTIM))
    told(run, counts, f", the file ended after {victim['ms_total']:.0f} ms")
    only_the_victim_failed(run, counts, "no result within 1 s")
    # A second is what a machine with nothing else to do needs less than; the sample may share one.
    most = 2000 if ledger.ALL else 4000
    assert fault.fired == 1 and 1000 <= victim["ms_total"] < most, victim["ms_total"]


def a_decode_without_end_is_ended_at_its_limit(folder):
    ends_at_its_limit(folder, "spin")


def a_stopped_worker_is_killed_and_its_result_cannot_come_late(folder):
    ends_at_its_limit(folder, "stop")


# ---- 11
def is_stopped(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return stat.read().rpartition(b")")[2].split()[0] == b"T"
    except OSError:
        return False


def a_suspension_longer_than_the_limit_is_held_against_no_task(folder):
    """As ^Z and fg: the whole process group, 2.5 s, with a task of 0.8 s in work, 1.5 s allowed."""
    books = with_victim(folder)
    fault = Fault(books, "work", "dawdle")
    run = books.start("--timeout", "1.5", environment=fault.environment, process_group=0)
    assert wait_until(lambda: fault.fired, 10)
    time.sleep(0.2)
    os.killpg(run.process.pid, signal.SIGTSTP)
    if not wait_until(lambda: is_stopped(run.process.pid), 2):
        os.killpg(run.process.pid, signal.SIGSTOP)
    assert wait_until(lambda: all(map(is_stopped, run.processes())), 2)
    time.sleep(2.5)
    assert fault.survived == 0, "it was over before it was stopped"
    os.killpg(run.process.pid, signal.SIGCONT)
    counts = audit(books, run.wait(30))
    told(run, counts)
    all_done(run, counts)
    assert fault.fired == fault.survived == 1 and not charged_more_than_once(run)


# ---- 14
def group_of_memory(megabytes):
    """A control group below this process's own, or Skip; its folder."""
    own = {}
    with open("/proc/self/cgroup", encoding="utf-8") as lines:
        for line in lines:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            own[controllers] = path
    for base, path, limit in (("/sys/fs/cgroup/memory", own.get("memory"), "memory.limit_in_bytes"),
                              ("/sys/fs/cgroup", own.get(""), "memory.max")):
        group = f"{base}{path}/pixpool-faults-{os.getpid()}"
        try:
            if path is None:
                continue
            os.mkdir(group)
            with open(f"{group}/{limit}", "w", encoding="ascii") as file:
                file.write(str(megabytes << 20))
            return group
        except OSError:
            if os.path.isdir(group):
                os.rmdir(group)
    raise Skip("no control group for memory may be made here")


def a_worker_the_kernel_kills_for_its_memory_gets_one_retry_alone(folder):
    books = with_victim(folder)
    group = group_of_memory(400)
    join = ["sh", "-c", f"echo $$ > {group}/cgroup.procs && exec \"$0\" \"$@\""]
    try:
        for times, attempt in ((1, 2), (2, 2)):
            fault = Fault(books, "work", "eat", times=times)
            # Without the sandbox's own limit, so that the kernel has to step in.
            run, counts = books.run("--sandbox", "off", before=join, environment=fault.environment)
            told(run, counts, f", {fault.fired} eaten up")
            if times == 1:
                all_done(run, counts)
            else:
                only_the_victim_failed(run, counts, "likely out of memory (2 attempts)")
            assert fault.fired == times and charged_more_than_once(run) == {VICTIM: attempt}
            assert fault.survived == 0
    finally:
        wait_until(lambda: not open(f"{group}/cgroup.procs", encoding="ascii").read(), 2)
        os.rmdir(group)


# ---- 26
def a_worker_that_scribbles_over_its_cell_is_replaced(folder):
    books = with_victim(folder)
    fault = Fault(books, "work", "scribble", times=1)
    run, counts = books.run(environment=fault.environment)
    told(run, counts)
    all_done(run, counts)
    # What else stood in the cell is lost with it: the oldest of it may be another's.
    assert fault.fired == 1 and list(charged_more_than_once(run).values()) == [2]
    fault = Fault(books, "work", "scribble")
    run, counts = books.run(environment=fault.environment)
    told(run, counts)
    only_the_victim_failed(run, counts, "worker overwrote its results (2 attempts)")


# ---- 27
def sandbox_is_whole():
    level = subprocess.run([ledger.harness.PROGRAM, "--version"], check=True, capture_output=True)
    return b"seccomp" in level.stdout


def a_decoder_that_tries_more_than_decoding_costs_its_own_file(folder):
    if not sandbox_is_whole():
        raise Skip("this system has no such sandbox")
    books = with_victim(folder)
    # A sanitizer's own run-time reads files and makes a process at the end.
    for action in ("create", "socket", "unlink", *(() if SANITIZED else ("open", "fork"))):
        free = Fault(books, "work", action, times=1)
        run, counts = books.run("--sandbox", "off", environment=free.environment, cwd=folder)
        assert free.survived == 1, f"{action} is no test"
        all_done(run, counts)
        fault = Fault(books, "work", action)
        run, counts = books.run(environment=fault.environment, cwd=folder)
        told(run, counts, f", {action} tried {fault.fired} times, {fault.survived} came back")
        only_the_victim_failed(run, counts, "stopped by the sandbox")
        assert fault.fired == 2 and fault.survived == 0
    (folder / "pixpool-was-here").unlink()


def a_worker_cannot_cut_its_cell_short(folder):
    books = with_victim(folder)
    fault = Fault(books, "work", "ftruncate")
    run, counts = books.run(environment=fault.environment)
    told(run, counts)
    all_done(run, counts)
    assert fault.fired == fault.survived == 1 and attempts(run)[VICTIM] == 1


TESTS = [
    a_crash_on_one_file_is_tried_twice_and_fails_that_file,
    workers_killed_at_random_lose_and_double_nothing,
    a_worker_killed_while_idle_charges_no_task,
    a_worker_that_exits_in_the_middle_of_a_task_is_no_success,
    a_death_after_the_slot_is_filled_and_before_the_tail_redoes_one_task_once,
    a_death_after_the_tail_and_before_the_doorbell_costs_nothing,
    a_death_with_tasks_at_hand_gives_them_back_uncharged,
    workers_that_all_die_at_their_start_end_the_run,
    a_decode_without_end_is_ended_at_its_limit,
    a_stopped_worker_is_killed_and_its_result_cannot_come_late,
    a_suspension_longer_than_the_limit_is_held_against_no_task,
    a_worker_the_kernel_kills_for_its_memory_gets_one_retry_alone,
    a_worker_that_scribbles_over_its_cell_is_replaced,
    a_decoder_that_tries_more_than_decoding_costs_its_own_file,
    a_worker_cannot_cut_its_cell_short,
]

if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    run_tests(TESTS)
