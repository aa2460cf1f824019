#!/usr/bin/env python3
"""Colours by profiles beside Pillow's ImageCms, and beside float64 from the profiles' numbers.

Both programs use lcms2, but by other ways: what is checked is which profile, intent and compensation
is taken, and that nothing else happens to the numbers. The float64 references come from the
primaries and curves themselves.
"""

import io
import sys
import zlib

import numpy as np
from PIL import Image, ImageCms

import harness
import pixels

PROFILES = harness.ROOT / "testdata" / "profiles"
INTENTS = {"perceptual": 0, "relative": 1, "saturation": 2, "absolute": 3}
COMPENSATION = 0x2000  # cmsFLAGS_BLACKPOINTCOMPENSATION
MEAN = 0.5  # of 255



def profile(name):
    return ImageCms.ImageCmsProfile(io.BytesIO((PROFILES / f"{name}.icc").read_bytes()))


def colorants(which):
    """Red, green and blue in D50's XYZ, one a row."""
    return np.array([which.red_colorant[0], which.green_colorant[0], which.blue_colorant[0]])


def by_pillow(picture, name, intent="relative", target=None, modes=("RGB", "RGB")):
    flags = COMPENSATION if intent == "relative" else 0
    transform = ImageCms.buildTransform(profile(name),
                                        profile(target) if target else ImageCms.createProfile("sRGB"),
                                        *modes, renderingIntent=INTENTS[intent], flags=flags)
    return np.asarray(ImageCms.applyTransform(Image.fromarray(picture, modes[0]), transform))


def luma(rgb):
    rgb = rgb.astype(np.int64)
    return ((19595 * rgb[..., 0] + 38470 * rgb[..., 1] + 7471 * rgb[..., 2] + 32768) >> 16)[..., None]


def decode(values, name):
    if name == "adobe-rgb":
        return values ** (563 / 256)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def by_definition(picture, name):
    """float64: curve, colorants, sRGB's colorants backwards, sRGB's curve."""
    most = np.iinfo(picture.dtype).max
    light = decode(picture / most, name) @ colorants(profile(name).profile)
    light = np.clip(light @ np.linalg.inv(colorants(ImageCms.createProfile("sRGB"))), 0, 1)
    encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(encoded * most)


def write(path, picture, name):
    """A PNG with that profile."""
    if picture.dtype == np.uint8:
        Image.fromarray(picture).save(path, icc_profile=(PROFILES / f"{name}.icc").read_bytes())
        return
    pixels.write_png(path, picture)
    data = path.read_bytes()
    body = b"p\0\0" + zlib.compress((PROFILES / f"{name}.icc").read_bytes())
    path.write_bytes(data[:33] + pixels.chunk(b"iCCP", body) + data[33:])


def convert(oracle, filters, picture, name, *options):
    source, target = oracle.scratch / "colour.png", oracle.scratch / "out.png"
    write(source, picture, name)
    done = oracle.run(filters, source, "-o", target, "--quiet", *options)
    if done.returncode != 0:
        raise RuntimeError(f"{filters}: {done.stderr.decode()}")
    return pixels.read_png(target), target


def eight_bits(oracle):
    for name in ("adobe-rgb", "display-p3"):
        for what, picture in harness.pictures():
            wanted = by_pillow(picture, name)
            got, target = convert(oracle, "flip,flip", picture, name, "--to-srgb")
            oracle.compare(f"--to-srgb, {name}, {what}", "ImageCms", got, wanted, 1, MEAN)
            oracle.verdict("icc_profile" not in Image.open(target).info, "  and the profile is gone")
            got, target = convert(oracle, "gray", picture, name)
            oracle.compare(f"gray, {name}, {what}", "luma of ImageCms", got, luma(wanted), 1, MEAN)
            oracle.verdict("icc_profile" not in Image.open(target).info, "  and has no profile")
            got, _ = convert(oracle, "gray=rec601", picture, name)
            oracle.compare(f"gray=rec601, {name}, {what}", "luma of the numbers", got,
                           luma(picture), 0)
            got, _ = convert(oracle, "flip,flip", picture, name, "--to-srgb")
            oracle.compare(f"--to-srgb, {name}, {what}", "float64", got,
                           by_definition(picture, name), 1, MEAN)


