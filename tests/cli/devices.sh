#!/bin/sh
# The short benches of every circuit device that comes with the project, and its page: what does not depend on a run has to be as
# in doc/devices, every bench has to be there, and every drawing.
. "$top_srcdir/tests/cli/lib.sh"
pages=$top_srcdir/doc/devices
above_figures() { sed '/^## Figures/,$d' "$1"; }
run "$ohmgrid" device list; expect_status 0
for device in $(awk '$2 == "circuit" { print $1 }' out); do
  page=$pages/$device.md
  run "$ohmgrid" device page "$device" --threads 2 -o pages
  expect_status 0
  [ "$status" = 0 ] || { "$ohmgrid" device bench "$device" --threads 2 | grep -E 'FAIL'; continue; }
  [ -e "$page" ] || { complain "want $page: make device-pages"; continue; }
  above_figures "pages/$device.md" >new
  above_figures "$page" >old
  diff old new >out || complain "want $page as card.yaml and model.md have it: make device-pages"
  for bench in $(sed -n 's/^  \([a-z][a-z_0-9-]*\):$/\1/p' "$top_srcdir/devices/$device/bench.yaml"); do
    grep -q "^Bench \`$bench\`" "$page" || complain "want bench $bench in $page: make device-pages"
  done
  for drawing in $(sed -n 's/^!.*(\(.*\.svg\))$/\1/p' "$page"); do
    [ -s "$pages/$drawing" ] || complain "want $pages/$drawing: make device-pages"
  done
  grep -qF "($device.md)" "$pages/README.md" || complain "want $device in $pages/README.md"
  if grep -qF 'FAIL' "$page"; then complain "want no figure outside in $page"; fi
done
# what cannot be
run "$ohmgrid" device page eso-yoo2024; expect_status 2; expect_err "page: saw no folder, need -o DIR"
run "$ohmgrid" device page rram-wan2022 -o pages; expect_status 4; expect_err "card of statistics"
run "$ohmgrid" device page no-such-device -o pages; expect_status 2; expect_one_line
run "$ohmgrid" device page selector-exponential -o /dev/null/pages; expect_status 1; expect_one_line
finish
