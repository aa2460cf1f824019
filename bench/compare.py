#!/usr/bin/python3 -B
"""Time pixpool beside the other programs that are installed; see bench/README.md.

In every round all programs run once, one after the other, and each one's time is taken as a
multiple of pixpool's in that round: whatever else the machine is doing falls on each alike."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import measure
import programs
import report
import samples
import workloads
from measure import Failed

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent.parent / "shared" / "corpus"
LEAST_ROUNDS = 2
MEMORY = pathlib.Path("/dev/shm")
ROOM = 3 << 30  # bytes: more than all sets of pictures and the outputs of a run


def say(words):
    """Where a long measurement has got to."""
    print(words, file=sys.stderr, flush=True)


# ---- rounds -------------------------------------------------------------------------------------

def middle(runs):
    """Of several runs in a row the one whose time is the median."""
    return sorted(runs, key=lambda run: run.wall)[len(runs) // 2]


def warm_up(pixpool, beside, workload, out):
    """A run of each that is not timed: it fills the page cache, shows who can do the work, and is
    looked at for its memory. Returns memory by program and why others failed."""
    memory, failed = {}, {}
    for program in [pixpool, *beside]:
        try:
            memory[program.name] = max(measure.run(program, workload, out, look=True).memory
                                       for _ in range(workload.repeat))
        except Failed as failure:
            if program is pixpool:
                raise Failed(f"pixpool: {workload.title}: {failure}") from failure
            failed[program.name] = str(failure)
        if program is pixpool:
            workload.take_reference(out)
    return memory, failed


def run_rounds(options, everyone, workload, out):
    """Of each program its runs, one a round. One that fails once is out, its reason is returned; one
    that has taken very long sits out the later rounds."""
    taken, failed = {program.name: [] for program in everyone}, {}
    for _ in range(options.rounds):
        for program in everyone:
            runs = taken[program.name]
            if program.name in failed or (program.name != "pixpool" and len(runs) >= LEAST_ROUNDS
                                          and sum(run.wall for run in runs) > options.patience):
                continue
            try:
                runs.append(middle(
                    [measure.run(program, workload, out) for _ in range(workload.repeat)]))
            except Failed as failure:
                failed[program.name] = str(failure)
    if "pixpool" in failed:
        raise Failed(f"pixpool: {workload.title}: {failed['pixpool']}")
    return taken, failed


def measured(options, workload, pixpool, beside, out):
    """pixpool's row, and the rows of the others by whether they are floors."""
    memory, failed = warm_up(pixpool, beside, workload, out)
    able = [program for program in beside if program.name not in failed]
    taken, later = run_rounds(options, [pixpool, *able], workload, out)
    failed |= later
    rows = {True: [], False: []}
    for program in beside:
        row = {"workload": workload.key, "program": program.name}
        if program.name in failed:
            row["failed"] = failed[program.name]
        else:
            row |= report.compared(taken["pixpool"], taken[program.name], program.floor)
            row["memory_mb"] = memory[program.name] / 1e6
        rows[program.floor].append(row)
    return report.itself(workload, taken["pixpool"], memory["pixpool"]), rows


# ---- all of it ----------------------------------------------------------------------------------

def compare(options, tools, results):
    """Every workload that there are pictures for."""
    known, results["versions"] = programs.programs(tools)
    pixpool = programs.Program("pixpool", programs.pixpool, tools, "")
    sets = samples.Samples(tools.pixpool, options.corpus, tools.scratch)
    results["pictures"] = sets.title
    for workload in workloads.all_workloads():
        if options.only and workload.key not in options.only:
            continue
        folder = sets.folder(workload.source)
        if not folder:
            say(f"{workload.title}: no such pictures")
            continue
        workload.fill(folder)
        beside = [known[name] for name in workload.beside if name in known]
        say(f"{workload.title}: {len(workload.expected)} files, {workload.pixels / 1e6:.0f} MP, "
            f"{workload.size / 1e6:.0f} MB")
        own, rows = measured(options, workload, pixpool, beside, tools.scratch / "out")
        results["pixpool"].append(own)
        results["rows"] += rows[False]
        results["floor"] += rows[True]
    results["left_out"] = sets.left_out


