#!/bin/sh
# packages.sh ROOT: every package that .ci/packages names is installed. Exit 77: not on Debian.
# Those of bench/packages may be missing: they are programs to compare with.
set -eu
if ! command -v dpkg >/dev/null; then
    echo "packages: skipped, this is no Debian"
    exit 77
fi
count=0
missing=0
for package in $(grep -v '^#' "$1/.ci/packages"); do
    count=$((count + 1))
    if ! dpkg -s "$package" 2>/dev/null | grep -q '^Status:.* installed$'; then
        echo "$package: not installed"
        missing=$((missing + 1))
    fi
done
echo "packages: $count packages, $missing violations"
[ "$missing" -eq 0 ] && [ "$count" -gt 0 ]
