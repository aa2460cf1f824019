"""in_place.py PROGRAM ROOT LIBRARIES [all]: files replaced by their outputs, under the same faults.

What the books say of other runs does not fit here, since the inputs do change. So for these: under
every name there is either the old file whole or the new one whole, never neither; a record says
done where it is the new one; with a suffix the old one is kept whole under its name; nothing else
is there."""
import itertools
import os
import shutil
import signal
import subprocess
import sys
import uuid

import ledger
from harness import PROGRAM, TESTDATA, copies, records, run as run_tests, wait_until
from inject import UNCHECKED, need_strace
from ledger import demand, hashes

SUFFIX = ".orig"
CALLS = {"linkat": ("EIO", "ENOSPC"), "rename": ("EIO",), "renameat": ("EIO",), "link": ("EIO",),
         "renameat2": ("EIO", "EINVAL"), "openat": ("EIO", "EMFILE"), "newfstatat": ("EIO",),
         "fsync": ("EIO",), "fdatasync": ("EIO",), "syncfs": ("EIO",), "sync_file_range": ("EIO",),
         "fchmod": ("EPERM",), "fchown": ("EPERM",), "utimensat": ("EPERM",), "write": ("ENOSPC",)}
KILLED_AT = ("linkat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "fsync", "write")


class Place:
    """Originals, what they become, and folders of copies in which it is tried."""

    def __init__(self, folder, number):
        self.folder, self.serial = folder, itertools.count()
        self.originals = copies(TESTDATA / "jpeg", folder / "originals", number)
        self.old = hashes(self.originals)
        calm = self.copy()
        convert(calm, "")
        self.new = hashes(calm)
        assert self.new.keys() == self.old.keys()
        self.same = {name for name in self.old if self.old[name] == self.new[name]}

    def copy(self):
        target = self.folder / f"copy{next(self.serial)}"
        shutil.copytree(self.originals, target)
        return target


def command(target, suffix, *options):
    return [PROGRAM, "gray", "-r", target, f"--in-place={suffix}" if suffix else "--in-place",
            "--log", f"{target}.log", "--progress", "none", "-j", "2", *options]


def convert(target, suffix, *options, before=(), environment=None):
    """Run to the end and say how it ended; nobody may be left."""
    mark = uuid.uuid4().hex
    process = subprocess.Popen([*before, *command(target, suffix, *options)],
                               stderr=subprocess.DEVNULL,
                               env={**os.environ, ledger.MARK: mark, **(environment or {})})
    process.wait(60)
    demand(wait_until(lambda: not marked(mark), 1), "somebody is left")
    return process.returncode


def marked(mark):
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            if mark.encode() in ledger.pathlib.Path(f"/proc/{entry}/environ").read_bytes() and \
                    ledger.harness.is_alive(int(entry)):
                return True
        except OSError:
            pass
    return False


def audit_place(place, target, suffix, status):
    """What the essay above says; how many are new."""
    found = hashes(target)
    backups = {name[:-len(suffix)]: digest for name, digest in found.items()
               if suffix and name.endswith(os.fsencode(suffix))}
    gone = set(place.old) - set(found)
    demand(not gone, f"neither old nor new: {sorted(gone)[:3]}")
    new = {name for name in place.old if found[name] == place.new[name]} - place.same
    partial = {name for name in place.old if found[name] not in (place.old[name], place.new[name])}
    demand(not partial, f"partial: {sorted(partial)[:3]}")
    strange = [name for name in found if name not in place.old and
               not (suffix and name.endswith(os.fsencode(suffix)))]
    demand(status == -signal.SIGKILL or not strange, f"left over: {strange[:3]}")
    for name, digest in backups.items():
        demand(digest == place.old[name], f"the backup of {name} is not the old file")
    demand(not suffix or new <= set(backups), f"no backup: {sorted(new - set(backups))[:3]}")
    log = ledger.pathlib.Path(f"{target}.log")
    done = {os.fsencode(os.path.basename(record["input"])) for record in records(log)
            if record["status"] == "done"} if log.is_file() and status in ledger.ENDED else None
    demand(done is None or new <= done <= new | place.same, "the log and the files disagree")
    return len(new)


def is_made(call, calm):
    return f"{call}(" in calm


def calls_of(place, suffix, report):
    target = place.copy()
    convert(target, suffix, before=["strace", "-f", "-o", report], environment=UNCHECKED)
    return report.read_text(errors="replace")


def numbers():
    return range(1, 200) if ledger.ALL else (1, 2, 3, 5, 8, 12, 17, 25, 40, 60, 90)


def every_call_may_fail_and_each_file_is_the_old_or_the_new_one(folder):
    need_strace()
    place, report, runs, statuses = Place(folder, 8), folder / "trace", 0, set()
    for suffix in ("", SUFFIX):
        calm = calls_of(place, suffix, report)
        for call, error in ((call, error) for call in CALLS if is_made(call, calm)
                            for error in CALLS[call]):
            for number in numbers():
                target = place.copy()
                status = convert(target, suffix, environment=UNCHECKED, before=[
                    "strace", "-o", report, "-e", f"trace={call}",
                    "-e", f"inject={call}:error={error}:when={number}"])
                if status != 127:  # the loader's calls are not ours
                    check(place, target, suffix, status, f"{call} {number}: {error}")
                    runs += 1
                    statuses.add(status)
                shutil.rmtree(target)
                if "(INJECTED)" not in report.read_text(errors="replace"):
                    break
    print(f"    {runs} runs, exits {sorted(statuses)}")
    assert runs > 50 and statuses <= ledger.ENDED | ledger.BROKEN_OFF, statuses


def check(place, target, suffix, status, what):
    try:
        audit_place(place, target, suffix, status)
    except ledger.Broken as complaint:
        raise ledger.Broken(f"{what}, suffix {suffix!r}, exit {status}: {complaint}") from None


def a_kill_at_any_call_leaves_each_file_old_or_new(folder):
    need_strace()
    place, report, kills = Place(folder, 8), folder / "trace", 0
    for suffix in ("", SUFFIX):
        calm = calls_of(place, suffix, report)
        for call in filter(lambda call: is_made(call, calm), KILLED_AT):
            for number in numbers():
                target = place.copy()
                status = convert(target, suffix, environment=UNCHECKED, before=[
                    "strace", "-o", report, "-e", f"trace={call}",
                    "-e", f"inject={call}:signal=KILL:when={number}"])
                check(place, target, suffix, status, f"killed at {call} {number}")
                shutil.rmtree(target)
                if status != -signal.SIGKILL:
                    break
                kills += 1
    print(f"    {kills} kills")
    assert kills > 10


def what_is_neither_is_noticed(folder):
    place = Place(folder, 4)
    target = place.copy()
    status = convert(target, SUFFIX)
    assert audit_place(place, target, SUFFIX, status) > 0
    victim = target / os.fsdecode(sorted(set(place.old) - place.same)[0])
    for harm in (lambda: victim.write_bytes(b"half"), victim.unlink):
        harm()
        try:
            audit_place(place, target, SUFFIX, status)
        except ledger.Broken:
            continue
        raise AssertionError("not noticed")


TESTS = [
    what_is_neither_is_noticed,
    every_call_may_fail_and_each_file_is_the_old_or_the_new_one,
    a_kill_at_any_call_leaves_each_file_old_or_new,
]

if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    run_tests(TESTS)
