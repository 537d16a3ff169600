#!/bin/sh
# Monte Carlo of a circuit device: a counter of pulses of the test's own, whose conductance is k times their number.
. "$top_srcdir/tests/cli/lib.sh"
data=$OHMGRID_DATADIR
mkdir -p devices/steps
cat >devices/steps/steps.lib <<'EOL'
* a pulse above 1 V raises u by 1 per 100 ns, one below -1 V lowers it ten times as fast; at 0 it stays
.subckt steps p n u k=1u t=100n u0=0 c=1n
cu u 0 {c} ic={u0}
bu u 0 i=-{c}/{t}*(v(p,n)>1 ? 1 : v(p,n)<-1 ? -10*tanh(v(u)/0.01) : 0)
bi p n i={k}*v(u)*v(p,n)
.ends
EOL
cat >devices/steps/card.yaml <<'EOL'
kind: circuit
title: Counter of pulses
file: steps.lib
subckt: steps
pins: [p, n, u]
states:
  u: {min: -0.1, max: 50, unit: "1", help: pulses}
parameters:
  k: {value: 1 uS, min: 1 nS, max: 1 mS, spread: 0.2, help: conductance of a pulse, source: "assumption: a test"}
  t: {value: 100 ns, min: 1 ns, max: 1 ms, help: width, source: "assumption: a test"}
  u0: {value: 0, min: 0, max: 50, help: at the beginning, source: "assumption: a test"}
  c: {value: 1 nF, min: 1 pF, max: 1 uF, source: "assumption: a test"}
EOL
cat >good.yaml <<'EOL'
title: counted pulses
source: "assumption: a test"
carry: u=u0
series: 1 ohm
read: {voltage: 0.3 V, width: 50 ns, edge: 2 ns}
erase: {voltage: -2 V, width: 1 us, edge: 1 ns}
pulse: {voltage: 2 V, width: 99 ns, edge: 1 ns, gap: 20 ns}
knob: {is: count, from: 0, to: 12}
levels: {count: 5, from: 2 uS, to: 10 uS}
EOL
cp good.yaml devices/steps/program.yaml
OHMGRID_DATADIR=$PWD; export OHMGRID_DATADIR
run "$ohmgrid" device sample steps -o out1 --samples 40 --seed 7 --threads 1; expect_status 0
expect_out "steps: 40 samples of 1 parameters, seed 7; open-loop, knob count"
for file in card.yaml samples.csv table.csv results.json reached.svg sigma.svg energy.svg; do
  [ -s "out1/$file" ] || complain "want out1/$file"
done
[ "$(wc -l <out1/samples.csv)" = 201 ] || complain "want 40 samples of 5 levels"
# the same bytes with more sessions, another outcome with another seed
run "$ohmgrid" device sample steps -o out3 --samples 40 --seed 7 --threads 3; expect_status 0
for file in card.yaml samples.csv table.csv results.json; do
  cmp -s "out3/$file" "out1/$file" || complain "want $file whatever the threads"
done
run "$ohmgrid" device sample steps --samples 40 --seed 7 --json; expect_status 0
cmp -s out out1/results.json || complain "want --json as results.json"
run "$ohmgrid" device sample steps -o out8 --samples 40 --seed 8; expect_status 0
cmp -s out8/samples.csv out1/samples.csv && complain "want another outcome with another seed"
# the card is one
run "$ohmgrid" device show out1/card.yaml; expect_status 0
for part in "program_sigma" "program_energy" "SPICE Monte Carlo of steps, 40 samples, seed 7, program.yaml"; do expect_out "$part"; done
# write-verify: all within the tolerance
run "$ohmgrid" device sample steps -o verify --samples 10 --set scheme=write-verify --set verify.tolerance=0.1 --set knob.to=30; expect_status 0
expect_out "write-verify, knob count"
awk -F, 'NR > 1 && $11 == "reached" && ($4 - $3 > 0.8e-6 || $3 - $4 > 0.8e-6) { exit 1 }' verify/samples.csv ||
  complain "want every level that was reached within 0.8 uS"
# samples that fail are told of: beyond 1.6 times the nominal k ngspice is given a voltage loop of its own
sed 's/^bi p n .*/&\nbf f 0 v={k}>1.25u ? sqrt(-1-abs(v(p,n))) : 0/' devices/steps/steps.lib >bad.lib
cp devices/steps/steps.lib good.lib; cp bad.lib devices/steps/steps.lib
run "$ohmgrid" device sample steps -o failed --samples 40 --seed 7; expect_status 1; expect_one_line
expect_err "of 40 samples failed; sample "
grep -q ',failed$' failed/samples.csv || complain "want failed samples in the table"
grep -q '"why": ".*ngspice' failed/results.json || complain "want the words of ngspice"
cp good.lib devices/steps/steps.lib
# what is refused
run "$ohmgrid" device sample steps --set knob.to=0; expect_status 2; expect_err "program.yaml: knob.to: saw 0, need more than knob.from (0)"
run "$ohmgrid" device sample steps --set levels.to=30u; expect_status 2; expect_err "what the nominal device reaches"
run "$ohmgrid" device sample steps --set carry=v=u0; expect_status 2; expect_err 'carry: saw "v", need a pin of the card'
run "$ohmgrid" device sample steps --set spread=k=0; expect_status 2; expect_err "need a parameter with a spread"
run "$ohmgrid" device sample steps --set knob.si=count; expect_status 2; expect_err "knob.si"
sed 's/^series/serial/' good.yaml >devices/steps/program.yaml
run "$ohmgrid" device sample steps; expect_status 2; expect_err "program.yaml:4: serial"
rm devices/steps/program.yaml
run "$ohmgrid" device sample steps; expect_status 2; expect_one_line; expect_err "program.yaml"
run "$ohmgrid" device sample; expect_status 2; expect_err "saw no name"
run "$ohmgrid" device sample steps --samples 1; expect_status 2
run "$ohmgrid" device sample steps --seed x; expect_status 2
OHMGRID_DATADIR=$data
run "$ohmgrid" device sample rram-wan2022; expect_status 2; expect_err "saw a card of statistics"
# every program.yaml of ours still works
for path in "$data"/devices/*/program.yaml; do
  name=$(basename "$(dirname "$path")")
  run "$ohmgrid" device sample "$name" --samples 2 --set levels.count=3; expect_status 0; expect_out "0 samples failed"
done
# a study takes the card, and tells what programming costs
images=/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz
if [ -e "$images" ]; then
  run "$ohmgrid" run "$top_srcdir/studies/fashion-mlp.yaml" -o study --no-cache --trials 1 --set data.train_images=$images \
    --set data.train_labels=/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz --set data.test_count=100 \
    --set network.hidden=7 --set train.epochs=1 --set calibration.images=50 --set check.rows=5 --set check.columns=4 \
    --set device.card=out1/card.yaml
  expect_status 0; expect_out "  programming "; expect_out "11116 cells of"
  grep -q '"programming_once"' study/results.json || complain "want programming_once in results.json"
  grep -q 'Programming the arrays once' study/report.html || complain "want programming in report.html"
fi
finish
