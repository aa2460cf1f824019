"""power.py PROGRAM ROOT LIBRARIES [all]: case 30 of README.md, the power fails.

Two ways to it. Everywhere: the order of system calls, as strace tells it, by which nothing is named
before it is on the disk and nothing is recorded before its name is. As root with a loop device: an
ext4 that is shut down under a run without what it held in memory (EXT4_IOC_SHUTDOWN), mounted
again, and looked at."""
import fcntl
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import time

import ledger
from harness import TESTDATA, Skip, copies, files, run as run_tests, wait_until
from inject import UNCHECKED, need_strace
from ledger import Books, Broken, audit, demand
from workers import told

TRACED = "write,pwrite64,linkat,rename,renameat,renameat2,fsync,fdatasync,syncfs,sync_file_range"
LINE = re.compile(r"^(\d+) +(?:(\w+)\((.*)|<\.\.\. (\w+) resumed>(.*))$")
FILE = re.compile(r"^(?:AT_FDCWD<[^>]*>, )?\d+<([^>]*)>")


def calls(text):
    """(begin, end, name, arguments) of each call that ended well, by the lines it stands in."""
    open_calls, found = {}, []
    for number, line in enumerate(text.splitlines()):
        match = LINE.match(line)
        if not match:
            continue
        thread, name, rest = match[1], match[2] or match[4], match[3] or match[5]
        if rest.endswith("<unfinished ...>"):
            open_calls[thread] = (number, rest)
            continue
        begin, before = open_calls.pop(thread, (number, "")) if match[4] else (number, "")
        if not re.search(r"= -1 ", rest):
            found.append((begin, number, name, before + rest))
    return sorted(found, key=lambda call: call[1])


def inode(arguments):
    """What the call's first descriptor is, by a name that is the same in all processes."""
    match = FILE.match(arguments)
    return match[1].replace(" (deleted)", "").replace("(deleted)", "") if match else None


def audit_order(text):
    """Raise Broken if something is named before it is on the disk, or recorded before its name is;
    what was named, and what was recorded."""
    written, safe, named, recorded = {}, {}, {}, []
    for begin, end, name, arguments in calls(text):
        what = inode(arguments)
        if name in ("write", "pwrite64"):
            written[what] = end
            recorded += record_order(arguments, named, what)
        elif name in ("fsync", "fdatasync"):
            safe[what] = begin
            note_names(named, begin, os.path.dirname(what or "") or what, what)
        elif name == "syncfs":
            safe["everything"] = begin
            note_names(named, begin, None, None)
        elif name == "linkat" or name.startswith("rename"):
            target = re.findall(r'"([^"]*)"', arguments)[-1]
            since = written.get(what, written.get(source_of(arguments), -1))
            latest = max(safe.get(what, -1), safe.get("everything", -1))
            demand(latest > since, f"{target} was named before it was on the disk")
            named[target] = [end, False]
    return named, recorded


def source_of(arguments):
    names = re.findall(r'"([^"]*)"', arguments)
    return names[0] if names else None


def note_names(named, begin, directory, itself):
    """The names that are on the disk with a directory, or all with a file system."""
    for name, entry in named.items():
        if begin > entry[0] and (directory is None or os.path.dirname(name) in (directory, itself)):
            entry[1] = True


def record_order(arguments, named, what):
    """A record in the log says done: its output's name must be on the disk."""
    if not what or not what.endswith("/log"):
        return []
    outputs = re.findall(r'\\"output\\":\\"([^\\]*)\\",\\"status\\":\\"done', arguments)
    for output in outputs:
        demand(named.get(output, [0, False])[1], f"{output} was recorded before its name was safe")
    return outputs


def outputs_are_named_when_they_are_on_the_disk_and_recorded_when_named(folder):
    need_strace()
    copies(TESTDATA / "jpeg", folder / "in", 40)
    books, report = Books(folder), folder / "trace"
    for sync in ("batch", "each"):
        run, counts = books.run("--sync", sync, "--journal", "{run}/journal", environment=UNCHECKED,
                                before=["strace", "-f", "-y", "-s", "4096", "-o", report, "-e",
                                        f"trace={TRACED}"])
        named, recorded = audit_order(report.read_text(errors="replace"))
        named = {name for name in named if os.path.dirname(name).endswith("/out")}
        told(run, counts, f", {len(named)} names looked at with --sync={sync}")
        assert len(named) == len(recorded) == counts.done == 40


