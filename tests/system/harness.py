"""What the system tests share: running the program, looking at its processes and its output tree.

A test is a function whose name is a sentence; run() calls each with a fresh folder and closes with
the counts. Skip(reason) says what could not be tested here."""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback


class Skip(Exception):
    pass


NOBODY = 2 ** 22 + 1  # above every process number
PROGRAM = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(sys.argv[2]).resolve()
TESTDATA = ROOT / "testdata"
CORPUS = ROOT.parent / "shared" / "corpus"


def corpus(name):
    folder = CORPUS / name
    if not folder.is_dir():
        raise Skip(f"{name} is not here")
    return folder


def start(*arguments, **options):
    options.setdefault("stderr", subprocess.PIPE)
    return subprocess.Popen([PROGRAM, *map(os.fspath, arguments)], **options)


def convert(*arguments, status=0, **options):
    """Run to the end; its standard error. The exit status must be the one expected."""
    process = start(*arguments, **options)
    errors = process.communicate()[1].decode(errors="replace")
    assert process.returncode == status, f"exit {process.returncode}, not {status}: {errors[-800:]}"
    return errors


def children(pid):
    """Its workers. Not every child is one: a sanitizer starts a process of its own at the end."""
    try:
        found = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [int(child) for child in found if b"--pixpool-worker" in command_line(child)]


def command_line(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def status_kilobytes(pid, key):
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def is_alive(pid):
    """A process that has ended but was not waited for is not alive."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def files(folder):
    return sorted(path for path in pathlib.Path(folder).rglob("*") if not path.is_dir())


def tree(folder):
    """Every file's path and bytes."""
    return {path.relative_to(folder): path.read_bytes() for path in files(folder)}


def assert_whole(folder):
    """No hidden name, and every file there is has its end: a JPEG's EOI, a PNG's IEND."""
    for path in files(folder):
        assert not path.name.startswith("."), f"left over: {path}"
        end = path.read_bytes()[-8:]
        assert end.endswith(b"\xff\xd9") or end.endswith(b"IEND\xaeB`\x82"), f"partial: {path}"


def records(log):
    with open(log, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def copies(folder, target, number):
    """Fill `target` with `number` copies of the pictures of `folder`, by links; the tree is flat."""
    target.mkdir(parents=True)
    sources = [path for path in files(folder) if path.suffix.lower() in (".jpg", ".jpeg", ".png")]
    for index in range(number):
        source = sources[index % len(sources)]
        os.link(source, target / f"{index:06}{source.suffix}") if same_device(source, target) else \
            shutil.copyfile(source, target / f"{index:06}{source.suffix}")
    return target


def same_device(a, b):
    return os.stat(a).st_dev == os.stat(b).st_dev


def kill_pause(folder):
    """Seconds between two kills: 20 ms, or longer where a build is so slow that no worker would live
    to its first file."""
    begin = time.monotonic()
    convert("gray", TESTDATA / "jpeg" / "baseline-420.jpg", "-o", folder / "warm-up", "--quiet")
    return max(0.02, 1.5 * (time.monotonic() - begin))


def kill_workers_at_random(process, pause):
    """Until the process ends; how many were killed."""
    dice, kills = random.Random(1), 0
    while process.poll() is None:
        try:
            os.kill(dice.choice(children(process.pid) or [NOBODY]), signal.SIGKILL)
            kills += 1
        except ProcessLookupError:
            pass
        time.sleep(pause)
    return kills


def run(tests):
    passed = failed = skipped = 0
    for test in tests:
        with tempfile.TemporaryDirectory(prefix="pixpool-system-") as folder:
            begin = time.monotonic()
            try:
                test(pathlib.Path(folder))
                passed += 1
                verdict = "ok"
            except Skip as reason:
                skipped += 1
                verdict = f"skipped: {reason}"
            except Exception:  # pylint: disable=broad-except
                failed += 1
                verdict = "FAILED"
                traceback.print_exc(file=sys.stdout)
        print(f"{verdict:8} {test.__name__} ({time.monotonic() - begin:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed or not passed + skipped else 0)
