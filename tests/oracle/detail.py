#!/usr/bin/env python3
"""detail.py BUILD: filters of detail beside Pillow, where it has them, and beside their definitions
written in numpy, in float64 or whole numbers. Edges are repeated outwards throughout."""

import sys

import numpy as np
from PIL import Image, ImageFilter

import harness
import pixels

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
    from math import erf, sqrt
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
        ("vignette", lambda p: vignette(p, 0.5, 0.4, 50, 50)),
        ("vignette=0.87:0.95:20:70", lambda p: vignette(p, 0.87, 0.95, 20, 70)),
        ("noise=20:seed=5", lambda p: noise(p, 20, False, False, 5)),
        ("noise=30:uniform:together:4000000000", lambda p: noise(p, 30, True, True, 4000000000)),
        ("clahe", lambda p: clahe(p, 8, 3)),
        ("clahe=3:40", lambda p: clahe(p, 3, 40)),
        ("clahe=1:1.5", lambda p: clahe(p, 1, 1.5)),
    ]
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
    exactly(oracle)
    dithering(oracle)
    file_bits(oracle)
    beside_pillow(oracle)
    random_numbers_are_random(oracle)
    by_definition(oracle)
    oracle.end()


if __name__ == "__main__":
    main(sys.argv[1])
