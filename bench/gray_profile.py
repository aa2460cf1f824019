"""A gray ICC profile: what vipsthumbnail is given to leave its pictures in one channel."""
import struct


def s15fixed16(value):
    return struct.pack(">i", round(value * 65536))


def profile():
    """The bytes of a display profile for gray with gamma 2.2 (ICC.1:2001-04, 6.3.1.1)."""
    white = s15fixed16(0.9642) + s15fixed16(1) + s15fixed16(0.8249)  # D50
    name = b"gray\0"
    tags = [(b"desc", b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78)),
            (b"cprt", b"text\0\0\0\0none\0"),
            (b"wtpt", b"XYZ \0\0\0\0" + white),
            (b"kTRC", b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)))]
    table, data = struct.pack(">I", len(tags)), b""
    for signature, body in tags:
        body += bytes(-len(body) % 4)
        table += signature + struct.pack(">II", 132 + 12 * len(tags) + len(data), len(body))
        data += body
    head = struct.pack(">I4sI4s4s4s12s4s4s24s", 128 + len(table) + len(data), bytes(4), 0x02400000,
                       b"mntr", b"GRAY", b"XYZ ", bytes(12), b"acsp", bytes(4), bytes(24))
    return head + white + bytes(48) + table + data