def the_order_that_no_sync_leaves_is_noticed(folder):
    need_strace()
    copies(TESTDATA / "jpeg", folder / "in", 4)
    books, report = Books(folder), folder / "trace"
    books.run("--sync", "none", environment=UNCHECKED, before=[
        "strace", "-f", "-y", "-s", "4096", "-o", report, "-e", f"trace={TRACED}"])
    try:
        audit_order(report.read_text(errors="replace"))
    except Broken as complaint:
        assert "before it was on the disk" in str(complaint)
        return
    raise AssertionError("not noticed")


# ---- a file system that is shut down
EXT4_IOC_SHUTDOWN = 0x8004587d  # _IOR('X', 125, __u32)
NO_LOG_FLUSH = 2                # EXT4_GOING_FLAGS_NOLOGFLUSH: nothing more reaches the disk


class Loop:
    """An ext4 in a file."""

    def __init__(self, folder):
        if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
            raise Skip("needs root and mkfs.ext4")
        self.image, self.path = folder / "image", folder / "mounted"
        self.path.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(64 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=True, capture_output=True)
        self.mounted = False
        self.mount()

    def mount(self):
        done = subprocess.run(["mount", "-o", "loop", self.image, self.path], capture_output=True,
                              check=False)
        if done.returncode:
            raise Skip("no loop device may be mounted here: " + done.stderr.decode()[-80:].strip())
        self.mounted = True

    def fail_power(self):
        root = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(root, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(root)

    def unmount(self):
        if self.mounted:
            subprocess.run(["umount", self.path], check=True)
        self.mounted = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.unmount()


def lose_power(books, disk, sync, moment):
    """Shut the disk down a while into a run; what was seen there before, and found there after."""
    shutil.rmtree(disk.path / "out", ignore_errors=True)
    for name in ("journal", "log"):
        (disk.path / name).unlink(missing_ok=True)
    os.sync()
    run = books.start("--sync", sync, "--journal", disk.path / "journal", out=disk.path / "out",
                      log=disk.path / "log")
    wait_until(lambda: run.out.is_dir() or run.process.poll() is not None, 10)
    time.sleep(moment)
    done = {books.names[ledger.record_name(record)] for record in run.by_status("done")}
    seen = set(ledger.hashes(run.out)) if run.out.is_dir() else set()
    disk.fail_power()
    run.wait(30)
    disk.unmount()
    disk.mount()
    return run, seen, done, ledger.hashes(run.out) if run.out.is_dir() else {}


def what_was_recorded_survives_the_loss_of_power(folder):
    copies(TESTDATA / "jpeg", folder / "in", 400)
    books, dice = Books(folder), random.Random(1)
    with Loop(folder) as disk:
        totals, broken_off = [0, 0, 0], 0
        for trial in range(60 if ledger.ALL else 8):
            sync = ("batch", "each")[trial % 2]
            run, seen, done, found = lose_power(books, disk, sync, dice.uniform(0, 0.25))
            partial = [name for name in found if found[name] != books.outputs[name]]
            demand(not partial, f"{sync}: {len(partial)} partial after the loss: {partial[:3]}")
            gone = done - set(found)
            demand(not gone, f"{sync}: recorded and gone: {sorted(gone)[:3]}")
            broken_off += run.status not in (0, None)
            totals = [a + b for a, b in zip(totals, (len(seen), len(done), len(found)))]
            if (disk.path / "journal").is_file():
                shutil.copy(disk.path / "journal", run.folder / "journal")
            _, counts = books.resume(run)
            assert counts.failed == 0 and counts.done + counts.skipped == books.inventory
    print(f"    {broken_off} runs broken off; {totals[0]} outputs seen and {totals[1]} recorded "
          f"before, {totals[2]} found after, 0 partial, 0 recorded ones gone")
    assert broken_off and totals[2]


def without_sync_the_same_loss_shows(folder):
    copies(TESTDATA / "jpeg", folder / "in", 400)
    books = Books(folder)
    with Loop(folder) as disk:
        _, seen, _, found = lose_power(books, disk, "none", 0.3)
    whole = {name for name in found if found[name] == books.outputs[name]}
    print(f"    {len(seen)} outputs seen before, {len(found)} found after, {len(whole)} whole")
    assert whole < seen, "nothing was lost: the shutdown is no test"


TESTS = [
    outputs_are_named_when_they_are_on_the_disk_and_recorded_when_named,
    the_order_that_no_sync_leaves_is_noticed,
    what_was_recorded_survives_the_loss_of_power,
    without_sync_the_same_loss_shows,
]

if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    run_tests(TESTS)
