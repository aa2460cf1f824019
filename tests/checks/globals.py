"""globals.py ARCHIVE: no object of the library holds a variable that can be written.

Tables of pointers that the loader fills and then locks (.data.rel.ro) are constants.
"""
import re
import subprocess
import sys

WRITABLE = re.compile(r"^\.(?:data|bss|tdata|tbss|sdata|sbss)\b|^\*COM\*$")
LOCKED = ".data.rel.ro"


def variables(archive):
    """(member, symbol, section) of every data symbol."""
    listing = subprocess.run(["nm", "--format=sysv", "--defined-only", archive], text=True,
                             stdout=subprocess.PIPE, check=True).stdout
    member = "?"
    for line in listing.splitlines():
        if line.startswith("Symbols from "):
            member = re.sub(r".*\[(.*)\]:?$", r"\1", line)
        fields = [field.strip() for field in line.split("|")]
        if len(fields) == 7 and fields[3] in {"OBJECT", "TLS"}:
            yield member, fields[0], fields[6].split()[-1]


def main():
    count = faults = 0
    for member, symbol, section in variables(sys.argv[1]):
        count += 1
        if WRITABLE.match(section) and not section.startswith(LOCKED):
            print(f"{member}: {symbol} can be written ({section})")
            faults += 1
    print(f"globals: {count} data symbols, {faults} violations")
    return 1 if faults or not count else 0


sys.exit(main())
