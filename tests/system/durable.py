"""Outputs that take the places of their inputs, and outputs on odd file systems and broken disks."""
import errno
import os
import random
import resource
import shutil
import subprocess
import time

from forbid import NO_LINKS, NO_NOREPLACE, NO_UNNAMED, filter_calls
from harness import (TESTDATA, Skip, assert_whole, children, convert, files, is_alive, run, start,
                     tree, wait_until)

KILLS = 200
PATIENCE = 120  # seconds: a build with sanitizers may be killed less often
FILES = 64
PICTURES = sorted((TESTDATA / "jpeg").glob("*.jpg")) + sorted((TESTDATA / "png").glob("*.png"))


def plain_copies(target):
    """Copies, not links: they are going to be replaced."""
    target.mkdir()
    for index in range(FILES):
        source = PICTURES[index % len(PICTURES)]
        shutil.copyfile(source, target / f"{index:04}{source.suffix}")
    return target


def restore(folder, pictures):
    for path, data in pictures.items():
        (folder / path).unlink(missing_ok=True)
        (folder / path).write_bytes(data)


def in_memory(folder):
    """Whether files here have no disk to go to."""
    mounts = [line.split()[1:3] for line in open("/proc/mounts", encoding="utf-8")]
    above = [mount for mount in mounts if os.path.commonpath([mount[0], folder]) == mount[0]]
    return max(reversed(above), key=lambda mount: len(mount[0]))[1] in ("tmpfs", "ramfs")


def hidden(folder):
    return [path for path in files(folder) if path.name.startswith(".")]


def kill_in_the_middle(dice, length, *arguments, **options):
    """Start, kill at some moment of the time a whole run takes, and see that all are gone. A search
    for leaks is a process of its own, which would outlive a worker killed in the middle of it."""
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    process = start("gray", *arguments, "--quiet", stderr=subprocess.DEVNULL,
                    env={**os.environ, "ASAN_OPTIONS": sanitizer}, **options)
    time.sleep(dice.random() * length)
    workers = children(process.pid)
    process.kill()
    process.wait()
    assert wait_until(lambda: not any(map(is_alive, workers)), 5), "workers live on"


def time_of(*arguments, **options):
    begin = time.monotonic()
    convert("gray", *arguments, "--quiet", **options)
    return time.monotonic() - begin


def every_name_shows_an_old_or_a_new_picture_whenever_the_supervisor_is_killed(folder):
    source, dice = plain_copies(folder / "in"), random.Random(4)
    old = tree(source)
    convert("gray", source, "-o", folder / "new", "--quiet")
    new = tree(folder / "new")
    odd = {"preexec_fn": filter_calls([NO_UNNAMED])}
    length, halfway, leftovers = time_of(source, "--in-place"), 0, 0
    begin = time.monotonic()
    for attempt in range(KILLS):
        if time.monotonic() - begin > PATIENCE:
            break
        restore(source, old)
        # Where there are no unnamed files, each output has a hidden name while it is in work.
        options = odd if attempt % 4 == 3 else {}
        sync = ("batch", "batch", "none", "each")[dice.randrange(4)]
        kill_in_the_middle(dice, length, source, "--in-place", "--sync", sync, **options)
        found = {path: data for path, data in tree(source).items() if path.name[0] != "."}
        assert found.keys() == old.keys(), sorted(found.keys() ^ old.keys())[:5]
        replaced = [data != old[path] for path, data in found.items()]
        for path, data in found.items():
            assert data in (old[path], new[path]), f"{path}: {len(data)} bytes"
        halfway += any(replaced) and not all(replaced)
        leftovers += len(hidden(source))
    assert halfway > attempt / 20 and leftovers > 0, f"nothing was tested: {halfway}, {leftovers}"
    restore(source, old)
    convert("gray", source, "--in-place", "--quiet")
    assert tree(source) == new, f"left over: {hidden(source)[:3]}"


