"""What goes wrong with processes, disks and limits costs what it must and nothing else."""
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

import harness
from harness import (TESTDATA, Skip, assert_whole, children, convert, copies, files, is_alive,
                     kill_pause, kill_workers_at_random, records, start, tree, wait_until)

SMALL = TESTDATA / "jpeg"


def every_file_is_converted_while_workers_are_killed_at_random(folder):
    source = copies(SMALL, folder / "in", 6000)
    pause = kill_pause(folder)
    process = start("gray", source, "-o", folder / "out", "--log", folder / "log",
                    "--progress", "none")
    kills = kill_workers_at_random(process, pause)
    errors = process.stderr.read().decode()
    process.stderr.close()
    assert process.returncode == 0, errors
    assert kills > 3, f"only {kills} kills: nothing was tested"
    inputs = [record["input"] for record in records(folder / "log")]
    assert len(inputs) == len(set(inputs)) == len(files(folder / "out")) == 6000
    assert_whole(folder / "out")


def nobody_and_nothing_partial_is_left_when_the_supervisor_is_killed(folder):
    source = copies(SMALL, folder / "in", 3000)
    for attempt in range(8):
        out = folder / f"out{attempt}"
        process = start("gray", source, "-o", out, stderr=subprocess.DEVNULL)
        assert wait_until(lambda: children(process.pid) and out.is_dir() and any(out.iterdir()), 10)
        time.sleep(0.03 * attempt)
        workers = children(process.pid)
        process.kill()
        process.wait()
        assert wait_until(lambda: not any(map(is_alive, workers)), 1), "workers live on"
        assert_whole(out)


def a_stopped_worker_costs_its_file_and_no_more(folder):
    source = copies(SMALL, folder / "in", 400)
    process = start("gray", source, "-o", folder / "out", "--timeout", "1")
    assert wait_until(lambda: children(process.pid), 5)
    os.kill(children(process.pid)[0], signal.SIGSTOP)
    errors = process.communicate(timeout=30)[1].decode()
    failed = re.search(r"(\d+) converted, (\d+) failed", errors)
    assert failed, errors
    # Stopped between two files it has nothing that could time out before it is given one.
    assert int(failed[2]) <= 1 and int(failed[1]) + int(failed[2]) == 400, errors
    assert process.returncode == (1 if failed[2] == "1" else 0)
    assert_whole(folder / "out")


def an_interrupt_finishes_what_is_in_work_and_ends_by_the_signal(folder):
    source = copies(SMALL, folder / "in", 4000)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        out = folder / f"out{number}"
        process = start("gray", source, "-o", out)
        assert wait_until(lambda: out.is_dir() and len(os.listdir(out)) > 20, 10)
        workers = children(process.pid)
        begin = time.monotonic()
        process.send_signal(number)
        errors = process.communicate(timeout=20)[1].decode()
        assert time.monotonic() - begin < 6
        assert process.returncode == -number, (process.returncode, errors[-300:])
        counted = re.search(r"(\d+) converted, 0 failed", errors)
        assert counted and int(counted[1]) == len(files(out)) < 4000, errors[-300:]
        assert not any(map(is_alive, workers))
        assert_whole(out)


def in_a_mount_namespace(script, *arguments):
    """Run a shell script with mounts of its own, as root or in a user namespace."""
    for unshare in (["unshare", "-m"], ["unshare", "-rm"]):
        if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return subprocess.run([*unshare, "sh", "-euc", script, "sh", *map(os.fspath, arguments)],
                                  capture_output=True, check=False, text=True, timeout=120)
    raise Skip("no namespace of our own to be had")


def a_full_disk_stops_the_run_and_leaves_only_whole_files(folder):
    source = copies(TESTDATA / "png", folder / "in", 2000)
    (folder / "disk").mkdir()
    (folder / "kept").mkdir()
    done = in_a_mount_namespace(
        'mount -t tmpfs -o size=600k pixpool "$2" || exit 99\n'
        'status=0; "$1" gray "$3" -o "$2" --progress none || status=$?\n'
        'cp -a "$2/." "$4"; exit $status', harness.PROGRAM, folder / "disk", source, folder / "kept")
    if done.returncode == 99:
        raise Skip("tmpfs cannot be mounted")
    assert done.returncode == 74, (done.returncode, done.stderr[-500:])
    assert "No space left on device" in done.stderr
    assert 10 < len(files(folder / "kept")) < 2000
    assert_whole(folder / "kept")


def few_descriptors_make_it_slower_and_fail_nothing(folder):
    source = copies(SMALL, folder / "in", 300)

    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))

    convert("gray", source, "-o", folder / "out", "-j", "8", preexec_fn=limit)
    assert len(files(folder / "out")) == 300


def outputs_cut_short_by_a_size_limit_are_refused(folder):
    source = copies(TESTDATA / "photos", folder / "in", 2)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

    convert("gray", source, "-o", folder / "out", status=1, preexec_fn=limit)
    assert files(folder / "out") == []


def results_are_the_same_for_any_number_of_workers_and_threads(folder):
    trees = []
    for jobs, threads in (("1", "1"), ("2", "1"), ("1", "3"), ("3", "2")):
        out = folder / f"out{jobs}{threads}"
        convert("orient,blur=2,resize=70%,gray,autocontrast", "-r", TESTDATA / "jpeg",
                TESTDATA / "png", "-o", out, "-j", jobs, "-t", threads)
        trees.append(tree(out))
    assert len(trees[0]) > 100
    assert all(one == trees[0] for one in trees)


def no_file_of_the_hostile_set_harms_the_others(folder):
    expected = dict(line.split("\t") for line in
                    (TESTDATA / "hostile" / "EXPECTED.tsv").read_text().splitlines()
                    if line and not line.startswith("#"))
    expected.pop("file", None)
    convert("gray", TESTDATA / "hostile", TESTDATA / "jpeg", "-o", folder / "out",
            "--log", folder / "log", "--max-pixels", "100mp", "--timeout", "60", status=1)
    fates = {os.path.basename(record["input"]): record["status"]
             for record in records(folder / "log") if "/hostile/" in record["input"]}
    for name, fate in expected.items():
        wanted = {"converts": "done", "refused": "failed"}[fate]
        assert fates[name] == wanted, f"{name}: {fates[name]}, not {wanted}"
    assert len(fates) == len(expected)
    assert_whole(folder / "out")


def inputs_are_never_written_to(folder):
    shutil.copytree(TESTDATA / "jpeg", folder / "in")
    before = tree(folder / "in")
    convert("gray", "-r", folder / "in", "-o", folder / "in", status=1)
    assert tree(folder / "in") == before
    convert("gray", folder / "in", "-o", folder / "in", "--suffix", "_gray")
    after = tree(folder / "in")
    assert {path: after[path] for path in before} == before
    assert len(after) == 2 * len(before)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    harness.run([
        every_file_is_converted_while_workers_are_killed_at_random,
        nobody_and_nothing_partial_is_left_when_the_supervisor_is_killed,
        a_stopped_worker_costs_its_file_and_no_more,
        an_interrupt_finishes_what_is_in_work_and_ends_by_the_signal,
        a_full_disk_stops_the_run_and_leaves_only_whole_files,
        few_descriptors_make_it_slower_and_fail_nothing,
        outputs_cut_short_by_a_size_limit_are_refused,
        results_are_the_same_for_any_number_of_workers_and_threads,
        no_file_of_the_hostile_set_harms_the_others,
        inputs_are_never_written_to,
    ])
