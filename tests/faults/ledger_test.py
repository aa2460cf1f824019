"""The audit of a run notices what it is there for: each invariant is broken by hand, once."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import ledger
import harness
from harness import TESTDATA, run as run_tests
from ledger import Books, Broken, audit

PICTURES = ("jpeg/baseline-420.jpg", "jpeg/size-16x16.jpg", "png/palette-8.png", "png/gray-1.png")


def sample(folder, pictures=PICTURES):
    """Books over a few small pictures of several kinds."""
    (folder / "in").mkdir()
    for picture in pictures:
        shutil.copy(TESTDATA / picture, folder / "in")
    return Books(folder)


def finished(folder):
    books = sample(folder)
    run, counts = books.run()
    assert counts == (4, 0, 0, 0, 0), counts
    return books, run


def refused(books, run, word):
    """The audit complains, and about that."""
    try:
        audit(books, run)
    except Broken as complaint:
        assert word in str(complaint), complaint
        return
    raise AssertionError(f"not noticed: {word}")


def rewrite(run, change):
    lines = [json.loads(line) for line in run.log.read_text().splitlines()]
    run.log.write_text("".join(json.dumps(line) + "\n" for line in change(lines)))


def first_output(run):
    return next(path for path in sorted(run.out.iterdir()) if path.suffix == ".jpg")


def an_undisturbed_run_passes(folder):
    books, run = finished(folder)
    assert audit(books, run) == (4, 0, 0, 0, 0)


def a_lost_input_is_noticed(folder):
    books, run = finished(folder)
    rewrite(run, lambda lines: lines[1:])
    refused(books, run, "1 lost")


def a_doubled_input_is_noticed(folder):
    books, run = finished(folder)
    rewrite(run, lambda lines: lines + lines[:1])
    refused(books, run, "1 doubled")


def an_unknown_input_is_noticed(folder):
    books, run = finished(folder)
    rewrite(run, lambda lines: lines + [{"input": "other", "status": "failed"}])
    refused(books, run, "never an input")


def a_partial_output_is_noticed(folder):
    books, run = finished(folder)
    path = first_output(run)
    path.write_bytes(path.read_bytes()[:-1])
    refused(books, run, "1 partial")


def an_empty_output_is_noticed_in_a_run_broken_off(folder):
    books, run = finished(folder)
    first_output(run).write_bytes(b"")
    run.status = 74
    refused(books, run, "1 partial")


def a_missing_output_is_noticed(folder):
    books, run = finished(folder)
    first_output(run).unlink()
    refused(books, run, "done and not there")


def an_output_without_a_record_is_noticed(folder):
    books, run = finished(folder)
    rewrite(run, lambda lines: [{**line, "status": "failed"} if index == 0 else line
                                for index, line in enumerate(lines)])
    run.status = 1
    run.errors = ""
    refused(books, run, "not recorded")


def a_file_nobody_asked_for_is_noticed(folder):
    books, run = finished(folder)
    (run.out / "other.jpg").write_bytes(b"x")
    refused(books, run, "not an output")


def an_earlier_output_that_is_gone_is_noticed(folder):
    books, run = finished(folder)
    again = books.start(older=run.out).wait(60)
    assert audit(books, again) == (4, 0, 0, 0, 0)
    first_output(again).unlink()
    rewrite(again, lambda lines: [line for line in lines
                                  if os.path.exists(line["output"])])
    again.status = 74
    refused(books, again, "1 earlier outputs gone")


def a_temporary_file_is_noticed(folder):
    books, run = finished(folder)
    (run.folder / ".pixpool-0-1-2.tmp").write_bytes(b"")
    refused(books, run, "temporary")


def an_orphan_is_noticed(folder):
    books, run = finished(folder)
    with subprocess.Popen(["sleep", "60"], env={**os.environ, ledger.MARK: run.mark}) as left:
        # the kernel shows a new program's environment a moment after it has begun
        harness.wait_until(lambda: run.processes() == [left.pid], 5)
        run.wait(60)
        assert run.orphans == [left.pid]
    refused(books, run, "1 orphans")


def a_changed_input_is_noticed(folder):
    books, run = finished(folder)
    with open(books.source / "gray-1.png", "ab") as picture:
        picture.write(b"x")
    refused(books, run, "an input was changed")


def a_run_without_end_is_noticed_and_ended(folder):
    books = sample(folder)
    waiting = books.folder / "waiting.sh"
    waiting.write_text("sleep 60")
    run = books.start(before=["sh", waiting])
    run.wait(0.3)
    assert not run.processes()
    refused(books, run, "no end within")


def a_status_nobody_documented_is_noticed(folder):
    books, run = finished(folder)
    run.status = -11
    refused(books, run, "exit -11")


def success_with_a_failure_is_noticed(folder):
    books, run = finished(folder)
    rewrite(run, lambda lines: [{**line, "status": "failed"} for line in lines])
    for path in run.out.iterdir():
        path.unlink()
    refused(books, run, "exit 0 with 4 failed")
    run.status = 1
    refused(books, run, "told")


def too_long_a_run_is_noticed(folder):
    books, run = finished(folder)
    run.seconds = run.limit + 1
    refused(books, run, "are the limit")


TESTS = [
    an_undisturbed_run_passes,
    a_lost_input_is_noticed,
    a_doubled_input_is_noticed,
    an_unknown_input_is_noticed,
    a_partial_output_is_noticed,
    an_empty_output_is_noticed_in_a_run_broken_off,
    a_missing_output_is_noticed,
    an_output_without_a_record_is_noticed,
    a_file_nobody_asked_for_is_noticed,
    an_earlier_output_that_is_gone_is_noticed,
    a_temporary_file_is_noticed,
    an_orphan_is_noticed,
    a_changed_input_is_noticed,
    a_run_without_end_is_noticed_and_ended,
    a_status_nobody_documented_is_noticed,
    success_with_a_failure_is_noticed,
    too_long_a_run_is_noticed,
]

if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    assert pathlib.Path(ledger.harness.PROGRAM).is_file()
    run_tests(TESTS)
