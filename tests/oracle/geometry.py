#!/usr/bin/env python3
"""geometry.py BUILD: geometry beside Pillow, and beside its definition in numpy, binary64."""

import subprocess
import sys

import numpy as np
from PIL import Image, ImageOps

import pixels
from harness import Oracle, photo, pictures

FORMS = [(8, 1), (8, 2), (8, 3), (8, 4), (16, 1), (16, 2), (16, 3), (16, 4)]
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
GRAVITIES = {"northwest": (0, 0), "north": (.5, 0), "northeast": (1, 0),
             "west": (0, .5), "center": (.5, .5), "east": (1, .5),
             "southwest": (0, 1), "south": (.5, 1), "southeast": (1, 1)}


def largest(picture):
    return 2 ** (8 * picture.dtype.itemsize) - 1


def rounded(values, like):
    return np.floor(np.clip(values, 0, largest(like)) + 0.5).astype(like.dtype)


def as_image(picture):
    return Image.fromarray(picture if picture.shape[2] > 1 else picture[:, :, 0],
                           MODES[picture.shape[2]])


def as_picture(image):
    picture = np.asarray(image)
    return picture[:, :, None] if picture.ndim == 2 else picture


def fits(alpha, got, channels):
    """PNG leaves alpha out that is opaque everywhere, as the writer does."""
    if got.shape[2] < channels:
        got = np.concatenate([got, np.full_like(got[:, :, :1], alpha)], 2)
    return got


# ---- moves ------------------------------------------------------------------------------------

def moves(oracle):
    """Pixels that go elsewhere, exactly."""
    pillow = {"transpose": Image.Transpose.TRANSPOSE, "transverse": Image.Transpose.TRANSVERSE,
              "rotate=90": Image.Transpose.ROTATE_270, "rotate=-90": Image.Transpose.ROTATE_90,
              "rotate=180": Image.Transpose.ROTATE_180, "flip": Image.Transpose.FLIP_TOP_BOTTOM}
    for depth, channels in FORMS:
        for name, picture in pictures(depth, channels):
            for filters, how in pillow.items():
                if depth == 8:
                    wanted = as_picture(as_image(picture).transpose(how))
                    oracle.compare(f"{filters}, {name} {channels}x{depth}", "Pillow transpose",
                                   fits(255, oracle.convert(filters, picture), channels), wanted)
            wanted = np.swapaxes(picture, 0, 1)
            oracle.compare(f"transpose, {name} {channels}x{depth}", "numpy swapaxes",
                           fits(largest(picture), oracle.convert("transpose", picture), channels),
                           wanted)


def canvases(oracle):
    """pad, extent, border, crop."""
    picture = photo(200, 133)
    color = "#2a6f97"
    oracle.compare("border=7, photo", "Pillow ImageOps.expand",
                   oracle.convert(f"border=7:{color}", picture),
                   as_picture(ImageOps.expand(as_image(picture), 7, color)))
    oracle.compare("border=7:height=3, photo", "Pillow ImageOps.expand",
                   oracle.convert(f"border=7:{color}:3", picture),
                   as_picture(ImageOps.expand(as_image(picture), (7, 3), color)))
    for gravity, where in GRAVITIES.items():
        oracle.compare(f"pad=240x210:{gravity}, photo", "Pillow ImageOps.pad",
                       oracle.convert(f"pad=200x210:{gravity}:{color}", picture),
                       as_picture(ImageOps.pad(as_image(picture), (200, 210), color=color,
                                               centering=where)))
        for depth, channels in FORMS:
            for name, sample in pictures(depth, channels):
                one_canvas(oracle, name, sample, gravity)


def one_canvas(oracle, name, picture, gravity):
    """A canvas that is wider and less high."""
    height, width, channels = picture.shape
    across, down = GRAVITIES[gravity]
    tall, wide = height - 9, width + 14
    left, top = int((wide - width) * across), int((height - tall) * down)
    white = np.full((tall, wide, channels), largest(picture), picture.dtype)
    white[:, left:left + width] = picture[top:top + tall]
    form = f"{name} {channels}x{8 * picture.dtype.itemsize}"
    oracle.compare(f"extent:{gravity}, {form}", "numpy slices",
                   fits(largest(picture), oracle.convert(f"extent={wide}x{tall}:{gravity}", picture),
                        channels), white)
    left = int(14 * across)
    oracle.compare(f"crop:{gravity}, {form}", "numpy slices",
                   fits(largest(picture),
                        oracle.convert(f"crop={width - 14}x{tall}:gravity={gravity}", picture),
                        channels),
                   picture[top:top + tall, left:left + width - 14])


