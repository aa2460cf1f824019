"""headers.py ROOT CC CXX: each public header compiles alone, twice over, and all of them together, as
C17 and as C++17."""
import pathlib
import subprocess
import sys

STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]


def compiles(compiler, language, include, *headers):
    # A header of macros alone declares nothing, which a translation unit must.
    source = "".join(f"#include <pixpool/{header}>\n" for header in headers) + "extern int something;\n"
    command = compiler + [*language, *STRICT, f"-I{include}", "-"]
    done = subprocess.run(command, input=source, text=True, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        print(f"{', '.join(headers)}: {' '.join(language)}\n{done.stderr}")
    return done.returncode == 0


def main():
    include = pathlib.Path(sys.argv[1]) / "include"
    languages = [([sys.argv[2]], ["-x", "c", "-std=c17"]),
                 ([sys.argv[3]], ["-x", "c++", "-std=c++17"])]
    headers = sorted(path.name for path in (include / "pixpool").glob("*.h"))
    groups = [(header, header) for header in headers] + [headers]
    faults = sum(not compiles(compiler, language, include, *group)
                 for group in groups for compiler, language in languages)
    print(f"headers: {len(headers)} headers in C and C++, {faults} violations")
    return 1 if faults or not headers else 0


sys.exit(main())
