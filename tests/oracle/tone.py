#!/usr/bin/env python3
"""Tone and colour: formulas in binary64 by numpy, curves by SciPy's pchip, and Pillow and
GraphicsMagick where they have the same filter.

Bounds: 0 where the definition is in integers. Where it is a formula, a sample is the nearest to what
the formula gives before it is rounded: within half a sample and a little more, so that it differs
by 1 from the formula rounded where that lies as good as in the middle between two samples.
"""

import subprocess
import sys

import numpy as np
from PIL import Image, ImageOps
from scipy.interpolate import PchipInterpolator

import harness
import pixels

LUMA_601 = np.array([0.299, 0.587, 0.114])
LUMA_W3C = np.array([0.213, 0.715, 0.072])
LAYOUTS = [(channels, depth) for depth in (8, 16) for channels in (1, 2, 3, 4)]


def apart(picture):
    """(colours in binary64, alpha or None, the largest sample)."""
    colors = 1 if picture.shape[2] <= 2 else 3
    alpha = picture[:, :, colors:] if colors < picture.shape[2] else None
    return picture[:, :, :colors].astype(np.float64), alpha, np.iinfo(picture.dtype).max


def together(colors, alpha, most):
    """Kept within the range, alpha behind, not rounded yet."""
    samples = np.clip(colors, 0, most)
    return samples if alpha is None else np.concatenate([samples, alpha], 2)


def shown(colors, alpha):
    """The pixels that are not fully transparent, one a line."""
    lines = colors.reshape(-1, colors.shape[2])
    return lines if alpha is None else lines[alpha.reshape(-1) > 0]


def luma(colors, weights=LUMA_601):
    return colors[:, :, :1] if colors.shape[2] == 1 else (colors @ weights)[:, :, None]


def whole_luma(colors):
    """As gray=rec601 rounds it."""
    if colors.shape[2] == 1:
        return colors
    r, g, b = (colors[:, :, c].astype(np.int64) for c in range(3))
    return ((19595 * r + 38470 * g + 7471 * b + 32768) >> 16)[:, :, None].astype(np.float64)


# ---- formulas: (colours, alpha, largest sample) -> colours --------------------------------------

def saturate(factor):
    def made(colors, _alpha, _most):
        y = luma(colors, LUMA_W3C)
        return y + factor * (colors - y)
    return made


def hue_matrix(angle):
    """W3C Filter Effects Module Level 1, feColorMatrix, hueRotate, written out as it stands there."""
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    stays = np.array([[.213, .715, .072]] * 3)
    cosine = np.array([[.787, -.715, -.072], [-.213, .285, -.072], [-.213, -.715, .928]])
    sine = np.array([[-.213, -.715, .928], [.143, .140, -.283], [-.787, .715, .072]])
    return stays + c * cosine + s * sine


def hue(angle):
    def made(colors, _alpha, _most):
        return colors if colors.shape[2] == 1 else colors @ hue_matrix(angle).T
    return made


def to_hsl(rgb):
    """Textbook HSL, all within 0 and 1."""
    high, low = rgb.max(2), rgb.min(2)
    chroma, light = high - low, (high + low) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        saturation = np.where(chroma > 0, chroma / (1 - np.abs(2 * light - 1)), 0)
        r, g, b = (rgb[:, :, c] for c in range(3))
        turn = np.where(high == r, ((g - b) / chroma) % 6,
                        np.where(high == g, (b - r) / chroma + 2, (r - g) / chroma + 4))
    return np.where(chroma > 0, turn / 6, 0), saturation, light


def from_hsl(turn, saturation, light):
    """CSS Color Module Level 4, 7.1."""
    def channel(n):
        k = (n + turn * 12) % 12
        reach = saturation * np.minimum(light, 1 - light)
        return light - reach * np.clip(np.minimum(k - 3, 9 - k), -1, 1)
    return np.stack([channel(0), channel(8), channel(4)], 2)


