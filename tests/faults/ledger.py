"""What every run under a fault must leave behind, counted.

Books holds a folder of inputs and what an undisturbed run makes of them; Run is one run and all
that can be seen of it; audit() compares the two. Whatever was done to a run, these hold:

  - its exit status is one of those that are documented;
  - done + failed + skipped = inputs, no input without a record in the log, none with two;
  - a record that says done has an output, equal byte for byte to the undisturbed run's, and no
    other output is there: none is lost, none is there in part;
  - no hidden or other temporary name is left in the output tree;
  - no process of the run lives a second after its end;
  - it ended within its time;
  - no input was changed.

A run that could not go on (70, 71, 74, or a signal) may have left inputs without a record; all else
holds as well. ledger_test.py shows that each of these is noticed.
"""
import base64
import collections
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))

import harness  # noqa: E402  pylint: disable=wrong-import-position

LIBRARIES = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else ".")
ALL = "all" in sys.argv[4:]  # every place and the full counts; else a sample
MARK = "PIXPOOL_TEST_RUN"  # in the environment of all processes of a run
ENDED = {0, 1}             # every input has its record
BROKEN_OFF = {2, 70, 71, 74}
OWN = ".pixpool"           # the folder in an output tree that the program may keep
SUMMARY = re.compile(r"^(\d+) converted, (\d+) failed, (\d+) skipped", re.M)

Counts = collections.namedtuple("Counts", "done failed skipped lost unread")


class Broken(AssertionError):
    """An invariant does not hold."""


def demand(condition, text):
    if not condition:
        raise Broken(text)


