"""The programs that are measured: how each is found, and the command that does a workload. Commands
run in the workload's folder. Each in its quickest form that does the same work: bench/README.md."""
import dataclasses
import json
import math
import os
import pathlib
import shutil
import subprocess

import gray_profile
from measure import Command

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # Debian's: the one that python3-pil belongs to
# One thread in each process: there are as many processes as cores to be used.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MAGICK_THREAD_LIMIT": "1", "VIPS_CONCURRENCY": "1"}
UNPROTECTED = ("--sandbox=off", "--sync=none")  # what these cost is seen without them
ANY_SIZE = 1000000  # vipsthumbnail must be given one


@dataclasses.dataclass
class Tools:
    """Where things are, and how many processes each program gets."""
    build: pathlib.Path
    scratch: pathlib.Path
    jobs: int

    @property
    def pixpool(self):
        return str(self.build / "pixpool")

    @property
    def modules(self):
        return self.build / "bench-peers"


@dataclasses.dataclass
class Program:
    """One that is here. `floor`: it is no other program, but a limit to hold pixpool against."""
    name: str
    make: object
    tools: Tools
    version: str
    floor: bool = False

    def command(self, workload, out):
        return self.make(self.tools, workload, out)


def xargs(tools, words, arguments, count):
    """`words` with `count` of the arguments at a time, as many at once as there are jobs."""
    return Command(["xargs", "-0", "-P", str(tools.jobs), "-n", str(count), *words],
                   arguments, environment=ONE_THREAD)


def batches(tools, workload, words):
    """A few files at a time: few starts, and no process idle for long at the end."""
    names = workload.names()
    return xargs(tools, words, names, max(1, math.ceil(len(names) / (4 * tools.jobs))))


def halves(tools, workload, words):
    """As many processes as jobs, each with its share from the largest to the smallest."""
    names = sorted(workload.names(),
                   key=lambda name: -(workload.folder / name).stat().st_size)
    shares = [name for job in range(tools.jobs) for name in names[job::tools.jobs]]
    return xargs(tools, words, shares, math.ceil(len(names) / tools.jobs))


# ---- pixpool ------------------------------------------------------------------------------------

def pixpool(tools, workload, out, flags=None):
    flags = flags or workload.flags or ("-j", str(tools.jobs))
    if workload.quality and workload.extension == ".jpg":
        flags = (*flags, "-q", str(workload.quality))
    return Command([tools.pixpool, workload.chain, str(workload.folder), "-o", str(out), "--quiet",
                    *flags])


def one_job(tools, workload, out):
    return pixpool(tools, workload, out, ("-j", "1", "-t", "1"))


def unprotected(tools, workload, out):
    return pixpool(tools, workload, out, ("-j", str(tools.jobs), *UNPROTECTED))


# ---- others -------------------------------------------------------------------------------------

def pillow(tools, workload, out, *extra):
    words = [PYTHON, str(HERE / "pillow_pool.py"), str(workload.folder), str(out),
             "--quality", str(workload.quality), "--box", str(workload.box),
             "--workers", str(tools.jobs), *extra]
    return Command(words + (["--five"] if workload.five else []))


def pillow_draft(tools, workload, out):
    return pillow(tools, workload, out, "--draft")


def pillow_alone(tools, workload, out):
    return pillow(tools, workload, out, "--workers", "0", "--draft")


def jpegtran(tools, workload, out):
    words = [word for name in workload.names() for word in (f"{out}/{name}", name)]
    return xargs(tools, ["jpegtran", "-grayscale", "-copy", "all", "-outfile"], words, 2)


def magick(workload, size, tone):
    """What GraphicsMagick and ImageMagick are told alike, beside their words for `size` and `tone`:
    a level from 8.333 % to 91.667 % is a contrast of 1.2, and brings the gamma along."""
    words = []
    if workload.box:
        # Decode at the fraction that leaves twice the size for the kernel.
        words += [*size, "-resize", f"{workload.box}x{workload.box}>"]
    if workload.quality:
        words += ["-quality", str(workload.quality)]
    if workload.five:
        words += ["-level", tone, "-blur", "0x2", "-unsharp", "0x1+0.6+0"]
    return words


