"""Pictures as numpy arrays: height x width x channels, uint8 or uint16, and PNG files of them.

Pillow has no colour of 16 bits, so PNG is read and written here: plain chunks, no interlace.
"""

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}
CHANNELS = {kind: channels for channels, kind in COLOR_TYPE.items()}


def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data +
            struct.pack(">I", zlib.crc32(kind + data)))


def write_png(path, pixels):
    height, width, channels = pixels.shape
    depth = 8 * pixels.dtype.itemsize
    rows = pixels.astype(">u2" if depth == 16 else "u1").reshape(height, -1)
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, depth, COLOR_TYPE[channels], 0, 0, 0)
    path.write_bytes(SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 1)) +
                     chunk(b"IEND", b""))


def chunks(data):
    at = len(SIGNATURE)
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        yield kind, data[at + 8:at + 8 + size]
        at += size + 12


def unfilter(lines, height, bytes_per_row, step):
    """PNG-3, 9.2; one row after the other, since each needs the one above."""
    out = np.zeros((height, bytes_per_row), np.uint8)
    above = bytearray(bytes_per_row)
    for y in range(height):
        kind, *row = lines[y * (bytes_per_row + 1):(y + 1) * (bytes_per_row + 1)]
        row = bytearray(row)
        if kind == 2:
            row = bytearray(((np.frombuffer(row, np.uint8).astype(np.uint16) +
                              np.frombuffer(above, np.uint8)) & 255).astype(np.uint8))
        elif kind:
            for i in range(bytes_per_row):
                left = row[i - step] if i >= step else 0
                corner = above[i - step] if i >= step else 0
                row[i] = (row[i] + predict(kind, left, above[i], corner)) & 255
        out[y] = np.frombuffer(bytes(row), np.uint8)
        above = row
    return out


def predict(kind, left, up, corner):
    if kind == 1:
        return left
    if kind == 3:
        return (left + up) // 2
    guess = left + up - corner
    distances = abs(guess - left), abs(guess - up), abs(guess - corner)
    return (left, up, corner)[distances.index(min(distances))]


def read_png(path):
    data = path.read_bytes()
    body, width, height, depth, kind = b"", 0, 0, 0, 0
    for name, content in chunks(data):
        if name == b"IHDR":
            width, height, depth, kind = struct.unpack(">IIBB", content[:10])
        elif name == b"IDAT":
            body += content
    channels = CHANNELS[kind]
    bits = width * channels * depth
    rows = unfilter(zlib.decompress(body), height, (bits + 7) // 8, max(1, channels * depth // 8))
    if depth == 16:
        return rows.reshape(-1).view(">u2").astype(np.uint16).reshape(height, width, channels)
    if depth < 8:
        spread = np.unpackbits(rows, axis=1).reshape(height, -1, depth)[:, :width]
        rows = (spread @ (1 << np.arange(depth)[::-1]) * (255 // ((1 << depth) - 1)))
    return rows.reshape(height, width, channels).astype(np.uint8)
