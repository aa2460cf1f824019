"""inject.py PROGRAM ROOT LIBRARIES [all] [CALL...]: system calls fail, each at each of its places.

strace answers the Nth call of a kind with an error in place of the kernel, for N from the first
call after main() begins until a run in which there is no Nth; once in the supervisor alone, and
once in the supervisor and all its workers, each counting for itself. After each run the books are
audited.
Without `all` a sample: the first places one by one, then ever longer steps.
"""
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import ledger
from harness import TESTDATA, Skip, run as run_tests
from ledger import Books

PICTURES = ("jpeg/baseline-420.jpg", "jpeg/progressive-420.jpg", "jpeg/orientation-6.jpg",
            "jpeg/size-16x16.jpg", "png/rgb-16.png", "png/palette-8.png")
MAIN = re.compile(r"rt_sigaction\(SIGXFSZ, \{sa_handler=SIG_IGN")  # the first thing in main()
CALL = re.compile(r"(?:^\d+ +)?(\w+)\(")
SECONDS = 20
# A leak check at the end would need ptrace itself.
UNCHECKED = {"ASAN_OPTIONS": "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", "")}
# strace answers a call by turning it into one that does not exist, which no sandbox lets through.
NOT_LOCKED_IN = ("--sandbox", "off")

# What each call can fail with. close() has its effect even when it fails, which strace cannot play.
ERRORS = {
    "read": ("EIO", "EINTR"),
    "pread64": ("EIO",),
    "write": ("ENOSPC", "EIO", "EINTR"),
    "pwrite64": ("ENOSPC",),
    "openat": ("EMFILE", "EACCES", "EIO", "ENOMEM"),
    "fstat": ("EIO",),
    "newfstatat": ("EIO", "ENOMEM"),
    "lseek": ("EIO",),
    "fcntl": ("EMFILE",),
    "getdents64": ("EIO",),
    "readlink": ("EIO",),
    "getcwd": ("ENOMEM",),
    "access": ("EIO",),
    "faccessat2": ("EIO",),
    "mkdir": ("ENOSPC", "EIO"),
    "linkat": ("ENOSPC", "EIO", "EEXIST", "ENOENT"),
    "rename": ("ENOSPC", "EIO"),
    "renameat": ("ENOSPC", "EIO"),
    "renameat2": ("ENOSPC", "EIO", "EINVAL"),
    "ftruncate": ("ENOSPC", "EIO"),
    "fsync": ("EIO", "ENOSPC"),
    "fdatasync": ("EIO", "ENOSPC"),
    "syncfs": ("EIO",),
    "sync_file_range": ("EIO",),
    "fchmod": ("EPERM",),
    "fchown": ("EPERM",),
    "utimensat": ("EPERM",),
    "fadvise64": ("EINVAL",),
    "mmap": ("ENOMEM",),
    "mprotect": ("ENOMEM",),
    "clone": ("EAGAIN", "ENOMEM"),
    "clone3": ("EAGAIN", "ENOMEM"),
    "vfork": ("EAGAIN",),
    "memfd_create": ("EMFILE", "ENOMEM"),
    "eventfd2": ("EMFILE", "ENOMEM"),
    "socketpair": ("EMFILE", "ENOMEM"),
    "pidfd_open": ("EMFILE", "ENOMEM", "ENOSYS"),
    "signalfd4": ("EMFILE", "ENOMEM"),
    "epoll_create1": ("EMFILE", "ENOMEM"),
    "epoll_ctl": ("ENOMEM", "ENOSPC"),
    "epoll_wait": ("EINTR",),
    "poll": ("EINTR",),
    "waitid": ("EINTR",),
    "sendmsg": ("EMFILE", "ENOBUFS", "ENOMEM", "EINTR"),
    "recvmsg": ("EINTR", "ENOMEM"),
    "dup2": ("EMFILE",),
    "execve": ("ENOMEM",),
    "prlimit64": ("EPERM",),
    "sched_getaffinity": ("EPERM",),
    "getrandom": ("EINTR",),
    "prctl": ("EINVAL",),
    "seccomp": ("EINVAL",),
    "landlock_create_ruleset": ("EOPNOTSUPP",),
    "landlock_restrict_self": ("EPERM",),
}
# Kinds of run: options, whether earlier outputs are replaced, whether the run is resumed after.
SCENES = {
    "fresh": ((), False, False),
    "replacing": (("--sync", "each"), True, False),
    "journalled": (("--journal", "{run}/journal", "--joblog", "{run}/joblog"), False, True),
}
# Calls whose effect depends on the scene; the rest is looked at in the first.
NAMING = {"read", "pread64", "write", "pwrite64", "openat", "fstat", "newfstatat", "mkdir",
          "linkat", "rename", "renameat", "renameat2", "ftruncate", "fsync", "fdatasync", "syncfs",
          "sync_file_range"}


