#!/usr/bin/python3
"""The usual Python way, as a yardstick: every picture of a folder through Pillow, in a
multiprocessing.Pool. Files keep their names, JPEG and PNG their formats, transparency stays."""
import argparse
import functools
import multiprocessing
import os

from PIL import Image, ImageFilter


def to_gray(picture):
    """One channel, and alpha where it is not opaque everywhere."""
    if picture.mode == "P" and "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode in ("RGB", "L") and "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode in ("RGBA", "LA", "PA"):
        if picture.getchannel("A").getextrema()[0] < 255:
            return picture.convert("LA")
    return picture.convert("L")


def four_more(picture):
    """contrast=1.2,gamma=1.2,blur=2,sharpen=0.6: the first two as one table."""
    def tone(value):
        spread = min(max(127.5 + 1.2 * (value - 127.5), 0), 255)
        return round(255 * (spread / 255) ** (1 / 1.2))
    picture = picture.point([tone(value) for value in range(256)])
    picture = picture.filter(ImageFilter.GaussianBlur(2))
    return picture.filter(ImageFilter.UnsharpMask(radius=1, percent=60, threshold=0))


def convert(options, name):
    with Image.open(os.path.join(options.input, name)) as picture:
        settings = {"quality": options.quality}
        if picture.format == "JPEG" and options.quality == 0:
            settings = {"qtables": [picture.quantization[0]]}
        if options.box:
            # Decode luma alone, at the fraction that leaves twice the size for the kernel.
            picture.draft("L", (2 * options.box, 2 * options.box))
        elif options.draft:
            picture.draft("L", None)
        gray = to_gray(picture)
        if options.box:
            gray.thumbnail((options.box, options.box), Image.Resampling.LANCZOS)
        if options.five:
            gray = four_more(gray)
        # Pillow's PNG writer takes no notice of a quality.
        gray.save(os.path.join(options.output, name), **settings)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--quality", type=int, default=75, help="0: each JPEG's own tables")
    parser.add_argument("--box", type=int, default=0, help="at most so many pixels a side")
    parser.add_argument("--draft", action="store_true", help="let libjpeg decode luma alone")
    parser.add_argument("--five", action="store_true", help="four more filters after gray")
    parser.add_argument("--workers", type=int, default=2, help="0: no pool")
    return parser.parse_args()


def main():
    options = parse()
    os.makedirs(options.output, exist_ok=True)
    names = sorted(os.listdir(options.input))
    work = functools.partial(convert, options)
    if options.workers == 0:
        for name in names:
            work(name)
        return
    with multiprocessing.Pool(options.workers) as pool:
        # A few names at a time, where there are many: else handing them out is what takes the time.
        for _ in pool.imap_unordered(work, names, max(1, min(64, len(names) // 100))):
            pass


if __name__ == "__main__":
    main()
