"""Small files that would become gigantic: refused, or left without what would not fit, before memory
is taken for it. The peak is that of the supervisor and of its worker, whichever was larger."""
import struct
import subprocess
import sys
import zlib

import harness
from harness import PROGRAM

MEGABYTE = 1024 * 1024
GIGABYTE = 1024 * MEGABYTE
METADATA = 36 * MEGABYTE  # what a PNG's metadata may take together, by libpng and by us


def deflated(size):
    """A zlib stream of `size` bytes "x", made of the same megabyte over and over."""
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = press.compress(b"x" * MEGABYTE) + press.flush(zlib.Z_FULL_FLUSH)
    end = press.flush(zlib.Z_FINISH)
    return b"\x78\xda" + piece * (size // MEGABYTE) + end + bytes(4)


def chunk(name, data):
    return (struct.pack(">I", len(data)) + name + data +
            struct.pack(">I", zlib.crc32(name + data)))


def png(*chunks, size=(8, 8), interlaced=False):
    width, height = size
    rows = zlib.compress(b"\0" * 9 * 8)
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, interlaced)) +
            b"".join(chunks) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def segment(marker, data):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def scan(components, first, last):
    return (segment(0xda, bytes([components]) +
                    b"".join(bytes([c + 1, 0]) for c in range(components)) +
                    bytes([first, last, 0])) + b"\0" * 4)


def jpeg(side, scans, components=1, frame=0xc2, extra=b""):
    """Both Huffman tables know one symbol, of the code "0"."""
    table = bytes([1] + [0] * 15) + b"\0"
    parts = b"".join(bytes([c + 1, 0x11, 0]) for c in range(components))
    return (b"\xff\xd8" + extra + segment(0xdb, b"\0" + bytes([8] * 64)) +
            segment(frame, struct.pack(">BHHB", 8, side, side, components) + parts) +
            segment(0xc4, b"\0" + table) + segment(0xc4, b"\x10" + table) + scans + b"\xff\xd9")