def sample(folder):
    (folder / "in").mkdir()
    for picture in PICTURES:
        shutil.copy(TESTDATA / picture, folder / "in")
    return Books(folder, "gray", "-j", "2")


def earlier(books):
    """Outputs of another run, with other bytes."""
    out = books.folder / "earlier"
    if not out.is_dir():
        subprocess.run([ledger.harness.PROGRAM, "invert", "-r", books.source, "-o", out, "--quiet"],
                       check=True)
    return out


def trace(books, scene, everyone, *options):
    """A run below strace, and what strace wrote."""
    settings, replaces, _ = SCENES[scene]
    report = books.folder / "trace"
    run = books.start(*settings, *(NOT_LOCKED_IN if everyone else ()),
                      older=earlier(books) if replaces else None,
                      before=["strace", "-o", report, *(["-f"] if everyone else []), *options],
                      environment=UNCHECKED)
    run.wait(SECONDS)
    return run, report.read_text(errors="replace")


def need_strace():
    try:
        done = subprocess.run(["strace", "-o", "/dev/null", "true"], check=False,
                              stderr=subprocess.PIPE)
    except FileNotFoundError:
        raise Skip("strace is not here") from None
    if done.returncode:
        raise Skip("no process may be traced here: " + done.stderr.decode().strip()[-80:])


def first_places(text):
    """How many calls of each kind there were before main()."""
    before = {}
    for line in text.splitlines():
        if MAIN.search(line):
            return before
        call = CALL.match(line)
        if call:
            before[call[1]] = before.get(call[1], 0) + 1
    raise AssertionError("main() was not found")


def places(first):
    """The numbers of the calls to fail."""
    if ledger.ALL:
        return itertools.count(first)
    return itertools.accumulate(itertools.count(1), lambda place, step: place + step * step,
                                initial=first)


def fail_everywhere(books, scene, call, error, everyone, first):
    """Runs until none has a call left to fail; their statuses with their number."""
    statuses = {}
    for number in places(first):
        run, report = trace(books, scene, everyone, *(["--seccomp-bpf"] if everyone else []),
                            "-e", f"trace={call}",
                            "-e", f"inject={call}:error={error}:when={number}")
        try:
            ledger.audit(books, run)
        except ledger.Broken as complaint:
            raise ledger.Broken(f"{call} {number}: {error}"
                                f"{' in all' if everyone else ''}, {scene}: {complaint}\n"
                                f"{run.errors[-600:]}") from None
        if "(INJECTED)" not in report:
            return statuses
        resume(books, scene, run, f"{call} {number}: {error}")
        statuses[run.status] = statuses.get(run.status, 0) + 1
        shutil.rmtree(run.folder)
    return statuses


def resume(books, scene, run, what):
    if not SCENES[scene][2]:
        return
    try:
        books.resume(run)
    except ledger.Broken as complaint:
        raise ledger.Broken(f"resumed after {what}, exit {run.status}: {complaint}") from None


class Bench:
    """One set of books for all calls, and the traces of runs in which nothing fails."""

    def __init__(self, folder):
        self.folder, self.books, self.calm = folder, None, {}

    def prepare(self, scene, everyone):
        if not self.books:
            self.books = sample(self.folder)
        if (scene, everyone) not in self.calm:
            self.calm[scene, everyone] = trace(self.books, scene, everyone)[1]
        return self.books, self.calm[scene, everyone]


def test_of(bench, call, scene, everyone):
    errors = ERRORS[call]

    def test(_):
        need_strace()
        books, calm = bench.prepare(scene, everyone)
        if not re.search(rf"\b{call}\(", calm):
            raise Skip("no such call is made")
        first = first_places(calm).get(call, 0) + 1
        total, broken = {}, []
        # A sample is one error for each kind of run but the first.
        for error in errors if ledger.ALL or scene == "fresh" else errors[:1]:
            try:
                statuses = fail_everywhere(books, scene, call, error, everyone, first)
            except ledger.Broken as complaint:
                broken.append(str(complaint))
                continue
            for status, number in statuses.items():
                total[status] = total.get(status, 0) + number
        print(f"    {sum(total.values())} runs, " +
              ", ".join(f"{number} with exit {status}" for status, number in sorted(total.items())))
        assert not broken, "\n".join(broken)
    who = "any_process" if everyone else "the_supervisor"
    test.__name__ = f"{call}_fails_in_{who}_{scene}"
    return test


def main():
    chosen = [word for word in sys.argv[4:] if word in ERRORS] or ERRORS
    with tempfile.TemporaryDirectory(prefix="pixpool-inject-") as folder:
        bench = Bench(pathlib.Path(folder))
        run_tests([test_of(bench, call, scene, everyone) for call in chosen for scene in SCENES
                   for everyone in (False, True) if scene == "fresh" or call in NAMING])


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    main()
