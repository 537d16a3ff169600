#!/bin/sh
# solve, reduce, netlist, check on a 3 x 2 array: formats, agreement between commands, bad input.
. "$top_srcdir/tests/cli/lib.sh"

# Ideal wires: I = G^T v, by hand: 2.1e-5*0.11 + 0.7e-5*0.2 + 3.3e-5*0.05 = 5.36e-6; 3.9e-5*0.11 + ... = 7.59e-6
run "$ohmgrid" solve -g g.csv -v v.csv; expect_status 0; expect_err "power balance"
awk -F, '{ exit !($1 - 5.36e-6 < 1e-18 && 5.36e-6 - $1 < 1e-18 && $2 - 7.59e-6 < 1e-18 && 7.59e-6 - $2 < 1e-18) }' out ||
  complain "want 5.36e-06,7.59e-06"

# All engines print the same to 10 digits, and the effective matrix gives the same currents.
wires="--r-word 3 --r-bit 2 --r-source 20 --r-sense 10"
for engine in auto cg cholesky reduce klu; do
  run "$ohmgrid" solve -g g.csv -v v.csv $wires --engine $engine; expect_status 0
  awk -F, '{ printf "%.10e %.10e\n", $1, $2 }' out >>all
done
[ "$(sort -u all | wc -l)" = 1 ] || { cp all out; complain "engines differ"; }
run "$ohmgrid" solve -g g.csv -v v.csv $wires --json; expect_status 0
for key in engine kcl_residual power_watt power_balance wall_second; do expect_out "\"$key\""; done

# Files: .npy out and back in; node voltages; nothing on stdout then.
run "$ohmgrid" solve -g g.csv -v v.csv $wires -o i.npy --voltages p; expect_status 0
[ ! -s out ] || complain "want nothing on stdout"
[ -s i.npy ] && [ -s p.word.npy ] && [ -s p.bit.npy ] || complain "want i.npy, p.word.npy and p.bit.npy"
run "$ohmgrid" reduce -g g.csv $wires -o geff.npy --admittance y.npy --json; expect_status 0; expect_out '"power_balance"'
run "$ohmgrid" solve -g geff.npy -v v.csv; expect_status 0
awk -F, '{ printf "%.10e %.10e\n", $1, $2 }' out >>all
[ "$(sort -u all | wc -l)" = 1 ] || { cp all out; complain "effective matrix differs"; }

# Cells that are not linear: ideal wires, I = sum of g v0 sinh(v / v0), by awk; a pair, a table, and their refusals.
run "$ohmgrid" solve -g g.csv -v v.csv --cell sinh,v0=0.1; expect_status 0; expect_err "newton steps"
awk -F, 'function f(g, v) { x = v / 0.1; return g * 0.05 * (exp(x) - exp(-x)) }
  { w = f(2.1e-5, 0.11) + f(0.7e-5, 0.2) + f(3.3e-5, 0.05); d = $1 - w; exit !(d < 1e-16 && d > -1e-16) }' out ||
  complain "want the sum of sinh currents"
run "$ohmgrid" solve -g g.csv -v v.csv $wires --cell "threshold,g=1m,v_th=0.1 + sinh" --json; expect_status 0
for key in engine kcl_residual power_watt power_balance wall_second newton_steps line_cuts continuation_steps out_of_range; do
  expect_out "\"$key\""
done
printf -- '-1,-1e-6\n0,0\n0.15,2e-7\n0.18,3e-7\n' >iv.csv
run "$ohmgrid" solve -g g.csv -v v.csv $wires --cell table,file=iv.csv,g_ref=1e-6; expect_status 0; expect_err "warning: 2 cells"
run "$ohmgrid" solve -g g.csv -v v.csv --cell table,file=g.csv; expect_status 2; expect_one_line
run "$ohmgrid" solve -g g.csv -v v.csv --cell table; expect_status 2; expect_one_line; expect_err "file: saw none"
run "$ohmgrid" solve -g g.csv -v v.csv --cell sinus; expect_status 2; expect_one_line; expect_err 'model: saw "sinus"'
run "$ohmgrid" solve -g g.csv -v v.csv --cell sinh,v0=-1; expect_status 2; expect_one_line; expect_err "cell sinh: v0"
run "$ohmgrid" solve -g g.csv -v v.csv --cell sinh --engine reduce; expect_status 2; expect_one_line; expect_err "engine"

