#!/usr/bin/env python3
"""counts.py BUILD...: close a test run with its counts.

Reads the JUnit file that ctest left in each build directory and, inside each test program's output,
cmocka's own counts, so that single test cases are counted and not only programs."""
import re
import sys
import xml.etree.ElementTree as ElementTree

CASES = {
    "passed": re.compile(r"^\[  PASSED  \] (\d+) test", re.M),
    "failed": re.compile(r"^\[  FAILED  \] (\d+) test", re.M),
    "skipped": re.compile(r"^\[  SKIPPED \] (\d+) test", re.M),
}
LISTED = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)


def count_program(case, totals):
    output = case.findtext("system-out") or ""
    failed = case.get("status") == "fail" or case.find("failure") is not None
    found = {key: sum(map(int, pattern.findall(output))) for key, pattern in CASES.items()}
    for passed, bad, skipped in LISTED.findall(output):
        found["passed"] += int(passed)
        found["failed"] += int(bad)
        found["skipped"] += int(skipped or 0)
    if not any(found.values()):
        found["skipped" if case.find("skipped") is not None else "passed"] = 0 if failed else 1
    if failed and not found["failed"]:
        found["failed"] = 1
    for key, number in found.items():
        totals[key] += number


def main(builds):
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for build in builds:
        for case in ElementTree.parse(f"{build}/tests.xml").getroot().iter("testcase"):
            count_program(case, totals)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**totals))
    return 1 if totals["failed"] or not totals["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
