#!/bin/sh
# The short benches of every circuit device that comes with the project.
. "$top_srcdir/tests/cli/lib.sh"
run "$ohmgrid" device list; expect_status 0
for device in $(awk '$2 == "circuit" { print $1 }' out); do
  run "$ohmgrid" device bench "$device" --threads 2
  expect_status 0
  [ "$status" = 0 ] || grep -E 'FAIL' out
done
finish
