#!/usr/bin/env python3
"""effects.py BUILD: noise, vignette, clahe and dither beside Pillow, where it has them, and beside
their definitions written in numpy, in float64 or whole numbers."""

import sys
from math import erf, sqrt

import numpy as np
from PIL import Image

import harness
from detail import (alpha_of, color_of, compare_formulas, gray, most, rounded, samples, with_alpha)


def vignette(picture, strength, radius, x, y):
    height, width = picture.shape[:2]
    right = np.arange(width) + 0.5 - x / 100 * width
    down = np.arange(height) + 0.5 - y / 100 * height
    away = np.hypot(right[None, :], down[:, None]) / (np.hypot(width, height) / 2)
    t = np.clip((away - radius) / (1 - radius), 0, 1)
    factor = 1 - strength * t * t * (3 - 2 * t)
    return with_alpha(rounded(color_of(picture) * factor[..., None], picture), picture)


def clahe_curves(bins, seen, tiles, limit):
    """[row of tiles, column of tiles, bin] as fractions, and the tiles' centres."""
    sides = [[n * side // min(tiles, side) for n in range(min(tiles, side) + 1)]
             for side in bins.shape]
    curves = np.zeros((len(sides[0]) - 1, len(sides[1]) - 1, 256))
    for j, (top, bottom) in enumerate(zip(sides[0], sides[0][1:])):
        for i, (left, right) in enumerate(zip(sides[1], sides[1][1:])):
            tile = bins[top:bottom, left:right][seen[top:bottom, left:right]]
            counts = np.bincount(tile, minlength=256).astype(np.float64)
            low, high = 0.0, float(counts.max())
            for _ in range(60):
                middle = (low + high) / 2
                fits = middle + np.maximum(counts - middle, 0).sum() / 256 <= limit * counts.mean()
                low, high = (middle, high) if fits else (low, middle)
            cut = np.minimum(counts, high)
            sums = np.cumsum(cut + (counts - cut).sum() / 256)
            flat = sums[-1] <= sums[0]
            curves[j, i] = np.arange(256) / 255 if flat else (sums - sums[0]) / (sums[-1] - sums[0])
    centers = [(np.array(side[:-1]) + np.array(side[1:]) - 1) / 2 for side in sides]
    return curves, centers


def between(centers, count):
    """For each row or column the two centres it lies between, and how far from the first."""
    at = np.interp(np.arange(count), centers, np.arange(len(centers)))
    first = np.minimum(at.astype(int), max(len(centers) - 2, 0))
    return first, np.minimum(first + 1, len(centers) - 1), at - first


def clahe(picture, tiles, limit):
    luma = gray(picture)
    bins = luma if most(picture) == 255 else (luma + 128) // 257
    curves, centers = clahe_curves(bins, alpha_of(picture) > 0, tiles, limit)
    height, width = luma.shape
    up, low, down = between(centers[0], height)
    left, right, across = between(centers[1], width)
    at = luma * 255 / most(picture)
    bin_ = np.minimum(at.astype(int), 254)
    part = at - bin_

    def follow(rows, columns):
        here = curves[rows[:, None], columns[None, :]]
        y, x = np.mgrid[0:height, 0:width]
        return here[y, x, bin_] * (1 - part) + here[y, x, bin_ + 1] * part

    top = follow(up, left) * (1 - across) + follow(up, right) * across
    bottom = follow(low, left) * (1 - across) + follow(low, right) * across
    value = (top * (1 - down[:, None]) + bottom * down[:, None]) * most(picture)
    return with_alpha(rounded(color_of(picture) + (value - luma)[..., None], picture), picture)


def bayer():
    matrix = np.zeros((1, 1), np.int64)
    while len(matrix) < 8:
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return matrix


def ordered(picture, bits):
    luma, steps, matrix = gray(picture), 2 ** bits - 1, bayer()
    height, width = luma.shape
    pattern = np.tile(matrix, (height // 8 + 1, width // 8 + 1))[:height, :width]
    level = (128 * luma * steps + (2 * pattern + 1) * most(picture)) // (128 * most(picture))
    return ((2 * level * 255 + steps) // (2 * steps))[..., None]


def diffused(picture, bits):
    """Floyd and Steinberg's weights, errors in sixteenths cut off towards 0 as Pillow does."""
    luma, steps, top = gray(picture), 2 ** bits - 1, most(picture)
    values = [(2 * n * top + steps) // (2 * steps) for n in range(steps + 1)]
    height, width = luma.shape
    out, errors = np.zeros((height, width, 1), np.int64), [0] * (width + 2)
    for y in range(height):
        below = [0] * (width + 2)
        carried = 0
        for x in range(width):
            error = carried + errors[x + 1]
            v = int(luma[y, x]) + (abs(error) // 16 if error >= 0 else -(abs(error) // 16))
            v = min(max(v, 0), top)
            level = int(v > 128 * top // 255) if bits == 1 else min(
                range(steps + 1), key=lambda n: (abs(2 * n * top - 2 * v * steps), n))
            off = v - values[level]
            carried = 7 * off
            below[x] += 3 * off
            below[x + 1] += 5 * off
            below[x + 2] += off
            out[y, x, 0] = (2 * level * 255 + steps) // (2 * steps)
        errors = below
    return out


def mixed(h):
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85ebca6b)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xc2b2ae35)
    return h ^ (h >> np.uint32(16))


def random_numbers(height, width, channels, seed):
    """0 to 2^32 - 1 for each sample, by MurmurHash3's finalizer."""
    seed, rows = np.uint32(seed), np.arange(height, dtype=np.uint32)
    with np.errstate(over="ignore"):
        a = mixed(mixed(np.array([seed + np.uint32(0x9e3779b9)], np.uint32)) ^ rows)
        b = mixed(a + seed)
        places = (4 * np.arange(width, dtype=np.uint32)[:, None] +
                  np.arange(channels, dtype=np.uint32))
        return mixed(mixed(places[None] ^ a[:, None, None]) + b[:, None, None])


def quantiles():
    """Of the normal distribution, by bisection; the ends at 4."""
    points = []
    for i in range(1, 2048):
        low, high = -4.0, 4.0
        while high - low > 1e-12:
            middle = (low + high) / 2
            low, high = (middle, high) if (1 + erf(middle / sqrt(2))) / 2 < i / 2048 else (low, middle)
        points.append(low)
    return np.array([-4.0] + points + [4.0])


def noise(picture, amount, uniform, together, seed):
    colors = color_of(picture)
    numbers = random_numbers(*colors.shape[:2], colors.shape[2], seed) / 2.0 ** 32
    if together:
        numbers = numbers[..., :1]
    added = 2 * numbers - 1 if uniform else np.interp(numbers * 2048, np.arange(2049), quantiles())
    return with_alpha(rounded(colors + added * amount * most(picture) / 255, picture), picture)


# ---- comparisons -----------------------------------------------------------------------------

def by_definition(oracle):
    """Formulas: 1 of 65535 at 16 bits; at 8 bits only what lies between two samples to within the
    precision of float may be rounded the other way."""
    compare_formulas(oracle, [
        ("vignette", lambda p: vignette(p, 0.5, 0.4, 50, 50)),
        ("vignette=0.87:0.95:20:70", lambda p: vignette(p, 0.87, 0.95, 20, 70)),
        ("noise=20:seed=5", lambda p: noise(p, 20, False, False, 5)),
        ("noise=30:uniform:together:4000000000", lambda p: noise(p, 30, True, True, 4000000000)),
        ("clahe", lambda p: clahe(p, 8, 3)),
        ("clahe=3:40", lambda p: clahe(p, 3, 40)),
        ("clahe=1:1.5", lambda p: clahe(p, 1, 1.5)),
    ])


def dithering(oracle):
    for bits in (1, 2, 3, 4):
        for name, picture in samples():
            if picture.shape[2] % 2 == 0:
                continue
            for method, reference in (("floyd-steinberg", diffused), ("ordered", ordered)):
                if method == "floyd-steinberg" and "noise" not in name and "1 ch" not in name:
                    continue
                oracle.compare(f"dither={bits}:{method} {name}", "numpy",
                               oracle.convert(f"dither={bits}:{method}", picture),
                               reference(picture, bits))
    for name, picture in harness.pictures():
        image = Image.fromarray(picture).convert("L")
        wanted = np.asarray(image.convert("1")).astype(np.uint8)[..., None] * 255
        oracle.compare(f"dither {name}", "Pillow convert(1)", oracle.convert("dither", picture),
                       wanted)


def file_bits(oracle):
    """PNG files of dithered pictures hold no more bits than are needed."""
    for bits, wanted in ((1, 1), (2, 2), (3, 8), (4, 4)):
        for method in ("floyd-steinberg", "ordered"):
            oracle.convert(f"dither={bits}:{method}", harness.photo())
            depth = (oracle.scratch / "out.png").read_bytes()[24]
            oracle.verdict(depth == wanted, f"dither={bits}:{method} | bits in the PNG | {depth}")


def random_numbers_are_random(oracle):
    """Mean, deviation, and no likeness between neighbours, rows, channels and seeds."""
    flat = np.full((512, 512, 3), 32768, np.uint16)
    first = oracle.convert("noise=20", flat).astype(np.float64) - 32768
    second = oracle.convert("noise=20:seed=1", flat).astype(np.float64) - 32768
    unit = 20 * 257
    far = np.abs(first / unit)
    pairs = {"columns": (first[:, 1:], first[:, :-1]), "rows": (first[1:], first[:-1]),
             "channels": (first[..., 0], first[..., 1]), "seeds": (first, second)}
    checks = {"mean": abs(first.mean()) / unit < 0.005,
              "deviation": abs(first.std() / unit - 1) < 0.005,
              "share within 1": abs((far < 1).mean() - 0.6827) < 0.003,
              "share within 2": abs((far < 2).mean() - 0.9545) < 0.003,
              "share within 3": abs((far < 3).mean() - 0.9973) < 0.001}
    for name, (a, b) in pairs.items():
        checks[f"likeness of {name}"] = abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.006
    for name, good in checks.items():
        oracle.verdict(good, f"noise | {name}")


def main(build):
    oracle = harness.Oracle(build)
    dithering(oracle)
    file_bits(oracle)
    random_numbers_are_random(oracle)
    by_definition(oracle)
    oracle.end()


if __name__ == "__main__":
    main(sys.argv[1])
