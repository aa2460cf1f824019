#!/usr/bin/python3
"""The usual Python way, as a yardstick: every picture of a folder through Pillow's
convert("L").save(), in a multiprocessing.Pool. Files keep their names, JPEG and PNG
their formats."""
import argparse
import multiprocessing
import os

from PIL import Image


def convert(job):
    source, target, quality = job
    with Image.open(source) as picture:
        # Pillow's PNG writer takes no notice of the quality.
        picture.convert("L").save(target, quality=quality)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--quality", type=int, default=75)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()

    os.makedirs(options.output, exist_ok=True)
    jobs = [(os.path.join(options.input, name), os.path.join(options.output, name), options.quality)
            for name in sorted(os.listdir(options.input))]
    with multiprocessing.Pool(options.workers) as pool:
        for _ in pool.imap_unordered(convert, jobs):
            pass


if __name__ == "__main__":
    main()