# SPICE: the deck, and the comparison; a tolerance that cannot be met gives status 3.
run "$ohmgrid" netlist -g g.csv -v v.csv $wires -o deck.cir; expect_status 0
grep -q '^rc_2_1 w_2_1 b_2_1 ' deck.cir || complain "want cell rc_2_1 in the deck"
run "$ohmgrid" check -g g.csv -v v.csv $wires --json; expect_status 0
for key in engine kcl_residual power_watt power_balance wall_second worst_relative worst_node compared; do expect_out "\"$key\""; done
run "$ohmgrid" check -g g.csv -v v.csv $wires --tol 1e-15
case $status in 0 | 3) ;; *) complain "want status 0 or 3" ;; esac
run env OHMGRID_SPICE=/nowhere/worker "$ohmgrid" check -g g.csv -v v.csv; expect_status 1; expect_err "/nowhere/worker"
run env OHMGRID_SPICE=/bin/false "$ohmgrid" check -g g.csv -v v.csv; expect_status 1; expect_one_line
run "$ohmgrid" check deck.cir; expect_status 0; expect_out "crossbar of 3 x 2"

# Bad input: one line, the right status, nothing written.
bad() { run "$ohmgrid" "$@" -o bad.npy; expect_no_file bad.npy; }
bad solve -g nowhere.npy -v v.csv; expect_status 2; expect_one_line; expect_err "nowhere.npy"
echo "1,2" >short.csv
bad solve -g g.csv -v short.csv; expect_status 2; expect_one_line; expect_err "saw (2), need (3)"
echo "0.1, nan, 0.2" >nan.csv
bad solve -g g.csv -v nan.csv; expect_status 2; expect_one_line; expect_err "word line 1"
printf '1e-5,-2e-5\n1e-5,1e-5\n1e-5,1e-5\n' >negative.csv
bad solve -g negative.csv -v v.csv; expect_status 2; expect_one_line; expect_err "conductance (0,1): saw -2e-05"
printf '1e-5,inf\n1e-5,1e-5\n1e-5,1e-5\n' >infinite.csv
bad solve -g infinite.csv -v v.csv; expect_status 2; expect_one_line; expect_err "conductance (0,1)"
printf '1e-5,2e-5\n1e-5\n' >ragged.csv
bad solve -g ragged.csv -v v.csv; expect_status 2; expect_one_line; expect_err "ragged.csv:2"
head -c 60 geff.npy >cut.npy
bad solve -g cut.npy -v v.csv; expect_status 2; expect_one_line; expect_err "cut.npy"
bad solve -g g.csv -v v.csv --r-word -1; expect_status 2; expect_err '--r-word: saw "-1"'
bad solve -g g.csv -v v.csv --r-word 1k; expect_status 2
bad solve -g g.csv -v v.csv --drive up; expect_status 2; expect_err 'saw "up"'
run "$ohmgrid" solve -g g.csv -v v.csv $wires --engine klu; expect_status 0; expect_err "engine klu"
bad solve -g g.csv; expect_status 2; expect_err "-v: saw none"
run "$ohmgrid" solve -g g.csv -v v.csv -o /nowhere/i.npy; expect_status 1; expect_one_line; expect_err "/nowhere/i.npy"
printf '0,0\n0,0\n0,0\n' >open.csv
run "$ohmgrid" solve -g open.csv -v v.csv --r-sense inf; expect_status 1; expect_one_line; expect_err "floats"
if [ -w /dev/full ]; then
  "$ohmgrid" solve -g g.csv -v v.csv >/dev/full 2>err; status=$?; what="solve into a full disk"
  expect_status 1
fi
# Topologies: by hand one path through 2 + 1 + 1/2.1e-5 + 5 + 4 ohm, all other lines float or are open.
printf '2.1e-5,0\n0,0\n0,0\n' >one.csv
printf '1,9,9\n1,1,1\n1,1,1\n' >ws.csv
printf '9,9\n1,1\n1.5,1\n2.5,1\n' >bs.csv
echo "2,2,2" >so.csv
echo "4,4" >se.csv
each="--word-segments ws.csv --bit-segments bs.csv --source-ohms so.csv --sense-ohms se.csv"
run "$ohmgrid" solve -g one.csv -v v.csv $each --engine cholesky; expect_status 0
awk -F, '{ want = 0.11 / (2 + 1 + 1 / 2.1e-5 + 5 + 4); exit !($1 - want < 1e-12 * want && want - $1 < 1e-12 * want) }' out ||
  complain "want 0.11 V through the series circuit"
