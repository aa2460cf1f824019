#!/usr/bin/env python3
"""Run the program in every folder of cases/ and compare what it did.

usage: run_cases.py PROGRAM TESTDATA [CASE...]

A case is a folder with
    cmd           a shell script, run by `sh -u` in a fresh directory; it finds the program as $PIXPOOL, the
                  project's test pictures below $TESTDATA and small pictures made here in $PICTURES
    exit          its exit status; 0 when the file is missing
    stdout, stderr            what it prints, exactly; not looked at when missing
    stdout.glob, stderr.glob  the same with "*" for anything within a line, and a line "..." for any
                              lines, or none
    tree          the files there are afterwards, sorted, one a line; bytes that are not UTF-8 as
                  \\xNN, newlines as \\n; not looked at when missing
"""
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

TIME_LIMIT = 60  # seconds a case may take


def png(width, height, color_type, channels):
    """A PNG of 8 bits with a pattern that differs in every channel."""
    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    rows = b"".join(
        b"\0" + bytes((x * 31 + y * 17 + c * 80) % 256 for x in range(width)
                      for c in range(channels)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def jpeg(components):
    """A baseline JPEG of 16 x 16 mid-gray pixels. Both Huffman tables know one symbol, of the code
    "0": no difference, end of block. All 16 x 16 / 64 blocks are then two zero bits each."""
    def segment(marker, data):
        return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data
    frame = b"".join(bytes([c + 1, 0x11, 0]) for c in range(components))
    scan = b"".join(bytes([c + 1, 0]) for c in range(components))
    table = bytes([1] + [0] * 15) + b"\0"
    return (b"\xff\xd8" +
            segment(0xe0, b"JFIF\0\1\1\0\0\1\0\1\0\0") +
            segment(0xdb, b"\0" + bytes([8] * 64)) +
            segment(0xc0, struct.pack(">BHHB", 8, 16, 16, components) + frame) +
            segment(0xc4, b"\0" + table) + segment(0xc4, b"\x10" + table) +
            segment(0xda, bytes([components]) + scan + b"\0\x3f\0") +
            b"\0" * components + b"\xff\xd9")


def make_pictures(folder):
    pictures = {
        "rgb.png": png(9, 7, 2, 3),
        "rgba.png": png(9, 7, 6, 4),
        "gray.png": png(9, 7, 0, 1),
        "large.png": png(300, 200, 2, 3),
        "color.jpg": jpeg(3),
        "gray.jpg": jpeg(1),
        "truncated.png": png(300, 200, 2, 3)[:500],
        "empty.png": b"",
        "text.png": b"This is no picture.\n",
    }
    for name, data in pictures.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


def read(path):
    try:
        with open(path, encoding="utf-8", errors="backslashreplace") as file:
            return file.read()
    except FileNotFoundError:
        return None


def globs_match(patterns, lines):
    """Whether `lines` are what the pattern lines say."""
    if not patterns:
        return not lines
    if patterns[0] == "...":
        return any(globs_match(patterns[1:], lines[skip:]) for skip in range(len(lines) + 1))
    if not lines:
        return False
    pattern = ".*".join(re.escape(part) for part in patterns[0].split("*"))
    return bool(re.fullmatch(pattern, lines[0])) and globs_match(patterns[1:], lines[1:])


def tree_of(folder):
    paths = []
    for root, _, files in os.walk(os.fsencode(folder)):
        for name in files:
            path = os.path.relpath(os.path.join(root, name), os.fsencode(folder))
            paths.append(path.decode("utf-8", "backslashreplace").replace("\n", "\\n"))
    return "".join(path + "\n" for path in sorted(paths))


def check_stream(case, name, got):
    exact, pattern = read(os.path.join(case, name)), read(os.path.join(case, name + ".glob"))
    text = got.decode("utf-8", "backslashreplace")
    if exact is not None and exact != text:
        return [f"{name}: expected {exact!r}, got {text!r}"]
    if pattern is not None and not globs_match(pattern.splitlines(), text.splitlines()):
        return [f"{name}: expected the pattern {pattern!r}, got {text!r}"]
    return []


def run_case(case, program, testdata, pictures):
    """What was wrong, as a list of lines."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "dumb",
                   "COLUMNS": "80", "PIXPOOL": program, "TESTDATA": testdata,
                   "PICTURES": pictures}
    for name, value in os.environ.items():  # what a sanitizer or a coverage tool is told
        if name.endswith("SAN_OPTIONS") or name.startswith("LD_"):
            environment[name] = value
    with tempfile.TemporaryDirectory(prefix="pixpool-case-") as folder:
        try:
            done = subprocess.run(["sh", "-u", os.path.join(case, "cmd")], cwd=folder,
                                  env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=TIME_LIMIT, check=False)
        except subprocess.TimeoutExpired:
            return [f"not ended after {TIME_LIMIT} s"]
        expected = int(read(os.path.join(case, "exit")) or 0)
        wrong = []
        if done.returncode != expected:
            wrong.append(f"exit: expected {expected}, got {done.returncode}; "
                         f"stderr: {done.stderr.decode('utf-8', 'backslashreplace')!r}")
        wrong += check_stream(case, "stdout", done.stdout)
        wrong += check_stream(case, "stderr", done.stderr)
        tree = read(os.path.join(case, "tree"))
        if tree is not None and tree != tree_of(folder):
            wrong.append(f"tree: expected {tree!r}, got {tree_of(folder)!r}")
        return wrong


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program, testdata = (os.path.abspath(path) for path in sys.argv[1:3])
    cases = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")
    names = sys.argv[3:] or sorted(os.listdir(cases))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="pixpool-pictures-") as pictures:
        make_pictures(pictures)
        for name in names:
            wrong = run_case(os.path.join(cases, name), program, testdata, pictures)
            failed += bool(wrong)
            print(f"{'FAILED' if wrong else 'passed'}  {name}")
            for line in wrong:
                print(f"        {line[:400]}")
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
