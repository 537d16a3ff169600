#!/bin/sh
# A small study end to end: files, the same bytes for any number of threads, the cache, bad studies, interruption.
. "$top_srcdir/tests/cli/lib.sh"
images=/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz
[ -e "$images" ] || { echo "needs the package dataset-fashion-mnist"; exit 77; }
cat >small.yaml <<EOF
study: {name: small <&> study, seed: 7, trials: 3}
data:
  train_images: $images
  train_labels: /usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz
  test_count: 300
network: {hidden: [17]}
train: {epochs: 2}
map: {tile_rows: 113, tile_columns: 16}
noise: {read_draws: 2}
calibration: {images: 200}
check: {rows: 9, columns: 7}
EOF
run "$ohmgrid" run small.yaml -o one --threads 1 --cache cache; expect_status 0
expect_out "all together"; expect_out "per inference"; expect_out "pass"
for file in results.json report.html study.yaml accuracy.csv energy.csv accuracy.svg energy.svg ir_drop.svg conductance.svg \
  crosscheck.svg; do
  [ -s one/$file ] || complain "want one/$file"
done
[ -z "$(find one -name '*.tmp')" ] || complain "want no temporary files"
run "$ohmgrid" run small.yaml -o two --threads 2 --no-cache --json; expect_status 0; expect_out '"seed": 7'; expect_out '"wall_second"'; expect_out '"power_balance"'
cmp one/results.json two/results.json >out 2>&1 || complain "results.json depends on threads"
# The resolved study is the same study; the cache holds the network.
run "$ohmgrid" run one/study.yaml -o three --cache cache; expect_status 0
cmp one/results.json three/results.json >out 2>&1 || complain "results.json differs for the resolved study"
# Weights from files: what the cache holds is also an input.
run "$ohmgrid" run small.yaml -o four --set network.weights="$(echo cache/mlp-*)" --set study.trials=1; expect_status 0
# Overrides work and another seed is another chip.
run "$ohmgrid" run small.yaml -o five --cache cache --set study.seed=8 --trials 2; expect_status 0
cmp -s one/results.json five/results.json && complain "another seed gives the same results"
[ "$(ls cache | wc -l)" = 1 ] || complain "another chip needs no new training"

# The table's statistics from its own trials: mean, sample standard deviation, Student's t (4.302653 for 3 trials).
cat one/accuracy_trials.csv one/accuracy.csv >tables
awk -F, 'NF == 3 { n[$1]++; s[$1] += $3; q[$1] += $3 * $3 }
  NF > 9 && $1 == "program" { seen = 1; m = s[$1] / n[$1]; d = sqrt((q[$1] - n[$1] * m * m) / (n[$1] - 1))
    c = 4.302653 * d / sqrt(n[$1])
    bad = n[$1] != 3 || ($4 - m) ^ 2 > 1e-20 || ($5 - d) ^ 2 > 1e-14 || ($6 - c) ^ 2 > 1e-13 }
  END { exit bad || !seen }' tables || { cp tables out; complain "statistics of programming error"; }
# Counts of layer 0, 784 x 17 on tiles of 113 x 16: 7 row tiles, 2 column tiles; ISAAC's 8-bit ADC takes 2 mW / 1.28 GS/s.
awk -F, '$1 == "layer 0 (784 x 17)" { count[$2] = $3; each[$2] = $4 }
  END { exit !(count["adc"] == 7 * 17 && count["dac"] == 784 * 2 && count["array"] == 28 && each["array"] > 0 &&
    (each["adc"] / 1.5625e-12 - 1) ^ 2 < 1e-20) }' one/energy.csv || { cp one/energy.csv out; complain "energy counts"; }

# Fewer training images than calibration asks for: the notes tell how many there were.
run "$ohmgrid" run small.yaml -o one --cache cache --trials 1 --set calibration.images=20000; expect_status 0
cp one/results.json out; expect_out "on 10000 training images"

