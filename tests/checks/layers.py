"""layers.py ROOT | --self-test: includes only point down.

A source of src/LAYER includes "LAYER/file.h" of its own layer and of those below it, and the public
headers that belong to those; its own header comes first. Public headers include public ones alone.
"""
import pathlib
import re
import sys

from trial import self_test

# Each layer with those it may include.
BELOW = {
    "base": {"base"},
    "image": {"base", "image"},
    "filter": {"base", "image", "filter"},
    "codec": {"base", "image", "codec"},
    "pipeline": {"base", "image", "filter", "codec", "pipeline"},
    "pool": {"base", "pool"},
    "runtime": {"base", "pool", "runtime"},
    "batch": {"base", "image", "filter", "codec", "pipeline", "pool", "runtime", "batch"},
    "cli": {"cli"},
}
EVERYONE = set(BELOW)
PICTURES = {"image", "filter", "codec", "pipeline", "batch", "cli"}
PROCESSES = {"pool", "runtime", "batch", "cli"}
# Each public header: the layer it belongs to, and those that may include it. The codecs need the
# encoder's settings and the report from convert.h.
PUBLIC = {
    "api.h": ("base", EVERYONE),
    "error.h": ("base", EVERYONE),
    "bytes.h": ("base", EVERYONE),
    "version.h": ("base", EVERYONE),
    "image.h": ("image", PICTURES),
    "metadata.h": ("image", PICTURES),
    "filter.h": ("filter", PICTURES - {"image", "codec"}),
    "convert.h": ("pipeline", {"codec", "pipeline", "batch", "cli"}),
    "info.h": ("pipeline", {"codec", "pipeline", "batch", "cli"}),
    "pool.h": ("pool", PROCESSES),
    "sandbox.h": ("pool", PROCESSES),
    "manager.h": ("runtime", PROCESSES - {"pool"}),
    "manager_waits.h": ("runtime", PROCESSES - {"pool"}),
    "shared.h": ("runtime", PROCESSES - {"pool"}),
    "queue.h": ("runtime", PROCESSES - {"pool"}),
    "pipe.h": ("runtime", PROCESSES - {"pool"}),
    "sync.h": ("runtime", PROCESSES - {"pool"}),
    "value.h": ("runtime", PROCESSES - {"pool"}),
    "process.h": ("runtime", PROCESSES - {"pool"}),
    "tasks.h": ("runtime", PROCESSES - {"pool"}),
    "batch.h": ("batch", {"batch", "cli"}),
    "control.h": ("batch", {"batch", "cli"}),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")')


def includes(path):
    """(line number, name, quoted) of each include."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1) or found.group(2), found.group(2) is not None


def fault_of_public(layer, name):
    header = name.removeprefix("pixpool/")
    if header not in PUBLIC:
        return f"<{name}> is in no layer: name it in this check"
    if layer not in PUBLIC[header][1]:
        return f"{layer} may not include <{name}>"
    return None


def fault_of_quoted(root, layer, name):
    folder = name.split("/")[0] if "/" in name else None
    if folder not in BELOW:
        return f'"{name}" does not begin with a layer'
    if folder not in BELOW[layer]:
        return f'{layer} may not include "{name}"'
    if not (root / "src" / name).is_file():
        return f'"{name}" does not exist'
    return None


def check_source(root, path, layer):
    found = list(includes(path))
    own = f"{layer}/{path.stem}.h"
    if path.suffix == ".c" and (root / "src" / own).is_file() and (not found or found[0][1] != own):
        yield 1, f'its own "{own}" does not come first'
    for number, name, quoted in found:
        fault = None
        if quoted:
            fault = fault_of_quoted(root, layer, name)
        elif name.startswith("pixpool/"):
            fault = fault_of_public(layer, name)
        if fault:
            yield number, fault


def check_header(path):
    layer = PUBLIC.get(path.name, (None,))[0]
    if not layer:
        yield 1, "this public header is in no layer: name it in this check"
        return
    for number, name, quoted in includes(path):
        if quoted:
            yield number, "a public header includes with angle brackets alone"
        elif name.startswith("pixpool/") and fault_of_public(layer, name):
            yield number, fault_of_public(layer, name)


def check(root):
    """Print every violation; return how many there are and how many files were read."""
    faults = files = 0
    for path in sorted((root / "src").glob("*/*.[ch]")):
        layer = path.parent.name
        found = check_source(root, path, layer) if layer in BELOW else [(1, "no such layer")]
        for number, fault in found:
            print(f"{path.relative_to(root)}:{number}: {fault}")
            faults += 1
        files += 1
    for path in sorted((root / "include" / "pixpool").glob("*.h")):
        for number, fault in check_header(path):
            print(f"{path.relative_to(root)}:{number}: {fault}")
            faults += 1
        files += 1
    return faults, files


SOUND = {
    "src/base/memory.h": "#include <pixpool/error.h>\n",
    "src/base/memory.c": '#include "base/memory.h"\n#include <stdlib.h>\n',
    "src/image/band.h": "#include <pixpool/image.h>\n",
    "src/codec/codec.h": '#include <pixpool/convert.h>\n#include "image/band.h"\n',
    "src/filter/filter.h": '#include <pixpool/filter.h>\n#include "image/band.h"\n',
    "src/pool/ring.h": '#include <pixpool/pool.h>\n#include "base/memory.h"\n',
    "src/runtime/shared.c": '#include <pixpool/shared.h>\n#include "pool/ring.h"\n',
    "src/batch/plan.c": '#include <pixpool/batch.h>\n#include "pool/ring.h"\n#include "codec/codec.h"\n',
    "src/cli/bar.h": "#include <stdio.h>\n",
    "src/cli/main.c": '#include <pixpool/batch.h>\n#include <pixpool/pool.h>\n#include "cli/bar.h"\n',
    "include/pixpool/convert.h": "#include <pixpool/filter.h>\n",
}
# Each of these alone makes the sound tree fail.
BROKEN = {
    "src/base/up.c": '#include "image/band.h"\n',
    "src/codec/sideways.c": '#include "filter/filter.h"\n',
    "src/filter/sideways.c": '#include "codec/codec.h"\n',
    "src/pool/knows_pictures.c": '#include "image/band.h"\n',
    "src/pool/knows_codecs.c": '#include "codec/codec.h"\n',
    "src/pool/public_pictures.c": "#include <pixpool/image.h>\n",
    "src/pool/knows_its_clients.c": "#include <pixpool/shared.h>\n",
    "src/runtime/knows_batches.c": "#include <pixpool/batch.h>\n",
    "src/pipeline/knows_processes.c": '#include "pool/ring.h"\n',
    "src/pipeline/public_processes.c": "#include <pixpool/pool.h>\n",
    "src/pipeline/knows_batches.c": "#include <pixpool/batch.h>\n",
    "src/batch/knows_the_program.c": '#include "cli/bar.h"\n',
    "src/cli/private_door.c": '#include "base/memory.h"\n',
    "src/base/no_path.c": '#include "memory.h"\n',
    "src/base/missing.c": '#include "base/missing.h"\n',
    "src/cli/bar.c": '#include <stdio.h>\n#include "cli/bar.h"\n',
    "src/extra/layer.c": "\n",
    "include/pixpool/pool.h": "#include <pixpool/image.h>\n",
    "include/pixpool/image.h": '#include "image/band.h"\n',
    "include/pixpool/unknown.h": "\n",
}


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test("layers", check, SOUND, BROKEN) else 0
    faults, files = check(pathlib.Path(sys.argv[1]))
    print(f"layers: {files} files, {faults} violations")
    return 1 if faults or not files else 0


sys.exit(main())
