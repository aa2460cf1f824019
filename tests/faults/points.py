"""Faults inside a worker, by the preloaded fault_points.so, and pictures to have them with."""
import itertools
import os
import shutil
import struct

import ledger
from harness import TESTDATA, copies, files, records
from ledger import Books

SANITIZED = b"__asan_init" in open(ledger.harness.PROGRAM, "rb").read()
VICTIM = "victim.jpg"  # its size is its own: a worker is known by what it reads


def library(name):
    path = ledger.LIBRARIES / name
    assert path.is_file(), f"{path} is missing"
    return path


def preload(name):
    """What loads a library into the program and its workers, a sanitizer's run-time behind it."""
    return {"LD_PRELOAD": os.fspath(library(name)),
            "ASAN_OPTIONS": ":".join(filter(None, ["verify_asan_link_order=0",
                                                   os.environ.get("ASAN_OPTIONS")]))}


class Fault:
    """Something that happens in a worker, at a place, so many times; and how often it did."""

    serial = itertools.count()

    def __init__(self, books, point, action, times=None, size=None):
        self.page = books.folder / f"page{next(self.serial)}"
        self.page.write_bytes(bytes(32))
        self.environment = {
            **preload("fault_points.so"), "PP_FAULT_POINT": point, "PP_FAULT_ACTION": action,
            "PP_FAULT_PAGE": os.fspath(self.page),
            "PP_FAULT_SIZE": str(size or (books.source / VICTIM).stat().st_size)}
        if times is not None:
            self.environment["PP_FAULT_TIMES"] = str(times)

    def counts(self):
        """Fired, survived, inputs begun, the process it last happened in."""
        return struct.unpack("QQQQ", self.page.read_bytes())

    @property
    def fired(self):
        return self.counts()[0]

    @property
    def survived(self):
        return self.counts()[1]

    @property
    def process(self):
        return self.counts()[3]

    @property
    def begun(self):
        return self.counts()[2]


def unlike_all(folder, name):
    """Give a JPEG a size that no other file of the folder has, by bytes after its end."""
    victim = folder / name
    with open(victim, "ab") as picture:
        picture.write(bytes(7))
    while any(path.stat().st_size == victim.stat().st_size for path in files(folder)
              if path != victim):
        with open(victim, "ab") as picture:
            picture.write(b"\0")


def with_victim(folder, number=40, *options):
    """Books over small pictures and the victim."""
    copies(TESTDATA / "jpeg", folder / "in", number - 1)
    shutil.copy(TESTDATA / "jpeg" / "baseline-420-160x120.jpg", folder / "in" / VICTIM)
    unlike_all(folder / "in", VICTIM)
    return Books(folder, "gray", *options)


def attempts(run):
    """How often each input was charged with an attempt, by its last name."""
    return {os.path.basename(record["input"]): record["attempt"] for record in records(run.log)
            if "attempt" in record}


def charged_more_than_once(run):
    return {name: number for name, number in attempts(run).items() if number > 1}
