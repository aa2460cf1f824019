#!/bin/sh
# valgrind.sh BUILD: run the unit tests and one conversion of every sample under memcheck, worker
# processes included.
set -eu
build=$1
alone="valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect \
--errors-for-leak-kinds=definite,indirect"
all="$alone --trace-children=yes --fair-sched=yes"
# libjpeg-turbo's vector code reads bytes of its own buffers that it never wrote, and drops them.
export JSIMD_FORCENONE=1
for test in "$build"/tests/test_*; do
    # The pool's tests go by the clock: their workers run at full speed, the supervisor is watched.
    # Limits of descriptors are valgrind's own there, not the kernel's: nothing to be seen.
    case $test in
    *test_descriptors) continue ;;
    *test_pool | *test_faults | *test_grants | *test_survival | *test_stopped | *test_threads)
        run=$alone
        ;;
    *) run=$all ;;
    esac
    [ -x "$test" ] && [ -f "$test" ] || continue
    echo "memcheck: $(basename "$test")"
    $run "$test" >"$build/valgrind.out" 2>&1 || {
        cat "$build/valgrind.out"
        exit 1
    }
done
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
for folder in jpeg png; do
    echo "memcheck: pixpool on testdata/$folder"
    $all "$build/pixpool" gray,blur=1.5,autocontrast -r "testdata/$folder" -o "$output/$folder" --progress none
done
echo "valgrind: clean"