def graphicsmagick(tools, workload, out):
    twice = f"{2 * workload.box}x{2 * workload.box}"
    keep = [] if workload.quality else ["-define", "jpeg:preserve-settings=true"]
    return batches(tools, workload, ["gm", "mogrify", *keep, "-output-directory", str(out),
                                     "-colorspace", "GRAY",
                                     *magick(workload, ["-size", twice], "8.333%,1.2,91.667%")])


def imagemagick(tools, workload, out):
    twice = f"{2 * workload.box}x{2 * workload.box}"
    return batches(tools, workload, ["mogrify", "-path", str(out), "-colorspace", "Gray",
                                     *magick(workload, ["-define", f"jpeg:size={twice}"],
                                             "8.333%,91.667%,1.2")])


def vips(tools, workload, out):
    """`vips` does one file a process; vipsthumbnail does many, which is what counts for small
    files, but only a profile brings it to gray."""
    if not (workload.box or workload.small):
        words = []
        for name in workload.names():
            quality = workload.quality_of(name) if workload.extension == ".jpg" else 0
            words += [name, f"{out}/{name}" + (f"[Q={quality}]" if quality else ""), "b-w"]
        return xargs(tools, ["vips", "colourspace"], words, 3)
    profile = tools.scratch / "gray.icc"
    profile.write_bytes(gray_profile.profile())
    side = workload.box or ANY_SIZE
    options = f"[Q={workload.quality}]" if workload.extension == ".jpg" else ""
    return batches(tools, workload, ["vipsthumbnail", "--no-rotate", "--size", f"{side}x{side}>",
                                     "-e", str(profile),
                                     "-o", f"{out}/%s{workload.extension}{options}"])


def sharp(tools, workload, out):
    task = {"input": str(workload.folder), "output": str(out), "quality": workload.quality,
            "qualities": workload.qualities, "box": workload.box, "five": workload.five,
            "jobs": tools.jobs}
    return Command(["node", str(HERE / "sharp_folder.mjs"), str(tools.modules), json.dumps(task)])


def floor(tools, workload, out):
    return halves(tools, workload, [str(tools.build / "bench" / "floor"),
                                    str(workload.quality or "keep"), str(out)])


def plain_libjpeg(tools, workload, out):
    return halves(tools, workload, [str(tools.build / "bench" / "plain_libjpeg"),
                                    str(workload.quality), str(out)])


# ---- which of them are here ---------------------------------------------------------------------

def asked(words):
    """The first line of what a command says; None when it is missing or fails."""
    if not shutil.which(words[0]):
        return None
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0] if done.returncode == 0 and lines else None


def versions(tools):
    """Of each family of programs what it says of itself, None where it is missing."""
    find = "require('module').createRequire(process.argv[1] + '/')('sharp').versions"
    found = {
        "Pillow": asked([PYTHON, "-c", "import PIL; print('Pillow', PIL.__version__)"]),
        "vips": asked(["vips", "--version"]),
        "sharp": asked(["node", "-e", f"v = {find}; console.log(`sharp ${{v.sharp}} (libvips "
                        "${v.vips})`)", os.path.abspath(tools.modules)]),
        "gm": asked(["gm", "version"]),
        "mogrify": asked(["mogrify", "-version"]),
        "jpegtran": asked(["jpegtran", "-version"]),
    }
    return {name: line and line.removeprefix("Version: ").split(" http")[0].split("(build")[0]
            .strip() for name, line in found.items()}


def programs(tools):
    """(those that are here by name, the versions of all families)."""
    known = versions(tools)
    families = {
        "Pillow": {"Pillow + Pool": pillow, "Pillow draft + Pool": pillow_draft,
                   "Pillow": pillow_alone},
        "vips": {"vips": vips}, "sharp": {"sharp": sharp}, "gm": {"gm mogrify": graphicsmagick},
        "mogrify": {"mogrify": imagemagick}, "jpegtran": {"jpegtran": jpegtran},
    }
    found = {name: Program(name, make, tools, known[family])
             for family, members in families.items() if known[family]
             for name, make in members.items()}
    for name in ("pixpool -t 1", "pixpool -j 1"):
        found[name] = Program(name, one_job, tools, "")
    name = " ".join(("pixpool", *UNPROTECTED))
    found[name] = Program(name, unprotected, tools, "", floor=True)
    found["floor"] = Program("floor", floor, tools, "", True)
    found["plain libjpeg"] = Program("plain libjpeg", plain_libjpeg, tools, "", True)
    return found, known
