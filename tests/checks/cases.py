"""cases.py ROOT: every test that tests/examples/README.md names is there."""
import pathlib
import re
import sys

NAME = re.compile(r"`([a-z0-9]+(?:_[a-z0-9]+){3,})`")


def main():
    root = pathlib.Path(sys.argv[1])
    table = (root / "tests" / "examples" / "README.md").read_text()
    sources = "".join(path.read_text() for pattern in ("*/*.c", "*/*/*.c", "*/*.py", "*/*.pml")
                      for path in (root / "tests").glob(pattern))
    defined = set(re.findall(r"\b(?:static void|def|bool|void) (\w+)\(", sources))
    named = {name for name in NAME.findall(table) if not name.startswith(("test_", "pp_"))}
    missing = sorted(named - defined)
    for name in missing:
        print(f"tests/examples/README.md: there is no test {name}")
    print(f"cases: {len(named)} tests named, {len(missing)} violations")
    return 1 if missing or not named else 0


sys.exit(main())
