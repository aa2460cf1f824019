"""format.py ROOT CLANG_FORMAT: every C source is laid out as .clang-format says."""
import pathlib
import subprocess
import sys

FOLDERS = ["include", "src", "tests", "testdata/generator", "bench"]


def main():
    root = pathlib.Path(sys.argv[1])
    files = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.[ch]"))
    faults = 0
    for path in files:
        done = subprocess.run([sys.argv[2], "--dry-run", "-Werror", str(path)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if done.returncode:
            print(f"{path.relative_to(root)}: not formatted: run clang-format -i")
            faults += 1
    print(f"format: {len(files)} files, {faults} violations")
    return 1 if faults or not files else 0


sys.exit(main())
