"""limits.py PROGRAM ROOT LIBRARIES [all]: full disks, too few descriptors and processes, readers
that do not read, folders full of oddities. Cases 21 to 25, 28 and 29 of README.md."""
import os
import resource
import shutil
import subprocess
import sys
import time

import ledger
from harness import (TESTDATA, Skip, copies, files, run as run_tests, status_kilobytes, wait_until)
from inject import NOT_LOCKED_IN, UNCHECKED, need_strace
from ledger import Books, audit
from points import SANITIZED, VICTIM, with_victim
from workers import all_done, told


class Disk:
    """A tmpfs of so many kilobytes, in a mount namespace that nobody enters: it is reached through
    the process that holds it. `ballast` kilobytes of it are taken until release()."""

    def __init__(self, folder, kilobytes, ballast=0):
        folder.mkdir()
        script = 'mount -t tmpfs -o size="$1k" pixpool "$2" && echo ready && exec sleep 600'
        for unshare in (["unshare", "-m"], ["unshare", "-rm"]):
            shell = [*unshare, "sh", "-c", script, "sh", str(kilobytes), folder]
            self.holder = subprocess.Popen(shell, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            if self.holder.stdout.readline() == b"ready\n":
                break
            self.close()
        else:
            raise Skip("no file system of our own may be mounted here")
        self.path = ledger.pathlib.Path(f"/proc/{self.holder.pid}/root{folder}")
        self.ballast = self.path / "ballast.bin"
        if ballast:
            self.ballast.write_bytes(bytes(ballast << 10))

    def release(self):
        self.ballast.unlink()

    def close(self):
        self.holder.kill()
        self.holder.communicate()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# ---- 21
def a_full_output_disk_stops_the_run_and_it_can_be_resumed(folder):
    copies(TESTDATA / "png", folder / "in", 600)
    books = Books(folder)
    with Disk(folder / "disk", 16000, ballast=15400) as disk:
        run = books.start("--journal", "{run}/journal", out=disk.path / "out").wait(60)
        counts = audit(books, run, {74})
        told(run, counts)
        reasons = set(run.failures().values())
        assert counts.failed >= 8 and counts.done > 10, counts
        assert all("No space left on device" in reason for reason in reasons), reasons
        disk.release()
        again, counts = books.resume(run)
        told(again, counts, " when there was room")
        assert counts.failed == 0


def an_output_too_large_for_the_disk_fails_alone(folder):
    copies(TESTDATA / "jpeg", folder / "in", 60)
    shutil.copy(TESTDATA / "photos" / "mountain lake.jpg", folder / "in" / VICTIM)
    books = Books(folder, "gray", "-j", "1")  # another's would find the disk full for a moment
    size = (books.folder / "undisturbed" / "out" / VICTIM).stat().st_size
    with Disk(folder / "disk", size // 1024 - 8) as disk:
        run = books.start(out=disk.path / "out").wait(60)
        counts = audit(books, run, {1})
        told(run, counts)
        assert run.failures().keys() == {VICTIM}
        assert "No space left on device" in run.failures()[VICTIM]


# ---- 22, and the same for the log
def a_journal_on_a_full_disk_stops_the_run(folder):
    copies(TESTDATA / "jpeg", folder / "in", 400)
    books = Books(folder)
    for room in (0, 4, 12):
        with Disk(folder / f"disk{room}", 200, ballast=200 - room) as disk:
            run = books.start("--journal", disk.path / "journal").wait(60)
            counts = audit(books, run, {74})
            told(run, counts, f", {len(files(run.out)) if run.out.is_dir() else 0} published, "
                              f"{room} KB for the journal")
            assert counts.done < 400
            if (disk.path / "journal").is_file():
                shutil.copy(disk.path / "journal", run.folder / "journal")
        again, counts = books.resume(run)
        assert counts.failed == 0 and counts.done + counts.skipped == 400


def a_log_on_a_full_disk_stops_the_run(folder):
    copies(TESTDATA / "jpeg", folder / "in", 800)
    books = Books(folder)
    with Disk(folder / "disk", 100, ballast=60) as disk:
        run = books.start(log=disk.path / "log").wait(60)
        counts = audit(books, run, {74})
        told(run, counts)
        assert 0 < counts.done < 800 and "No space left on device" in run.errors


# ---- 23
def an_input_that_cannot_be_read_fails_alone(folder):
    need_strace()
    books = with_victim(folder)
    for call in ("read", "openat"):
        run, counts = books.run(*NOT_LOCKED_IN, before=[
            "strace", "-f", "-o", "/dev/null", "-P", books.source / VICTIM, "-e", f"trace={call}",
            "-e", f"inject={call}:error=EIO"], environment=UNCHECKED)
        told(run, counts, f", {call}: {run.failures()}")
        assert run.failures().keys() == {VICTIM} and run.status == 1
        assert "Input/output error" in run.failures()[VICTIM]


# ---- 24
def few_descriptors_cost_time_and_no_file(folder):
    copies(TESTDATA / "jpeg", folder / "in", 300)
    books = Books(folder)
    for most in (64, 40, 32):
        run, counts = books.run("-j", "8", preexec_fn=lambda most=most: resource.setrlimit(
            resource.RLIMIT_NOFILE, (most, most)))
        told(run, counts, f", {most} descriptors")
        all_done(run, counts)


# ---- 25
NOBODY = 61237  # a user who has no other process


def as_nobody(folder, most):
    """What limits a child to so many processes; root has no such limit, so it becomes another."""
    if os.geteuid() != 0:
        raise Skip("needs root, to become a user without processes")
    folder.chmod(0o777)

    def limit():
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    return limit


def few_processes_cost_time_and_no_file(folder):
    copies(TESTDATA / "jpeg", folder / "in", 300)
    books = Books(folder)
    program = folder / "pixpool"
    shutil.copy(ledger.harness.PROGRAM, program)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path == program else 0o644)
    original, ledger.harness.PROGRAM = ledger.harness.PROGRAM, program
    try:
        for most, status in ((4, 0), (1, 71)):
            where = books.folder / f"nobody{most}"
            where.mkdir()
            where.chmod(0o777)
            run = ledger.Run(books, where, ("-j", "8"), preexec_fn=as_nobody(where, most),
                             environment=UNCHECKED).wait(60)
            counts = audit(books, run, {status})
            told(run, counts, f", {most} processes allowed")
    finally:
        ledger.harness.PROGRAM = original


# ---- 28
def messages_nobody_reads_do_not_hold_up_the_work(folder):
    """Thousands of files fail, each with a line to standard error, a pipe that nobody empties."""
    copies(TESTDATA / "jpeg", folder / "in", 500)
    for number in range(1000):
        (folder / "in" / f"a-broken-file-with-a-long-name-{number:050}.jpg").write_bytes(b"\xff")
    books = Books(folder)
    run = books.start()
    blocked = 60 if ledger.ALL else 3
    time.sleep(blocked)
    memory = status_kilobytes(run.process.pid, "VmRSS")
    found = len(files(run.out))
    counts = audit(books, run.wait(blocked + 60))
    told(run, counts, f"; {found} outputs and {memory} KB while nobody read for {blocked} s")
    assert counts.done == found == 500 and counts.failed == 1000, "the work was held up"
    assert SANITIZED or memory < 40 * 1024


def a_log_nobody_reads_keeps_memory_flat_and_loses_nothing(folder):
    copies(TESTDATA / "jpeg", folder / "in", 12000 if ledger.ALL else 4000)
    books = Books(folder)
    os.mkfifo(folder / "pipe")
    reader = os.open(folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    run = books.start(log=folder / "pipe")
    time.sleep(60 if ledger.ALL else 3)
    memory, found = status_kilobytes(run.process.pid, "VmRSS"), len(files(run.out))
    os.set_blocking(reader, True)
    run.log = folder / "log-read"
    with open(run.log, "wb") as copy:
        while part := os.read(reader, 1 << 16):
            copy.write(part)
    os.close(reader)
    counts = audit(books, run.wait(120))
    told(run, counts, f"; {found} outputs and {memory} KB before anybody read")
    all_done(run, counts)
    assert SANITIZED or memory < 40 * 1024


# ---- 29
ODD = [b"\xff\xfe not utf-8.jpg", b"new\nline.jpg", b"-dash.jpg", b"quote\"\\.jpg", b"tab\t.jpg",
       b" space .jpg", b"\x1b[31mred.jpg", b"{run}*?[x].jpg", b"\x7f\x01\x02.jpg",
       "ünï ☃.jpg".encode(), b"a" * 251 + b".jpg"]


def oddities(source):
    """Names, pipes, sockets' like, loops of links: what a walk may meet."""
    small = (TESTDATA / "jpeg" / "size-16x16.jpg").read_bytes()
    source.mkdir()
    for name in ODD:
        with open(os.fsencode(source) + b"/" + name, "wb") as picture:
            picture.write(small)
    os.mkfifo(source / "pipe.jpg")
    (source / "loop").symlink_to(source)
    (source / "self.jpg").symlink_to("self.jpg")
    (source / "dangling.jpg").symlink_to("nowhere.jpg")
    deep = source
    for _ in range(60):
        deep = deep / "deep"
    deep.mkdir(parents=True)
    (deep / "end.jpg").write_bytes(small)
    (source / "empty.jpg").write_bytes(b"")


def odd_names_pipes_and_loops_are_each_accounted_for(folder):
    oddities(folder / "in")
    books = Books(folder)
    run, counts = books.run()
    told(run, counts)
    assert counts.done == len(ODD) + 1, (counts, run.failures())
    assert run.status == 1 and "empty.jpg" in run.failures()


def an_output_inside_the_input_is_not_taken_for_input(folder):
    copies(TESTDATA / "jpeg", folder / "in", 60)
    books = Books(folder)
    inside = books.source / "converted"
    for _ in range(2):
        run = books.start(out=inside).wait(60)
        assert run.status == 0, run.errors
        kept = folder / f"kept{books.number}"
        inside.rename(kept)
        counts = audit_elsewhere(books, run, kept)
        told(run, counts)
        all_done(run, counts)
        kept.rename(inside)
    shutil.rmtree(inside)


def audit_elsewhere(books, run, place):
    run.older, run.out = {}, place
    return audit(books, run)


def with_texts(folder, number):
    """A tree of so many files that are no pictures, with one in a thousand that is."""
    for part in range(number // 1000):
        where = folder / "in" / str(part)
        where.mkdir(parents=True)
        for index in range(1000):
            (where / f"{index}.txt").touch()
        shutil.copy(TESTDATA / "jpeg" / "size-16x16.jpg", where / "picture.jpg")
    return Books(folder)


def the_supervisor_stays_flat_over_a_folder_of_any_size(folder):
    peaks = {}
    for number in (2000, 200000 if ledger.ALL else 20000):
        books = with_texts(folder / str(number), number)
        run, peak = books.start(), 0
        while run.process.poll() is None:
            peak = status_kilobytes(run.process.pid, "VmHWM") or peak
            time.sleep(0.001)
        counts = audit(books, run.wait(60))
        peaks[number] = peak
        told(run, counts, f"; {number} entries, {peak} KB at most")
        all_done(run, counts)
    few, many = peaks.values()
    assert 0 < many < few + 8 * 1024, peaks


TESTS = [
    a_full_output_disk_stops_the_run_and_it_can_be_resumed,
    an_output_too_large_for_the_disk_fails_alone,
    a_journal_on_a_full_disk_stops_the_run,
    a_log_on_a_full_disk_stops_the_run,
    an_input_that_cannot_be_read_fails_alone,
    few_descriptors_cost_time_and_no_file,
    few_processes_cost_time_and_no_file,
    messages_nobody_reads_do_not_hold_up_the_work,
    a_log_nobody_reads_keeps_memory_flat_and_loses_nothing,
    odd_names_pipes_and_loops_are_each_accounted_for,
    an_output_inside_the_input_is_not_taken_for_input,
    the_supervisor_stays_flat_over_a_folder_of_any_size,
]

if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    run_tests(TESTS)
