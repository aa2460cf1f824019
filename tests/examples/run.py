#!/usr/bin/env python3
"""run.py BUILD COMPILER: the examples as somebody else's programs.

The build is installed into an empty folder; each NAME.c of this one is compiled there with what
pkg-config says of the library, the warnings on, run, and its output compared with NAME.out.
"""
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PICTURES = HERE.parents[1] / "testdata" / "photos"  # each finds them in the folder "pictures"
STRICT = ["-std=gnu17", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
SECONDS = 60


def install(build, prefix):
    subprocess.run(["cmake", "--install", build, "--prefix", prefix], check=True,
                   stdout=subprocess.DEVNULL)
    (found,) = prefix.glob("lib*/**/pixpool.pc")
    return found.parent


def flags_of(packages, prefix):
    """What pkg-config says, of the library where it is installed now."""
    shown = subprocess.run(
        ["pkg-config", f"--define-variable=prefix={prefix}", "--cflags", "--libs", "pixpool"],
        env={**os.environ, "PKG_CONFIG_PATH": os.fspath(packages)}, text=True, check=True,
        stdout=subprocess.PIPE).stdout
    return shlex.split(shown)


def complaint_of(example, compiler, flags, folder):
    """None, or what is wrong with it."""
    program = folder / example.stem
    libraries = folder.parent / "prefix"
    (library,) = libraries.glob("lib*/**/libpixpool.so")
    subprocess.run([compiler, *STRICT, "-o", program, example, *flags], check=True)
    place = folder / f"{example.stem}-run"
    shutil.copytree(PICTURES, place / "pictures")
    done = subprocess.run([program], cwd=place, text=True, stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.STDOUT, timeout=SECONDS,
                          env={**os.environ, "LD_LIBRARY_PATH": os.fspath(library.parent)})
    wanted = example.with_suffix(".out").read_text()
    if done.returncode != 0:
        return f"exit status {done.returncode}\n{done.stdout}"
    return None if done.stdout == wanted else f"printed\n{done.stdout}instead of\n{wanted}"


def main():
    build, compiler = sys.argv[1:]
    examples = sorted(HERE.glob("*.c"))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="pixpool-examples-") as made:
        prefix, folder = pathlib.Path(made) / "prefix", pathlib.Path(made) / "programs"
        folder.mkdir()
        flags = flags_of(install(build, prefix), prefix)
        for example in examples:
            complaint = complaint_of(example, compiler, flags, folder)
            failed += complaint is not None
            print(f"ok       {example.stem}" if complaint is None else
                  f"FAILED   {example.stem}: {complaint}", flush=True)
    print(f"{len(examples) - failed} passed, {failed} failed")
    return 1 if failed or not examples else 0


if __name__ == "__main__":
    sys.exit(main())