# A run that fails while it writes leaves no results.json, which would tell that the folder is complete.
rm one/report.html && mkdir one/report.html
run "$ohmgrid" run small.yaml -o one --cache cache --trials 1; expect_status 1; expect_one_line; expect_no_file one/results.json

# A network of the cache that lost its last layer is another network: trained anew.
run "$ohmgrid" run small.yaml -o deep --cache cache2 --trials 1 --set network.hidden=17,12; expect_status 0
rm cache2/*/layer2.*
run "$ohmgrid" run small.yaml -o deep2 --cache cache2 --trials 1 --set network.hidden=17,12; expect_status 0
cmp deep/accuracy.csv deep2/accuracy.csv >out 2>&1 || complain "a damaged cache changes the network"
run "$ohmgrid" run small.yaml -o deep2 --cache cache2 --trials 1 --set network.hidden=17,12; expect_status 0
[ -e "$(echo cache2/*/layer2.weight.npy)" ] || complain "the cache is not made good again"
rm cache2/*/layer0.weight.npy
run "$ohmgrid" run small.yaml -o deep2 --cache cache2 --trials 1 --set network.hidden=17,12; expect_status 0
# A cache that cannot be is told before the training, which would take days here.
run timeout 60 "$ohmgrid" run small.yaml -o nine --cache /proc/nowhere --set train.epochs=10000; expect_status 1; expect_err "/proc/nowhere"

# A cross-check that cannot pass: all is written, status 3.
run "$ohmgrid" run small.yaml -o six --cache cache --trials 1 --set check.rtol=1e-15; 
case $status in 0 | 3) [ -s six/results.json ] || complain "want six/results.json" ;; *) complain "want 0 or 3" ;; esac
run env OHMGRID_SPICE=/bin/false "$ohmgrid" run small.yaml -o seven --cache cache --trials 1; expect_status 1; expect_one_line
expect_no_file seven/results.json
# One check outside its tolerance, then no ngspice: the error is that of the status.
cat >worker <<EOF
#!/bin/sh
[ -e started ] && exit 1
touch started
exec "$OHMGRID_SPICE"
EOF
chmod +x worker
run env OHMGRID_SPICE=./worker "$ohmgrid" run small.yaml -o eight --cache cache --trials 1 --set check.rtol=1e-15
expect_status 1; expect_one_line; expect_err "./worker"

bad() { run "$ohmgrid" run "$@" -o bad --cache cache; expect_one_line; expect_no_file bad/results.json; }
bad nowhere.yaml; expect_status 2; expect_err "nowhere.yaml"
bad small.yaml --set array.r_wrd_ohm=1; expect_status 2; expect_err "r_word_ohm"
bad small.yaml --set array.r_word_ohm=-1; expect_status 2; expect_err "array.r_word_ohm"
bad small.yaml --set array.t_read_second=5V; expect_status 2; expect_err "array.t_read_second"
bad small.yaml --set data.test_images=/nowhere/fashion-mnist/x.gz; expect_status 2; expect_err "dataset-fashion-mnist"
bad small.yaml --set device.card=no-such; expect_status 2; expect_err "rram-wan2022"
bad small.yaml --set network.weights=/nowhere; expect_status 2; expect_err "/nowhere"
printf 'array:\n  r_word_ohm: 1\n  r_wrd_ohm: 2\n' >typo.yaml
bad typo.yaml; expect_status 2; expect_err "typo.yaml:3"
echo "array: [" >broken.yaml
bad broken.yaml; expect_status 2; expect_err "broken.yaml"
run "$ohmgrid" run small.yaml -o /proc/nowhere --cache cache; expect_status 1; expect_one_line

# Ctrl-C: status 1, one line, no half file.
"$ohmgrid" run small.yaml -o cut --no-cache --set study.trials=500 >out 2>err &
pid=$!
sleep 3
kill -INT $pid
wait $pid; status=$? what="interrupted run"
expect_status 1; expect_err "interrupted"; expect_no_file cut/results.json
[ -z "$(find cut -type f 2>/dev/null)" ] || complain "want no files after an interruption"
finish