printf '# shorts\nw,0,0,b,2,1,120\n\nb, 0, 0, b, 0, 1, 0\n' >bridges.csv
echo "0.03,-0.02" >u.csv
for wires in "$each" "--ends direct --r-word 2 --r-bit 3" "--bridges bridges.csv --r-word 2 --r-bit 3" \
  "--metal 45,90,120 --bit-volts u.csv"; do
  run "$ohmgrid" check -g g.csv -v v.csv $wires; expect_status 0; expect_out "passed"
done
echo "0.1,0.2" >v2.csv
run "$ohmgrid" check -g g.csv -v v2.csv --wiring parallel --r-word 2 --r-bit 3 --r-source 1; expect_status 0
run "$ohmgrid" reduce -g g.csv --wiring parallel --r-word 2 --r-bit 3 -o geff.npy; expect_status 0
run "$ohmgrid" netlist -g g.csv -v v.csv --bit-volts u.csv -o deck.cir; expect_status 0
grep -q '^vt_1 t_1 0 dc -0.02' deck.cir || complain "want vt_1 at -0.02 V"
rm -f geff2.npy
run "$ohmgrid" reduce -g g.csv --bit-volts u.csv -o geff2.npy; expect_status 2; expect_one_line; expect_no_file geff2.npy
run "$ohmgrid" solve -g g.csv -v v.csv --ends up; expect_status 2; expect_err 'saw "up", need one of: segment direct'
run "$ohmgrid" solve -g g.csv -v v.csv --metal 45,90; expect_status 2; expect_err 'saw "45,90"'
run "$ohmgrid" solve -g g.csv -v v.csv --metal 1,90,120; expect_status 2; expect_err "a tenth of the mean free path"
run "$ohmgrid" solve -g g.csv -v v.csv --word-segments bs.csv; expect_status 2; expect_one_line; expect_err "need (3, 3)"
run "$ohmgrid" solve -g g.csv -v v.csv --source-ohms se.csv; expect_status 2; expect_one_line; expect_err "need (3)"
printf 'w,0,0,x,2,1,120\n' >bad.csv
run "$ohmgrid" solve -g g.csv -v v.csv --bridges bad.csv; expect_status 2; expect_one_line; expect_err "bad.csv:1: saw"
printf 'w,0,0,b,3,1,120\n' >bad.csv
run "$ohmgrid" solve -g g.csv -v v.csv --bridges bad.csv; expect_status 2; expect_one_line; expect_err "bridge 0: node: saw (3,1)"
run "$ohmgrid" solve -g g.csv -v v.csv --bridges nowhere.csv; expect_status 2; expect_one_line; expect_err "nowhere.csv"
printf 'w,0,0,b,2,1,0\n' >bad.csv
run "$ohmgrid" solve -g g.csv -v v.csv --bridges bad.csv; expect_status 1; expect_one_line; expect_err "a short between driver 0"
# Rates of this machine: measured, saved, used by auto, and refused with their place when damaged.
XDG_CACHE_HOME=$PWD/rates; export XDG_CACHE_HOME
run "$ohmgrid" calibrate; expect_status 0; expect_out "saved in"
run "$ohmgrid" solve -g g.csv -v v.csv $wires --json; expect_status 0; expect_out "measured rates"
echo "merge_flops fast" >rates/ohmgrid/rates.txt
run "$ohmgrid" solve -g g.csv -v v.csv $wires --json; expect_status 0; expect_err "merge_flops"; expect_out "built-in rates"
run env -u HOME -u XDG_CACHE_HOME "$ohmgrid" calibrate; expect_status 1; expect_err "HOME"
unset XDG_CACHE_HOME
# A comma as decimal point in the environment changes nothing.
"$ohmgrid" solve -g g.csv -v v.csv >plain 2>/dev/null
LC_ALL=de_DE.UTF-8 "$ohmgrid" solve -g g.csv -v v.csv >comma 2>/dev/null
cmp -s plain comma || complain "locale changes the output"
finish
