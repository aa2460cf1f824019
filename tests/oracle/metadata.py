"""Metadata beside exiftool: what differs between input and output is what is documented, no more.

Pictures are those of testdata and, where it is there, of the corpus beside the project. Every
difference that exiftool -a -G1 shows has to be named in RULES, with the reason.
"""

import collections
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys

import numpy as np
from PIL import Image, ImageOps

import harness
import pixels

CORPUS = harness.ROOT.parent / "shared" / "corpus"
FOLDERS = [harness.ROOT / "testdata" / "jpeg", harness.ROOT / "testdata" / "png",
           harness.ROOT / "testdata" / "photos", CORPUS / "conformance", CORPUS / "photos"]
SIZES = ("ImageWidth|ImageHeight|ExifImageWidth|ExifImageHeight|RelatedImageWidth"
         "|RelatedImageHeight|PixelXDimension|PixelYDimension")

CODING = ("ImageWidth|ImageHeight|BitDepth|ColorType|Compression|Filter|Interlace|Palette"
          "|Transparency")

# (in which conversions, group, tag, reason), as regular expressions over the whole of each. The
# conversions are named "chain format".
RULES = [
    # -- what is no metadata: how the samples are coded, and what exiftool works out from the rest
    (".*", "System|Composite|ExifTool", ".*", "of the file, or computed by exiftool"),
    (".*", "File", "(?!Comment).*", "of the coded picture"),
    (".*", "Adobe", ".*", "says how colours are coded: libjpeg writes it where it holds"),
    (".*", "JFIF", "JFIFVersion", "that of the library that writes it"),
    ("turn.*|orient.*|.* png|.* jpg", "JFIF|PNG-pHYs", ".*",
     "other formats have other units, and turns exchange the directions"),
    (".*", "PNG", CODING, "of the coded picture"),
    (".*", "PNG", "SignificantBits|BackgroundColor|PaletteHistogram|SuggestedPalette",
     "sBIT, bKGD, hIST, sPLT: about samples that are stored otherwise"),
    (".*", "PNG", "VirtualPageUnits|ImageOffset.*|VirtualImageWidth|VirtualImageHeight|PixelCalib.*"
     "|StereoMode|SubjectScale.*|GIF.*|.*Offset|FractalParameters",
     "oFFs, pCAL, sCAL, sTER, private chunks: not carried"),
    (".*", "PNG-cICP|GIF|APNG.*|PNG-sTER|PNG-cLLi|PNG-mDCv", ".*",
     "animation is not carried; cICP is about the colours"),
    (".*", "PNG", "AnimationFrames|AnimationPlays", "animation is not carried"),
    (".*", "PNG", "TextLayerName|ProfileName", "names of chunks"),
    # -- pictures beside the picture
    (".*", "MPF0|MPImage.*", ".*", "the pictures behind the first are not passed on"),
    (".*", "XMP-GCamera|XMP-Container|XMP-GContainer|XMP-hdrgm", ".*", "tells where these were"),
    ("(gray|resize|turn|orient).*", "IFD1|SubIFD.*", ".*", "the thumbnail of another picture"),
    ("(gray|resize|turn|orient).*", "Photoshop", "PhotoshopThumbnail", "the same"),
    ("(gray|resize|turn|orient).*", "XMP-xmp", "Thumbnail.*", "the same"),
    ("(gray|resize|turn|orient).*", "PNG", "ModifyDate", "tIME is when the pixels were last changed"),
    # -- what is true of the new picture instead
    ("(resize|turn|orient).*", "IFD0|ExifIFD|InteropIFD|XMP-tiff|XMP-exif", SIZES, "set to its size"),
    ("(resize|turn|orient).*", "ExifIFD|XMP-exif", "SubjectArea|SubjectLocation", "in old pixels"),
    ("orient.*", "IFD0|XMP-tiff", "Orientation", "1 once it is applied"),
    ("(turn|orient).*", "IFD0", "[XY]Resolution", "change places where they differ"),
    # -- colours: an RGB profile is not true of gray samples, nor a CMYK one of RGB
    (".*", "ICC.*", ".*", "checked apart: the profile is all there, or gone as documented"),
    (".*", "PNG", "SRGBRendering|Gamma|WhitePoint.*|RedX|RedY|GreenX|GreenY|BlueX|BlueY",
     "sRGB and cHRM are not true of gray, and have no place in a JPEG"),
    # -- from one format to the other
    (".* png", "IPTC|Photoshop|Ducky|FotoStation.*", ".*", "PNG has no place for it: a warning"),
    (".* (png|jpg)", "File", "Comment", "a comment and PNG's texts become each other"),
    (".* (png|jpg)", "PNG", ".*", "the same"),
]
# Tags whose values are places in the file.
PLACES = re.compile(r".*(Offset|ThumbnailImage)$")