def hashes(folder):
    """The bytes of every file below, by their hash; what is no regular file is left out."""
    return {os.fsencode(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in pathlib.Path(folder).rglob("*")
            if path.is_file() and not path.is_symlink()}


class Books:
    """The inputs of `folder`/in, and the outputs that a run left alone makes of them."""

    def __init__(self, folder, chain="gray", *options):
        self.folder, self.chain, self.options = pathlib.Path(folder), chain, options
        self.source = self.folder / "in"
        self.number = 0
        self.inputs = hashes(self.source)
        calm = Run(self, self.folder / "undisturbed")
        calm.wait(120)
        self.names = {record_name(record): os.path.relpath(exact(record, "output"),
                                                           os.fsencode(calm.out))
                      for record in calm.records() if record["status"] == "done"}
        self.refused = {record_name(record) for record in calm.records()} - set(self.names)
        self.outputs = hashes(calm.out)
        self.inventory = len(self.names) + len(self.refused)
        demand(calm.status in ENDED and len(self.outputs) == len(self.names) > 0,
               f"the undisturbed run: {calm.status}, {calm.errors[-500:]}")

    def start(self, *options, older=None, **how):
        """A run with further options, into a folder of its own, where `older` outputs may lie."""
        self.number += 1
        folder = self.folder / f"run{self.number}"
        if older:
            shutil.copytree(older, folder / "out")
        return Run(self, folder, options, **how)

    def resume(self, run, seconds=60):
        """Go on in a run's folder with its journal; only what was not published may be done now."""
        again = Run(self, run.folder, ("--resume", "--journal", "{run}/journal"), out=run.out,
                    log="log-again")
        again.wait(seconds)
        counts = audit(self, again, {0})
        done = {self.names[record_name(record)] for record in again.by_status("done")}
        twice = done & set(again.older)
        demand(not twice, f"{len(twice)} published and done again: {sorted(twice)[:3]}")
        demand(hashes(run.out).items() >= self.outputs.items(), "not the undisturbed run's tree")
        return again, counts

    def run(self, *options, seconds=60, **how):
        """One from start to end, within `seconds`, and looked at."""
        run = self.start(*options, **how)
        run.wait(seconds)
        return run, audit(self, run)


def exact(record, key):
    """A name out of a record, as bytes."""
    if key + "_base64" in record:
        return base64.b64decode(record[key + "_base64"])
    return os.fsencode(record[key])


def record_name(record):
    return exact(record, "input")


class Run:
    """One run of the program. `before` is put in front of it (strace, say), `environment` goes to
    it and its workers, `inputs` says where they come from if not out of the books' folder. In
    options, {run} is its own folder."""

    def __init__(self, books, folder, options=(), before=(), environment=(), inputs=None,
                 out="out", log="log", **popen):
        self.books, self.folder = books, folder
        self.out, self.log = folder / out, folder / log  # absolute ones stay as they are
        folder.mkdir(exist_ok=True)
        self.mark = uuid.uuid4().hex
        self.older = hashes(self.out)
        self.seconds = self.limit = None
        self.orphans, self.errors, self.status, self.left = [], "", None, []
        self.begin = time.monotonic()
        popen.setdefault("stderr", subprocess.PIPE)
        self.process = subprocess.Popen(
            [*map(os.fspath, before), harness.PROGRAM, books.chain,
             *(inputs or ("-r", books.source)), "-o", self.out, "--log", self.log,
             "--progress", "none",
             *(os.fspath(option).replace("{run}", os.fspath(folder))
               for option in (*books.options, *options))],
            env={**os.environ, MARK: self.mark, **dict(environment)}, **popen)

    def processes(self):
        """All that carry its mark and live."""
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                if self.mark.encode() in pathlib.Path(f"/proc/{entry}/environ").read_bytes() and \
                        harness.is_alive(int(entry)):
                    found.append(int(entry))
            except OSError:
                pass
        return found

    def workers(self):
        return [pid for pid in self.processes()
                if b"--pixpool-worker" in harness.command_line(pid)]

    def wait(self, seconds):
        """To its end; a run that does not come to one is killed and found out by audit()."""
        self.limit = seconds
        try:
            errors = self.process.communicate(timeout=max(seconds, 0.1))[1]
            self.status = self.process.returncode
        except subprocess.TimeoutExpired:
            self.left = [describe(pid) for pid in self.processes()]
            for pid in self.processes():
                harness_kill(pid)
            errors = self.process.communicate()[1]
        self.seconds = time.monotonic() - self.begin
        self.errors = (errors or b"").decode(errors="replace")
        harness.wait_until(lambda: not self.processes(), 1)
        self.orphans = self.processes()
        for pid in self.orphans:
            harness_kill(pid)
        return self

    def records(self):
        """The log's records; a last line that was cut short by the end is none."""
        if not self.log.is_file():
            return []
        lines = self.log.read_bytes().split(b"\n")
        return [json.loads(line) for line in lines[:-1]]

    def by_status(self, status):
        return [record for record in self.records() if record["status"] == status]

    def failures(self):
        """Name and reason of each input that failed."""
        return {os.path.basename(record_name(record)).decode(errors="replace"):
                record.get("error", "") for record in self.by_status("failed")}


def describe(pid):
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        state = re.search(r"State:\s*(\S)", status)[1]
        return f"{harness.command_line(pid).split(bytes(1))[:3]} {state}"
    except (OSError, TypeError):
        return "gone by now"


def harness_kill(pid):
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        pass


def audit_records(books, run):
    """Each input at most once, and nothing else; all of them where the run came to its end. A
    folder that could not be read to its end has a record too; what it held may be missing."""
    records = run.records()
    names = collections.Counter(map(record_name, records))
    expected = set(books.names) | books.refused
    doubled = [name for name, times in names.items() if times > 1]
    unread = tuple(record_name(record) for record in records if record["status"] == "failed" and
                   os.path.isdir(record_name(record)))
    lost = {name for name in expected - set(names) if not name.startswith(unread)}
    unknown = set(names) - expected - set(unread)
    demand(not doubled, f"{len(doubled)} doubled: {doubled[:3]}")
    demand(not unknown, f"never an input: {unknown}")
    demand(run.status not in ENDED or not lost, f"{len(lost)} lost: {sorted(lost)[:3]}")
    counts = collections.Counter(record["status"] for record in records)
    demand(set(counts) <= {"done", "failed", "skipped"}, f"no such fate: {set(counts)}")
    return Counts(counts["done"], counts["failed"], counts["skipped"], len(lost), len(unread))


def audit_outputs(books, run):
    """Every output whole, and there because its record says so; earlier ones replaced, or kept."""
    found = {name: digest for name, digest in hashes(run.out).items()
             if name.split(b"/")[0] != os.fsencode(OWN)}
    strange = set(found) - set(books.outputs) - set(run.older)
    demand(not strange, f"not an output: {sorted(strange)[:3]}")
    new = {name for name in found if found[name] == books.outputs.get(name)}
    partial = {name for name in set(found) - new if found[name] != run.older.get(name)}
    demand(not partial, f"{len(partial)} partial: {sorted(partial)[:3]}")
    done = {books.names.get(record_name(record)) for record in run.by_status("done")}
    demand(done <= new, f"done and not there: {sorted(done - new, key=str)[:3]}")
    made = {name for name in new if found[name] != run.older.get(name)}
    demand(run.status not in ENDED or made <= done, f"not recorded: {sorted(made - done)[:3]}")
    gone = set(run.older) - set(found)
    demand(not gone, f"{len(gone)} earlier outputs gone: {sorted(gone)[:3]}")


def audit_status(run, counts, statuses):
    demand(run.status is not None, f"no end within {run.limit} s: {run.left}")
    demand(run.status in statuses, f"exit {run.status}: {run.errors[-600:]}")
    demand(run.seconds <= run.limit, f"{run.seconds:.1f} s, {run.limit} s are the limit")
    if run.status == 0:
        demand(counts.failed == 0, f"exit 0 with {counts.failed} failed")
    if run.status == 1:
        demand(counts.failed > 0, f"exit 1 with none failed: {run.errors[-600:]}")
    told = SUMMARY.search(run.errors)
    if told and run.status in ENDED:
        demand(tuple(map(int, told.groups())) == counts[:3], f"told {told[0]}, logged {counts}")


def audit(books, run, statuses=frozenset(ENDED | BROKEN_OFF)):
    """Raise Broken unless all invariants hold; the counts."""
    counts = audit_records(books, run)
    audit_status(run, counts, statuses)
    audit_outputs(books, run)
    temporary = [path for folder in (run.folder, run.out) for path in folder.rglob(".pixpool-*")]
    demand(not temporary, f"{len(temporary)} temporary files: {temporary[:3]}")
    demand(not run.orphans, f"{len(run.orphans)} orphans: {run.orphans}")
    demand(hashes(books.source) == books.inputs, "an input was changed")
    demand(run.status not in ENDED or counts.unread or
           counts.done + counts.failed + counts.skipped == books.inventory,
           f"{counts} are not {books.inventory}")
    return counts
