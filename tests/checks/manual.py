"""manual.py ROOT: the manual page of the library names every public header, and what it declares."""
import pathlib
import re
import sys

from symbols import COMMENT, DECLARED


def functions_of(path):
    text = re.sub(r"^\s*#.*$", "", COMMENT.sub("", path.read_text()), flags=re.M)
    return set(DECLARED.findall(text))


def main():
    root = pathlib.Path(sys.argv[1])
    page = (root / "src" / "libpixpool.3.in").read_text()
    listed = dict(re.findall(r"^\.SS <pixpool/(\w+\.h)>\n(.*?)(?=^\.S[SH])", page, re.M | re.S))
    faults = []
    for path in sorted((root / "include" / "pixpool").glob("*.h")):
        section = listed.pop(path.name, None)
        if section is None:
            faults.append(f"<pixpool/{path.name}> is missing")
            continue
        named = set(re.findall(r"\b(pp_\w+)\b", section))
        faults += [f"<pixpool/{path.name}>: {name} is missing"
                   for name in sorted(functions_of(path) - named)]
        faults += [f"<pixpool/{path.name}>: there is no {name}"
                   for name in sorted(named - functions_of(path))]
    faults += [f"there is no <pixpool/{name}>" for name in listed]
    for fault in faults:
        print(f"libpixpool.3: {fault}")
    print(f"manual: {len(listed) + len(faults)} violations" if faults else "manual: 0 violations")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
