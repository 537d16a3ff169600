#!/bin/sh
# cosim: a written cell and its neighbours, against one deck; what is refused.
. "$top_srcdir/tests/cli/lib.sh"

cat >cell.lib <<'EOF'
* conductance that grows under voltage and relaxes
.subckt cell p n w gon=1m goff=20u
cw w 0 1n ic=0
bw w 0 i=1n*(5meg*v(w) - 60meg*pwr(min(abs(v(p,n)),2),4)*(1-v(w)))
bi p n i=v(p,n)*(goff + v(w)*(gon-goff))
.ends
EOF
cat >write.yaml <<'EOF'
study:
  name: write
  stop_second: 90 ns
  step_second: 1 ns
array:
  m: 3
  n: 4
  r_word_ohm: 50 ohm
  r_bit_ohm: 30 ohm
cells:
  lib: cell.lib
  subckt: cell
  state: w
  params: gon=0.8m
drive:
  row: 1
  column: 2
  volt: 0.9 V
check:
  reference: yes
EOF
run "$ohmgrid" cosim write.yaml -o half; expect_status 0
expect_out "3 x 4, 12 cells in ngspice"; expect_out "selected cell       (1,2)"; expect_out "one deck in ngspice"
for file in results.json waves.raw cells.csv waves.svg state.svg energy.svg study.yaml; do
  [ -s half/$file ] || complain "want half/$file"
done
[ "$(wc -l <half/cells.csv)" = 13 ] || complain "want a line for each cell"
run "$ohmgrid" cosim half/study.yaml -o again; expect_status 2; expect_err "cell.lib" # the library lies beside the first study
cp cell.lib half/
run "$ohmgrid" cosim half/study.yaml -o again; expect_status 0
cmp -s half/results.json again/results.json || complain "want the same results from the study as resolved"

# With fewer cells in ngspice, the others linear; V/3; a tolerance that cannot be met.
run "$ohmgrid" cosim write.yaml -o one --set cells.spice=selected --set check.reference=no --set drive.scheme=third --json
expect_status 0; expect_out '"cells_in_ngspice": 1'
run "$ohmgrid" cosim write.yaml -o tight --set check.state_tol=1e-9; expect_status 3; expect_err "state: saw a difference"
printf '0,0,0,0,0,0,0,0\n1e-8,0.5,0,0,0,0,0,0\n' >wave.csv
run "$ohmgrid" cosim write.yaml -o file --set drive.scheme=file --set drive.wave=wave.csv --set check.reference=no; expect_status 0

run "$ohmgrid" cosim write.yaml -o bad --set drive.row=3; expect_status 2; expect_one_line; expect_err "need a cell of the 3 x 4 array"
run "$ohmgrid" cosim write.yaml -o bad --set cells.params=gon; expect_status 2; expect_one_line; expect_err "need NAME=VALUE"
run "$ohmgrid" cosim write.yaml -o bad --set cells.subckt=other; expect_status 2; expect_err "no .subckt other"
run "$ohmgrid" cosim write.yaml -o bad --set cells.lib=none.lib; expect_status 2; expect_one_line; expect_err "none.lib"
run "$ohmgrid" cosim write.yaml -o bad --set drive.scheme=file; expect_status 2; expect_err "drive.wave"
run "$ohmgrid" cosim nowhere.yaml; expect_status 2; expect_one_line
run "$ohmgrid" cosim; expect_status 2; expect_err "saw no study"
run "$ohmgrid" cosim --keys; expect_status 0; expect_out "drive.scheme"
finish
