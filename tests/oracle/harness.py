"""Filters beside an independent implementation of the same definition.

Each file of this folder compares one kind of thing and has a main() that says, line by line, what
was compared with what, the largest and the mean difference, and whether that is within the bounds
stated beside it. Exit status 1 when something is not.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

import pixels

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHOTOS = ROOT / "testdata" / "photos"


def photo(width=320, height=214):
    """A sample photograph, RGB, 8 bits."""
    with Image.open(sorted(PHOTOS.glob("*.jpg"))[0]) as image:
        return np.asarray(image.convert("RGB").resize((width, height), Image.LANCZOS))


def noise(height=61, width=83, channels=3, depth=8, seed=1):
    """Random samples: what no kernel's shortcut is made for."""
    kind = np.uint8 if depth == 8 else np.uint16
    return np.random.default_rng(seed).integers(0, 2 ** depth, (height, width, channels), kind)


def ramp(height=40, width=256, channels=3, depth=8):
    """Every sample value, smoothly, another way in each channel."""
    most = 2 ** depth - 1
    x = np.linspace(0, most, width)[None, :].repeat(height, 0)
    y = np.linspace(0, most, height)[:, None].repeat(width, 1)
    planes = [x, y, most - x, (x + y) / 2][:channels]
    return np.stack(planes, 2).round().astype(np.uint8 if depth == 8 else np.uint16)


def pictures(depth=8, channels=3):
    """(name, pixels) of what a filter should be tried on."""
    yield "noise", noise(channels=channels, depth=depth)
    yield "ramp", ramp(channels=channels, depth=depth)
    if channels == 3:
        samples = photo()
        yield "photo", samples if depth == 8 else samples.astype(np.uint16) * 257


class Oracle:
    """Runs pixpool, compares, and keeps count."""

    def __init__(self, build):
        self.program = str(pathlib.Path(build).resolve() / "pixpool")
        self.failed = self.held = 0
        self.folder = tempfile.TemporaryDirectory()
        self.scratch = pathlib.Path(self.folder.name)

    def run(self, *arguments):
        return subprocess.run([self.program, *map(str, arguments)], capture_output=True, check=False)

    def convert(self, filters, picture, *options):
        """What pixpool makes of the picture, through PNG files."""
        source, target = self.scratch / "in.png", self.scratch / "out.png"
        pixels.write_png(source, picture)
        done = self.run(filters, source, "-o", target, "--quiet", *options)
        if done.returncode != 0:
            raise RuntimeError(f"{filters}: {done.stderr.decode()}")
        return pixels.read_png(target)

    def compare(self, what, against, got, wanted, largest=0, mean=None):
        """Say how far `got` is from `wanted`, and count it as held or failed."""
        got, wanted = (np.asarray(side).astype(np.int64) for side in (got, wanted))
        if got.shape != wanted.shape:
            return self.verdict(False, f"{what}: {got.shape} instead of {wanted.shape}")
        far = np.abs(got - wanted)
        good = far.max() <= largest and (mean is None or far.mean() <= mean)
        bound = f"<= {largest}" + (f", mean <= {mean}" if mean is not None else "")
        return self.verdict(good, f"{what} | {against} | largest {far.max()} | "
                                  f"mean {far.mean():.4f} | {bound}")

    def verdict(self, good, line):
        self.held += good
        self.failed += not good
        print(("ok   " if good else "FAIL ") + line, flush=True)
        return good

    def end(self):
        """Exit with what was found."""
        self.folder.cleanup()
        print(f"{self.held} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)
