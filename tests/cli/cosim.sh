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
run "$ohmgrid" cosim volatile.yaml -o first --set read.count=0 --set study.stop_second=220n; expect_status 0
run "$ohmgrid" cosim volatile.yaml -o then --resume first/checkpoint.csv; expect_status 0
expect_out "reads               4"
{ tail -n 1 same/reads.csv; tail -n 1 then/reads.csv; } | tr '\n' , | awk -F, '{ exit !($2 > 0 && ($2 - $5) ^ 2 < 1e-6 * $2 ^ 2) }' ||
  complain "want the last read of the whole run"
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

# A run in two pieces; one that ngspice breaks off, gone on with by hand and by itself.
run "$ohmgrid" cosim write.yaml -o whole --set check.reference=no --set check.compact=yes
expect_status 0; expect_out "compact models      states differ by"; expect_out "times faster"
grep '"compact_state_error"' whole/results.json | awk '{ exit !($2 + 0 > 0 && $2 + 0 < 1e-3) }' || complain "want a small error"
grep -q "Compact models" whole/report.html || complain "want it in the report"
run "$ohmgrid" cosim write.yaml -o half --set check.reference=no --set study.stop_second=40n; expect_status 0
[ -s half/checkpoint.csv ] || complain "want half/checkpoint.csv"
run "$ohmgrid" cosim write.yaml -o rest --set check.reference=no --resume half/checkpoint.csv
expect_status 0; expect_out "went on from        4e-08 s"
# same_states FOLDER: every end state is that of the whole run within 1e-3
same_states() {
  paste -d, whole/cells.csv "$1/cells.csv" | awk -F, 'NR > 1 && ($4 - $12 > 1e-3 || $12 - $4 > 1e-3) { bad = 1 }
    END { exit bad || NR != 13 }' || complain "want the states of the whole run in $1"
}
same_states rest
grep -q '"begin_second": [34]' rest/results.json || complain "want the begin of the run"
sed 's/^\.ends/bz z 0 v=sqrt(0.3-v(w))\nrz z 0 1k\n.ends/' cell.lib >breaks.lib
run "$ohmgrid" cosim write.yaml -o broken --set check.reference=no --set cells.lib=breaks.lib
expect_status 1; expect_one_line; expect_err "cell (1,2)"
expect_err "go on with --resume broken/checkpoint.csv --set study.step_second=2.5e-10, or --set cells.spice=none"
[ -s broken/checkpoint.csv ] || complain "want broken/checkpoint.csv"
expect_no_file broken/report.html
run "$ohmgrid" cosim write.yaml -o broken --set check.reference=no --set cells.lib=breaks.lib \
  --resume broken/checkpoint.csv --set cells.spice=none --set cells.other=compact
expect_status 0; expect_out "0 cells in ngspice, 12 compact"; same_states broken
run "$ohmgrid" cosim write.yaml -o rescued --set check.reference=no --set cells.lib=breaks.lib --set study.on_failure=compact
expect_status 0; expect_out "failures            1, the last at"; same_states rescued
grep -q "Failures on the way" rescued/report.html || complain "want it in the report"
grep -q '"times": 1' rescued/results.json || complain "want it in results.json"

# Write-verify: three terminals, tables, drawing, and what it cannot do.
cat >gated.lib <<'EOF'
* a state that grows above 1 V from gate to source sets a channel
.subckt gated d g s w gon=10u
cw w 0 1n ic=0
bw 0 w i=1n*3meg*max(0,v(g,s)-1)
bi d s i=gon*v(w)*v(d,s)*min(1,max(0,5*v(g,s)))
rg g s 1e13
.ends
EOF
cat >verify.yaml <<'EOF'
study: {name: verify, step_second: 2 ns}
array: {m: 1, n: 3}
cells: {lib: gated.lib, subckt: gated, state: w, spice: none, other: compact}
drive: {scheme: verify, erase_volt: -3 V, erase_width_second: 20 ns, volt: 1.5 V, volt_step: 50 mV, pulses: 12}
read: {gate_volt: 0.5 V, width_second: 20 ns}
verify: {levels: 3, target_min_amp: 10 nA, target_max_amp: 40 nA, tolerance: 1}
EOF
run "$ohmgrid" cosim verify.yaml -o high --set verify.tolerance=0.5; expect_status 3; expect_err "above their level"
run "$ohmgrid" cosim verify.yaml -o high --set verify.tolerance=0.5 --json; expect_status 3; expect_out '"write_verify"'
run "$ohmgrid" cosim verify.yaml -o levels; expect_status 0
expect_out "3 of 3 columns reached their level"; expect_out "error/step"
for file in verify.csv verify.svg waves.svg state.svg cells.csv; do [ -s levels/$file ] || complain "want levels/$file"; done
expect_no_file levels/checkpoint.csv
head -n 1 levels/verify.csv | grep -qx "read,pulse_volt,i_0,i_1,i_2" || complain "want the head of verify.csv"
grep -q "<h2>Write-verify</h2>" levels/report.html || complain "want it in the report"
grep -q '"worst_error_levels"' levels/results.json || complain "want it in results.json"
run "$ohmgrid" cosim verify.yaml -o few --set drive.pulses=3; expect_status 3
expect_err "columns below their level after 3 pulses"; expect_out "of 3 columns reached"
grep -q 'class="fail"' few/report.html || complain "want it in the report"
run "$ohmgrid" cosim verify.yaml -o levels --resume half/checkpoint.csv
expect_status 2; expect_one_line; expect_err "resume: saw half/checkpoint.csv, need none with drive.scheme: verify"
run "$ohmgrid" cosim write.yaml -o bad --resume nowhere.csv; expect_status 2; expect_one_line; expect_err "nowhere.csv"
run "$ohmgrid" cosim write.yaml -o bad --resume cell.lib; expect_status 2; expect_one_line; expect_err "need a checkpoint"
run "$ohmgrid" cosim write.yaml -o few --set check.reference=no; expect_status 0
for file in verify.csv verify.svg; do expect_no_file few/$file; done

run "$ohmgrid" cosim write.yaml -o bad --set drive.row=3; expect_status 2; expect_one_line; expect_err "need a cell of the 3 x 4 array"
run "$ohmgrid" cosim write.yaml -o bad --set cells.params=gon; expect_status 2; expect_one_line; expect_err "need NAME=VALUE"
run "$ohmgrid" cosim write.yaml -o bad --set cells.subckt=other; expect_status 2; expect_err "no .subckt other"
run "$ohmgrid" cosim write.yaml -o bad --set cells.lib=none.lib; expect_status 2; expect_one_line; expect_err "none.lib"
run "$ohmgrid" cosim write.yaml -o bad --set drive.scheme=file; expect_status 2; expect_err "drive.wave"
run "$ohmgrid" cosim nowhere.yaml; expect_status 2; expect_one_line
run "$ohmgrid" cosim; expect_status 2; expect_err "saw no study"
run "$ohmgrid" cosim --keys; expect_status 0; expect_out "drive.scheme"; expect_out "read.count"
finish
