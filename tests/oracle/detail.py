#!/usr/bin/env python3
"""detail.py BUILD: filters that look at neighbours beside Pillow, where it has them, and beside their
definitions written in numpy, in float64 or whole numbers. Edges are repeated outwards throughout."""

import sys

import numpy as np
from PIL import Image, ImageFilter

import harness

LUMA = np.array([19595, 38470, 7471], np.int64)


# ---- pieces of the definitions ---------------------------------------------------------------

def most(picture):
    return 255 if picture.dtype == np.uint8 else 65535


def padded(plane, radius):
    return np.pad(plane, [(radius, radius), (radius, radius)] + [(0, 0)] * (plane.ndim - 2), "edge")


def shifted(picture, radius):
    """(dy, dx, the picture with the neighbour at that distance in place of each pixel)."""
    height, width = picture.shape[:2]
    wide = padded(picture, radius)
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            yield dy, dx, wide[radius + dy:radius + dy + height, radius + dx:radius + dx + width]


def gray(picture):
    """rec.601 luma as gray=rec601 has it."""
    if picture.shape[2] < 3:
        return picture[..., 0].astype(np.int64)
    return (picture[..., :3].astype(np.int64) @ LUMA + 32768) >> 16


def rounded(values, picture):
    return np.clip(np.floor(values + 0.5), 0, most(picture)).astype(np.int64)


def with_alpha(colors, picture):
    if picture.shape[2] % 2:
        return colors
    return np.concatenate([colors, picture[..., -1:].astype(colors.dtype)], 2)


def color_of(picture):
    return picture[..., :-1] if picture.shape[2] % 2 == 0 else picture


def alpha_of(picture):
    """As a fraction; 1 where there is none."""
    if picture.shape[2] % 2:
        return np.ones(picture.shape[:2])
    return picture[..., -1] / most(picture)


def straightened(premultiplied, alpha, picture):
    """What an averaging filter makes of sums of premultiplied colour and of alpha."""
    seen = alpha * most(picture) >= 0.5
    divisor = np.where(seen, alpha, 1)[..., None]
    colors = np.where(seen[..., None], premultiplied / divisor, 0)
    if picture.shape[2] % 2:
        return rounded(colors, picture)
    return rounded(np.concatenate([colors, alpha[..., None] * most(picture)], 2), picture)


# ---- definitions -----------------------------------------------------------------------------

def box_of(radius):
    whole = int(radius)
    part = radius - whole
    weights = np.array([part] + [1.0] * (2 * whole + 1) + [part])
    return weights / (2 * radius + 1)


def gaussian_of(sigma):
    radius = max(1, int(np.ceil(3 * sigma)))
    weights = np.exp(-np.arange(-radius, radius + 1) ** 2 / (2 * sigma * sigma))
    return weights / weights.sum()


def separable(plane, weights):
    radius = len(weights) // 2
    height, width = plane.shape[:2]
    wide = padded(plane, radius)
    down = sum(w * wide[k:k + height] for k, w in enumerate(weights))
    return sum(w * down[:, k:k + width] for k, w in enumerate(weights))


def smooth(picture, weights):
    """(premultiplied colour, alpha) smoothed."""
    alpha = alpha_of(picture)
    colors = color_of(picture).astype(np.float64) * alpha[..., None]
    return separable(colors, weights), separable(alpha, weights)


def boxblur(picture, radius):
    return straightened(*smooth(picture, box_of(radius)), picture)


def unsharp(picture, radius, percent, threshold):
    """Pillow's formula over a true Gaussian."""
    colors, alpha = smooth(picture, gaussian_of(radius))
    original = color_of(picture).astype(np.float64)
    colors = np.divide(colors, alpha[..., None], where=alpha[..., None] > 0, out=original.copy())
    away = original - colors
    sharp = np.where(np.abs(away) > threshold * most(picture) / 255,
                     original + percent / 100 * away, original)
    sharp = np.where(alpha_of(picture)[..., None] > 0, sharp, original)
    return with_alpha(rounded(sharp, picture), picture)