def lines_of(program):
    """What a micro-benchmark prints, cell by cell, the numbers as numbers."""
    done = subprocess.run([str(program)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{program.name}: {done.stderr.strip()[-300:]}")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return [[*words, float(number)] for *words, number in rows]


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {"processor": names[0] if names else os.uname().machine,
            "cores": len(os.sched_getaffinity(0))}


def place():
    """A folder for the pictures and the outputs: in memory where there is room, since a disk's time
    to make a file, the same for everybody, would hide the programs' own."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK):
        space = os.statvfs(MEMORY)
        if space.f_bavail * space.f_frsize >= ROOM:
            return MEMORY
    return pathlib.Path(tempfile.gettempdir())


def write(results, folder):
    """The figures, and the picture of them where Pillow is there to draw it."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "results.json"
    target.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    say(f"figures in {target}")
    try:
        import chart  # pylint: disable=import-outside-toplevel
    except ImportError:
        say("no Pillow here: no picture was drawn")
        return
    if chart.draw(results, folder / "results.png"):
        say(f"picture in {folder / 'results.png'}")


def parse():
    parser = argparse.ArgumentParser(description="Time pixpool beside other programs.")
    parser.add_argument("build", type=pathlib.Path, help="the folder pixpool was built in")
    parser.add_argument("--corpus", type=pathlib.Path, metavar="DIR",
                        help="real pictures to use; default ../shared/corpus where it is there")
    parser.add_argument("--samples", action="store_true",
                        help="use the project's sample pictures even if a corpus is there")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="default 5")
    parser.add_argument("--patience", type=float, default=5, metavar="SECONDS",
                        help="a program that took so long in one workload sits out its later "
                             "rounds, but not the first two; default 5")
    parser.add_argument("--jobs", type=int, default=2, metavar="N",
                        help="processes of each program; default 2")
    parser.add_argument("--only", action="append", metavar="WORKLOAD",
                        help="measure this one alone; may be repeated")
    parser.add_argument("--scratch", type=pathlib.Path, metavar="DIR", default=place(),
                        help="where inputs and outputs are put; default /dev/shm if it has 3 GiB "
                             "to spare, else the place for temporary files")
    parser.add_argument("--part", choices=("all", "compare", "micro"), default="all")
    parser.add_argument("--results", type=pathlib.Path, default=HERE, metavar="DIR",
                        help="where results.json and results.png go; default bench")
    options = parser.parse_args()
    if min(options.rounds, options.jobs) < 1:
        parser.error("--rounds and --jobs are at least 1")
    if options.corpus and not options.corpus.is_dir():
        parser.error(f"{options.corpus}: no folder")
    if not os.access(options.build / "pixpool", os.X_OK):
        parser.error(f"{options.build}: no pixpool in it")
    if options.samples:
        options.corpus = None
    elif not options.corpus and CORPUS.is_dir():
        options.corpus = CORPUS
    return options


def main():
    options = parse()
    build = options.build.resolve()
    workloads.check_known(options.only)
    version = subprocess.run([str(build / "pixpool"), "--version"], capture_output=True, text=True,
                             check=True).stdout.splitlines()[0]
    results = {"version": version, "rounds": options.rounds, "jobs": options.jobs,
               "machine": machine(), "pictures": "no pictures", "place": "", "versions": {}, "left_out": 0,
               "pixpool": [], "rows": [], "floor": [], "micro": {}}
    if options.part != "compare":
        results["micro"] = {"filters": lines_of(build / "bench" / "micro_filters"),
                            "ring": lines_of(build / "bench" / "micro_ring"),
                            "sync": lines_of(build / "bench" / "micro_sync")}
    if options.part != "micro":
        results["place"] = str(options.scratch)
        with tempfile.TemporaryDirectory(prefix="pixpool-bench-", dir=options.scratch) as scratch:
            tools = programs.Tools(build, pathlib.Path(scratch), options.jobs)
            compare(options, tools, results)
    print(report.text(results))
    write(results, options.results)
    return 1 if report.faults(results) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"compare.py: {failure}")
