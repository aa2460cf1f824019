"""Memory stays within its bounds: of a worker by the width of a picture, of the supervisor by nothing
that grows."""
import os
import subprocess
import sys
import time

import harness
from harness import TESTDATA, children, convert, files, start, status_kilobytes


def watch(process):
    """The supervisor's memory over time with the number of files done, and the workers' peak."""
    supervisor, peak = [], 0
    while process.poll() is None:
        supervisor.append(status_kilobytes(process.pid, "VmRSS"))
        for worker in children(process.pid):
            peak = max(peak, status_kilobytes(worker, "VmHWM"))
        time.sleep(0.002)
    return [kilobytes for kilobytes in supervisor if kilobytes], peak


def large(folder, name, *options):
    """A picture of 100 megapixels, made from a sample photo by the program itself."""
    photo = next(path for path in files(TESTDATA / "photos") if path.suffix == ".jpg")
    (folder / "in").mkdir(exist_ok=True)
    convert("resize=12500x8000:fit=fill:enlarge=1:kernel=nearest", photo, "-o",
            folder / "in" / name, *options)
    return folder / "in" / name


def assert_large_fits(folder, picture):
    process = start("gray", picture, "-o", folder / "out", "-j", "1", stderr=subprocess.DEVNULL)
    _, peak = watch(process)
    assert process.returncode == 0
    print(f"    100 megapixels of {picture.suffix[1:]}: worker peak {peak / 1024:.1f} MB")
    assert 1024 < peak < 96 * 1024, f"{peak} KB"


def a_baseline_jpeg_of_100_megapixels_fits_in_96_megabytes(folder):
    assert_large_fits(folder, large(folder, "a.jpg", "-q", "60"))


def a_png_of_100_megapixels_fits_in_96_megabytes(folder):
    assert_large_fits(folder, large(folder, "a.png", "--png-level", "1"))


def the_supervisor_stays_flat_over_many_files(folder):
    source = folder / "in"
    smallest = min(files(TESTDATA / "png"), key=os.path.getsize).read_bytes()
    for part in range(20):
        (source / str(part)).mkdir(parents=True)
        for index in range(1000):
            (source / str(part) / f"{index}.png").write_bytes(smallest)
    process = start("gray", "-r", source, "-o", folder / "out", stderr=subprocess.DEVNULL)
    supervisor, _ = watch(process)
    assert process.returncode == 0
    assert len(files(folder / "out")) == 20000
    early = supervisor[len(supervisor) // 10]
    print(f"    20,000 files: {early} KB after a tenth, {max(supervisor)} KB at most")
    assert max(supervisor) - early < 8 * 1024


def a_worker_keeps_little_of_what_whole_pictures_took(folder):
    """Each picture is held whole, at a size of its own: what one leaves must not add up."""
    source = folder / "in"
    source.mkdir()
    for index in range(24):
        size = f"resize={2400 + 90 * index}x{1500 + 50 * index}:fit=fill:enlarge=1"
        convert(size, TESTDATA / "photos" / "forest.jpg", "-o", source / f"{index}.jpg", "-q", "60")
    process = start("flip", source, "-o", folder / "out", "-q", "60", "-j", "1", "-t", "1",
                    stderr=subprocess.DEVNULL)
    _, peak = watch(process)
    assert process.returncode == 0
    print(f"    24 pictures of up to 37 MB: worker peak {peak / 1024:.1f} MB")
    assert 24 * 1024 < peak < 64 * 1024, f"{peak} KB"


def a_picture_over_the_memory_allowed_is_refused_and_named(folder):
    picture = large(folder, "a.jpg", "-q", "60", "--progressive")
    errors = convert("invert", picture, "-o", folder / "out", "--memory", "64M", status=1)
    assert "--memory" in errors and files(folder / "out") == [], errors


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    harness.run([
        a_baseline_jpeg_of_100_megapixels_fits_in_96_megabytes,
        a_png_of_100_megapixels_fits_in_96_megabytes,
        the_supervisor_stays_flat_over_many_files,
        a_worker_keeps_little_of_what_whole_pictures_took,
        a_picture_over_the_memory_allowed_is_refused_and_named,
    ])