def modulate(brightness, saturation, turn):
    def made(colors, _alpha, most):
        if colors.shape[2] == 1:
            return colors * brightness / 100
        h, s, v = to_hsl(colors / most)
        return most * from_hsl((h + (turn - 100) / 200) % 1, np.clip(s * saturation / 100, 0, 1),
                               np.clip(v * brightness / 100, 0, 1))
    return made


def tint(color, strength):
    def made(colors, _alpha, most):
        wanted = np.array(color) / 255 * most
        own = wanted @ LUMA_601
        y = whole_luma(colors)
        below = wanted * y / own if own else np.zeros(3)
        above = wanted + (most - wanted) * (y - own) / (most - own) if own < most else wanted
        return colors + strength * (np.where(y < own, below, above) - colors)
    return made


def duotone(shadow, light):
    def made(colors, _alpha, most):
        low, high = (np.array(color) / 255 * most for color in (shadow, light))
        return low + (high - low) * whole_luma(colors) / most
    return made


def levels(black, white, gamma, out_black, out_white):
    def made(colors, _alpha, most):
        v = np.clip((colors / most * 255 - black) / (white - black), 0, 1) ** (1 / gamma)
        return (out_black + (out_white - out_black) * v) / 255 * most
    return made


def pchip(text):
    points = np.array([[float(side) for side in point.split("/")] for point in text.split("+")])
    curve = PchipInterpolator(points[:, 0], points[:, 1])
    return lambda v: curve(np.clip(v, points[0, 0], points[-1, 0]))


def curves(every, each=None):
    def made(colors, _alpha, most):
        v = colors / most * 255
        if each and colors.shape[2] == 3:
            v = np.stack([pchip(each[c])(v[:, :, c]) for c in range(3)], 2)
        return pchip(every)(v) / 255 * most
    return made


def posterize(count):
    def made(colors, _alpha, most):
        return np.floor(colors / most * (count - 1) + 0.5) / (count - 1) * most
    return made


def solarize(threshold):
    def made(colors, _alpha, most):
        return np.where(colors < threshold * most / 255, colors, most - colors)
    return made


def ends(samples, low, high):
    """What is left when so many percent, in whole samples, go from either end."""
    line = np.sort(samples)
    return line[int(len(line) * low / 100)], line[len(line) - 1 - int(len(line) * high / 100)]


def normalize(lower, upper):
    def made(colors, alpha, most):
        low, high = ends(shown(whole_luma(colors), alpha)[:, 0], lower, 100 - upper)
        scale = most / (high - low)
        if colors.shape[2] == 1:
            return (colors - low) * scale
        y = luma(colors)
        light = np.clip((y - low) * scale, 0, most)
        away = (colors - y) * scale
        least, largest = (light + side for side in (away.min(2)[:, :, None], away.max(2)[:, :, None]))
        fits = np.minimum(np.where(least < 0, light / np.maximum(light - least, 1e-9), 1),
                          np.where(largest > most, (most - light) / np.maximum(largest - light, 1e-9), 1))
        return light + away * fits
    return made


def autocontrast(cutoff, each=True):
    def made(colors, alpha, most):
        seen = shown(colors, alpha)
        out = np.empty_like(colors)
        for c in range(colors.shape[2]):
            low, high = ends(seen[:, c] if each else seen.reshape(-1), cutoff, cutoff)
            scale = most / (high - low)
            out[:, :, c] = colors[:, :, c] * scale - low * scale
        return np.floor(out) if most == 255 else out
    return made


def equalize_wide(each=True):
    """The share of what is darker among all but the lightest value."""
    def made(colors, alpha, most):
        seen = shown(colors, alpha)
        out = np.empty_like(colors)
        for c in range(colors.shape[2]):
            line = np.sort(seen[:, c] if each else seen.reshape(-1))
            darker = np.searchsorted(line, colors[:, :, c], "left")
            out[:, :, c] = most * darker / np.searchsorted(line, line[-1], "left")
        return out
    return made


def gray_world(colors, alpha, _most):
    means = shown(colors, alpha).mean(0)
    return colors * means.mean() / means


def white_patch(cutoff):
    def made(colors, alpha, most):
        if colors.shape[2] == 1:
            return colors
        seen = shown(colors, alpha)
        return colors * most / np.array([ends(seen[:, c], 0, cutoff)[1] for c in range(3)])
    return made


