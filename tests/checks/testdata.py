"""testdata.py ROOT: the pictures are all there and within their budget."""
import pathlib
import sys

BUDGET = 8_000_000
FATES = {"converts", "refused"}


def main():
    root = pathlib.Path(sys.argv[1]) / "testdata"
    files = [path for path in root.rglob("*") if path.is_file()]
    faults = []
    expected = {}
    for line in (root / "hostile" / "EXPECTED.tsv").read_text().splitlines():
        name, _, fate = line.partition("\t")
        expected[name] = fate
        if fate not in FATES:
            faults.append(f"hostile/EXPECTED.tsv: {name}: no such fate: {fate}")
    present = {path.name for path in (root / "hostile").iterdir()} - {"EXPECTED.tsv"}
    faults += [f"hostile/{name}: not in EXPECTED.tsv" for name in sorted(present - set(expected))]
    faults += [f"hostile/{name}: missing" for name in sorted(set(expected) - present)]
    for folder, least in (("photos", 5), ("jpeg", 30), ("png", 30), ("hostile", 30)):
        count = sum(path.is_file() for path in (root / folder).rglob("*"))
        if count < least:
            faults.append(f"{folder}: {count} files only")
    total = sum(path.stat().st_size for path in files)
    if total > BUDGET:
        faults.append(f"{total} bytes; {BUDGET} are the most")
    for fault in faults:
        print(fault)
    print(f"testdata: {len(files)} files, {total} bytes, {len(faults)} violations")
    return 1 if faults else 0


sys.exit(main())
