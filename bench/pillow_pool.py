#!/usr/bin/python3
"""pillow_pool.py QUALITY INPUT OUTPUT: the usual Python way, as the yardstick.

Every picture of a folder through Pillow's convert("L").save() in a multiprocessing.Pool of two."""
import multiprocessing
import os
import sys

from PIL import Image


def convert(job):
    source, target, quality = job
    with Image.open(source) as picture:
        picture.convert("L").save(target, quality=quality)


def main(quality, source, target):
    os.makedirs(target, exist_ok=True)
    jobs = [(os.path.join(source, name), os.path.join(target, name), quality)
            for name in sorted(os.listdir(source))]
    with multiprocessing.Pool(2) as pool:
        for _ in pool.imap_unordered(convert, jobs):
            pass


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