FORMULAS = [
    ("saturate=0", saturate(0)), ("saturate=0.35", saturate(0.35)), ("saturate=2.2", saturate(2.2)),
    ("saturate=10", saturate(10)),
    ("hue=90", hue(90)), ("hue=-33.5", hue(-33.5)), ("hue=180", hue(180)),
    ("modulate=120:60", modulate(120, 60, 100)), ("modulate=80:250:130", modulate(80, 250, 130)),
    ("modulate=hue=15", modulate(100, 100, 15)), ("modulate=300:20:199", modulate(300, 20, 199)),
    ("tint=teal", tint((0, 128, 128), 1)), ("tint=#2040ff:0.3", tint((32, 64, 255), 0.3)),
    ("tint=blue:0.8", tint((0, 0, 255), 0.8)), ("tint=black:0.5", tint((0, 0, 0), 0.5)),
    ("duotone=navy:orange", duotone((0, 0, 128), (255, 165, 0))),
    ("duotone=#fffefd:#102030", duotone((255, 254, 253), (16, 32, 48))),
    ("levels=20:230:1.4", levels(20, 230, 1.4, 0, 255)),
    ("levels=0:255:0.6:250:3.5", levels(0, 255, 0.6, 250, 3.5)),
    ("curves=0/0+64/50+192/210+255/255", curves("0/0+64/50+192/210+255/255")),
    ("curves=10/250+90/40+91/60+200/60+255/0", curves("10/250+90/40+91/60+200/60+255/0")),
    ("curves=0/20+255/240:red=0/0+100/140+255/255:green=5/0+250/255:blue=0/255+99/98+255/1",
     curves("0/20+255/240", ["0/0+100/140+255/255", "5/0+250/255", "0/255+99/98+255/1"])),
    ("posterize=2", posterize(2)), ("posterize=7", posterize(7)),
    ("solarize", solarize(128)), ("solarize=77.7", solarize(77.7)),
    ("normalize", normalize(1, 99)), ("normalize=5:80", normalize(5, 80)),
    ("autocontrast=3", autocontrast(3)), ("autocontrast=0.5:together", autocontrast(0.5, False)),
    ("white-balance", gray_world),
    ("white-balance=white-patch:4", white_patch(4)),
]


# How much further than half a sample: what binary32 loses at 8 and at 16 bits.
SLACK = {8: 0.001, 16: 0.1}


def compare_formula(oracle, chain, formula, channels, depth):
    for name, picture in harness.pictures(depth, channels):
        colors, alpha, most = apart(picture)
        wanted = together(formula(colors, alpha, most), alpha, most)
        got = oracle.convert(chain, picture)
        if got.shape != wanted.shape:
            oracle.verdict(False, f"{chain} | {got.shape} instead of {wanted.shape}")
            continue
        beyond = np.abs(got - wanted).max() - 0.5
        far = np.abs(got - np.floor(wanted + 0.5))
        oracle.verdict(beyond <= SLACK[depth],
                       f"{chain} | {name} {channels} x {depth} | numpy | largest {far.max():.0f} | "
                       f"mean {far.mean():.4f} | beyond half a sample {max(0, beyond):.4f} | "
                       f"<= {SLACK[depth]}")


def compare_formulas(oracle):
    for channels, depth in LAYOUTS:
        for chain, formula in FORMULAS:
            compare_formula(oracle, chain, formula, channels, depth)
        if depth == 16:
            compare_formula(oracle, "equalize", equalize_wide(), channels, depth)
            compare_formula(oracle, "equalize=together", equalize_wide(False), channels, depth)


# ---- integers: the bits of a definition without fractions ---------------------------------------

