"""signals.py PROGRAM ROOT LIBRARIES [all]: the supervisor ends, by order or force, and is resumed.

Cases 15 to 20 of README.md. The audit after each run and after its resumption says whether anything
was lost, doubled, cut short or left over."""
import os
import random
import signal
import sys
import time

import ledger
from harness import TESTDATA, copies, files, run as run_tests, wait_until
from inject import UNCHECKED, need_strace
from ledger import Books, audit
from points import Fault, with_victim
from workers import told

JOURNAL = ("--journal", "{run}/journal")


def resumed(books, run, what):
    again, counts = books.resume(run)
    told(again, counts, f", resumed after {what}")
    assert counts.failed == 0 and counts.done + counts.skipped == books.inventory
    return counts


def interrupted(books, number, after, *options, environment=()):
    """A run in a group of its own, which gets a signal: an interrupt as a terminal sends it, to all
    of them, another as kill does."""
    run = books.start(*JOURNAL, *options, environment=environment, process_group=0)
    assert wait_until(after, 20)
    begin = time.monotonic()
    (os.killpg if number == signal.SIGINT else os.kill)(run.process.pid, number)
    return run, begin


# ---- 15
def a_run_of_which_all_is_killed_is_resumed(folder):
    books = with_victim(folder, 800)
    for share in (0.1, 0.5):
        # The victim takes its time, so that no machine is too quick for us.
        fault = Fault(books, "work", "dawdle")
        run = books.start(*JOURNAL, process_group=0, environment=fault.environment)
        assert wait_until(lambda: fault.fired and len(files(run.out)) > share * 800, 20)
        os.killpg(run.process.pid, signal.SIGKILL)
        counts = audit(books, run.wait(20), {-signal.SIGKILL})
        told(run, counts, f", {len(files(run.out))} published")
        assert 0 < len(files(run.out)) < 800
        resumed(books, run, "everything was killed")


# ---- 16
def a_supervisor_killed_at_random_times_leaves_nobody_and_is_resumed(folder):
    copies(TESTDATA / "jpeg", folder / "in", 300)
    books, dice = Books(folder), random.Random(1)
    span = books.run(*JOURNAL)[0].seconds
    wanted, kills, published = 100 if ledger.ALL else 10, 0, 0
    while kills < wanted:
        run = books.start(*JOURNAL)
        time.sleep(dice.uniform(0, span))
        run.process.kill()
        audit(books, run.wait(20), {-signal.SIGKILL, 0})
        if run.status == 0:
            span *= 0.8  # sooner, then
            continue
        kills += 1
        published += len(files(run.out)) if run.out.is_dir() else 0
        _, counts = books.resume(run)
        assert counts.failed == 0 and counts.done + counts.skipped == books.inventory
    print(f"    {kills} kills, {published} outputs were there by then, none was done twice")
    assert published


# ---- 17
# Calls between the end of a task and its record, and whether threads make them.
AROUND = {"linkat": False, "fdatasync": False, "write": False, "fsync": True, "syncfs": True,
          "sync_file_range": True}


def killed_at(books, sync, call, number):
    """Killed by strace as it enters a call for the Nth time."""
    run = books.start(*JOURNAL, "--sync", sync, environment=UNCHECKED, before=[
        "strace", *(["-f"] if AROUND[call] else []), "-o", "/dev/null", "-e", f"trace={call}",
        "-e", f"inject={call}:signal=KILL:when={number}"]).wait(30)
    audit(books, run, {0, -signal.SIGKILL})
    return run


def a_supervisor_killed_around_each_publication_is_resumed(folder):
    need_strace()
    copies(TESTDATA / "jpeg", folder / "in", 12)
    books, kills = Books(folder, "gray", "-j", "2"), {}
    for sync in ("batch", "each"):
        for call in AROUND:
            for number in range(1, 60, 1 if ledger.ALL else 4):
                run = killed_at(books, sync, call, number)
                if run.status == 0:
                    break
                kills[call] = kills.get(call, 0) + 1
                books.resume(run)
    print(f"    {sum(kills.values())} kills {kills}, nothing done twice, the same tree each time")
    assert len(kills) == len(AROUND), "not all calls were made"


# ---- 18
def an_interrupt_lets_what_is_in_work_end(folder):
    books = with_victim(folder, 400)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # SIGTERM: case 20
        fault = Fault(books, "work", "dawdle", times=1)
        run, begin = interrupted(books, number, lambda fault=fault: fault.fired,
                                 environment=fault.environment)
        counts = audit(books, run.wait(30), {-number})
        took = time.monotonic() - begin
        told(run, counts, f", {took:.2f} s after {signal.Signals(number).name}")
        assert fault.survived == 1 and took < 5 and counts.failed == 0 < counts.done
        assert counts.done < 400
        resumed(books, run, signal.Signals(number).name)


def work_that_does_not_end_after_an_interrupt_is_ended(folder):
    books = with_victim(folder, 100)
    fault = Fault(books, "work", "spin", times=1)
    run, begin = interrupted(books, signal.SIGINT, lambda: fault.fired,
                             environment=fault.environment)
    counts = audit(books, run.wait(30), {-signal.SIGINT})
    took = time.monotonic() - begin
    told(run, counts, f", {took:.2f} s after the interrupt")
    assert 4.5 < took < 6.5, took
    resumed(books, run, "the end of all patience")


# ---- 19
def a_second_interrupt_ends_it_at_once(folder):
    books = with_victim(folder, 100)
    fault = Fault(books, "work", "spin", times=1)
    run, _ = interrupted(books, signal.SIGINT, lambda: fault.fired, environment=fault.environment)
    time.sleep(0.3)
    assert run.process.poll() is None
    begin = time.monotonic()
    os.killpg(run.process.pid, signal.SIGINT)
    run.process.wait(10)
    took = time.monotonic() - begin
    counts = audit(books, run.wait(10), {-signal.SIGINT})
    told(run, counts, f", {took * 1000:.0f} ms after the second interrupt")
    assert took < (0.2 if ledger.ALL else 1), took
    resumed(books, run, "the second interrupt")


TESTS = [
    a_run_of_which_all_is_killed_is_resumed,
    a_supervisor_killed_at_random_times_leaves_nobody_and_is_resumed,
    a_supervisor_killed_around_each_publication_is_resumed,
    an_interrupt_lets_what_is_in_work_end,
    work_that_does_not_end_after_an_interrupt_is_ended,
    a_second_interrupt_ends_it_at_once,
]

if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    run_tests(TESTS)
