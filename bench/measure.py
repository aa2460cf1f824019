"""One run of a program: its time, what its processes took together, and whether it did its work."""
import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import likeness
import pictures

PATIENCE = 900  # seconds until a run is given up
SAMPLE = 0.003  # seconds between two looks at the memory


class Failed(Exception):
    """A run that did not do all of its work: it has no time worth telling."""


@dataclasses.dataclass
class Command:
    """What is run: the words, the names for its standard input, and where."""
    words: list
    names: list = ()
    folder: pathlib.Path = None
    environment: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Run:
    """What one run took. `own` is the processor time of the first thread of the program alone: of
    pixpool, the supervisor's. Memory is None where it was not looked at."""
    wall: float
    cpu: float
    own: float
    memory: float = None
    written: int = 0


# ---- a process and its descendants --------------------------------------------------------------

def descendants(pid):
    """`pid` and all below it."""
    yield pid
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = file.read().split()
    except OSError:
        return
    for child in children:
        yield from descendants(int(child))


def proportional(pid):
    """The memory of one process, bytes; pages that it shares count in proportion (PSS)."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0


def own_seconds(pid):
    """Processor time of the first thread of a process that has ended and was not yet waited for."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def ended(pid, wait):
    options = os.WEXITED | os.WNOWAIT | (0 if wait else os.WNOHANG)
    return os.waitid(os.P_PID, pid, options) is not None


def watch(pid):
    """The most memory that the process and its descendants held together until its end."""
    most = 0
    while not ended(pid, wait=False):
        most = max(most, sum(proportional(process) for process in list(descendants(pid))))
        time.sleep(SAMPLE)
    return most


# ---- running ------------------------------------------------------------------------------------

def execute(command, look):
    """Run it to its end. `look`: at the memory, which costs time."""
    with tempfile.TemporaryFile() as names, tempfile.TemporaryFile() as said:
        names.write(b"\0".join(os.fsencode(name) for name in command.names))
        names.seek(0)
        begin = time.monotonic()
        process = subprocess.Popen(
            command.words, stdin=names, stdout=subprocess.DEVNULL, stderr=said, cwd=command.folder,
            env={**os.environ, **command.environment}, start_new_session=True)
        timer = threading.Timer(PATIENCE, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        memory = watch(process.pid) if look else None
        ended(process.pid, wait=True)
        wall = time.monotonic() - begin
        timer.cancel()
        own = own_seconds(process.pid)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if process.returncode != 0:
            text = said.read().decode(errors="replace").strip()
            raise Failed(f"exit status {process.returncode}: {text[-300:]}")
    return Run(wall, used.ru_utime + used.ru_stime, own, memory)


def check(workload, out):
    """Bytes written. Every input must have its output, gray, of the right format and size."""
    total = 0
    for name, expected in workload.expected.items():
        path = out / name
        try:
            found = pictures.header(path)
        except (OSError, pictures.NoPicture) as error:
            raise Failed(f"{name} was not converted: {error}") from error
        if not found.gray:
            raise Failed(f"{name} has colours")
        if found.depth > 8:
            raise Failed(f"{name} has {found.depth} bits a sample")
        if abs(found.width - expected[0]) > 1 or abs(found.height - expected[1]) > 1:
            raise Failed(f"{name} is {found.width} x {found.height}, not "
                         f"{expected[0]} x {expected[1]}")
        if name in workload.transparent and not found.alpha:
            raise Failed(f"{name} lost its alpha channel")
        total += path.stat().st_size
    return total


def check_looks(workload, out):
    """A few outputs must look as pixpool's do."""
    far, name = likeness.distance(workload.looks, out)
    if far > likeness.FAR:
        raise Failed(f"{name} is another picture: {far:.0f} of 255 from pixpool's")


def run(program, workload, out, look=False):
    """One run of `program` into the empty folder `out`, its outputs checked. `look`: also at its
    memory and at how its pictures look, which takes long."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    command = program.command(workload, out)
    command.folder = command.folder or workload.folder
    done = execute(command, look)
    done.written = check(workload, out)
    if look:
        check_looks(workload, out)
    return done