def compare_channels(oracle):
    for channels, depth in LAYOUTS:
        for name, picture in harness.pictures(depth, channels):
            wide, alpha = channels > 2, channels % 2 == 0
            for index, word in enumerate(("red", "green", "blue")):
                kept = [index if wide else 0] + ([channels - 1] if alpha else [])
                oracle.compare(f"channel={word} | {name} {channels} x {depth}", "numpy",
                               oracle.convert(f"channel={word}", picture), picture[:, :, kept])
            for word in ("rbg", "grb", "gbr", "brg", "bgr"):
                order = ["rgb".index(letter) for letter in word] if wide else [0]
                order += [channels - 1] if alpha else []
                oracle.compare(f"channel={word} | {name} {channels} x {depth}", "numpy",
                               oracle.convert(f"channel={word}", picture), picture[:, :, order])
            opaque = np.full(picture.shape[:2] + (1,), np.iinfo(picture.dtype).max)
            oracle.compare(f"channel=alpha | {name} {channels} x {depth}", "numpy",
                           oracle.convert("channel=alpha", picture),
                           picture[:, :, -1:] if alpha else opaque)


def compare_bits(oracle):
    for bits in range(1, 9):
        for depth in (8, 16):
            picture = harness.noise(depth=depth)
            mask = (1 << depth) - (1 << (depth - bits))
            oracle.compare(f"posterize=bits={bits} | noise 3 x {depth}", "numpy",
                           oracle.convert(f"posterize=bits={bits}", picture), picture & mask)


# ---- other programs, 8 bits ---------------------------------------------------------------------

def pillow_matrix(weights):
    flat = [value for row in weights for value in (*row, 0)]
    return lambda image: image.convert("RGB", flat)


def saturation_matrix(factor):
    return factor * np.eye(3) + (1 - factor) * np.array([LUMA_W3C] * 3)


# (chain, Pillow, largest difference and why)
PILLOW = [
    ("posterize=bits=3", lambda image: ImageOps.posterize(image, 3), 0),
    ("solarize", ImageOps.solarize, 0),
    ("solarize=60", lambda image: ImageOps.solarize(image, 60), 0),
    ("equalize", ImageOps.equalize, 0),
    ("autocontrast", ImageOps.autocontrast, 0),
    ("autocontrast=7", lambda image: ImageOps.autocontrast(image, 7), 0),
    ("channel=green", lambda image: image.getchannel(1 if image.mode == "RGB" else 0), 0),
    # it divides whole numbers, and so rounds downwards
    ("duotone=navy:orange", lambda image: ImageOps.colorize(image.convert("L"), "navy", "orange"), 1),
    # it adds up in binary32 by itself
    ("saturate=1.8", pillow_matrix(saturation_matrix(1.8)), 1),
    ("hue=75", pillow_matrix(hue_matrix(75)), 1),
]


def compare_pillow(oracle):
    for chain, made, largest in PILLOW:
        for channels in (1, 3):
            if channels == 1 and chain.startswith(("saturate", "hue")):
                continue
            for name, picture in harness.pictures(8, channels):
                image = Image.fromarray(picture if channels == 3 else picture[:, :, 0])
                wanted = np.asarray(made(image))
                wanted = wanted if wanted.ndim == 3 else wanted[:, :, None]
                oracle.compare(f"{chain} | {name} {channels} x 8", "Pillow",
                               oracle.convert(chain, picture), wanted, largest)


# At 16 bits, which are its own: at 8 it cuts off what is below a sample.
MAGICK = [
    ("modulate=120:60", ["-modulate", "120,60"], 1),
    ("modulate=80:130:140", ["-modulate", "80,130,140"], 1),
    ("levels=51:204:1.4", ["-level", "20%,1.4,80%"], 1),
]


def compare_magick(oracle):
    source, target = oracle.scratch / "magick.png", oracle.scratch / "magick-out.png"
    for chain, options, largest in MAGICK:
        for name, picture in harness.pictures(16, 3):
            pixels.write_png(source, picture)
            subprocess.run(["gm", "convert", source, *options, "-depth", "16", target], check=True)
            oracle.compare(f"{chain} | {name} 3 x 16", "GraphicsMagick",
                           oracle.convert(chain, picture), pixels.read_png(target), largest)


def main(build):
    oracle = harness.Oracle(build)
    compare_formulas(oracle)
    compare_channels(oracle)
    compare_bits(oracle)
    compare_pillow(oracle)
    compare_magick(oracle)
    oracle.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