def median(picture, radius):
    """Of colours the least sample that half of the alpha around does not exceed."""
    around = np.stack([other for _, _, other in shifted(picture, radius)]).astype(np.int64)
    if picture.shape[2] % 2:
        return np.sort(around, 0)[around.shape[0] // 2]
    weights, planes = around[..., -1], []
    for c in range(picture.shape[2]):
        weight = weights if c + 1 < picture.shape[2] else np.ones_like(weights)
        order = np.argsort(around[..., c], 0, kind="stable")
        sums = np.cumsum(np.take_along_axis(weight, order, 0), 0)
        which = np.argmax(2 * sums >= sums[-1], 0)
        values = np.take_along_axis(np.take_along_axis(around[..., c], order, 0), which[None], 0)[0]
        planes.append(np.where(sums[-1] > 0, values, picture[..., c]))
    return np.stack(planes, 2)


def sobel(colors, alpha):
    right, down = np.zeros(colors.shape), np.zeros(colors.shape)
    neighbours = zip(shifted(colors.astype(np.float64), 1), shifted(alpha, 1))
    for (dy, dx, other), (_, _, opaque) in neighbours:
        rise = (other - colors) * opaque[..., None]
        right += dx * (2 - abs(dy)) * rise
        down += dy * (2 - abs(dx)) * rise
    return right, down


def edge(picture, amount, each=False):
    colors = color_of(picture).astype(np.int64) if each else gray(picture)[..., None]
    right, down = sobel(colors, alpha_of(picture))
    return with_alpha(rounded(amount * np.hypot(right, down) / 4, picture), picture)


def emboss(picture, angle, amount):
    right, down = sobel(color_of(picture).astype(np.int64), alpha_of(picture))
    turn = np.radians(angle)
    light = amount * (down * np.sin(turn) - right * np.cos(turn)) / 4
    return with_alpha(rounded(128 * most(picture) / 255 + light, picture), picture)


def bilateral(picture, sigma, spread):
    colors, alpha = color_of(picture).astype(np.float64), alpha_of(picture)
    radius, spread = int(np.ceil(2 * sigma)), spread * most(picture) / 255
    sums, weights = np.zeros(colors.shape), np.zeros(alpha.shape)
    for (dy, dx, other), (_, _, opaque) in zip(shifted(colors, radius), shifted(alpha, radius)):
        distance = ((other - colors) ** 2).sum(2)
        weight = opaque * np.exp(-(dx * dx + dy * dy) / (2 * sigma ** 2) -
                                 distance / (2 * spread ** 2))
        sums += weight[..., None] * other
        weights += weight
    seen = (alpha > 0)[..., None]
    means = np.divide(sums, weights[..., None], where=seen, out=colors.copy())
    return with_alpha(rounded(means, picture), picture)


def pixelate(picture, size):
    out = np.zeros(picture.shape, np.int64)
    for y in range(0, picture.shape[0], size):
        for x in range(0, picture.shape[1], size):
            block = picture[y:y + size, x:x + size].astype(np.int64)
            count = block.shape[0] * block.shape[1]
            where = out[y:y + size, x:x + size]
            if picture.shape[2] % 2:
                where[...] = (2 * block.sum((0, 1)) + count) // (2 * count)
                continue
            opaque = int(block[..., -1].sum())
            where[..., -1] = (2 * opaque + count) // (2 * count)
            sums = (block[..., :-1] * block[..., -1:]).sum((0, 1))
            where[..., :-1] = (2 * sums + opaque) // (2 * opaque) if where[0, 0, -1] > 0 else 0
    return out


# ---- comparisons -----------------------------------------------------------------------------

def samples():
    """Pictures of 8 and 16 bits and of every number of channels, with alpha that is 0 in places."""
    for depth in (8, 16):
        for channels in (1, 2, 3, 4):
            for name, picture in harness.pictures(depth, channels):
                if channels % 2 == 0:
                    picture = picture.copy()
                    picture[:20, :20, -1] = 0
                yield f"{name} {depth} bits {channels} ch", picture


def by_definition(oracle):
    """Where the definition is a formula: 1 of 65535 at 16 bits. At 8 bits only what lies between
    two samples to within the precision of float may be rounded the other way; smoothing in whole
    numbers (unsharp without alpha) is off by 0.1 at most, times the amount."""
    formulas = [
        ("boxblur=1", lambda p: boxblur(p, 1)),
        ("boxblur=2.3", lambda p: boxblur(p, 2.3)),
        ("boxblur=0.4", lambda p: boxblur(p, 0.4)),
        ("boxblur=50", lambda p: boxblur(p, 50)),
        ("unsharp=1.5:120:0", lambda p: unsharp(p, 1.5, 120, 0)),
        ("edge", lambda p: edge(p, 1)),
        ("edge=1.7:each", lambda p: edge(p, 1.7, True)),
        ("emboss", lambda p: emboss(p, 135, 1)),
        ("emboss=20:2.5", lambda p: emboss(p, 20, 2.5)),
        ("bilateral", lambda p: bilateral(p, 2, 25)),
        ("bilateral=1.2:80", lambda p: bilateral(p, 1.2, 80)),
    ]
    compare_formulas(oracle, formulas)


def compare_formulas(oracle, formulas):
    for filters, reference in formulas:
        for name, picture in samples():
            oracle.compare(f"{filters} {name}", "float64", oracle.convert(filters, picture),
                           reference(picture), 1, 0.2 if most(picture) > 255 else 0.02)


def exactly(oracle):
    """Where the definition is in whole numbers."""
    formulas = [
        ("median", lambda p: median(p, 1)),
        ("median=2", lambda p: median(p, 2)),
        ("median=3", lambda p: median(p, 3)),
        ("median=4", lambda p: median(p, 4)),
        ("median=9", lambda p: median(p, 9)),
        ("pixelate", lambda p: pixelate(p, 8)),
        ("pixelate=37", lambda p: pixelate(p, 37)),
    ]
    for filters, reference in formulas:
        for name, picture in samples():
            if filters == "median=9" and "photo" in name:
                continue
            oracle.compare(f"{filters} {name}", "numpy", oracle.convert(filters, picture),
                           reference(picture))


def beside_pillow(oracle):
    """BoxBlur rounds after each direction: 1 of 255 more. UnsharpMask smooths by three box filters
    and rounds them to whole samples before the threshold is looked at."""
    for name, picture in harness.pictures():
        image = Image.fromarray(picture)
        for radius in (1, 2.5, 7, 30):
            oracle.compare(f"boxblur={radius} {name}", "Pillow BoxBlur",
                           oracle.convert(f"boxblur={radius}", picture),
                           image.filter(ImageFilter.BoxBlur(radius)), 1)
        for size in (3, 5, 7, 9, 21):
            oracle.compare(f"median={size // 2} {name}", "Pillow MedianFilter",
                           oracle.convert(f"median={size // 2}", picture),
                           image.filter(ImageFilter.MedianFilter(size)))
        if name != "noise":
            oracle.compare(f"unsharp {name}", "Pillow UnsharpMask",
                           oracle.convert("unsharp", picture),
                           image.filter(ImageFilter.UnsharpMask()), 40, 0.6)
        oracle.compare(f"pixelate {name}", "Pillow reduce",
                       oracle.convert("pixelate=8", picture)[::8, ::8], image.reduce(8), 1, 0.02)


def main(build):
    oracle = harness.Oracle(build)
    exactly(oracle)
    beside_pillow(oracle)
    by_definition(oracle)
    oracle.end()


if __name__ == "__main__":
    main(sys.argv[1])
