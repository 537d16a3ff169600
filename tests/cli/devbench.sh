#!/bin/sh
# Benches of circuit devices: a device folder of the test's own, an RC low-pass, whose figures have closed forms.
. "$top_srcdir/tests/cli/lib.sh"
mkdir -p devices/rc
OHMGRID_DATADIR=$PWD; export OHMGRID_DATADIR
cat >devices/rc/rc.lib <<'EOL'
.subckt rc in out r=1.3k c=1.7n
r1 in out {r}
c1 out 0 {c}
.ends
EOL
cat >devices/rc/card.yaml <<'EOL'
kind: circuit
title: Low-pass
file: rc.lib
subckt: rc
pins: [in, out]
states:
  out: {min: -1 mV, max: 1.001 V, unit: V, help: charge}
parameters:
  r: {value: 1.3 kohm, min: 1 ohm, max: 1 Mohm, spread: 0.1, help: resistance, source: "assumption: a test"}
  c: {value: 1.7 nF, min: 1 pF, max: 1 uF, source: "assumption: a test"}
EOL
printf '# low-pass\n\n## Equations\nC dv/dt = (u - v)/R\n## Validity\nalways\n' >devices/rc/model.md
# A step of 1 V: v = 1 - exp(-t/tau), i = exp(-t/tau)/R; energy of the source up to 20 tau: C V^2.
cat >good.yaml <<'EOL'
benches:
  step:
    title: Step of 1 V
    short: yes
    own_rtol: 2e-3
    deck: |
      step of 1 V
      .include rc.lib
      .param rr=1k
      v1 in 0 pulse(0 1 0 1p 1p 1 2)
      x1 in out rc r={rr}
      b1 lack 0 v=v(in)-v(out)
      .options reltol=1e-6
      .tran 50n 44u 0 50n uic
    sweep: {rr: [1k, 1.3k]}
    figures:
      tau: {fit_decay: v(lack), from: 0.1u, to: "5*{rr}*1.7n", expected: "{rr}*1.7n", rtol: 1e-3, unit: s, source: RC}
      at_tau: {measure: "find v(out) at={rr*1.7n}", expected: "1-exp(-1)", rtol: 1e-3, unit: V, source: closed form}
      half: {cross: [v(out), 0.5, time], expected: "{rr}*1.7n*ln(2)", rtol: 1e-3, unit: s, source: closed form}
      energy: {integral: v(in)*i(v1), sign: -1, expected: 1.7n, rtol: 1e-3, unit: J, source: "C V^2"}
      rises: {count: [v(out), 0.5], expected: 1, atol: 0, source: closed form}
      ratio: {ratio: ["find v(out) at=44u", "find v(in) at=44u"], min: 0.999, max: 1}
    plots:
      - {title: Output, x: time, y: [v(out), v(in)], log: ""}
      - {title: Time constant, x: rr, y: [figure tau], log: "xy"}
  longer:
    title: Left out by default
    deck: |
      gain
      .include rc.lib
      v1 in 0 ac 1
      x1 in out rc
      .ac dec 100 10k 1meg
    figures:
      corner: {measure: "when v(out)=0.70710678", expected: "1/(2*3.14159265*1.3k*1.7n)", rtol: 1e-3, unit: Hz, source: closed form}
EOL
cp good.yaml devices/rc/bench.yaml
run "$ohmgrid" device list; expect_status 0; expect_out "circuit    Low-pass"
run "$ohmgrid" device show rc; expect_status 0
for part in "1.3 kohm (1 ohm .. 1 Mohm), spread 10 %" "state out" "C dv/dt" "model.md" "assumption: a test"; do expect_out "$part"; done
run "$ohmgrid" device bench rc -o out1 --threads 2; expect_status 0; expect_out "2 runs, 0 failed; 16 figures, 0 outside"
expect_out "1 longer benches left out"
for file in results.json figures.csv step-1.csv step-2.csv step-plot1.svg step-plot2.svg; do
  [ -s "out1/$file" ] || complain "want out1/$file"
