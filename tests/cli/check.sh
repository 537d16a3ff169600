#!/bin/sh
# check with decks: what is printed, what is written, and what is refused.
. "$top_srcdir/tests/cli/lib.sh"

cat >divider.cir <<'EOF'
divider with an RC corner
V1 in 0 DC=1 AC 1 PULSE(0 1 1n 1n 1n 50n 200n)
.param rtop='1.5*rbot' rbot=2k
R1 in out {rtop}
R2 out 0 rbot
C1 out 0 1p
.op
.tran 0.2n 40n
.noise v(out) v1 dec 2 1meg 1g
.measure tran last max v(out)
.end
EOF
run "$ohmgrid" check divider.cir --plot p --raw ours; expect_status 0
for text in ".op" ".tran" ".noise" "general circuit, engine klu" "passed" "measure     last"; do expect_out "$text"; done
for file in p.op.svg p.tran.svg p.noise.svg ours.op.raw ours.tran.raw ours.noise.raw; do
  [ -s $file ] || complain "want $file"
done
run "$ohmgrid" check divider.cir --json; expect_status 0
for key in engine kcl_residual power_watt power_balance wall_second worst_relative worst_node compared analyses; do
  expect_out "\"$key\""
done

# Against a file: our own results agree with themselves, a changed one does not.
run "$ohmgrid" check divider.cir --against ours.op.raw; expect_status 2; expect_one_line; expect_err "no results that fit .tran"
grep -v '^\.tran\|^\.noise\|^\.meas' divider.cir >op.cir
run "$ohmgrid" check op.cir --against ours.op.raw; expect_status 0; expect_out "ours.op.raw"
printf 'v(out)\n0.41\n' >wrong.csv
run "$ohmgrid" check op.cir --against wrong.csv; expect_status 3; expect_one_line; expect_err ".op: out"
run "$ohmgrid" check op.cir --tol 1e-15 --engine general
case $status in 0 | 3) ;; *) complain "want status 0 or 3" ;; esac

# An array as a deck, recognised.
run "$ohmgrid" netlist -g g.csv -v v.csv --r-word 3 --r-bit 2 -o array.cir; expect_status 0
run "$ohmgrid" check array.cir --engine crossbar; expect_status 0; expect_out "crossbar of 3 x 2"

run "$ohmgrid" check -g g.csv -v v.csv --r-word 3 --r-bit 2 --cell "threshold,g=1m,v_th=0.1 + sinh,v0=0.2"; expect_status 0; expect_out "passed"

# A deck is data, and what it includes has to be allowed.
printf 't\nr1 a 0 1k\n.control\nshell touch owned\n.endc\n.end\n' >hostile.cir
run "$ohmgrid" check hostile.cir; expect_status 2; expect_one_line; expect_err "hostile.cir:3: "; expect_no_file owned
mkdir lib; printf '.param rx=4k\n' >lib/p.lib
printf 't\nv1 a 0 1\n.include lib/p.lib\nr1 a 0 rx\n' >inc.cir
run "$ohmgrid" check inc.cir; expect_status 2; expect_one_line; expect_err "--include-dir"
run "$ohmgrid" check inc.cir --include-dir lib; expect_status 0
printf 't\nm1 d g s b nmos\n' >mos.cir
run "$ohmgrid" check mos.cir; expect_status 2; expect_one_line; expect_err "mos.cir:2: m1: MOSFET"
run "$ohmgrid" check nowhere.cir; expect_status 2; expect_one_line; expect_err "nowhere.cir"
run "$ohmgrid" check op.cir -g g.csv; expect_status 2; expect_err "need one of them"
run "$ohmgrid" check op.cir inc.cir; expect_status 2; expect_err "second deck"
run "$ohmgrid" check op.cir --engine fast; expect_status 2; expect_err "auto crossbar general"
run "$ohmgrid" check -g g.csv -v v.csv --against x.raw; expect_status 2; expect_err "need a deck"
run env OHMGRID_SPICE=/nowhere/worker "$ohmgrid" check op.cir; expect_status 1; expect_one_line; expect_err "/nowhere/worker"
finish
