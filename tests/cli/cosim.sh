#!/bin/sh
# cosim: a written cell and its neighbours, against one deck; patterns, reads, selectors, ranges; what is refused.
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
expect_out "3 x 4: 12 cells in ngspice"; expect_out "selected cell       (1,2)"; expect_out "one deck in ngspice"
expect_out "cells               selected"
for file in results.json report.html waves.raw cells.csv lines.csv study.yaml waves.svg state.svg change.svg energy.svg \
  energy-lines.svg; do
  [ -s half/$file ] || complain "want half/$file"
done
[ "$(wc -l <half/cells.csv)" = 13 ] || complain "want a line for each cell"
[ "$(wc -l <half/lines.csv)" = 8 ] || complain "want a line for each line"
for part in "<svg" "volt: 0.9" "Worst disturb"; do
  grep -q "$part" half/report.html || complain "want $part in report.html"
done
for file in reads.csv reads.svg frames.csv state.gif; do expect_no_file half/$file; done
run "$ohmgrid" cosim half/study.yaml -o again; expect_status 2; expect_err "cell.lib" # the library lies beside the first study
cp cell.lib half/
run "$ohmgrid" cosim half/study.yaml -o again; expect_status 0
cmp -s half/results.json again/results.json || complain "want the same results from the study as resolved"

# With fewer cells in ngspice, the others linear; V/3; a tolerance that cannot be met.
run "$ohmgrid" cosim write.yaml -o one --set cells.spice=selected --set check.reference=no --set drive.scheme=third --json
expect_status 0; expect_out '"cells_in_ngspice": 1'
run "$ohmgrid" cosim write.yaml -o tight --set check.state_tol=1e-9; expect_status 3; expect_err "state: saw a difference"

# Waveform relaxation, whatever the cells are; its tolerance; what it does not go with.
for cells in all selected; do
  run "$ohmgrid" cosim write.yaml -o relax --set cells.spice=$cells --set check.reference=no --set check.relaxation=yes
  expect_status 0; expect_out "waveform relaxation states differ by"
  grep -q '"relaxation_state_error": [0-9.]*e-0*[4-9]' relax/results.json || complain "want a small error in results.json"
  grep -q "From waveform relaxation" relax/report.html || complain "want it in the report"
done
run "$ohmgrid" cosim write.yaml -o relax --set check.reference=no --set check.relaxation=yes --set check.state_tol=1e-9
expect_status 3; expect_err "from waveform relaxation, need at most"
run "$ohmgrid" cosim write.yaml -o bad --set check.relaxation=yes --set study.resume=half/checkpoint.csv
expect_status 2; expect_one_line; expect_err "check.relaxation: yes: needs"
printf '0,0,0,0,0,0,0,0\n1e-8,0.5,0,0,0,0,0,0\n' >wave.csv
run "$ohmgrid" cosim write.yaml -o file --set drive.scheme=file --set drive.wave=wave.csv --set check.reference=no; expect_status 0

# A device by its card, with a selector, read and drawn in time; tables of another run in the folder are removed.
cat >volatile.yaml <<'EOF'
study: {name: volatile, stop_second: 400 ns}
array: {m: 3, n: 2, r_word_ohm: 5 ohm, r_bit_ohm: 5 ohm}
cells: {device: eso-yoo2024, params: tau=159n}
drive: {scheme: pattern, volt: 1 V, pattern: "w0@10n w2@20n b1@80n*0.9"}
read: {count: 6, start_second: 150 ns, period_second: 40 ns}
report: {frames: 4}
EOF
run "$ohmgrid" cosim volatile.yaml -o read; expect_status 0
expect_out "3 x 2: 6 cells in ngspice"; expect_out "reads               6"; expect_out "last/first"
for file in report.html reads.csv reads.svg frames.csv lines.csv energy-lines.svg; do
  [ -s read/$file ] || complain "want read/$file"
done
[ -s read/state.gif ] || [ -s read/state-004.svg ] || complain "want the map in time"
[ "$(wc -l <read/reads.csv)" = 7 ] || complain "want a line for each read"
[ "$(wc -l <read/frames.csv)" = 5 ] || complain "want a line for each picture"
expect_no_file read/change.svg
printf '# the same\nw0@10n w2@20n\nb1@80n*0.9 # a share\n' >pattern.txt
run "$ohmgrid" cosim volatile.yaml -o same --set drive.pattern=pattern.txt; expect_status 0
cmp -s read/reads.csv same/reads.csv || complain "want the same currents from a pattern in a file"
run "$ohmgrid" cosim volatile.yaml -o read --set read.count=0 --set report.frames=0; expect_status 0
for file in reads.csv reads.svg frames.csv state.gif; do expect_no_file read/$file; done
run "$ohmgrid" cosim volatile.yaml -o switch --set cells.selector=selector-threshold \
  --set cells.selector_params="vth=0.5 vhold=0.2" --set check.reference=yes
expect_status 0; expect_out "one deck in ngspice"
head -n 1 switch/cells.csv | grep -q "w_start.*sel_s_start" || complain "want both states"

# A state that leaves the range of its card: said, written, status 3.
mkdir narrow; cp "$top_srcdir/devices/eso-yoo2024/eso.lib" narrow/
sed 's/max: 1.001/max: 0.05/' "$top_srcdir/devices/eso-yoo2024/card.yaml" >narrow/card.yaml
run "$ohmgrid" cosim volatile.yaml -o outside --set cells.device=narrow/card.yaml
expect_status 3; expect_err "state w of cell ("; expect_err "need -0.001 .. 0.05"
grep -q '"states_out_of_range": [1-9]' outside/results.json || complain "want the results and their number"
grep -q 'class="fail"' outside/report.html || complain "want it in the report"

run "$ohmgrid" cosim volatile.yaml -o bad --set drive.pattern="w0@10n w0@20n"
expect_status 2; expect_one_line; expect_err "pulse w0@2e-08: begins before"
run "$ohmgrid" cosim volatile.yaml -o bad --set cells.params=ron=1
expect_status 2; expect_one_line; expect_err "need a parameter of eso: tau"
run "$ohmgrid" cosim volatile.yaml -o bad --set cells.device=fefet-dendrite
expect_status 2; expect_one_line; expect_err "two or three terminals"
run "$ohmgrid" cosim volatile.yaml -o bad --set cells.lib=cell.lib
expect_status 2; expect_one_line; expect_err "need one of the two"

run "$ohmgrid" cosim write.yaml -o bad --set drive.row=3; expect_status 2; expect_one_line; expect_err "need a cell of the 3 x 4 array"
run "$ohmgrid" cosim write.yaml -o bad --set cells.params=gon; expect_status 2; expect_one_line; expect_err "need NAME=VALUE"
run "$ohmgrid" cosim write.yaml -o bad --set cells.subckt=other; expect_status 2; expect_err "no .subckt other"
run "$ohmgrid" cosim write.yaml -o bad --set cells.lib=none.lib; expect_status 2; expect_one_line; expect_err "none.lib"
run "$ohmgrid" cosim write.yaml -o bad --set drive.scheme=file; expect_status 2; expect_err "drive.wave"
run "$ohmgrid" cosim nowhere.yaml; expect_status 2; expect_one_line
run "$ohmgrid" cosim; expect_status 2; expect_err "saw no study"
run "$ohmgrid" cosim --keys; expect_status 0; expect_out "drive.scheme"; expect_out "read.count"
finish