done
head -n 1 out1/step-1.csv >out; expect_out "time"
run "$ohmgrid" device bench rc --json --threads 1; expect_status 0; cmp -s out out1/results.json || complain "want --json as results.json, whatever the threads"
# its page
run "$ohmgrid" device page rc -o page --threads 2; expect_status 0; expect_out "page/rc.md: 16 figures, 0 outside"
[ -s page/rc-step-1.svg ] && [ -s page/rc-step-2.svg ] || complain "want both drawings"
cp page/rc.md out
for part in "# rc" "Low-pass." "C dv/dt = (u - v)/R" "| r | 1.3 kohm | 1 ohm .. 1 Mohm | 10 % | resistance | assumption: a test |" \
  "| energy | rr=1k |" "Bench \`step\`, 2 runs." "| pass |" "![Output](rc-step-1.svg)"; do expect_out "$part"; done
# an expectation that is wrong
sed 's/expected: 1.7n/expected: 2.7n/' good.yaml >devices/rc/bench.yaml
run "$ohmgrid" device bench rc; expect_status 3; expect_one_line; expect_err "rc: step, rr=1000: energy: saw 1.7"; expect_out FAIL
run "$ohmgrid" device page rc -o page; expect_status 3; expect_one_line; cp page/rc.md out; expect_out "**FAIL**"
mv devices/rc/model.md model.md
run "$ohmgrid" device page rc -o page; expect_status 2; expect_one_line; expect_err "model.md"
mv model.md devices/rc/model.md
# a state that leaves its range
cp good.yaml devices/rc/bench.yaml
sed -i 's/max: 1.001 V/max: 0.9 V/' devices/rc/card.yaml
run "$ohmgrid" device bench rc; expect_status 3; expect_err "state out"; expect_err "cell x1: out = "
sed -i 's/max: 0.9 V/max: 1.001 V/' devices/rc/card.yaml
# broken decks: the others go on
sed 's/v1 in 0 pulse/v1 in in2 pulse/; s/^      x1 in out rc r=.*/&\n      v2 in 0 1\n      v3 in 0 2/' good.yaml >devices/rc/bench.yaml
run "$ohmgrid" device bench rc --full; expect_status 1; expect_err "bench.yaml: step"; expect_err "ngspice"; expect_out "run FAILED"
expect_out "3 runs, 2 failed"
sed 's/^      x1 in out rc r=.*/      x1 in out nothing/' good.yaml >devices/rc/bench.yaml
run "$ohmgrid" device bench rc; expect_status 1; expect_err "bench.yaml: step (deck from line 7):5: x1: no .subckt nothing"
sed 's/find v(out) at=44u/find v(nowhere) at=44u/' good.yaml >devices/rc/bench.yaml
run "$ohmgrid" device bench rc; expect_status 1; expect_err "step.ratio"; expect_err "v(nowhere)"
sed 's/sweep: {rr/sweep: {qq/; s/{rr/{qq/g; s/x: rr/x: qq/; s/r={qq}/r=1k/' good.yaml >devices/rc/bench.yaml
run "$ohmgrid" device bench rc; expect_status 1; expect_err "saw no .param qq"
# what cannot be read
rm devices/rc/bench.yaml
run "$ohmgrid" device bench rc; expect_status 2; expect_one_line; expect_err "bench.yaml"
sed 's/c=1.7n/c=1.8n/' devices/rc/rc.lib >rc.lib && mv rc.lib devices/rc/rc.lib
run "$ohmgrid" device show rc; expect_status 2; expect_err "card.yaml:10: parameters.c: saw 1.7 nF, need 1.8e-09 as in .subckt rc"
run "$ohmgrid" device bench rc --threads 0; expect_status 2
run "$ohmgrid" device list --json; expect_status 2; expect_err "option of bench"
finish
