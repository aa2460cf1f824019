#!/usr/bin/env python3
"""run.py BUILD SECONDS [NAME...]: every program of tests/fuzz under libFuzzer for so long each.

Builds twice with clang below BUILD: with the sanitizers to look for faults, and with counters to
say afterwards which lines of the library the inputs found by then reach. Inputs are kept in
BUILD/corpus and are where the next run begins; what goes wrong is in BUILD/crashes, with the log
beside it. Exits 1 if anything did.
"""
import concurrent.futures
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TESTDATA = ROOT / "testdata"
CORPUS = pathlib.Path(os.environ.get("PP_CORPUS", ROOT.parent / "shared/corpus"))
PICTURES = [TESTDATA / "jpeg", TESTDATA / "png", TESTDATA / "hostile", CORPUS / "conformance",
            CORPUS / "corrupt", CORPUS / "icons"]
JPEGS = (".jpg", ".jpeg")
PNGS = (".png",)
# For each program: the ending of the files it begins with, random bytes before each, the largest.
TARGETS = {
    "fuzz_convert": (JPEGS + PNGS, 8, 40000),
    "fuzz_jpeg_luma": (JPEGS, 0, 40000),
    "fuzz_png_inflate": (("",), 3, 20000),
    "fuzz_info": (JPEGS + PNGS, 0, 40000),
    "fuzz_chain": ((), 0, 400),
    "fuzz_cell": ((), 0, 1000),
    "fuzz_record": ((), 0, 1200),
    "fuzz_message": ((), 0, 9000),
    "fuzz_journal": ((), 0, 5000),
    "fuzz_control": ((), 0, 1000),
    "fuzz_manager": ((), 0, 2000),
}
CHAINS = ["gray", "orient,resize=1600x1600:fit=inside,gray=rec709,sharpen=0.6",
          "blur=2.5,contrast=1.2,gamma=1.1", "crop=4x3:x=1:y=1,rotate=90", "threshold=otsu,invert"]
SEEDS_MAX = 1200
# What coverage is told of: the folder of src, and which of its files.
PARTS = {
    "codec": r"codec/.*", "filter": r"filter/.*", "pipeline": r"pipeline/.*",
    "readers": r"pool/(ring|cell|results|grants|message)\.c|batch/(job|encode|journal|journal_format)\.c",
    "served": r"runtime/(frame|hello|pack|dict|sequence|server|server_clients|keeper\w*)\.c|batch/control_status\.c",
}
COVERAGE = "-fprofile-instr-generate -fcoverage-mapping"
say_lock = threading.Lock()


def say(*words):
    with say_lock:
        print(*words, flush=True)


def build(folder, names, *options):
    environment = dict(os.environ, CC="clang", CXX="clang++")
    commands = [["cmake", "-S", ROOT, "-B", folder, "-DCMAKE_BUILD_TYPE=Release",
                 "-DPP_LIBFUZZER=ON", *options],
                ["cmake", "--build", folder, "--parallel", str(os.cpu_count()), "--target", *names]]
    for command in commands:
        done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            sys.exit(done.stdout + "run.py: cannot build")


def inflated_parts(data):
    """The compressed bytes of a PNG, which is what fuzz_png_inflate reads."""
    if data[:4] != b"\x89PNG":
        return b""
    at, parts = 8, []
    while at + 8 <= len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        if data[at + 4:at + 8] == b"IDAT":
            parts.append(data[at + 8:at + 8 + size])
        at += 12 + size
    return b"".join(parts)


def make_seeds(folder, name):
    """The files a program begins with; the same ones every time."""
    endings, head, most = TARGETS[name]
    draw = random.Random(name)
    folder.mkdir(parents=True)
    files = [path for root in PICTURES if root.is_dir() for path in sorted(root.rglob("*"))
             if path.is_file() and path.stat().st_size <= most
             and path.name.lower().endswith(endings or ("\0",))]
    for number, path in enumerate(draw.sample(files, min(len(files), SEEDS_MAX))):
        data = path.read_bytes()
        if name == "fuzz_png_inflate":
            data = inflated_parts(data)
        (folder / f"{number:04}").write_bytes(draw.randbytes(head) + data)
    if name == "fuzz_chain":
        for number, text in enumerate(CHAINS):
            (folder / f"{number:04}").write_text(text)


def make_dictionary(path):
    """The words of formats, and those of filters and their arguments, as the source has them."""
    words = set()
    for source in (ROOT / "src/filter").glob("*.c"):
        text = source.read_text()
        words.update(re.findall(r'\.name = "([a-z0-9_]+)"', text))
        for choices in re.findall(r"const char \*const \w+\[\] = \{(.*?)\}", text, re.S):
            words.update(re.findall(r'"([a-z0-9.]+)"', choices))
    lines = (HERE / "pictures.dict").read_text().splitlines()
    lines += [f'"{word}"' for word in sorted(words)]
    path.write_text("\n".join(lines) + "\n")


