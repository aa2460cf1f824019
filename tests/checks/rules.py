"""rules.py ROOT | --self-test: the house rules that can be read off the text.

Where setjmp, fork and OpenMP may stand, lengths of files and functions, calls and words that are
not wanted, macros and conditionals that hide control flow.
"""
import pathlib
import re
import sys

from trial import self_test

FILE_LINES = 399
FUNCTION_LINES = 60
FOLDERS = ["src", "include", "tests", "testdata/generator", "bench"]

# What may stand in some files of src alone: name, pattern, where.
PLACES = [
    ("setjmp", re.compile(r"\b(?:sig)?(?:setjmp|longjmp)\s*\(|\bpng_jmpbuf\b|<setjmp\.h>"),
     re.compile(r"src/codec/\w*guard\w*\.[ch]$")),
    ("fork", re.compile(r"\b(?:v?fork|clone3?|posix_spawnp?)\s*\("), re.compile(r"src/pool/")),
    ("OpenMP", re.compile(r"#\s*pragma\s+omp|<omp\.h>"),
     re.compile(r"src/base/team\.c$")),
]
UNSAFE = re.compile(r"\b(v?sprintf|strcpy|strcat|gets|system|popen|tmpnam|mktemp)\s*\(")
TYPEDEF = re.compile(r"\btypedef\s+(?:struct|union|enum)\b")
# Put together here, so that this file does not hold them.
LEFTOVERS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]) +
                       r")\b|(?i:not " + "implemented)")
NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def code_of(text):
    """The text with comments and strings emptied, the lines kept; includes stay."""
    def blank(found):
        return re.sub(r"[^\n]", " ", found.group(0))
    return NOT_CODE.sub(blank, text)


def functions(lines):
    """(line of the opening brace, lines inside) of each body between braces in column 0."""
    begin = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            begin = number
        elif line.startswith("}") and begin is not None:
            yield begin, number - begin - 1
            begin = None


def defines(lines):
    """(line, whole text) of each macro."""
    number = 0
    while number < len(lines):
        first, text = number, lines[number]
        while text.endswith("\\") and number + 1 < len(lines):
            number += 1
            text = text[:-1] + lines[number]
        if re.match(r"\s*#\s*define\b", text):
            yield first + 1, text
        number += 1


def shape_faults(lines):
    for begin, length in functions(lines):
        if length > FUNCTION_LINES:
            yield begin, f"a function of {length} lines; {FUNCTION_LINES} are the most"
        for offset, line in enumerate(lines[begin:begin + length]):
            if re.match(r"\s*#\s*if", line):
                yield begin + offset + 1, "a conditional inside a function"
    for number, text in defines(lines):
        if re.search(r"\b(return|goto)\b", text):
            yield number, "a macro that returns or jumps"


def c_faults(name, lines):
    yield from shape_faults(lines)
    for number, line in enumerate(lines, 1):
        for what, pattern, allowed in PLACES:
            if name.startswith("src/") and pattern.search(line) and not allowed.match(name):
                yield number, f"{what} does not belong here"
        unsafe = UNSAFE.search(line)
        if unsafe:
            yield number, f"{unsafe.group(1)}() is not wanted"
        if TYPEDEF.search(line):
            yield number, "a typedef for a struct, union or enum"


def faults_of(name, text):
    lines = text.splitlines()
    if len(lines) > FILE_LINES and not name.endswith((".tsv", ".md")):
        yield 1, f"{len(lines)} lines; {FILE_LINES} are the most"
    for number, line in enumerate(lines, 1):
        if LEFTOVERS.search(line):
            yield number, "a leftover: " + LEFTOVERS.search(line).group(0)
    if name.endswith((".c", ".h")):
        yield from c_faults(name, code_of(text).splitlines())


def text_files(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and (path.suffix in {".c", ".h", ".py", ".sh", ".md", ".cmake"}
                                   or path.name == "CMakeLists.txt"):
                yield path
    for path in sorted(root.glob("*")):
        if path.is_file() and path.name in {"CMakeLists.txt", "Makefile", "README.md"}:
            yield path


def check(root):
    """Print every violation; return how many, and the files and functions read."""
    faults = files = count = 0
    for path in text_files(root):
        name = path.relative_to(root).as_posix()
        text = path.read_text()
        for number, fault in faults_of(name, text):
            print(f"{name}:{number}: {fault}")
            faults += 1
        files += 1
        if path.suffix == ".c":
            count += sum(1 for _ in functions(text.splitlines()))
    return faults, files, count


SOUND = {
    "src/codec/jpeg_guard.c": "int f(void)\n{\n    return setjmp(b);\n}\n",
    "src/pool/start.c": "int f(void)\n{\n    return fork();\n}\n",
    "src/base/team.c": "void f(void)\n{\n#pragma omp parallel\n    g();\n}\n",
    "src/base/words.c": '/* a system (of words) that gets() on */\nconst char *s = "fork() system(";\n',
    "tests/base/test_a.c": "#include <setjmp.h>\nint f(void)\n{\n    return fork();\n}\n",
}
BROKEN = {
    "src/codec/jpeg.c": "int f(void)\n{\n    return setjmp(b);\n}\n",
    "src/batch/run.c": "int f(void)\n{\n    return fork();\n}\n",
    "src/filter/blur.c": "void f(void)\n{\n#pragma omp parallel for\n    g();\n}\n",
    "src/base/long.c": "\n" * (FILE_LINES + 1),
    "src/base/tall.c": "void f(void)\n{\n" + "    g();\n" * (FUNCTION_LINES + 1) + "}\n",
    "src/base/unsafe.c": "void f(void)\n{\n    strcpy(a, b);\n}\n",
    "tests/base/test_b.c": "void f(void)\n{\n    system(a);\n}\n",
    "src/base/leftover.c": "/* TO" "DO: all */\n",
    "bench/leftover.py": "# not " "implemented\n",
    "src/base/macro.h": "#define CHECK(x) \\\n    if (!(x)) \\\n        return 1\n",
    "src/base/inside.c": "void f(void)\n{\n#ifdef A\n    g();\n#endif\n}\n",
    "src/base/named.h": "typedef struct a a;\n",
}


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test("rules", check, SOUND, BROKEN) else 0
    faults, files, count = check(pathlib.Path(sys.argv[1]))
    print(f"rules: {files} files, {count} functions, {faults} violations")
    return 1 if faults or not files else 0


sys.exit(main())