# A process counts as its own peak what the one that started it had: so this one, which has little.
STARTER = """
import os, sys
_, status, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""


def peak(folder, picture, *options):
    """What the program says of the picture, its exit status and the most memory it had, bytes."""
    ended = subprocess.run(
        [sys.executable, "-S", "-E", "-c", STARTER, PROGRAM, "gray", picture, "-o", folder / "out",
         "-j", "1", "--progress", "none", "-v", *options], capture_output=True, check=True)
    status, kilobytes = map(int, ended.stdout.split())
    return ended.stderr.decode(errors="replace"), status, kilobytes * 1024


def usual(folder):
    (folder / "usual.png").write_bytes(png())
    _, status, most = peak(folder, folder / "usual.png")
    assert status == 0
    return most


def assert_bounded(folder, name, contents, words, status, more, *options):
    """It ends with `status` and `words`, and takes no more than `more` bytes above a tiny file."""
    picture = folder / name
    picture.write_bytes(contents)
    told, ended, most = peak(folder, picture, *options)
    least = usual(folder)
    above = most - least
    print(f"    {name}: {len(contents) / 1e6:.1f} MB, peak {most / MEGABYTE:.1f} MB, of a tiny file "
          f"{least / MEGABYTE:.1f} MB")
    assert ended == status, told
    assert words in told, told
    assert above < more, f"{name}: {above} bytes"


def what_is_allowed_is_seen_to_take_its_memory(folder):
    picture = folder / "large.jpg"
    picture.write_bytes(jpeg(8000, scan(1, 0, 0) + scan(1, 1, 63)))
    _, _, most = peak(folder, picture)
    assert most - usual(folder) > 100 * MEGABYTE, f"{most} bytes: nothing is measured here"


def pictures_of_too_many_pixels_are_refused_by_their_headers(folder):
    for name, contents in {
            "plain.png": png(size=(50000, 50000)),
            "interlaced.png": png(size=(50000, 50000), interlaced=True),
            "baseline.jpg": jpeg(65500, scan(3, 0, 63), 3, 0xc0),
            "progressive.jpg": jpeg(65500, scan(3, 0, 0), 3)}.items():
        assert_bounded(folder, name, contents, "--max-pixels", 1, 2 * MEGABYTE)


def what_would_need_too_much_memory_is_refused_by_its_header(folder):
    for name, contents in {"interlaced.png": png(size=(30000, 30000), interlaced=True),
                           "progressive.jpg": jpeg(30000, scan(3, 0, 0), 3)}.items():
        assert_bounded(folder, name, contents, "--memory", 1, 2 * MEGABYTE, "--memory", "256M")


def text_that_would_inflate_to_a_gigabyte_is_left_out(folder):
    bomb = deflated(GIGABYTE)
    profile = b"\x40\0\0\0" + bytes(8) + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(88)
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = press.compress(profile) + press.flush(zlib.Z_FULL_FLUSH)
    for name, bad in {
            "ztxt.png": chunk(b"zTXt", b"Comment\0\0" + bomb),
            "itxt.png": chunk(b"iTXt", b"Comment\0\1\0\0\0" + bomb),
            "iccp.png": chunk(b"iCCP", b"p\0\0" + bomb[:2] + head + bomb[2:])}.items():
        assert_bounded(folder, name, png(bad), "warning", 0, METADATA)


def many_texts_share_one_allowance(folder):
    text = zlib.compress(b"x" * (7 * MEGABYTE), 9)
    texts = [chunk(b"zTXt", b"C%d\0\0" % i + text) for i in range(200)]
    assert_bounded(folder, "before.png", png(*texts), "warning", 0, METADATA)
    contents = png()
    behind = contents[:-12] + b"".join(texts) + contents[-12:]
    assert_bounded(folder, "behind.png", behind, "behind.png", 0, METADATA)


def a_million_chunks_take_no_memory(folder):
    text = chunk(b"tEXt", b"a\0b") * 1000000
    assert_bounded(folder, "texts.png", png(text), "no space in chunk cache", 0, METADATA)
    assert_bounded(folder, "parts.png", png(chunk(b"IDAT", b"") * 1000000), "->", 0, METADATA)


def gigantic_metadata_is_left_out(folder):
    exif = b"MM\0*" + bytes(100 * MEGABYTE)
    assert_bounded(folder, "exif.png", png(chunk(b"eXIf", exif)), "too large", 0, METADATA)
    blocks = segment(0xe1, b"Exif\0\0MM\0*" + bytes(65000)) * 1000
    contents = jpeg(16, scan(1, 0, 63), frame=0xc0, extra=blocks)
    assert_bounded(folder, "exif.jpg", contents, "EXIF block", 0, METADATA)


def ten_thousand_scans_are_refused(folder):
    scans = scan(1, 0, 0) + scan(1, 1, 63) * 10000
    assert_bounded(folder, "small.jpg", jpeg(16, scans), "--max-scans", 1, 2 * MEGABYTE)
    # 128 MB of coefficients: not begun, since the scans are counted first
    assert_bounded(folder, "large.jpg", jpeg(8000, scans), "--max-scans", 1, 2 * MEGABYTE)
    assert_bounded(folder, "allowed.jpg", jpeg(16, scans), "->", 0, 2 * MEGABYTE, "--max-scans",
                   "0")


if __name__ == "__main__":
    harness.run([
        what_is_allowed_is_seen_to_take_its_memory,
        pictures_of_too_many_pixels_are_refused_by_their_headers,
        what_would_need_too_much_memory_is_refused_by_its_header,
        text_that_would_inflate_to_a_gigabyte_is_left_out,
        many_texts_share_one_allowance,
        a_million_chunks_take_no_memory,
        gigantic_metadata_is_left_out,
        ten_thousand_scans_are_refused,
    ])