def find_numbers(text):
    runs = re.findall(r"stat::number_of_executed_units:\s*(\d+)", text)
    points = re.findall(r"cov: (\d+)", text)
    return int(runs[-1]) if runs else 0, int(points[-1]) if points else 0


def fuzz(folder, name, seconds):
    """Returns the program's name, its executions and the number of inputs it failed on."""
    corpus, crashes = folder / "corpus" / name, folder / "crashes"
    corpus.mkdir(parents=True, exist_ok=True)
    crashes.mkdir(exist_ok=True)
    command = [folder / "tests/fuzz" / name, f"-max_total_time={seconds}", "-timeout=20",
               "-rss_limit_mb=2048", "-malloc_limit_mb=512", "-print_final_stats=1",
               f"-max_len={TARGETS[name][2] + 1000}", f"-dict={folder / 'words.dict'}",
               f"-artifact_prefix={crashes / name}-", corpus, folder / "seeds" / name]
    environment = dict(os.environ, OMP_WAIT_POLICY="passive", ASAN_OPTIONS="detect_leaks=1",
                       UBSAN_OPTIONS="print_stacktrace=1")
    log = crashes / f"{name}.log"
    with open(log, "wb") as output:
        status = subprocess.run(command, env=environment, stdout=output, stderr=output,
                                check=False).returncode
    text = log.read_text(errors="replace")
    runs, points = find_numbers(text)
    found = [path for path in re.findall(r"Test unit written to (\S+)", text)
             if "-slow-unit-" not in path]
    say(f"{name:18}{runs:>10} inputs{points:>7} points{len(list(corpus.iterdir())):>6} kept"
        f"{len(found):>4} failures" + (f", exit status {status}" if status else ""))
    for path in found:
        say(f"    {path}")
    if status:
        summary = re.findall(r"^(?:SUMMARY|fuzz\w*): .*", text, re.M)
        say(f"    {summary[0] if summary else 'no reason given'}; the whole of it in {log}")
    return status != 0


def replay(folder, name):
    """Which lines of the library the inputs of one program reach: a profile."""
    profile = folder / "coverage" / f"{name}.profraw"
    subprocess.run([folder / "coverage/tests/fuzz" / name, "-runs=0", "-timeout=60",
                    folder / "corpus" / name, folder / "seeds" / name],
                   env=dict(os.environ, LLVM_PROFILE_FILE=str(profile), OMP_WAIT_POLICY="passive"),
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return profile


def summary(folder, names, profiles):
    """Lines reached and lines there are, by part."""
    merged = folder / "coverage/merged.profdata"
    binaries = [str(folder / "coverage/tests/fuzz" / name) for name in names]
    objects = [word for binary in binaries[1:] for word in ("-object", binary)]
    subprocess.run(["llvm-profdata", "merge", "-sparse", "-o", merged, *profiles], check=True)
    told = subprocess.run(["llvm-cov", "export", "-summary-only", "-instr-profile", merged,
                           binaries[0], *objects], check=True, stdout=subprocess.PIPE).stdout
    lines = {part: [0, 0] for part in PARTS}
    for file in json.loads(told)["data"][0]["files"]:
        path = os.path.relpath(file["filename"], ROOT / "src")
        for part, pattern in PARTS.items():
            if re.fullmatch(pattern, path):
                lines[part][0] += file["summary"]["lines"]["covered"]
                lines[part][1] += file["summary"]["lines"]["count"]
    return lines


def tell_coverage(folder, names, workers):
    with concurrent.futures.ThreadPoolExecutor(workers) as executor:
        profiles = list(executor.map(lambda name: replay(folder, name), names))
    say(f"{'lines reached, %':18}" + "".join(f"{part:>10}" for part in PARTS))
    rows = [(name, [name], [profile]) for name, profile in zip(names, profiles)
            if profile.exists()]
    rows.append(("all", [row[0] for row in rows], [row[2][0] for row in rows]))
    for title, binaries, used in rows:
        shares = (f"{100 * hit / all_:10.1f}" if all_ else f"{'-':>10}"
                  for hit, all_ in summary(folder, binaries, used).values())
        say(f"{title:18}" + "".join(shares))


def main(arguments):
    folder, seconds = pathlib.Path(arguments[0]).resolve(), int(arguments[1])
    names = arguments[2:] or [path.stem for path in sorted(HERE.glob("fuzz_*.c"))]
    workers = min(2, os.cpu_count() or 1)
    say(f"building {len(names)} programs for libFuzzer below {folder.name}")
    build(folder, names, "-DPP_SANITIZE=ON")
    build(folder / "coverage", names, f"-DCMAKE_C_FLAGS={COVERAGE}")
    shutil.rmtree(folder / "seeds", ignore_errors=True)
    for name in names:
        make_seeds(folder / "seeds" / name, name)
    make_dictionary(folder / "words.dict")
    say(f"{seconds} s each, {workers} at a time")
    with concurrent.futures.ThreadPoolExecutor(workers) as executor:
        failed = sum(executor.map(lambda name: fuzz(folder, name, seconds), names))
    tell_coverage(folder, names, workers)
    say(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
