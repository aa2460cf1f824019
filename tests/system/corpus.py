"""Real folders, where they are at hand: every file accounted for, names and tree kept."""
import os
import subprocess
import sys
import time

import harness
from harness import (assert_whole, children, convert, corpus, files, kill_pause,
                     kill_workers_at_random, records, start, status_kilobytes)


def assert_all_converted(name, folder):
    source = corpus(name)
    convert("gray", "-r", source, "-o", folder / "out")
    wanted = [path.relative_to(source) for path in files(source)]
    assert [path.relative_to(folder / "out") for path in files(folder / "out")] == wanted
    assert_whole(folder / "out")
    print(f"    {name}: {len(wanted)} files, names and tree kept")


def every_photo_is_converted(folder):
    assert_all_converted("photos", folder)


def every_picture_of_the_web_is_converted(folder):
    assert_all_converted("web", folder)


def every_png_is_converted(folder):
    assert_all_converted("png", folder)


def every_icon_is_converted(folder):
    assert_all_converted("icons", folder)


def odd_files_are_converted_or_refused_each_with_a_reason(folder):
    source = corpus("conformance")
    convert("gray", "-r", source, "-o", folder / "out", "--log", folder / "log", status=1)
    done = records(folder / "log")
    assert len(done) == len(files(source))
    for record in done:
        illegal = os.path.basename(record["input"]).startswith("x") and "PngSuite" in record["input"]
        if illegal:
            assert record["status"] == "failed", record
        elif record["input"].lower().endswith(".png"):
            assert record["status"] == "done", record
        assert record["status"] == "done" or record["error"], record
    print(f"    conformance: {sum(r['status'] == 'done' for r in done)} of {len(done)} converted")


def damaged_files_harm_nobody(folder):
    source = corpus("corrupt")
    process = start("gray", "-r", source, "-o", folder / "out", "--log", folder / "log",
                    "--timeout", "20", "--max-pixels", "100mp", stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        for worker in children(process.pid):
            peak = max(peak, status_kilobytes(worker, "VmHWM"))
        time.sleep(0.002)
    assert process.returncode == 1
    done = records(folder / "log")
    assert len(done) == len(files(source))
    assert all(record["status"] == "done" or record["error"] for record in done)
    assert not [r for r in done if r.get("reason") in ("crashed", "killed", "timeout", "internal")]
    assert peak < 512 * 1024
    assert_whole(folder / "out")
    print(f"    corrupt: {len(done)} files accounted for, worker peak {peak // 1024} MB")


def five_hundred_photos_survive_a_worker_killed_every_20_milliseconds(folder):
    source = corpus("web")
    pause = kill_pause(folder)
    process = start("gray", source, "-o", folder / "out", "--progress", "none")
    kills = kill_workers_at_random(process, pause)
    errors = process.communicate()[1].decode()
    assert process.returncode == 0, errors
    assert len(files(folder / "out")) == len(files(source))
    assert_whole(folder / "out")
    print(f"    {kills} kills, {errors.strip()}")


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    if not harness.CORPUS.is_dir():
        print("the corpus is not here: none of this was tested")
    harness.run([
        every_photo_is_converted,
        every_picture_of_the_web_is_converted,
        every_png_is_converted,
        every_icon_is_converted,
        odd_files_are_converted_or_refused_each_with_a_reason,
        damaged_files_harm_nobody,
        five_hundred_photos_survive_a_worker_killed_every_20_milliseconds,
    ])