def what_is_replaced_is_in_the_backup_whenever_the_supervisor_is_killed(folder):
    source, dice = plain_copies(folder / "in"), random.Random(5)
    before = tree(source)
    length = time_of(source, "--in-place=.first")
    for path in files(source):
        path.unlink()
    restore(source, before)
    for _ in range(12):
        kill_in_the_middle(dice, length, source, "--in-place=.orig")
        for path, data in before.items():
            backup = source / f"{path}.orig"
            assert (source / path).read_bytes() == data or backup.read_bytes() == data, path
    # Those that have a backup by now are left alone, and that is told; the others are done.
    start("gray", source, "--in-place=.orig", "--quiet").communicate()
    assert not hidden(source)
    assert all((source / f"{path}.orig").read_bytes() == data for path, data in before.items())


def outputs_are_the_same_where_there_are_no_unnamed_files_and_no_links(folder):
    expected, source = folder / "expected", TESTDATA / "jpeg"
    convert("gray", source, "-o", expected, "--quiet")
    for number, calls in enumerate(([NO_UNNAMED], [NO_UNNAMED, NO_NOREPLACE],
                                    [NO_UNNAMED, NO_NOREPLACE, *NO_LINKS])):
        for sync in ("none", "batch", "each"):
            out = folder / f"out{number}{sync}"
            for _ in range(2):  # anew, and in place of what is there
                convert("gray", source, "-o", out, "--quiet", "--sync", sync,
                        preexec_fn=filter_calls(calls))
                assert tree(out) == tree(expected)
    kept = plain_copies(folder / "kept")
    before = tree(kept)
    convert("gray", kept, "--in-place=.orig", "--quiet",
            preexec_fn=filter_calls([NO_UNNAMED, NO_NOREPLACE, *NO_LINKS]))
    assert not hidden(kept) and len(files(kept)) == 2 * len(before)
    assert all((kept / f"{path}.orig").read_bytes() == data for path, data in before.items())


def nothing_is_named_that_the_disk_did_not_take(folder):
    if in_memory(folder):
        raise Skip("files here are in memory alone")
    source = TESTDATA / "jpeg"
    number = len([path for path in source.iterdir() if path.suffix == ".jpg"])
    broken = [(name, errno.EIO, 0) for name in ("fsync", "fdatasync", "syncfs")]
    for sync in ("batch", "each"):
        out = folder / sync
        errors = convert("gray", source, "-o", out, "--sync", sync, "--progress", "none", status=1,
                         preexec_fn=filter_calls(broken))
        assert f"0 converted, {number} failed" in errors, errors[-300:]
        assert "cannot write the output to the disk: Input/output error" in errors
        assert not files(out)
    convert("gray", source, "-o", folder / "none", "--sync=none", "--quiet",
            preexec_fn=filter_calls(broken))
    kept = plain_copies(folder / "kept")
    before = tree(kept)
    convert("gray", kept, "--in-place=.orig", "--quiet", status=1, preexec_fn=filter_calls(broken))
    assert tree(kept) == before


def a_full_disk_that_tells_only_at_the_end_stops_the_run(folder):
    source = TESTDATA / "jpeg"
    full = [(name, errno.ENOSPC, 0) for name in ("fsync", "fdatasync", "syncfs")]
    if in_memory(folder):
        raise Skip("files here are in memory alone")
    convert("gray", source, "-o", folder / "out", status=74, preexec_fn=filter_calls(full))
    assert not files(folder / "out")


def few_descriptors_and_groups_get_along(folder):
    source = plain_copies(folder / "in")
    for limit in (40, 64, 256):
        out = folder / f"out{limit}"
        convert("gray", source, "-o", out, "--quiet", "-j2", preexec_fn=lambda: limit_files(limit))
        assert len(files(out)) == FILES
        assert_whole(out)


def limit_files(limit):
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


run([every_name_shows_an_old_or_a_new_picture_whenever_the_supervisor_is_killed,
     what_is_replaced_is_in_the_backup_whenever_the_supervisor_is_killed,
     outputs_are_the_same_where_there_are_no_unnamed_files_and_no_links,
     nothing_is_named_that_the_disk_did_not_take,
     a_full_disk_that_tells_only_at_the_end_stops_the_run,
     few_descriptors_and_groups_get_along])
