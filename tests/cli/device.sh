#!/bin/sh
# device list and show.
. "$top_srcdir/tests/cli/lib.sh"
run "$ohmgrid" device list; expect_status 0; expect_out "rram-wan2022"
run "$ohmgrid" device show rram-wan2022; expect_status 0; expect_out "Nature"; expect_out "uS"
run "$ohmgrid" device show no-such-device; expect_status 2; expect_one_line; expect_err "rram-wan2022"
run "$ohmgrid" device bench rram-wan2022; expect_status 4
run "$ohmgrid" device; expect_status 2
run "$ohmgrid" device show; expect_status 2
run env OHMGRID_DATADIR=/nowhere "$ohmgrid" device list; expect_status 2; expect_one_line; expect_err "/nowhere"
finish
