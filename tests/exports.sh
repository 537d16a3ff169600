#!/bin/sh
# The library's exported symbols are those of tests/exports.list, no more and no fewer.
lib=${top_builddir:-.}/.libs/libohmgrid.so
[ -e "$lib" ] || { echo "no shared library was built"; exit 77; }
nm -D --defined-only "$lib" | awk '$2 ~ /[A-Z]/ && $3 !~ /^_(init|fini)$/ { print $3 }' | sed 's/@.*//' | LC_ALL=C sort > exports.now
if diff "${top_srcdir:-.}/tests/exports.list" exports.now; then rm -f exports.now; exit 0; fi
echo "tests/exports.list and the library differ (< wanted, > there)"
rm -f exports.now
exit 1
