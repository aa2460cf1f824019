#!/bin/sh
# valgrind.sh BUILD: run the unit tests and one conversion of every sample under memcheck, worker
# processes included.
set -eu
build=$1
run="valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect \
--errors-for-leak-kinds=definite,indirect --trace-children=yes --fair-sched=yes"
# libjpeg-turbo's vector code reads bytes of its own buffers that it never wrote, and drops them.
export JSIMD_FORCENONE=1
# Tests that measure time or kill by the clock say nothing under a machine twenty times slower.
for test in "$build"/tests/test_*; do
    case $test in *test_pool* | *test_capacity*) continue ;; esac
    [ -x "$test" ] && [ -f "$test" ] || continue
    echo "memcheck: $(basename "$test")"
    PP_TEST_SLOW=1 $run "$test" >"$build/valgrind.out" 2>&1 || {
        cat "$build/valgrind.out"
        exit 1
    }
done
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
for folder in jpeg png; do
    echo "memcheck: pixpool on testdata/$folder"
    $run "$build/pixpool" gray,blur=1.5,autocontrast -r "testdata/$folder" -o "$output/$folder" --progress none
done
echo "valgrind: clean"
