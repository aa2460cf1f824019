"""The workers' sandbox around the whole program: honest work never meets it, and what a system lacks
is told or refused."""
import ctypes
import pathlib
import shutil
import struct
import subprocess

import harness
from harness import TESTDATA, Skip, children, convert, records, start, wait_until

WHOLE = "seccomp, Landlock"
# Together every filter; each is a way of its own through the pipeline.
CHAINS = ["gray", "invert,sepia,threshold=0.4,brightness=0.1,contrast=1.2,gamma=2.2",
          "autocontrast,blur=3,sharpen", "resize=40x40", "resize=300x300,crop=20x20:1:1,flip,flop",
          "rotate=90,orient,flatten,depth=16",
          "saturate=1.3,hue=20,modulate=110,white-balance,tint=teal,channel=red,posterize,solarize",
          "levels=5:250,curves=0/0+64/50+255/255,normalize,equalize,clahe,duotone=navy:white,dither=4",
          "median=2,boxblur=3,bilateral,unsharp,edge,emboss,noise,pixelate=4,vignette",
          "trim,pad=200x200,extent=90x80:background=navy,border=3,transpose,transverse,rotate=12.5",
          "thumbnail=64x64,blur=2:linear=1",
          f"overlay={TESTDATA / 'png' / 'rgba-8.png'}:southeast:scale=30%:opacity=0.5"]
WAYS = [[], ["-f", "png"], ["-f", "png", "--png-level", "12"], ["-f", "jpeg", "--progressive"],
        ["-f", "jpeg", "-q", "50", "--subsampling", "444"], ["--path", "luma"], ["--path", "full"],
        ["--sync", "each"]]


def version_line():
    shown = subprocess.run([harness.PROGRAM, "--version"], capture_output=True, check=True).stdout
    return next(line for line in shown.decode().splitlines() if line.startswith("sandbox: "))


def need_whole_sandbox():
    if WHOLE not in version_line():
        raise Skip(version_line())


def assert_nobody_was_stopped(chain, options, folder, names=("jpeg", "png", "hostile")):
    """Files may fail, by their own fault; no worker may."""
    log, inputs = folder / "log", [TESTDATA / name for name in names]
    process = start(chain, *inputs, "-o", folder / "out", "--log", log, "--sandbox=require",
                    "-j", "2", "--quiet", *options)
    errors = process.communicate()[1].decode(errors="replace")
    assert process.returncode in (0, 1), f"{chain} {options}: {errors[-800:]}"
    shutil.rmtree(folder / "out")
    told = records(log)
    for record in told:
        assert record.get("reason") not in ("crashed", "killed", "timeout"), record
        assert record.get("attempt", 1) == 1, record
    return len(told)


def honest_work_never_meets_the_sandbox(folder):
    need_whole_sandbox()
    shown = subprocess.run([harness.PROGRAM, "filters"], capture_output=True, check=True).stdout
    names = {line.split()[0] for line in shown.decode().splitlines() if line[:1].strip()}
    tried = {part.partition("=")[0] for chain in CHAINS for part in chain.split(",")}
    assert tried == names, f"filters not tried: {names ^ tried}"
    count = 0
    for threads in ("1", "4"):
        for chain in CHAINS:
            count += assert_nobody_was_stopped(chain, ["-t", threads], folder)
        for way in WAYS:
            count += assert_nobody_was_stopped("gray", [*way, "-t", threads], folder)
        for chain in ("gray", "resize=50%,sharpen"):  # large enough to be worth several threads
            count += assert_nobody_was_stopped(chain, ["-t", threads], folder, ["photos"])
    print(f"    {count} files, no worker stopped")


def a_benchmark_runs_in_the_sandbox_too(folder):
    need_whole_sandbox()
    shown = subprocess.run([harness.PROGRAM, "bench", "gray", TESTDATA / "png",
                            "--sandbox=require", "--repeat", "1", "-t", "2"],
                           capture_output=True, check=False)
    assert shown.returncode == 0, shown.stderr