def intents_and_targets(oracle):
    picture = harness.photo()
    for intent in INTENTS:
        got, target = convert(oracle, "flip,flip", picture, "adobe-rgb", "--intent", intent,
                              "--profile", PROFILES / "display-p3.icc")
        oracle.compare(f"--profile display-p3 --intent {intent}", "ImageCms", got,
                       by_pillow(picture, "adobe-rgb", intent, "display-p3"), 1, MEAN)
        embedded = Image.open(target).info.get("icc_profile")
        oracle.verdict(embedded == (PROFILES / "display-p3.icc").read_bytes(),
                       "  and the profile is embedded")
    got, _ = convert(oracle, "flip,flip", picture, "adobe-rgb", "--profile",
                     PROFILES / "gray-linear.icc")
    wanted = by_pillow(picture, "adobe-rgb", "relative", "gray-linear", ("RGB", "L"))
    oracle.compare("--profile gray-linear", "ImageCms", got, wanted[..., None], 1, MEAN)


def gray_of_linear_light(oracle):
    """Gray of a gray profile becomes gray with sRGB's curve."""
    ramp = harness.ramp(channels=1)
    light = ramp / 255
    wanted = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    source, target = oracle.scratch / "colour.png", oracle.scratch / "out.png"
    pixels.write_png(source, ramp)
    data = source.read_bytes()
    source.write_bytes(data[:33] + pixels.chunk(b"gAMA", (100000).to_bytes(4, "big")) + data[33:])
    oracle.run("flip,flip", source, "-o", target, "--quiet", "--to-srgb")
    oracle.compare("--to-srgb of gray, gAMA 1", "float64", pixels.read_png(target),
                   np.rint(wanted), 1, MEAN)


def sixteen_bits(oracle):
    """Within 1 where the profile has the formula. The curve of display-p3.icc is a table of 256
    entries of 16 bits, between which lcms2 takes straight lines and rounds light to 16 bits: in the
    dark, where sRGB's curve is steep, 13 steps of the output for one."""
    for name, most in (("adobe-rgb", 1), ("display-p3", 24)):
        for what, picture in harness.pictures(depth=16):
            wanted = by_definition(picture, name)
            got, _ = convert(oracle, "flip,flip", picture, name, "--to-srgb")
            oracle.compare(f"--to-srgb 16 bits, {name}, {what}", "float64", got, wanted, most, 1)
            got, _ = convert(oracle, "gray", picture, name)
            oracle.compare(f"gray 16 bits, {name}, {what}", "float64", got, luma(wanted),
                           most, 1)


def alpha(oracle):
    for depth in (8, 16):
        picture = harness.noise(channels=4, depth=depth)
        got, _ = convert(oracle, "flip,flip", picture, "adobe-rgb", "--to-srgb")
        oracle.compare(f"alpha, {depth} bits", "as it was", got[..., 3], picture[..., 3], 0)
        oracle.compare(f"colours beside alpha, {depth} bits", "float64", got[..., :3],
                       by_definition(picture[..., :3], "adobe-rgb"), 1)


def inks(oracle):
    for name in ("cmyk-icc", "ycck-icc"):
        source = harness.ROOT / "testdata" / "jpeg" / f"{name}.jpg"
        target = oracle.scratch / "inks.png"
        oracle.run("flip,flip", source, "-o", target, "--quiet")
        picture = np.asarray(Image.open(source))  # Pillow turns Adobe's inks round
        wanted = by_pillow(picture, "cmyk", modes=("CMYK", "RGB"))
        oracle.compare(name, "ImageCms", pixels.read_png(target), wanted, 2, MEAN)


def main(build):
    oracle = harness.Oracle(build)
    eight_bits(oracle)
    intents_and_targets(oracle)
    gray_of_linear_light(oracle)
    sixteen_bits(oracle)
    alpha(oracle)
    inks(oracle)
    oracle.end()


if __name__ == "__main__":
    main(sys.argv[1])
