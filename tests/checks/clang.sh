#!/bin/sh
# clang.sh ROOT BUILD: the library and the program compile under clang without a warning.
set -eu
command -v clang >/dev/null && command -v clang++ >/dev/null || {
    echo "clang is not here: not compiled with it"
    exit 77
}
cmake -S "$1" -B "$2" -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ \
    -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF >/dev/null
cmake --build "$2" --parallel "$(nproc)" -- --no-print-directory -s
"$2/pixpool" --version
