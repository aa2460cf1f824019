#!/usr/bin/env python3
"""overlay beside Pillow (alpha_composite, paste with a mask), GraphicsMagick (composite) and the
definition in float64."""

import subprocess
import sys

import numpy as np
from PIL import Image

import harness
import pixels

LUMA = np.array([0.299, 0.587, 0.114])
# Pillow's alpha_composite keeps 7 bits of a share beyond the sample's; its paste rounds as we do.
COMPOSITE_BOUND = 1
OPACITY = 0.3713


def logo(height=23, width=41, channels=4, depth=8, seed=7):
    """Noise, a third of it transparent and a third opaque."""
    samples = harness.noise(height, width, channels, depth, seed)
    if channels in (2, 4):
        kind = np.arange(height * width).reshape(height, width) % 3
        samples[..., -1][kind == 0] = 0
        samples[..., -1][kind == 1] = 2 ** depth - 1
    return samples


def split(picture):
    """Colours (one or three planes) and alpha, between 0 and 1."""
    unit = picture / (2 ** (8 * picture.dtype.itemsize) - 1)
    if unit.shape[2] in (2, 4):
        return unit[..., :-1], unit[..., -1:]
    return unit, np.ones(unit.shape[:2] + (1,))


def over(under, above, opacity=1.0):
    """Porter and Duff's over on straight alpha, in float64, rounded at the end."""
    below, below_alpha = split(under)
    color, alpha = split(above)
    if below.shape[2] == 1 and color.shape[2] == 3:
        color = color @ LUMA[:, None]
    alpha = alpha * opacity
    rest = below_alpha * (1 - alpha)
    whole = alpha + rest
    mixed = np.where(whole > 0, (color * alpha + below * rest) / np.where(whole > 0, whole, 1), below)
    if under.shape[2] in (2, 4):
        mixed = np.concatenate([mixed, whole], 2)
    most = 2 ** (8 * under.dtype.itemsize) - 1
    return np.floor(np.clip(mixed, 0, 1) * most + 0.5).astype(under.dtype)


def place(under, above, left, top, opacity=1.0):
    """The same where both meet, the rest as it was."""
    out = under.copy()
    height, width = under.shape[:2]
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + above.shape[1], width), min(top + above.shape[0], height)
    if x0 < x1 and y0 < y1:
        part = above[y0 - top:y1 - top, x0 - left:x1 - left]
        out[y0:y1, x0:x1] = over(under[y0:y1, x0:x1], part, opacity)
    return out


def store(oracle, above):
    path = oracle.scratch / "logo.png"
    pixels.write_png(path, above)
    return path


def definition(oracle):
    """Every form over every other. At 16 bits weights of 16 bits allow 1; a sample that is brought
    from 16 bits to 8 or to luma first is rounded twice, which allows 1 too. Else only a tie may be
    rounded another way, of which there are few with such an opacity."""
    for depth, under_channels in [(d, c) for d in (8, 16) for c in (1, 2, 3, 4)]:
        for above_depth, channels in [(d, c) for d in (8, 16) for c in (1, 2, 3, 4)]:
            under = logo(61, 83, under_channels, depth, 3)
            above = logo(23, 41, channels, above_depth)
            path = store(oracle, above)
            twice = above_depth > depth or (under_channels < 3 and channels > 2)
            for opacity in (1, OPACITY):
                got = oracle.convert(f"overlay={path}:x=11:y=-4:opacity={opacity}", under, "-f", "png")
                oracle.compare(f"overlay {channels}x{above_depth} on {under_channels}x{depth} "
                               f"opacity {opacity}", "float64", got, place(under, above, 11, -4, opacity),
                               largest=int(depth == 16 or twice or opacity != 1),
                               mean=0.5 if twice else 0.05 if depth == 16 else 0.001)


def pillow(oracle):
    above = logo()
    path = store(oracle, above)
    for name, under in harness.pictures():
        wanted = Image.fromarray(under)
        mark = Image.fromarray(above)
        wanted.paste(mark.convert("RGB"), (7, 9), mark.getchannel("A"))
        oracle.compare(f"overlay on RGB, {name}", "Pillow paste with mask",
                       oracle.convert(f"overlay={path}:x=7:y=9", under), np.asarray(wanted))
    under = logo(61, 83, 4, 8, 5)
    wanted = Image.fromarray(under)
    wanted.alpha_composite(Image.fromarray(above), (7, 9))
    got = oracle.convert(f"overlay={path}:x=7:y=9", under)
    wanted = np.asarray(wanted)
    oracle.compare("overlay on RGBA", "Pillow alpha_composite", got, wanted, COMPOSITE_BOUND, 0.05)


def graphicsmagick(oracle):
    """Places: gm composite -gravity -geometry on an opaque picture."""
    above, under = logo(), harness.noise()
    mark, source, target = store(oracle, above), oracle.scratch / "under.png", oracle.scratch / "gm.png"
    pixels.write_png(source, under)
    for gravity in ("NorthWest", "North", "NorthEast", "West", "Center", "East", "SouthWest", "South",
                    "SouthEast"):
        subprocess.run(["gm", "composite", "-gravity", gravity, "-geometry", "+4+3", mark, source,
                        f"png24:{target}"], check=True)
        oracle.compare(f"overlay gravity {gravity}", "gm composite",
                       oracle.convert(f"overlay={mark}:{gravity.lower()}:x=4:y=3", under),
                       pixels.read_png(target)[..., :3], 1, 0.05)


def scaled(oracle):
    """The stamp by the filter resize, which has a comparison of its own, then laid over."""
    for depth in (8, 16):
        under, above = harness.noise(120, 200, 3, depth), logo(60, 90, 4, depth)
        path = store(oracle, above)
        for scale, size in (("20%", "40x"), ("50x50", "50x50"), ("x90", "x90")):
            stamp = oracle.convert(f"resize={size}:enlarge=1", above)
            if stamp.shape[2] != 4:
                stamp = np.concatenate([stamp, np.full(stamp.shape[:2] + (1,), 2 ** depth - 1, stamp.dtype)], 2)
            store(oracle, above)
            left, top = 200 - stamp.shape[1] - 5, 120 - stamp.shape[0] - 6
            oracle.compare(f"overlay scale {scale} at {depth} bits", "resize, float64",
                           oracle.convert(f"overlay={path}:southeast:x=5:y=6:scale={scale}", under),
                           place(under, stamp, left, top), int(depth == 16))


def tiled(oracle):
    under, above = harness.noise(100, 150), logo(17, 29)
    path = store(oracle, above)
    sheet = np.tile(above, (8, 8, 1))[17 - 5:17 - 5 + 100, 29 - 3:29 - 3 + 150]
    oracle.compare("overlay tiled", "numpy.tile, float64",
                   oracle.convert(f"overlay={path}:x=3:y=5:tile=1:opacity={OPACITY}", under),
                   over(under, sheet, OPACITY), 1, 0.001)


def main(build):
    oracle = harness.Oracle(build)
    definition(oracle)
    pillow(oracle)
    graphicsmagick(oracle)
    scaled(oracle)
    tiled(oracle)
    oracle.end()


if __name__ == "__main__":
    main(sys.argv[1])