def is_explained(conversion, group, tag):
    return any(re.fullmatch(where, conversion) and re.fullmatch(groups, group) and
               re.fullmatch(tags, tag) for where, groups, tags, _ in RULES)


def is_coding(group, tag):
    return group == "PNG" and re.fullmatch(CODING, tag) is not None


def exiftool(*arguments):
    done = subprocess.run(["exiftool", *map(str, arguments)], capture_output=True, check=False)
    return done.stdout.decode(errors="replace")


def tags_of(folder):
    """For each file of the folder, by its stem: how often each (group, tag, value) is there."""
    found, name = {}, None
    for line in exiftool("-a", "-G1", "-s", "-r", folder).splitlines():
        if line.startswith("======== "):
            name = pathlib.Path(line[9:]).stem
            found[name] = collections.Counter()
        entry = re.match(r"\[([^]]+)\]\s+(\S+)\s*: ?(.*)", line)
        if entry and name:
            value = "" if PLACES.match(entry[2]) else entry[3]
            found[name][entry[1], entry[2], value] += 1
    return found


def gather(scratch):
    """Every picture exiftool finds in order and of a kind that is read, under a name of its own."""
    folder = scratch / "in"
    folder.mkdir()
    paths = [path for root in FOLDERS if root.is_dir() for path in sorted(root.rglob("*"))
             if path.suffix.lower() in (".jpg", ".jpeg", ".png")]
    for number, path in enumerate(paths):
        suffix = ".png" if path.suffix.lower() == ".png" else ".jpg"
        shutil.copyfile(path, folder / f"{number:04}-{path.stem}{suffix}")
    return folder


def leave_out_what_has_none(source):
    """The pictures that carry anything beside their pixels, with their tags."""
    tags = tags_of(source)
    bare = {"System", "File", "Composite", "ExifTool", "JFIF", "Adobe"}
    for path in list(source.iterdir()):
        if all((group in bare and tag != "Comment") or is_coding(group, tag)
               for group, tag, _ in tags[path.stem]):
            path.unlink()
            del tags[path.stem]
    return tags


def convert(oracle, conversion, filters, source, *options):
    """All pictures through the filters; those that are no pictures fail, and are not compared."""
    target = oracle.scratch / conversion.replace(" ", "-")
    oracle.run(filters, source, "-o", target, "--progress", "none", "--quiet", "--sync", "none",
               *options)
    return target


def has_text_behind(path):
    """Whether a PNG has text behind its pixels, which is not carried: a warning says so."""
    data, place, pixels = path.read_bytes(), 8, False
    while data.startswith(b"\x89PNG") and place + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, place)
        if pixels and name in (b"tEXt", b"zTXt", b"iTXt"):
            return True
        pixels = pixels or name == b"IDAT"
        place += 12 + size
    return False


def unexplained(conversion, before, after, behind):
    for name, tags in after.items():
        had_jfif = any(group == "JFIF" for group, *_ in before[name])
        for group, tag, value in (before[name] - tags) + (tags - before[name]):
            if group == "JFIF" and not had_jfif:  # every file that is encoded anew has one
                continue
            if name in behind and group == "PNG" and (group, tag, value) not in tags:
                continue
            if not is_explained(conversion, group, tag):
                yield f"{name} [{group}] {tag}: {value[:60]}"


