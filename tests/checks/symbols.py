"""symbols.py ROOT LIBRARY: the shared library exports what the public headers declare, no more."""
import pathlib
import re
import subprocess
import sys

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
DECLARED = re.compile(r"\bPP_API\b[^;{]*?\b(\w+)\s*\(")


def declared(root):
    names = set()
    for path in (root / "include" / "pixpool").glob("*.h"):
        text = re.sub(r"^\s*#.*$", "", COMMENT.sub("", path.read_text()), flags=re.M)
        names |= set(DECLARED.findall(text))
    return names


def exported(library):
    listing = subprocess.run(["nm", "-D", "--defined-only", library], text=True,
                             stdout=subprocess.PIPE, check=True).stdout
    return {line.split()[-1].split("@")[0] for line in listing.splitlines()}


def main():
    wanted, found = declared(pathlib.Path(sys.argv[1])), exported(sys.argv[2])
    faults = [f"{name}: exported, but begins with another prefix" for name in sorted(found)
              if not name.startswith("pp_")]
    faults += [f"{name}: exported, but in no public header" for name in sorted(found - wanted)
               if name.startswith("pp_")]
    faults += [f"{name}: declared, but not exported" for name in sorted(wanted - found)]
    for fault in faults:
        print(fault)
    print(f"symbols: {len(wanted)} declared, {len(found)} exported, {len(faults)} violations")
    return 1 if faults or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
