#!/usr/bin/python3
"""Time pixpool beside the other programs that are installed; see bench/README.md.

Every round runs all of them once over the same folder, so that whatever else the machine is doing
falls on each alike, and takes each one's time as a multiple of pixpool's in that round."""
import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PHOTOS = HERE.parent / "testdata" / "photos"
SIGNATURES = {".jpg": b"\xff\xd8\xff", ".png": b"\x89PNG\r\n\x1a\n"}
# One thread in each process: there are as many processes as cores to be used.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MAGICK_THREAD_LIMIT": "1", "VIPS_CONCURRENCY": "1"}


class Failed(Exception):
    """A run that did not convert everything: it has no time worth telling."""


class Workload:
    """A folder of pictures of one format, under plain names."""

    def __init__(self, title, extension, quality):
        self.title, self.extension, self.quality = title, extension, quality
        self.folder = None

    def fill(self, folder, sources, copies):
        folder.mkdir()
        for copy in range(copies):
            for number, source in enumerate(sources):
                shutil.copyfile(source, folder / f"{copy:03}-{number:04}{self.extension}")
        self.folder = folder

    def names(self):
        return sorted(os.listdir(self.folder))


# ---- the programs: each gives a command, run in the workload's folder, and its standard input ----

def several(workload, workers, command):
    """`command` for a few files at a time, `workers` of them at once."""
    names = workload.names()
    batch = max(1, len(names) // (4 * workers))
    return (["xargs", "-0", "-P", str(workers), "-n", str(batch), *command],
            "\0".join(names))


def pixpool(program, workload, out, workers):
    return [program, "gray", str(workload.folder), "-o", str(out), "-q", str(workload.quality),
            "-j", str(workers), "--quiet"], None


def pillow(_, workload, out, workers):
    return ["/usr/bin/python3", str(HERE / "pillow_pool.py"), "--workers", str(workers),
            "--quality", str(workload.quality), str(workload.folder), str(out)], None


def graphicsmagick(program, workload, out, workers):
    return several(workload, workers, [
        program, "mogrify", "-colorspace", "GRAY", "-quality", str(workload.quality),
        "-output-directory", str(out)])


def imagemagick(program, workload, out, workers):
    return several(workload, workers, [
        program, "-colorspace", "Gray", "-quality", str(workload.quality), "-path", str(out)])


def vips(program, workload, out, workers):
    options = f"[Q={workload.quality}]" if workload.extension == ".jpg" else ""
    return (["xargs", "-0", "-P", str(workers), "-I", "{}", program, "colourspace",
             "{}", f"{out}/{{}}{options}", "b-w"],
            "\0".join(workload.names()))


PEERS = {
    "Pillow + Pool": (pillow, "/usr/bin/python3",
                      ["/usr/bin/python3", "-c", "import PIL; print('Pillow', PIL.__version__)"]),
    "gm mogrify": (graphicsmagick, "gm", ["gm", "version"]),
    "mogrify": (imagemagick, "mogrify", ["mogrify", "-version"]),
    "vips": (vips, "vips", ["vips", "--version"]),
}


def installed():
    """Name, run and program of the peers that are here, with their versions."""
    found = []
    for name, (peer, program, version) in PEERS.items():
        if not shutil.which(program):
            continue
        asked = subprocess.run(version, capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            line = asked.stdout.splitlines()[0].removeprefix("Version: ")
            found.append((name, peer, program, line.split(" http")[0]))
    return found


# ---- measuring ----------------------------------------------------------------------------------

def check(name, workload, out):
    """Bytes of the output; every input must have one, and it must be of its format."""
    total = 0
    for file in workload.names():
        target = out / file
        if not target.is_file():
            raise Failed(f"{name}: {workload.title}: {file} was not converted")
        with target.open("rb") as opened:
            if not opened.read(8).startswith(SIGNATURES[workload.extension]):
                raise Failed(f"{name}: {workload.title}: {file} became something else")
        total += target.stat().st_size
    return total


def cpu_seconds():
    """What all processes that were started here and have ended took of the processors."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(name, command, workload, out):
    """Wall seconds, processor seconds and bytes of one run into the empty folder `out`."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    words, standard_input = command
    cpu, begin = cpu_seconds(), time.monotonic()
    done = subprocess.run(words, input=standard_input, text=True, capture_output=True, check=False,
                          cwd=workload.folder,
                          env={**os.environ, **({} if name == "pixpool" else ONE_THREAD)})
    seconds, cpu = time.monotonic() - begin, cpu_seconds() - cpu
    if done.returncode != 0:
        raise Failed(f"{name}: {workload.title}: exit status {done.returncode}: "
                     f"{done.stderr.strip()[-300:]}")
    return seconds, cpu, check(name, workload, out)


def rounds(workload, programs, options, out):
    """Of each program its (wall, processor, bytes) by round, or why it has none: a peer may fail,
    pixpool must not."""
    taken, failed = {name: [] for name, _, _ in programs}, {}
    for number in range(options.rounds + 1):
        for name, peer, program in programs:
            if name in failed:
                continue
            try:
                one = run(name, peer(program, workload, out, options.workers), workload, out)
            except Failed as failure:
                if name == "pixpool":
                    raise
                failed[name] = str(failure)
                continue
            if number > 0:  # the first round only warms the caches
                taken[name].append(one)
    return taken, failed


def row_of(ours, theirs):
    wall = [their[0] / our[0] for their, our in zip(theirs, ours)]
    cpu = [their[1] / our[1] for their, our in zip(theirs, ours)]
    return {"median": statistics.median(wall), "min": min(wall), "max": max(wall),
            "cpu": statistics.median(cpu), "pixpool_mb": ours[-1][2] / 1e6,
            "peer_mb": theirs[-1][2] / 1e6, "pixpool_seconds": [our[0] for our in ours],
            "peer_seconds": [their[0] for their in theirs]}


def measure(workload, programs, options, out):
    """The rows of one workload."""
    taken, failed = rounds(workload, programs, options, out)
    for name, _, _ in programs[1:]:
        row = {"workload": workload.title, "files": len(workload.names()), "peer": name}
        if name in failed:
            yield row | {"failed": failed[name]}
        else:
            yield row | row_of(taken["pixpool"], taken[name])


# ---- what is measured ---------------------------------------------------------------------------

def pictures(folder, extensions):
    return sorted(path for path in folder.rglob("*")
                  if path.is_file() and path.suffix.lower() in extensions)


def make_png(program, photos, folder):
    """The photos at half their size as PNG: too few of the samples are PNG to begin with."""
    subprocess.run([program, "resize=50%", *map(str, photos), "-o", str(folder), "-f", "png",
                    "--quiet"], check=True)
    return pictures(folder, {".png"})


def workloads(options, scratch):
    source = options.input or PHOTOS
    jpeg = pictures(source, {".jpg", ".jpeg"})
    png = pictures(source, {".png"})
    if not options.input:
        png += make_png(options.program, jpeg, scratch / "half")
    copies = options.copies or (1 if options.input else 4)
    for workload, sources in ((Workload("JPEG to gray, q 75", ".jpg", 75), jpeg),
                              (Workload("PNG to gray", ".png", 75), png)):
        if sources:
            workload.fill(scratch / workload.extension[1:], sources, copies)
            yield workload


def table(rows):
    lines = [("workload", "files", "peer", "peer/pixpool", "min", "max", "cpu",
              "pixpool MB", "peer MB")]
    for row in rows:
        head = (row["workload"], str(row["files"]), row["peer"])
        if "failed" in row:
            lines.append((*head, "failed", "-", "-", "-", "-", "-"))
        else:
            lines.append((*head, *(f"{row[key]:.2f}" for key in ("median", "min", "max", "cpu")),
                          *(f"{row[key]:.1f}" for key in ("pixpool_mb", "peer_mb"))))
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        print("  ".join(cell.ljust(width) if number in (0, 2) else cell.rjust(width)
                        for number, (cell, width) in enumerate(zip(line, widths))).rstrip())


def parse():
    parser = argparse.ArgumentParser(description="Time pixpool beside other programs.")
    parser.add_argument("program", help="the pixpool to measure")
    parser.add_argument("--input", type=pathlib.Path, metavar="FOLDER",
                        help="pictures to use, with those below it; default testdata/photos")
    parser.add_argument("--copies", type=int, metavar="N",
                        help="use each picture N times; default 4, with --input 1")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="default 5")
    parser.add_argument("--workers", type=int, default=2, metavar="N",
                        help="processes of each program; default 2")
    parser.add_argument("--json", metavar="FILE", help="write everything measured to FILE")
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    if not os.access(options.program, os.X_OK):
        parser.error(f"{options.program}: no program")
    if options.input and not options.input.is_dir():
        parser.error(f"{options.input}: no folder")
    if min(options.rounds, options.workers) < 1 or (options.copies or 1) < 1:
        parser.error("--rounds, --copies and --workers are at least 1")
    return options


def main():
    options = parse()
    peers = installed()
    programs = [("pixpool", pixpool, options.program)] + [peer[:3] for peer in peers]
    rows = []
    with tempfile.TemporaryDirectory(prefix="pixpool-bench-") as name:
        scratch = pathlib.Path(name)
        for workload in workloads(options, scratch):
            rows += measure(workload, programs, options, scratch / "out")
    if not rows:
        raise Failed("nothing to compare: no pictures, or no other program is installed")
    table(rows)
    for row in rows:
        if "failed" in row:
            print(row["failed"])
    print("; ".join(peer[3] for peer in peers))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"rounds": options.rounds, "workers": options.workers, "rows": rows,
                       "peers": {peer[0]: peer[3] for peer in peers}}, file, indent=1)
    return 1 if any("failed" in row for row in rows) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"compare.py: {failure}")