def read(path):
    return pathlib.Path(path).read_text(encoding="ascii")


def status_at_work(folder, *options):
    """The status, limits and score of a worker in the middle of a run."""
    process = start("blur=40", "-r", TESTDATA / "photos", "-o", folder / "out", "-j", "1", *options,
                    stderr=subprocess.DEVNULL)
    assert wait_until(lambda: list(folder.glob("out/*")) or process.poll() is not None, 60)
    worker = children(process.pid)[0]
    told = [read(f"/proc/{worker}/{name}") for name in ("status", "limits", "oom_score_adj")]
    assert process.wait() == 0
    return told


def a_worker_has_the_limits_it_should_have(folder):
    need_whole_sandbox()
    status, limits, score = status_at_work(folder, "--memory", "400mb", "--sync", "none")
    assert "NoNewPrivs:\t1\n" in status and "Seccomp:\t2\n" in status, status
    assert int(score) == 1000
    values = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()[1:]}
    assert values["Max core file size"] == ["0", "0"], values
    assert values["Max file size"][0] != "unlimited", values
    print(f"    address space {values['Max address space'][0]}, "
          f"file size {values['Max file size'][0]}")


def without_the_sandbox_there_is_none(folder):
    status = status_at_work(folder, "--sandbox=off", "--sync", "none")[0]
    own = read("/proc/self/status").splitlines()
    for line in own:
        if line.startswith(("NoNewPrivs:", "Seccomp:")):
            assert line in status, status
    errors = convert("gray", TESTDATA / "png" / "gray-8.png", "-o", folder / "more", "-v",
                     "--sandbox=off", "--log", folder / "log")
    assert "the workers' sandbox: off" in errors, errors
    assert records(folder / "log")[0]["sandbox"] == "off"


def the_level_is_told_once(folder):
    need_whole_sandbox()
    level = version_line().removeprefix("sandbox: ")
    errors = convert("gray", TESTDATA / "jpeg", "-o", folder / "out", "-v", "--log", folder / "log")
    assert errors.count(f"the workers' sandbox: {level}\n") == 1, errors[-400:]
    told = [record["sandbox"] for record in records(folder / "log") if "sandbox" in record]
    assert told == [level], told


def without_landlock():
    """As on a system whose kernel has no Landlock: landlock_create_ruleset() fails."""
    steps = [(0x20, 0, 0, 0), (0x15, 0, 1, 444), (0x06, 0, 0, 0x00050000 | 38),
             (0x06, 0, 0, 0x7fff0000)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    text = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(text))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, program, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no filter")


def what_the_system_lacks_is_told_and_refused_only_if_required(folder):
    need_whole_sandbox()
    source = TESTDATA / "png" / "rgb-8.png"
    shown = subprocess.run([harness.PROGRAM, "--version"], capture_output=True, check=True,
                           preexec_fn=without_landlock).stdout.decode()
    assert "sandbox: seccomp, no new privileges; --sandbox=require needs" in shown, shown
    errors = convert("gray", source, "-o", folder / "out", "-v", preexec_fn=without_landlock)
    assert "the workers' sandbox: seccomp, no new privileges\n" in errors, errors
    errors = convert("gray", source, "-o", folder / "other", "--sandbox=require", status=71,
                     preexec_fn=without_landlock)
    assert "the sandbox is required and this system lacks a part of it: Landlock" in errors, errors
    assert not (folder / "other").exists()


if __name__ == "__main__":
    harness.run([
        honest_work_never_meets_the_sandbox,
        a_benchmark_runs_in_the_sandbox_too,
        a_worker_has_the_limits_it_should_have,
        without_the_sandbox_there_is_none,
        the_level_is_told_once,
        what_the_system_lacks_is_told_and_refused_only_if_required,
    ])
