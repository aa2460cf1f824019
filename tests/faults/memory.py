"""memory.py PROGRAM ROOT LIBRARIES [all]: case 13 of README.md, and 12.

Every allocation of the supervisor, and of every worker, finds no memory once: the Nth call from
main() on, N rising until a process makes no such call. And again so that from the Nth on none finds
any."""
import itertools
import os
import shutil
import struct
import sys
import zlib

import ledger
from harness import TESTDATA, Skip, run as run_tests
from ledger import Books
from points import SANITIZED, preload

PICTURES = ("jpeg/baseline-420.jpg", "jpeg/progressive-420.jpg", "jpeg/orientation-6.jpg",
            "jpeg/quality-5.jpg", "jpeg/icc-adobe-rgb.jpg", "jpeg/cmyk-icc.jpg", "png/rgb-16.png",
            "png/palette-8-interlaced.png")
FIRST = 50  # calls, about as many as a worker's first picture takes
# A chain by which all is decoded, turned and written anew, beside the default's cheap ways.
CHAINS = {"gray": (), "orient,blur=1,resize=50%,gray": ("-q", "75", "-t", "2")}


def sample(folder, chain, options):
    (folder / "in").mkdir(parents=True)
    for picture in PICTURES:
        shutil.copy(TESTDATA / picture, folder / "in")
    return Books(folder, chain, "-j", "2", *options)


def without_memory(books, role, call, gone):
    """A run in which a call failed; how many did in all processes."""
    page = books.folder / "page"
    page.write_bytes(bytes(8))
    environment = {**preload("fault_memory.so"), "PP_MEMORY_ROLE": role,
                   "PP_MEMORY_CALL": str(call), "PP_MEMORY_PAGE": os.fspath(page)}
    if gone:
        environment["PP_MEMORY_GONE"] = "1"
    run = books.start(environment=environment).wait(30)
    return run, struct.unpack("Q", page.read_bytes())[0]


def calls(gone):
    """Which calls fail: all in turn, or the first, in which a picture's metadata are read and
    changed, and a sample whose steps grow; every one of them soon ends."""
    if ledger.ALL:
        return itertools.count(1)
    first = 1 if gone else FIRST
    return itertools.chain(range(1, first), itertools.accumulate(
        itertools.count(1), initial=first, func=lambda call, step: call + step // (2 + gone) + 1))


def fail_everywhere(books, role, gone):
    statuses, broken = {}, []
    for call in calls(gone):
        run, failed = without_memory(books, role, call, gone)
        if failed == 0:
            break
        try:
            ledger.audit(books, run)
        except ledger.Broken as complaint:
            broken.append(f"{role} {call}{' and on' if gone else ''}: {complaint}\n"
                          f"{run.errors[-300:]}")
        statuses[run.status] = statuses.get(run.status, 0) + 1
        shutil.rmtree(run.folder)
        if len(broken) > 5:
            break
    print(f"    {sum(statuses.values())} runs to call {call}, " +
          ", ".join(f"{number} with exit {status}" for status, number in sorted(
              statuses.items(), key=str)))
    assert not broken, "\n".join(broken)
    assert statuses, "no call failed"


def test_of(role, gone):
    def test(folder):
        if SANITIZED:
            raise Skip("the sanitizer allocates by itself")
        for index, (chain, options) in enumerate(CHAINS.items()):
            fail_everywhere(sample(folder / str(index), chain, options), role, gone)
    test.__name__ = (f"every_allocation_from_any_on_fails_in_{role}" if gone else
                     f"any_allocation_fails_in_{role}")
    return test


# ---- 12
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(path, side=50000):
    """A PNG of side x side pixels in 100 kB: black compresses well."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + side * 3)) for _ in range(side // 100))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" +
                     chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) +
                     chunk(b"IDAT", rows + packer.flush()) + chunk(b"IEND", b""))


PEAK = ("import os, resource, sys; status = os.spawnvp(os.P_WAIT, sys.argv[2], sys.argv[2:]);"
        "open(sys.argv[1], 'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss));"
        "sys.exit(status)")


def a_bomb_is_refused_before_anything_is_allocated_for_it(folder):
    books = sample(folder, "gray", ())
    calm, _ = books.run(before=[sys.executable, "-c", PEAK, folder / "calm"])
    for name in ("a.png", "b.png"):
        bomb(books.source / name)
    books = Books(folder, "gray", "-j", "2", "--max-pixels", "100mp")
    run, counts = books.run(before=[sys.executable, "-c", PEAK, folder / "peak"])
    calm, peak = (int((folder / name).read_text()) for name in ("calm", "peak"))
    print(f"    {counts.failed} refused; at most {peak} KB, {calm} KB without them")
    assert run.status == 1 and set(run.failures()) == {"a.png", "b.png"}
    assert all("--max-pixels" in reason for reason in run.failures().values()), run.failures()
    assert SANITIZED or peak < calm + 4096, (peak, calm)


TESTS = [
    a_bomb_is_refused_before_anything_is_allocated_for_it,
    test_of("supervisor", False),
    test_of("supervisor", True),
    test_of("worker", False),
    test_of("worker", True),
]

if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    run_tests(TESTS)