def check_round_trips(oracle, source, before):
    conversions = {"same": ("brightness=0", []), "gray": ("gray", []), "gray full": ("gray", ["--path=full"]),
                   "resize": ("resize=50%", []), "turn": ("rotate=90", []), "orient": ("orient", []),
                   "gray png": ("gray", ["--format=png"]), "resize jpg": ("resize=50%", ["--format=jpeg"])}
    behind = {path.stem for path in source.iterdir() if has_text_behind(path)}
    for conversion, (filters, options) in conversions.items():
        target = convert(oracle, conversion, filters, source, *options)
        after = tags_of(target)
        faults = list(unexplained(conversion, before, after, behind))
        for fault in faults[:12]:
            print("    " + fault)
        oracle.verdict(bool(after) and not faults, f"{conversion}: {len(after)} files, exiftool -a -G1 | "
                       f"{len(faults)} differences that are not documented")


# ---- orientation ------------------------------------------------------------------------------

def orientation_of(path):
    with Image.open(path) as image:
        return image.getexif().get(0x0112, 1)


def upright(path):
    """The pixels as Pillow sets them upright, with a channel axis."""
    with Image.open(path) as image:
        image = ImageOps.exif_transpose(image.convert("RGB") if image.mode == "P" else image)
        samples = np.asarray(image)
    return samples if samples.ndim == 3 else samples[..., None]


def check_orientations(oracle, source):
    """After `orient`: pixels as Pillow has them, the tag reset, sizes true, no old thumbnail."""
    folder, seen = oracle.scratch / "turned", collections.Counter()
    folder.mkdir()
    for entry in json.loads(exiftool("-j", "-n", "-q", "-Orientation", source)):
        path = pathlib.Path(entry["SourceFile"])
        if entry.get("Orientation") in range(2, 9) or (
                entry.get("Orientation") == 1 and path.stat().st_size < 200000):
            shutil.copyfile(path, folder / path.name)
    target = convert(oracle, "upright", "orient", folder, "--format=png")
    after = {pathlib.Path(entry["SourceFile"]).stem: entry for entry in json.loads(
        exiftool("-j", "-n", "-a", "-G1", "-q", "-Orientation", "-ExifImageWidth",
                 "-ExifImageHeight", "-ThumbnailImage", "-PhotoshopThumbnail", target))}
    for path in sorted(folder.iterdir()):
        if path.stem not in after:  # no picture
            continue
        got, wanted = pixels.read_png(target / (path.stem + ".png")), upright(path)
        if got.shape[2] == 1 and wanted.shape[2] == 3:  # PNGs are written in as few as will do
            got = got.repeat(3, 2)
        number, tags = orientation_of(path), after[path.stem]
        seen[number] += 1
        oracle.compare(f"orient {path.stem} ({number})", "Pillow's exif_transpose", got, wanted, 1)
        stale = {key: value for key, value in tags.items() if number > 1 and (
            "Thumbnail" in key or (key.endswith(":Orientation") and value != 1) or
            (key.endswith("ImageWidth") and value != got.shape[1]) or
            (key.endswith("ImageHeight") and value != got.shape[0]))}
        if stale:
            oracle.verdict(False, f"orient {path.stem}: {stale} is not true of it")
    oracle.verdict(all(seen[number] for number in range(1, 9)),
                   f"orientations seen: {dict(sorted(seen.items()))}")


# ---- places -----------------------------------------------------------------------------------

def with_places(oracle, source):
    """Copies of pictures that exiftool has written coordinates into, wherever it can."""
    folder = oracle.scratch / "places"
    folder.mkdir()
    names = ["comment.jpg", "exif-thumbnail.jpg", "exif-thumbnail-big-endian.jpg", "iptc.jpg"]
    for path in [harness.ROOT / "testdata" / "jpeg" / name for name in names] + sorted(
            (harness.ROOT / "testdata" / "png").glob("*rgb*.png"))[:3]:
        shutil.copyfile(path, folder / path.name)
    exiftool("-q", "-overwrite_original", "-EXIF:GPSLatitude=47.123456", "-EXIF:GPSLatitudeRef=N",
             "-EXIF:GPSLongitude=11.654321", "-EXIF:GPSLongitudeRef=E", "-EXIF:GPSAltitude=1234",
             "-XMP-exif:GPSLatitude=47.123456", "-XMP-exif:GPSLongitude=11.654321",
             "-XMP-iptcExt:LocationCreated={GPSLatitude=47.123456,GPSLongitude=11.654321,"
             "City=Somewhere}", "-XMP-drone-dji:GPSLatitude=47.123456", "-XMP-dc:Title=kept",
             "-EXIF:Artist=kept", folder)
    for path in source.iterdir():
        if "GPS" in exiftool("-a", "-G1", "-s", "-GPS*", path):
            shutil.copyfile(path, folder / path.name)
    return folder


