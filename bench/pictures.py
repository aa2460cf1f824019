"""What the headers of JPEG and PNG files say: enough to tell whether an output is what was asked
for, and at which quality a JPEG was encoded."""
import dataclasses
import struct

# ITU-T T.81, table K.1: the luminance table that libjpeg scales by the quality, natural order.
LUMINANCE = (16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
             14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
             18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
             49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99)
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY, PALETTE, GRAY_ALPHA, RGB_ALPHA = 0, 3, 4, 6  # colour types: PNG-3, table 12
# Start-of-frame markers: T.81, table B.1, without DHT (C4), JPG (C8) and DAC (CC).
FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class NoPicture(Exception):
    """The file is neither JPEG nor PNG, or broken."""


@dataclasses.dataclass
class Header:
    """A picture's shape."""
    width: int
    height: int
    depth: int
    gray: bool
    alpha: bool
    inks: bool = False     # CMYK or YCCK
    luminance: tuple = ()  # a JPEG's first quantisation table

    @property
    def pixels(self):
        return self.width * self.height


def segments(data):
    """(marker, contents) of a JPEG up to its first scan."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise NoPicture("no marker where one must be")
        marker = data[at + 1]
        if marker in (0xFF, 0x01) or 0xD0 <= marker <= 0xD7:  # a fill byte, or without contents
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2:at + 4], "big")
        yield marker, data[at + 4:at + 2 + length]
        if marker == 0xDA:
            return
        at += 2 + length


def luminance(contents):
    """Table 0 of a DQT segment, or nothing when it holds others alone."""
    at = 0
    while at < len(contents):
        size = 128 if contents[at] >> 4 else 64
        if contents[at] & 15 == 0:
            table = contents[at + 1:at + 1 + size]
            return struct.unpack(">64H", table) if size == 128 else tuple(table)
        at += 1 + size
    return ()


def jpeg(data):
    table, frame = (), None
    for marker, contents in segments(data):
        if marker == 0xDB:
            table = luminance(contents) or table
        elif marker in FRAMES:
            frame = struct.unpack(">BHHB", contents[:6])
    if not frame:
        raise NoPicture("no frame")
    depth, height, width, components = frame
    return Header(width, height, depth, components == 1, False, components == 4, table)


def chunks(data):
    """(type, contents) of a PNG up to its first IDAT, as far as they are in `data`."""
    at = len(PNG_SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            return
        yield kind, data[at + 8:at + 8 + length]
        at += 12 + length


def gray_palette(palette, background):
    """Whether all entries are gray but for the background, which is no pixel's and may be there
    for itself alone."""
    entries = [palette[at:at + 3] for at in range(0, len(palette), 3)]
    return all(len(set(entry)) == 1 or background == bytes([index])
               for index, entry in enumerate(entries))


def png(data):
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    found = dict(chunks(data))
    gray, alpha = colour in (GRAY, GRAY_ALPHA), colour in (GRAY_ALPHA, RGB_ALPHA)
    if colour == PALETTE:
        gray = gray_palette(found.get(b"PLTE", b""), found.get(b"bKGD", b""))
    return Header(width, height, depth, gray, alpha or b"tRNS" in found)


def header(path):
    """Of the file at `path`; NoPicture when it has none."""
    with open(path, "rb") as file:
        data = file.read(1 << 16)
        if data.startswith(b"\xff\xd8"):
            return jpeg(data + file.read())
    if data.startswith(PNG_SIGNATURE) and len(data) > 32:
        return png(data)
    raise NoPicture("neither JPEG nor PNG")


def quality(path):
    """The quality, 1 to 100 on libjpeg's scale, whose luminance table is nearest to the file's."""
    table = header(path).luminance
    if not table:
        return 90
    # Tables are stored in zigzag order; their sums do not depend on it.
    wanted = sum(table)

    def distance(candidate):
        scale = 5000 // candidate if candidate < 50 else 200 - 2 * candidate
        return abs(sum(min(max((v * scale + 50) // 100, 1), 255) for v in LUMINANCE) - wanted)
    return min(range(1, 101), key=distance)
