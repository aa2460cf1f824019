#!/bin/sh
# demo.sh PROGRAM PHOTOS OUTPUT: convert the sample photos and say where to look.
set -eu
program=$1 photos=$2 output=$3

rm -rf "$output"
echo "\$ pixpool gray -r $photos -o $output"
"$program" gray -r "$photos" -o "$output"
echo
echo "Look at the pictures in $output:"
find "$output" -type f | sort | sed 's/^/    /'
