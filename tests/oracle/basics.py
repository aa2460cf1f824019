#!/usr/bin/env python3
"""basics.py BUILD: gray, the plain filters, blur, sharpen, resize, flatten and depth beside their
definitions in binary64 or whole numbers by numpy, and beside Pillow where it has them."""

import sys

import numpy as np
from PIL import Image, ImageOps

import harness
from detail import (alpha_of, color_of, gaussian_of, gray as rec601, most, rounded, separable,
                    straightened, with_alpha)

LAYOUTS = [(channels, depth) for depth in (8, 16) for channels in (1, 2, 3, 4)]


def parts(picture):
    """Colours as parts of the full range."""
    return color_of(picture).astype(np.float64) / most(picture)


def again(values, picture):
    """Such parts as samples, the picture's alpha behind them."""
    return with_alpha(rounded(values * most(picture), picture), picture)


def light_of(values):
    """IEC 61966-2-1: what a display shows."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def stored(light):
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


# ---- gray -------------------------------------------------------------------------------------

REC709 = np.array([0.2126, 0.7152, 0.0722])


def weighted(weights):
    return lambda rgb: rgb @ (np.array(weights) / np.sum(weights))


# Weights of small whole numbers often meet the middle of two samples, where binary64 decides by its
# own rounding; and ours are of 16 bits. Hence a difference of 1, in up to a fifth of the samples.
GRAYS = {
    "gray=rec709": weighted(REC709),
    "gray=linear": lambda rgb: stored(light_of(rgb) @ REC709),
    "gray=average": weighted([1, 1, 1]),
    "gray=lightness": lambda rgb: (rgb.max(2) + rgb.min(2)) / 2,
    "gray=red": lambda rgb: rgb[..., 0],
    "gray=green": lambda rgb: rgb[..., 1],
    "gray=blue": lambda rgb: rgb[..., 2],
    "gray=weights:r=1:g=2:b=3": weighted([1, 2, 3]),
}


def grays(oracle):
    for channels, depth in [(3, 8), (4, 8), (3, 16), (4, 16)]:
        for name, picture in harness.pictures(depth, channels):
            what = f"{name} {channels} x {depth}"
            wanted = with_alpha(rec601(picture)[..., None], picture)
            for chain in ("gray", "gray=rec601"):
                oracle.compare(f"{chain} | {what}", "whole numbers",
                               oracle.convert(chain, picture), wanted)
            for chain, made in GRAYS.items():
                oracle.compare(f"{chain} | {what}", "float64", oracle.convert(chain, picture),
                               again(made(parts(picture))[..., None], picture), 1, 0.2)
    for name, picture in harness.pictures():
        oracle.compare(f"gray | {name} 3 x 8", "Pillow convert(\"L\")", oracle.convert("gray", picture),
                       np.asarray(Image.fromarray(picture).convert("L"))[..., None])


# ---- point filters ----------------------------------------------------------------------------

SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])


def sepia(amount):
    """W3C Filter Effects Module Level 1, 13.1."""
    mixed = SEPIA + (np.eye(3) - SEPIA) * (1 - amount)

    def made(values):
        return (values if values.shape[2] == 3 else values.repeat(3, 2)) @ mixed.T
    return made


# Chain, formula, the largest difference: 1 where the formula may lie in the middle of two samples.
POINTS = [
    ("invert", lambda v: 1 - v, 0),
    ("brightness=0.25", lambda v: v + 0.25, 1),
    ("brightness=-0.4", lambda v: v - 0.4, 1),
    ("contrast=1.7", lambda v: 0.5 + 1.7 * (v - 0.5), 1),
    ("contrast=0.3", lambda v: 0.5 + 0.3 * (v - 0.5), 1),
    ("gamma=2.2", lambda v: v ** (1 / 2.2), 1),
    ("gamma=0.45", lambda v: v ** (1 / 0.45), 1),
    ("sepia", sepia(1), 1),
    ("sepia=0.4", sepia(0.4), 1),
]


def otsu(shades, bins):
    """The level that parts the histogram with the largest variance between the two classes; in whole
    numbers, so that no rounding decides."""
    counts = [int(count) for count in np.bincount(shades.reshape(-1), minlength=bins)]
    total, whole = sum(counts), sum(shade * count for shade, count in enumerate(counts))
    best, level, below, mass = (0, 1), None, 0, 0
    for shade, count in enumerate(counts[:-1]):
        below, mass = below + count, mass + shade * count
        if 0 < below < total:
            apart = (mass * total - whole * below) ** 2, below * (total - below)
            if apart[0] * best[1] > best[0] * apart[1]:
                best, level = apart, shade + 1
    return level


def points(oracle):
    for channels, depth in LAYOUTS:
        for name, picture in harness.pictures(depth, channels):
            what = f"{name} {channels} x {depth}"
            for chain, made, largest in POINTS:
                oracle.compare(f"{chain} | {what}", "float64", oracle.convert(chain, picture),
                               again(made(parts(picture)), picture), largest, 0.01)
            shades, scale = rec601(picture), most(picture) // 255
            for chain, level in (("threshold=100", 100 * scale),
                                 ("threshold=otsu", otsu(shades, most(picture) + 1))):
                wanted = np.where(shades >= level, most(picture), 0)[..., None]
                oracle.compare(f"{chain} | {what}", "whole numbers",
                               oracle.convert(chain, picture), with_alpha(wanted, picture))


# ---- blur and sharpen -------------------------------------------------------------------------

def blur(picture, sigma, linear=False):
    alpha = alpha_of(picture)
    values = light_of(parts(picture)) if linear else parts(picture)
    weights = gaussian_of(sigma)
    return encoded(separable(values * alpha[..., None], weights), separable(alpha, weights), picture,
                   linear)


def encoded(colors, alpha, picture, linear):
    """straightened(), which divides by alpha before light is stored."""
    if not linear:
        return straightened(colors * most(picture), alpha, picture)
    divisor = np.where(alpha > 0, alpha, 1)[..., None]
    return straightened(stored(colors / divisor) * alpha[..., None] * most(picture), alpha, picture)


def sharpen(picture, amount, sigma, threshold):
    original = color_of(picture).astype(np.float64)
    alpha = alpha_of(picture)
    weights = gaussian_of(sigma)
    seen = separable(alpha, weights)[..., None]
    smooth = np.divide(separable(original * alpha[..., None], weights), seen, where=seen > 0,
                       out=original.copy())
    away = original - smooth
    sharp = np.where(np.abs(away) >= threshold * most(picture) / 255, original + amount * away,
                     original)
    return with_alpha(rounded(np.where(alpha[..., None] > 0, sharp, original), picture), picture)


def neighbours(oracle):
    for channels, depth in LAYOUTS:
        for name, picture in harness.pictures(depth, channels):
            what = f"{name} {channels} x {depth}"
            for chain, wanted in (
                    ("blur=0.7", blur(picture, 0.7)), ("blur=4", blur(picture, 4)),
                    ("blur=2:linear=1", blur(picture, 2, True)),
                    ("sharpen", sharpen(picture, 0.5, 1, 0)),
                    ("sharpen=2:1.5", sharpen(picture, 2, 1.5, 0))):
                oracle.compare(f"{chain} | {what}", "float64",
                               oracle.convert(chain, picture), wanted, 1, 0.1)
    # Beside a threshold a sample in the middle may fall on either side: few, but by much.
    picture = harness.photo()
    off = np.abs(oracle.convert("sharpen=1:2:8", picture).astype(int) - sharpen(picture, 1, 2, 8)) > 1
    oracle.verdict(off.mean() < 0.001, f"sharpen=1:2:8 | photo 3 x 8 | float64 | "
                                       f"{off.mean():.6f} of the samples differ | < 0.001")


# ---- resize -----------------------------------------------------------------------------------

def keys(x):
    x = np.abs(x)
    return np.where(x < 1, 1.5 * x ** 3 - 2.5 * x ** 2 + 1,
                    np.where(x < 2, -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2, 0))


# Half the kernel's width, the kernel.
KERNELS = {
    "bilinear": (1, lambda x: np.maximum(0, 1 - np.abs(x))),
    "bicubic": (2, keys),
    "lanczos3": (3, lambda x: np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0)),
}


def taps(size, wanted, kernel):
    """Matrix of wanted x size: the kernel widened by the reduction, cut at the edges, summing to 1."""
    half, shape = KERNELS[kernel]
    scale = max(1, size / wanted)
    centres = (np.arange(wanted) + 0.5) * size / wanted
    places = np.arange(size) + 0.5
    first = np.maximum(0, np.floor(centres - half * scale + 0.5))[:, None]
    last = np.minimum(size, np.floor(centres + half * scale + 0.5))[:, None]
    weights = shape((places[None, :] - centres[:, None]) / scale)
    weights = np.where((np.arange(size) >= first) & (np.arange(size) < last), weights, 0)
    return weights / weights.sum(1, keepdims=True)


def resize(picture, width, height, kernel, linear=False):
    alpha = alpha_of(picture)
    values = light_of(parts(picture)) if linear else parts(picture)
    down = taps(picture.shape[0], height, kernel)
    along = taps(picture.shape[1], width, kernel)
    colors = np.einsum("yj,jic,xi->yxc", down, values * alpha[..., None], along, optimize=True)
    seen = np.einsum("yj,ji,xi->yx", down, alpha, along, optimize=True)
    if picture.shape[2] % 2 == 0:
        colors = np.where(seen[..., None] > 0, colors, 0)
    return encoded(colors, np.clip(seen, 0, 1) if picture.shape[2] % 2 == 0 else np.ones(seen.shape),
                   picture, linear)


def opaque(picture):
    """With nearly full alpha: what a kernel with negative parts makes of more is a matter of taste."""
    if picture.shape[2] % 2:
        return picture
    picture = picture.copy()
    picture[..., -1] = most(picture) - picture[..., -1] // 4
    return picture


def sizes(oracle):
    for channels, depth in LAYOUTS:
        for name, picture in harness.pictures(depth, channels):
            picture = opaque(picture)
            for kernel in KERNELS:
                for width, height in ((31, 27), (50, 19)):
                    oracle.compare(f"resize={width}x{height}!:kernel={kernel} | {name} "
                                   f"{channels} x {depth}", "float64",
                                   oracle.convert(f"resize={width}x{height}!:kernel={kernel}", picture),
                                   resize(picture, width, height, kernel), 1, 0.05)
            down, along = ((2 * np.arange(wanted) + 1) * size // (2 * wanted)
                           for wanted, size in zip((27, 31), picture.shape))
            oracle.compare(f"resize=31x27!:kernel=nearest | {name} {channels} x {depth}",
                           "whole numbers", oracle.convert("resize=31x27!:kernel=nearest", picture),
                           picture[down][:, along])
            oracle.compare(f"resize=31x27!:linear=1 | {name} {channels} x {depth}", "float64",
                           oracle.convert("resize=31x27!:linear=1", picture),
                           resize(picture, 31, 27, "lanczos3", True), 1, 0.05)


PILLOW = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC,
          "lanczos3": Image.Resampling.LANCZOS}


def sizes_of_pillow(oracle):
    """Pillow rounds to 8 bits between the two directions, and cuts off there what is beyond the range:
    noise, of which much is, says nothing. Ours keeps more bits, hence 2."""
    for name, picture in harness.pictures():
        for kernel, how in PILLOW.items():
            for size in ((31, 27), (200, 150)):
                if name == "noise":
                    continue
                chain = f"resize={size[0]}x{size[1]}!:kernel={kernel}"
                wanted = np.asarray(Image.fromarray(picture).resize(size, how))
                oracle.compare(f"{chain} | {name} 3 x 8", "Pillow", oracle.convert(chain, picture),
                               wanted, 2, 0.2)
    picture = harness.photo()
    oracle.compare("thumbnail=96x96 | photo 3 x 8", "Pillow contain()",
                   oracle.convert("thumbnail=96x96", picture),
                   np.asarray(ImageOps.contain(Image.fromarray(picture), (96, 96),
                                               Image.Resampling.LANCZOS)), 2, 0.2)


# ---- flatten, depth ---------------------------------------------------------------------------

def flattened(picture, color):
    """(c a + b (max - a)) / max, rounded to the nearest, in whole numbers."""
    top, scale = most(picture), most(picture) // 255
    back = np.array(color, np.int64) * scale
    if picture.shape[2] == 2:
        back = rec601(back[None, None, :].astype(picture.dtype))[0]
    alpha = picture[..., -1:].astype(np.int64)
    return (2 * (color_of(picture).astype(np.int64) * alpha + back * (top - alpha)) + top) // (2 * top)


def layers(oracle):
    for channels, depth in ((2, 8), (4, 8), (2, 16), (4, 16)):
        for name, picture in harness.pictures(depth, channels):
            for chain, color in (("flatten", (255, 255, 255)), ("flatten=navy", (0, 0, 128))):
                oracle.compare(f"{chain} | {name} {channels} x {depth}", "whole numbers",
                               oracle.convert(chain, picture), flattened(picture, color))


def depths(oracle):
    for channels in (1, 2, 3, 4):
        for name, picture in harness.pictures(16, channels):
            oracle.compare(f"depth=8 | {name} {channels} x 16", "whole numbers",
                           oracle.convert("depth=8", picture), (picture.astype(np.int64) + 128) // 257)
        for name, picture in harness.pictures(8, channels):
            oracle.compare(f"depth=16 | {name} {channels} x 8", "whole numbers",
                           oracle.convert("depth=16", picture), picture.astype(np.int64) * 257)


def main(build):
    oracle = harness.Oracle(build)
    grays(oracle)
    points(oracle)
    neighbours(oracle)
    sizes(oracle)
    sizes_of_pillow(oracle)
    layers(oracle)
    depths(oracle)
    oracle.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
