#!/bin/sh
# Every folder of the corpus goes through its fuzz target.
here=${top_builddir:-.}/tests/fuzz
bad=0
for folder in "${top_srcdir:-.}"/tests/fuzz/corpus/*/; do
  name=$(basename "$folder")
  "$here/fuzz_$name" "$folder"/* || { echo "fuzz_$name failed on $folder"; bad=1; }
done
exit $bad