def places_in(folder):
    wanted = ("-a", "-G1", "-s", "-q", "-r", "-ee", "-u", "-GPS*", "-*Latitude*", "-*Longitude*")
    return [line for line in exiftool(*wanted, folder).splitlines() if line.startswith("[")]


def check_places(oracle, source):
    folder = with_places(oracle, source)
    oracle.verdict(len(places_in(folder)) > 20, f"{len(list(folder.iterdir()))} files with places, "
                   f"{len(places_in(folder))} values")
    cases = {"gray": [], "brightness=0": [], "resize=50%": [], "orient": ["--format=png"],
             "brightness=0.1": ["--format=jpeg"]}
    for number, (filters, options) in enumerate(cases.items()):
        for strip in ("--strip=gps", "--keep=exif,xmp,iptc,icc,com"):
            target = convert(oracle, f"place {number}{strip[2]}", filters, folder, strip, *options)
            left = places_in(target)
            kept = exiftool("-a", "-s3", "-q", "-Artist", "-Title", target).split()
            raw = sum(path.read_bytes().count(b"47.123456") + path.read_bytes().count(b"47,7.40")
                      for path in target.iterdir())
            oracle.verdict(not left and raw == 0 and kept.count("kept") >= 12,
                           f"{filters} {strip} {' '.join(options)}: {len(left)} values of places "
                           f"left, {raw} in the bytes, {kept.count('kept')} others kept")


# ---- stripping --------------------------------------------------------------------------------

# What is left when all goes: the coded picture, its density, and its orientation.
LEFT = {"System", "File", "Composite", "ExifTool", "JFIF", "PNG", "PNG-pHYs", "Adobe", "IFD0"}


def check_strip_all(oracle, source):
    for filters, options in (("gray", []), ("brightness=0", []), ("resize=50%", ["--format=png"]),
                             ("flip", ["--format=jpeg"])):
        target = convert(oracle, f"strip {filters}", filters, source, "--strip", *options)
        after = tags_of(target)
        left = {(group, tag) for tags in after.values() for group, tag, _ in tags
                if group not in LEFT or (group == "IFD0" and tag != "Orientation") or
                (group == "File" and tag == "Comment")}
        oracle.verdict(bool(after) and not left, f"{filters} --strip {' '.join(options)}: {len(after)} "
                       f"files | left: {sorted(left) or 'nothing'}")


def check_profiles(oracle, source):
    """A profile is carried whole, byte for byte, where the colours stay."""
    target, whole, differ = oracle.scratch / "same", 0, []
    for path in sorted(target.iterdir()):
        with Image.open(source / path.name) as before, Image.open(path) as after:
            wanted, got = before.info.get("icc_profile"), after.info.get("icc_profile")
            if "icc_chunk_" in path.name:  # numbered wrongly: left out, with a warning
                continue
            if before.mode in ("RGB", "RGBA", "CMYK") and wanted and before.mode == after.mode:
                whole += wanted == got
                differ += [path.name] if wanted != got else []
    oracle.verdict(whole > 0 and not differ, f"{whole} profiles carried whole | others: {differ}")


def main(build):
    oracle = harness.Oracle(build)
    source = gather(oracle.scratch)
    before = leave_out_what_has_none(source)
    check_round_trips(oracle, source, before)
    check_profiles(oracle, source)
    check_orientations(oracle, source)
    check_places(oracle, source)
    check_strip_all(oracle, source)
    oracle.end()


if __name__ == "__main__":
    main(sys.argv[1])