def trims(oracle):
    """The box of what is further from the corner than the tolerance, by numpy and Pillow."""
    rng = np.random.default_rng(7)
    for depth, channels in FORMS:
        for tolerance in (0, 4, 20):
            most = 2 ** depth - 1
            kind = np.uint8 if depth == 8 else np.uint16
            edge = rng.integers(0, most // 5, channels)
            picture = np.clip(edge + rng.integers(0, most // 30, (60, 70, channels)), 0, most)
            picture[17:40, 11:52] = rng.integers(0, most, (23, 41, channels))
            picture = picture.astype(kind)
            if channels % 2 == 0:
                picture[:, :, -1] |= 1
            far = (np.abs(picture.astype(int) - picture[0, 0]) > tolerance * most // 100).any(2)
            rows, columns = np.flatnonzero(far.any(1)), np.flatnonzero(far.any(0))
            wanted = picture[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
            oracle.compare(f"trim={tolerance}, {channels}x{depth}", "numpy", wanted,
                           fits(most, oracle.convert(f"trim={tolerance}", picture), channels))
    image = ImageOps.expand(as_image(photo(200, 133)), 31, "navy")
    oracle.compare("trim=0:navy, photo", "Pillow getbbox",
                   oracle.convert("trim=0:navy", as_picture(image)), photo(200, 133))


# ---- rotate -----------------------------------------------------------------------------------

def taps(f, cubic):
    if not cubic:
        return [(0, 1 - f), (1, f)]
    near = lambda x: (1.5 * x - 2.5) * x * x + 1
    far = lambda x: ((-0.5 * x + 2.5) * x - 4) * x + 2
    return [(-1, far(1 + f)), (0, near(f)), (1, near(1 - f)), (2, far(2 - f))]


def turned(picture, angle, background, expand, cubic):
    """As `pixpool filters rotate` says it; background: samples of the output's channels."""
    height, width, channels = picture.shape
    most, to = largest(picture), len(background)
    cosine, sine = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    wide, tall = width, height
    if expand:
        wide = int(np.ceil(width * abs(cosine) + height * abs(sine) - 1e-6))
        tall = int(np.ceil(width * abs(sine) + height * abs(cosine) - 1e-6))
    p = np.arange(wide)[None, :] + 0.5 - wide / 2
    q = np.arange(tall)[:, None] + 0.5 - tall / 2
    u, v = p * cosine + q * sine + width / 2, q * cosine - p * sine + height / 2
    share = (np.clip(np.minimum(u, width - u) + 0.5, 0, 1) *
             np.clip(np.minimum(v, height - v) + 0.5, 0, 1))[:, :, None]
    source = np.concatenate([picture.astype(float), np.full((height, width, 1), float(most))], 2)
    alpha = channels if channels % 2 else channels - 1
    source[:, :, :alpha] *= source[:, :, alpha:alpha + 1]
    sums = np.zeros((tall, wide, alpha + 1))
    x, y = np.floor(u - 0.5).astype(int), np.floor(v - 0.5).astype(int)
    for row, down in taps(v - 0.5 - y, cubic):
        for column, across in taps(u - 0.5 - x, cubic):
            sums += (down * across)[:, :, None] * source[
                np.clip(y + row, 0, height - 1), np.clip(x + column, 0, width - 1)][:, :, :alpha + 1]
    behind = np.array([*background, most][:alpha + 1], float)
    behind[:alpha] *= behind[alpha]
    sums = share * sums + (1 - share) * behind
    colors = np.where(sums[:, :, alpha:] >= 0.5, sums[:, :, :alpha] /
                      np.maximum(sums[:, :, alpha:], 1e-9), 0)
    return rounded(np.concatenate([colors, sums[:, :, alpha:]], 2)[:, :, :to], picture)


def colored(channels, most, name):
    """Samples of a named colour."""
    red, green, blue, alpha = {"white": (1, 1, 1, 1), "navy": (0, 0, 128 / 255, 1),
                               "clear": (0, 0, 0, 0)}[name]
    gray = round((7471 * round(blue * most) + (19595 + 38470) * round(red * most)) / 65536)
    colors = [gray] if channels < 3 else [round(c * most) for c in (red, green, blue)]
    return colors + ([alpha * most] if channels % 2 == 0 else [])


def turns(oracle):
    for depth, channels in FORMS:
        for name, picture in pictures(depth, channels):
            for angle, color, expand, kernel in ((8, "white", 1, "bicubic"), (-33.3, "navy", 0, "bicubic"),
                                                 (120, "clear", 1, "bicubic"), (271, "navy", 1, "bilinear")):
                to = channels + (color == "clear" and channels % 2)
                background = colored(to, largest(picture), color)
                got = oracle.convert(
                    f"rotate={angle}:{color.replace('clear', 'transparent')}:{expand}:{kernel}", picture)
                wanted = turned(picture, angle, background, expand, kernel == "bicubic")
                what = f"rotate={angle}:{color}:{expand}:{kernel}, {name} {channels}x{depth}"
                oracle.compare(what, "numpy", fits(largest(picture), got, to), wanted, 1)


def inside_of(picture, angle):
    """Where a turned picture is certainly made of its own pixels alone."""
    inside = np.zeros(picture.shape[:2], np.uint8)
    inside[6:-6, 6:-6] = 255
    return np.asarray(Image.fromarray(inside).rotate(-angle)) > 0


def turns_by_others(oracle):
    """Neither has a soft edge or repeats edges: only what is well inside is compared. Pillow rounds
    down, and its bicubic is Keys' with a = -1, another kernel; vips' has a = -1/2 and takes
    coordinates to 1/64 of a pixel."""
    picture = photo()
    height, width, _ = picture.shape
    for angle in (5, -17, 45, 80):
        inside = inside_of(picture, angle)
        wanted = as_picture(as_image(picture).rotate(-angle, Image.Resampling.BILINEAR))
        got = oracle.convert(f"rotate={angle}:black:0:bilinear", picture)
        oracle.compare(f"rotate={angle}:bilinear, photo's inside", "Pillow rotate",
                       got[inside], wanted[inside], 1, 0.5)
        got = oracle.convert(f"rotate={angle}:black:0:bicubic", picture)
        oracle.compare(f"rotate={angle}:bicubic, photo's inside", "vips affine",
                       got[inside], by_vips(oracle, picture, angle)[inside], 2, 0.2)


def by_vips(oracle, picture, angle):
    height, width, _ = picture.shape
    cosine, sine = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    x, y = (width - 1) / 2, (height - 1) / 2
    source, target = oracle.scratch / "vips-in.png", oracle.scratch / "vips-out.png"
    pixels.write_png(source, picture)
    subprocess.run(["vips", "affine", source, target, f"{cosine} {-sine} {sine} {cosine}",
                    "--interpolate", "bicubic", "--oarea", f"0 0 {width} {height}",
                    "--odx", str(x - cosine * x + sine * y),
                    "--ody", str(y - sine * x - cosine * y)], check=True)
    return pixels.read_png(target)[:, :, :3]


# ---- light ------------------------------------------------------------------------------------

def decoded(samples, most):
    v = samples / most
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def encoded(light, most):
    light = np.clip(light, 0, 1)
    return most * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def lanczos(x):
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0)


def resizing(before, after):
    """Weights of a resize by lanczos3: after x before."""
    scale = before / after
    wider = max(scale, 1)
    centers = (np.arange(after) + 0.5) * scale
    first = np.maximum(np.floor(centers - 3 * wider + 0.5), 0)
    last = np.minimum(np.floor(centers + 3 * wider + 0.5), before)
    at = np.arange(before)[None, :]
    weights = lanczos((at + 0.5 - centers[:, None]) / wider)
    weights *= (at >= first[:, None]) & (at < last[:, None])
    return weights / weights.sum(1, keepdims=True)


def blurring(length, sigma):
    radius = int(np.ceil(3 * sigma))
    kernel = np.exp(-np.arange(-radius, radius + 1) ** 2 / (2 * sigma ** 2))
    weights = np.zeros((length, length))
    for k, weight in zip(range(-radius, radius + 1), kernel / kernel.sum()):
        np.add.at(weights, (np.arange(length), np.clip(np.arange(length) + k, 0, length - 1)), weight)
    return weights


def weighed(picture, down, across):
    """Light, premultiplied, weighed in both directions and encoded."""
    most, channels = largest(picture), picture.shape[2]
    alpha = picture[:, :, -1:].astype(float) if channels % 2 == 0 else np.full(picture.shape[:2] + (1,), 1.)
    colors = channels - (channels % 2 == 0)
    light = decoded(picture[:, :, :colors].astype(float), most) * alpha
    apply = lambda planes: np.einsum("yY,xX,YXc->yxc", down, across, planes, optimize=True)
    light, opaque = apply(light), apply(alpha)
    seen = opaque >= (0.5 if channels % 2 == 0 else 0)
    out = encoded(np.where(seen, light / np.where(seen, opaque, 1), 0), most)
    return rounded(np.concatenate([out, opaque], 2)[:, :, :channels], picture)


def lights(oracle):
    for depth, channels in FORMS:
        for name, picture in pictures(depth, channels):
            height, width, _ = picture.shape
            form = f"{name} {channels}x{depth}"
            for wide, tall in ((37, 23), (width // 2, height // 2), (width + 31, height + 40)):
                got = oracle.convert(f"resize={wide}x{tall}!:linear=1", picture)
                wanted = weighed(picture, resizing(height, tall), resizing(width, wide))
                oracle.compare(f"resize={wide}x{tall}!:linear=1, {form}", "numpy",
                               fits(largest(picture), got, channels), wanted, 1)
            for sigma in (0.8, 3):
                got = oracle.convert(f"blur={sigma}:linear=1", picture)
                wanted = weighed(picture, blurring(height, sigma), blurring(width, sigma))
                oracle.compare(f"blur={sigma}:linear=1, {form}", "numpy",
                               fits(largest(picture), got, channels), wanted, 1)


def main(build):
    oracle = Oracle(build)
    moves(oracle)
    canvases(oracle)
    trims(oracle)
    turns(oracle)
    turns_by_others(oracle)
    lights(oracle)
    oracle.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
