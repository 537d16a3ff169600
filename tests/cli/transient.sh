#!/bin/sh
# transient and noise on a 3 x 2 array: agreement with solve, formats, bad input.
. "$top_srcdir/tests/cli/lib.sh"
wires="--r-word 3 --r-bit 2 --r-source 200 --r-sense 100"
caps="--c-word 1e-15 --c-bit 2e-15 --c-cell 5e-16"

# The last row is the static solution; the first one is rest; rows and columns are as asked.
run "$ohmgrid" solve -g g.csv -v v.csv $wires; expect_status 0; cp out static
run "$ohmgrid" transient -g g.csv -v v.csv $wires $caps --rise 1e-11 --stop 1e-9 --samples 11
expect_status 0; expect_err "settled to 8 bits"; expect_err "balance"
[ "$(wc -l <out)" = 11 ] || complain "want 11 rows"
awk -F, 'NR == FNR { a = $1; b = $2; next } FNR == 1 && ($1 != 0 || $2 != 0 || $3 != 0) { exit 1 }
  { t = $1; x = $2; y = $3 } END { exit !(t == 1e-9 && (x / a - 1)^2 < 1e-12 && (y / b - 1)^2 < 1e-12) }' static out ||
  complain "want rest first and the static currents last"
run "$ohmgrid" transient -g g.csv -v v.csv $wires $caps --rise 1e-11 --stop 1e-9 --bits 10 -o i.npy --json
expect_status 0
for key in engine kcl_residual power_watt power_balance wall_second settling_second stored_joule; do
  expect_out "\"$key\""
done
[ -s i.npy ] || complain "want i.npy"
for engine in cg cholesky; do
  run "$ohmgrid" transient -g g.csv -v v.csv $wires $caps --rise 1e-11 --stop 5e-11 --engine $engine --rtol 1e-8
  expect_status 0
  tail -n 1 out | awk -F, '{ printf "%.6e %.6e\n", $2, $3 }' >>all
done
[ "$(sort -u all | wc -l)" = 1 ] || { cp all out; complain "engines differ"; }

# Two inputs one after the other end at the second; too short a run has not settled.
printf '0.4,0.1,0.3\n0.11,0.2,0.05\n' >two.csv
run "$ohmgrid" transient -g g.csv -v two.csv $wires $caps --rise 1e-11 --period 3e-10 --stop 2e-9 --samples 2
expect_status 0
tail -n 1 out | awk -F, 'NR == FNR { a = $1; next } { exit !(($2 / a - 1)^2 < 1e-12) }' static - ||
  complain "want the static currents of the second input"
run "$ohmgrid" transient -g g.csv -v v.csv $wires $caps --rise 1e-11 --stop 5e-12 --json
expect_status 0; expect_out '"slowest_settling_second": null'

# Noise: ideal lines have 4 k T sum of G, 4 * 1.380649e-23 * 300 * 6.1e-5 and 5.7e-5, and no correlation.
run "$ohmgrid" noise -g g.csv; expect_status 0; expect_err "noise of an output"
awk -F, 'BEGIN { k = 4 * 1.380649e-23 * 300 } { for (j = 1; j <= 2; j++) a[NR, j] = $j }
  END { exit !((a[1, 1] / (k * 6.1e-5) - 1)^2 < 1e-20 && (a[2, 2] / (k * 5.7e-5) - 1)^2 < 1e-20 && a[1, 2] == 0) }' out ||
  complain "want 4 k T G"
run "$ohmgrid" noise -g g.csv -v v.csv $wires --shot --temperature 350 --bandwidth 1e8 -o s.npy --json; expect_status 0
for key in engine thermal_amp2_per_hz shot_amp2_per_hz noise_amp best_input_volt_per_sqrt_hz; do
  expect_out "\"$key\""
done
[ -s s.npy ] || complain "want s.npy"

# Bad input: the right status, nothing written.
bad() { run "$ohmgrid" "$@" -o bad.npy; expect_no_file bad.npy; }
bad transient -g g.csv -v v.csv --stop 1e-9; expect_status 2; expect_err "--rise: saw none"
bad transient -g g.csv -v v.csv --rise 1e-9; expect_status 2; expect_err "--stop: saw none"
bad transient -g g.csv -v v.csv --rise 0 --stop 1e-9; expect_status 2; expect_err '--rise: saw "0"'
bad transient -g g.csv -v v.csv --rise 1e-9 --stop 1e-9 --c-word -1; expect_status 2; expect_err '--c-word: saw "-1"'
bad transient -g g.csv -v v.csv --rise 1e-9 --stop 1e-9 --bits 8.5; expect_status 2; expect_err "whole number"
bad transient -g g.csv -v v.csv --rise 1e-9 --stop 1e-9 --engine reduce; expect_status 2; expect_err 'saw "reduce"'
bad transient -g g.csv -v v.csv --rise 2e-9 --period 1e-9 --stop 1e-9
expect_status 2; expect_err "--period: saw 1e-09"
bad transient -g g.csv -v two.csv --rise 1e-11 --stop 1e-9
expect_status 2; expect_one_line; expect_err "--period: saw none"
printf '0,0\n0,0\n0,0\n' >open.csv
bad transient -g open.csv -v v.csv --r-sense inf --rise 1e-11 --stop 1e-9
expect_status 1; expect_one_line; expect_err "floats"
run "$ohmgrid" transient -g g.csv -v v.csv --rise 1e-11 --stop 1e-9 -o /nowhere/i.npy
expect_status 1; expect_one_line; expect_err "/nowhere/i.npy"
bad noise -g g.csv --shot; expect_status 2; expect_err "--shot: saw no -v"
bad noise -g g.csv -v two.csv --shot; expect_status 2; expect_one_line; expect_err "saw 2, need 1"
bad noise -g g.csv --temperature -1; expect_status 2; expect_err '--temperature: saw "-1"'
bad noise -g open.csv --r-sense inf; expect_status 1; expect_one_line; expect_err "floats"
if [ -w /dev/full ]; then
  "$ohmgrid" noise -g g.csv >/dev/full 2>err; status=$?; what="noise into a full disk"
  expect_status 1
fi
finish
