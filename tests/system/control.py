"""Runs that are going on are seen and led from outside: nothing is lost, and nobody else is heard."""
import functools
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

import harness
from harness import TESTDATA, assert_whole, children, convert, copies, files, is_alive, records, start, \
    wait_until

CHAIN = "resize=900x900:enlarge=1,sharpen=1"
SECONDS = 2.5  # that a run takes about, with two workers, so that it can be led before it ends


@functools.lru_cache
def enough_files():
    """So many that a run takes its time, however fast this build is."""
    with tempfile.TemporaryDirectory(prefix="pixpool-system-") as folder:
        source = copies(TESTDATA / "jpeg", pathlib.Path(folder) / "in", 24)
        begin = time.monotonic()
        convert(CHAIN, source, "-o", source.parent / "out", "--quiet", "-j", "2")
        return min(3000, max(48, int(24 * SECONDS / (time.monotonic() - begin))))


class Run:
    """A run in the background with a directory for sockets of its own."""

    def __init__(self, folder, *options):
        self.folder = folder
        self.sockets = folder / "run"
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=str(self.sockets))
        if not (folder / "in").exists():
            copies(TESTDATA / "jpeg", folder / "in", enough_files())
        self.count = len(files(folder / "in"))
        self.log = folder / "log"
        self.process = start(CHAIN, folder / "in", "-o", folder / "out", "--log", self.log,
                             "-v", *options, env=self.environment)

    def ask(self, *words, status=0):
        done = subprocess.run([harness.PROGRAM, *words], env=self.environment, timeout=30,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
        assert done.returncode == status, f"{words}: exit {done.returncode}: {done.stderr}"
        return done.stdout + done.stderr

    def status(self):
        """This run's: somebody else's may be going on as well."""
        lines = self.ask("status", "--json").splitlines()
        own = [line for line in map(json.loads, lines) if line["pid"] == self.process.pid]
        assert len(own) == 1, lines
        return own[0]

    def await_begun(self):
        assert wait_until(lambda: files(self.sockets) or self.process.poll() is not None, 20)
        assert wait_until(lambda: self.status()["done"] > 0, 30)

    def end(self, status=0):
        errors = self.process.communicate(timeout=120)[1].decode()
        assert self.process.returncode == status, f"{self.process.returncode}: {errors[-500:]}"
        assert not files(self.sockets), "a socket is left"
        return errors

    def assert_all_done(self):
        assert len(files(self.folder / "out")) == self.count
        assert_whole(self.folder / "out")
        states = [record["status"] for record in records(self.log)]
        assert states == ["done"] * self.count


def ticks(pid):
    """Of the processor's time that it has taken, 100 a second."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def a_status_tells_how_far_the_run_is_and_what_each_worker_is_at(folder):
    run = Run(folder, "-j", "2")
    run.await_begun()
    status = run.status()
    assert status["pid"] == run.process.pid and status["filters"] == CHAIN
    assert status["total"] == run.count and status["total_known"] and status["jobs"] == 2
    assert not status["paused"] and not status["stopping"]
    assert {worker["pid"] for worker in status["workers"]} <= set(children(run.process.pid))
    busy = [worker for worker in status["workers"] if "input" in worker]
    assert all(worker["input"].startswith(str(folder / "in")) and 0 <= worker["percent"] <= 100
               for worker in busy)
    text = run.ask("status", status["run"])
    assert f"{status['run']}: running, process {run.process.pid}, {CHAIN}" in text
    errors = run.end()
    assert f"pixpool: run {status['run']}\n" in errors
    run.assert_all_done()
    assert records(run.log)[0]["run"] == status["run"]
    assert "run" not in records(run.log)[1]
    assert "no run is going on" in run.ask("status", status=3)


def a_paused_run_begins_nothing_until_it_is_resumed(folder):
    run = Run(folder, "-j", "2")
    run.await_begun()
    run.ask("pause")
    assert wait_until(lambda: not [worker for worker in run.status()["workers"]
                                   if "input" in worker], 30)
    before = run.status()
    time.sleep(0.5)
    after = run.status()
    assert before["paused"] and after["paused"] and after["done"] == before["done"] < run.count
    assert "paused" in run.ask("status")
    assert after["seconds"] >= before["seconds"] + 0.4
    assert after["seconds_worked"] <= before["seconds_worked"] + 0.2
    assert after["files_per_second"] > 0.8 * before["files_per_second"]
    begin = ticks(run.process.pid)
    time.sleep(0.5)
    taken = ticks(run.process.pid) - begin
    assert taken < 25, f"it is paused and took {taken} ticks of the processor"
    run.ask("resume")
    errors = run.end()
    assert "paused\n" in errors and "resumed\n" in errors
    run.assert_all_done()


def a_cancelled_run_ends_as_if_interrupted_and_can_be_resumed(folder):
    run = Run(folder, "-j", "2", "--resume")
    run.await_begun()
    run.ask("cancel")
    errors = run.end(-signal.SIGINT)
    assert "pixpool: ended early: cancelled" in errors
    done = sum(record["status"] == "done" for record in records(run.log))
    outputs = [path for path in files(folder / "out") if path.parent == folder / "out"]
    assert 0 < done == len(outputs) < run.count
    again = Run(folder, "-j", "2", "--resume")
    again.end()
    states = [record["status"] for record in records(again.log)]
    assert states.count("done") == run.count - done and states.count("skipped") == done


def a_paused_run_can_be_cancelled(folder):
    run = Run(folder, "-j", "2")
    run.await_begun()
    run.ask("pause")
    run.ask("cancel")
    run.end(-signal.SIGINT)


def the_number_of_workers_changes_and_nothing_is_lost(folder):
    run = Run(folder, "-j", "1")
    run.await_begun()
    for jobs in (4, 1, 3, 2, 5):
        run.ask("jobs", str(jobs))
        assert run.status()["jobs"] == jobs
        time.sleep(0.02)
    assert wait_until(lambda: len(run.status()["workers"]) == 5, 20)
    run.ask("jobs", "1")
    assert wait_until(lambda: len(run.status()["workers"]) == 1, 20)
    run.ask("jobs", "2")
    run.end()
    run.assert_all_done()


def of_several_runs_one_has_to_be_named(folder):
    one = Run(folder, "-j", "1")
    one.await_begun()
    other = start(CHAIN, folder / "in", "-o", folder / "other", "-j", "1", env=one.environment)
    assert wait_until(lambda: len(one.ask("status", "--json").splitlines()) == 2, 20)
    runs = {status["pid"]: status["run"]
            for status in map(json.loads, one.ask("status", "--json").splitlines())}
    assert "RUN is missing: 2 runs are going on" in one.ask("pause", status=2)
    one.ask("cancel", runs[other.pid])
    other.communicate()
    assert other.returncode == -signal.SIGINT
    one.end()
    one.assert_all_done()


def a_killed_runs_socket_is_removed_by_who_finds_it(folder):
    for words in (["status"], None):
        run = Run(folder, "-j", "1")
        run.await_begun()
        name = run.status()["run"]
        workers = children(run.process.pid)
        run.process.kill()
        run.process.communicate()
        assert len(files(run.sockets)) == 1
        assert "going on" in run.ask(*(words or ["cancel", name]), status=3)
        assert not files(run.sockets)
        assert wait_until(lambda: not any(map(is_alive, workers)), 20)


def clients_that_hang_or_babble_keep_nobody(folder):
    run = Run(folder, "-j", "2")
    run.await_begun()
    path = files(run.sockets)[0]
    guests = []
    for index in range(7):
        guest = socket.socket(socket.AF_UNIX)
        guest.connect(str(path))
        guest.send([b"", b"\5\0", b"\xff" * 20, b"\5\0\0\0\0\0\0\0\xff\0\0\0\0", b"\1\0\0\0" + b"x" * 9,
                    b"\5\0\0\0\1\0\0\0\7\0\0\0\0", b"\0" * 8][index])
        guests.append(guest)
    assert run.status()["pid"] == run.process.pid
    run.end()
    run.assert_all_done()
    for guest in guests:
        guest.close()


def a_run_without_a_directory_for_its_socket_goes_on_without(folder):
    """Neither place can be had: one is a link, the other belongs to all."""
    target = folder / "elsewhere"
    target.mkdir()
    run_dir = folder / "run"
    run_dir.mkdir(mode=0o700)
    (run_dir / "pixpool").symlink_to(target)
    copies(TESTDATA / "jpeg", folder / "in", 3)
    over = ('mkdir -p -m 700 /tmp/pixpool-0 && mount -t tmpfs -o mode=755 none /tmp/pixpool-0 && '
            'exec "$@"')
    if subprocess.run(["unshare", "-rm", "sh", "-c", over, "sh", "true"], check=False,
                      stderr=subprocess.DEVNULL).returncode:
        raise harness.Skip("no namespace of mounts is to be had")
    process = subprocess.Popen(
        ["unshare", "-rm", "sh", "-c", over, "sh", harness.PROGRAM, "gray", folder / "in", "-o",
         folder / "out", "-v"], stderr=subprocess.PIPE,
        env=dict(os.environ, XDG_RUNTIME_DIR=str(run_dir)))
    errors = process.communicate()[1].decode()
    assert process.returncode == 0, errors
    assert "pixpool: nobody can ask how this run stands: no directory for sockets" in errors
    assert len(files(folder / "out")) == 3 and not files(target)


def another_users_run_is_not_asked(folder):
    if os.geteuid() != 0:
        raise harness.Skip("only root can be two users")
    os.chmod(folder, 0o755)
    sockets = folder / "run"
    (sockets / "pixpool").mkdir(parents=True)
    code = ("import os, socket, time; os.setgid(12345); os.setuid(12345); "
            "s = socket.socket(socket.AF_UNIX); s.bind('%s'); s.listen(); time.sleep(60)")
    path = sockets / "pixpool" / "run-abcdef"
    os.chmod(sockets / "pixpool", 0o777)
    other = subprocess.Popen(["python3", "-c", code % path])
    try:
        assert wait_until(path.exists, 20)
        os.chmod(sockets / "pixpool", 0o700)
        environment = dict(os.environ, XDG_RUNTIME_DIR=str(sockets))
        done = subprocess.run([harness.PROGRAM, "status", "abcdef"], env=environment, timeout=30,
                              stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 2, done.stderr
        assert re.search("another user's server", done.stderr), done.stderr
    finally:
        other.kill()
        other.wait()


harness.run([
    a_status_tells_how_far_the_run_is_and_what_each_worker_is_at,
    a_paused_run_begins_nothing_until_it_is_resumed,
    a_cancelled_run_ends_as_if_interrupted_and_can_be_resumed,
    a_paused_run_can_be_cancelled,
    the_number_of_workers_changes_and_nothing_is_lost,
    of_several_runs_one_has_to_be_named,
    a_killed_runs_socket_is_removed_by_who_finds_it,
    clients_that_hang_or_babble_keep_nobody,
    a_run_without_a_directory_for_its_socket_goes_on_without,
    another_users_run_is_not_asked,
])
