#!/usr/bin/python3
"""gallery.py BUILD: every filter's picture, made by the program, on one sheet beside the original.

Writes BUILD/gallery/NAME.png for each filter, BUILD/gallery.png, the sheet, and the small one that
README.md shows. A filter without an example here is an error.
"""
import pathlib
import subprocess
import sys

from PIL import Image, ImageDraw, ImageFont

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "testdata/photos/mountain lake.jpg"
LOGO = ROOT / "testdata/png/rgba-8.png"
SMALL = ROOT / "testdata/readme/filters.png"
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
# An example for each filter, such that its work is seen in a small picture.
EXAMPLES = [
    "gray", "channel=red", "saturate=1.8", "hue=120", "modulate=110:60:130", "tint=teal",
    "duotone=navy:orange", "sepia", "white-balance", "invert", "threshold=otsu", "posterize=3",
    "solarize", "dither=1", "brightness=0.2", "contrast=1.6", "gamma=1.8", "levels=50:200",
    "curves=0/0+64/30+192/230+255/255", "autocontrast=2", "normalize", "equalize", "clahe", "blur=3",
    "boxblur=4", "median=3", "bilateral=4:40", "sharpen=2", "unsharp=2:200:3", "edge", "emboss",
    "noise=40", "pixelate=8", "vignette", "resize=50%", "thumbnail=96x96",
    "crop=120x80:gravity=center", "pad=150x100:background=white,trim", "pad=150x100:background=silver",
    "extent=150x100:background=navy:gravity=southeast", "border=8:background=silver", "flip", "flop",
    "transpose", "transverse", "rotate=15:background=white", "orient",
    f"overlay='{LOGO}':southeast:x=6:y=6:scale=30%:opacity=0.8", "flatten=white", "depth=16",
]
# For these the picture is made smaller than the tile first, or its canvas would not show.
SMALLER = {"pad", "extent", "trim"}
LARGE, TINY, COLUMNS, LABEL, GAP = (144, 96), (96, 64), 8, 16, 6


def name_of(example):
    """The filter it is an example of: the last of its chain."""
    return example.rpartition(",")[2].partition("=")[0]


def check_all_are_there(program):
    shown = subprocess.run([program, "filters"], capture_output=True, check=True, text=True).stdout
    names = {line.split()[0] for line in shown.splitlines() if line[:1].strip()}
    missing = names ^ {name_of(example) for example in EXAMPLES}
    if missing:
        sys.exit(f"gallery: not both a filter and an example: {', '.join(sorted(missing))}")


def make(program, example, folder, name):
    size = "96x64" if name_of(example) in SMALLER else "144x96"
    target = folder / f"{name}.png"
    chain = f"resize={size}:fit=cover" + (f",{example}" if example else "")
    subprocess.run([program, chain, SAMPLE, "-o", target, "--quiet"], check=True)
    with Image.open(target) as image:
        if image.mode == "I;16":
            return image.point(lambda v: v / 257).convert("RGB")
        return image.convert("RGB")


def lay_out(pictures, tile, font):
    """Tiles in rows, each with its name below."""
    step_x, step_y = tile[0] + GAP, tile[1] + GAP + LABEL
    rows = (len(pictures) + COLUMNS - 1) // COLUMNS
    sheet = Image.new("RGB", (COLUMNS * step_x + GAP, rows * step_y + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for i, (name, picture) in enumerate(pictures):
        x, y = GAP + i % COLUMNS * step_x, GAP + i // COLUMNS * step_y
        shown = picture.copy()
        shown.thumbnail(tile)
        sheet.paste(shown, (x + (tile[0] - shown.width) // 2, y + (tile[1] - shown.height) // 2))
        draw.text((x, y + tile[1] + 1), name, font=font, fill=(32, 36, 42))
    return sheet


def main(build):
    program, folder = build / "pixpool", build / "gallery"
    check_all_are_there(program)
    folder.mkdir(exist_ok=True)
    pictures = [("original", make(program, "", folder, "original"))]
    pictures += [(name_of(example), make(program, example, folder, name_of(example)))
                 for example in EXAMPLES]
    lay_out(pictures, LARGE, ImageFont.truetype(FONT, 12)).save(build / "gallery.png")
    small = lay_out(pictures, TINY, ImageFont.truetype(FONT, 10))
    small.save(SMALL, optimize=True)
    print(f"{build / 'gallery.png'}: {len(EXAMPLES)} filters")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
