#!/usr/bin/python3
"""run.py BUILD [NAME...]: every comparison of this folder, or those named (tone, geometry, ...)."""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SUPPORT = {"harness", "pixels", "run"}


def main():
    build, *names = sys.argv[1:]
    names = names or sorted(file.stem for file in HERE.glob("*.py") if file.stem not in SUPPORT)
    failed = [name for name in names
              if subprocess.run([sys.executable, str(HERE / f"{name}.py"), build], check=False).returncode]
    print(f"{len(names) - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
