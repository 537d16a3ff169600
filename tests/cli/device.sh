#!/bin/sh
# device list and show.
. "$top_srcdir/tests/cli/lib.sh"
run "$ohmgrid" device list; expect_status 0; expect_out "rram-wan2022"
run "$ohmgrid" device show rram-wan2022; expect_status 0; expect_out "Nature"; expect_out "uS"
run "$ohmgrid" device show no-such-device; expect_status 2; expect_one_line; expect_err "rram-wan2022"
run "$ohmgrid" device bench rram-wan2022; expect_status 4
run "$ohmgrid" device list rram-wan2022; expect_status 2; expect_err 'saw "rram-wan2022"'
# A foreign card cannot give orders to the terminal.
{ printf 'title: "\\e]0;hit\\a it"\n'; grep -v '^title:' "$top_srcdir/devices/rram-wan2022/card.yaml"; } >foreign.yaml
run "$ohmgrid" device show ./foreign.yaml; expect_status 0; expect_out "foreign: ?]0;hit? it"
run "$ohmgrid" device; expect_status 2
run "$ohmgrid" device show; expect_status 2
run env OHMGRID_DATADIR=/nowhere "$ohmgrid" device list; expect_status 2; expect_one_line; expect_err "/nowhere"
finish
