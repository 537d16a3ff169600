#!/bin/sh
# device new: folders out of subcircuits, good and bad, one with a closed form.
. "$top_srcdir/tests/cli/lib.sh"
# A cell with one state between two bounds, pushed by the voltage.
cat >cell.lib <<'EOL'
* helpers stand first
.subckt unused a b
r1 a b 1k
.ends
.subckt cell p n w params: gon=83u goff=1.7u k=31meg w0=0.3 cs=1n
cw w 0 {cs} ic={w0}
bw 0 w i={cs}*({k}*(v(p,n)>0 ? v(p,n)*(1-v(w)) : v(p,n)*v(w)))
bi p n i=({goff}+({gon-goff})*v(w))*v(p,n)
.ends
EOL
run "$ohmgrid" device new mine --subckt cell.lib --pins p,n,w -o made --volt 0.7 --threads 2
expect_status 0; expect_out "subcircuit cell, 5 parameters, 1 states"; expect_out "grid: 77 runs, 0 failed"; expect_out "20 figures, 0 outside"
expect_out "table: none: it has states"; expect_out "state w: "
expect_out "compact model: states within"
[ "$(ls -A made)" = mine ] || complain "want nothing else in made"
[ "$(ls made/mine | tr '\n' ' ')" = "bench.yaml card.yaml mine.lib model.md " ] || complain "want four files"
cmp -s cell.lib made/mine/mine.lib || complain "want the text copied"
run "$ohmgrid" device show made/mine/card.yaml; expect_status 0; expect_out "gon                    8.3e-05 (4.15e-05 .. 0.000166)"
expect_out "not yet told"; expect_out "bw 0 w i="
run "$ohmgrid" device bench made/mine/card.yaml; expect_status 0; expect_out "20 figures, 0 outside"
grep -q 'replace them' made/mine/bench.yaml || complain "want the user told what to replace"
# what is there is not touched
cp made/mine/card.yaml before
run "$ohmgrid" device new mine --subckt cell.lib --pins p,n,w -o made; expect_status 2; expect_one_line; expect_err "made/mine: is there already"
cmp -s before made/mine/card.yaml || complain "want the folder as it was"
run "$ohmgrid" device new other --subckt cell.lib --pins p,n,w -o made/mine/card.yaml; expect_status 1; expect_one_line
# another definition; JSON; letter case
run "$ohmgrid" device new first --subckt cell.lib --definition UNUSED --pins A,b --json; expect_status 0; expect_out '"subckt": "unused"'
expect_out '"failed_runs": 0'; expect_out '"table_points": 101'; grep -q '"table_siemens": 0.00[01]' out || complain "want 1 mS"
# without states: the table against the closed form i = i0 sinh(v/v0)
printf '.subckt nl p n i0=1.3u v0=0.37\nb1 p n i={i0}*sinh(v(p,n)/{v0})\n.ends\n' >nl.lib
run "$ohmgrid" device new nl --subckt nl.lib --pins p,n; expect_status 0; expect_out "table: table.csv, 101 points"
awk -F, '!/^#/ { v = $1 / 0.37; s = 1.3e-6 * (exp(v) - exp(-v)) / 2; e = $2 - s; if (e < 0) e = -e; n++; if (e > 1e-11) bad++ }
  END { exit !(n == 101 && bad == 0) }' nl/table.csv || complain "want 101 points of the closed form"
printf '3.5e-6,3.5e-6\n3.5e-6,3.5e-6\n' >g.csv; echo 0.31,-0.17 >v.csv
run "$ohmgrid" solve -g g.csv -v v.csv --r-word 0 --r-bit 0 --cell table,file=nl/table.csv -o i.npy; expect_status 0
# neither: time in a law
printf '.subckt aging p n\nb1 p n i=1m*v(p,n)*(1+1meg*time)\n.ends\n' >aging.lib
run "$ohmgrid" device new aging --subckt aging.lib --pins p,n; expect_status 0; expect_out "compact model: none: "
expect_out "table: none: it depends on time"; expect_out "arrays: the device works in ngspice only"
# a compact model of the cell is the cell
run "$ohmgrid" device new json --subckt cell.lib --pins p,n,w --json; expect_status 0; expect_out '"compact": true'
awk -F'[:,]' '/_deviation/ { n++; if (!($2 + 0 < 1e-3)) bad++ } END { exit !(n == 2 && bad == 0) }' out || complain "want deviations below 1e-3"
# what is refused, and leaves nothing
refused() { expect_status 2; expect_one_line; expect_err "$1"; expect_no_file bad; [ -z "$(find . -maxdepth 1 -name '.bad*')" ] || complain "want no remains"; }
bad() { run "$ohmgrid" device new bad --subckt "$@"; }
bad cell.lib --pins p,n; refused "pins: saw 2, need 3 as in .subckt cell: p,n,w"
bad cell.lib --pins p,w,n; refused "pins: saw w as pin 2, need n as in .subckt cell: p,n,w"
bad cell.lib --pins p,n,w,x; refused "pins: saw x as pin 4, need none as in .subckt cell: p,n,w"
bad cell.lib --pins p,n,w --definition nobody; refused "cell.lib: saw no .subckt nobody, need one of unused, cell"
bad none.lib --pins p,n; refused "none.lib: No such file"
sed 's/{gon-goff}/{gon-goof}/' cell.lib >b.lib; bad b.lib --pins p,n,w; refused "b.lib:8: bi: "; expect_err "goof"
sed 's/^cw.*/cw w 0 {cs} ic={w0}\nd1 p n nomodel/' cell.lib >b.lib; bad b.lib --pins p,n,w; refused "nomodel"
sed 's/^cw.*/.control\nshell touch hit\n.endc/' cell.lib >b.lib; bad b.lib --pins p,n,w; refused "b.lib:6: saw a card that gives orders to ngspice"
sed 's/ic={w0}/ic=`touch hit`/' cell.lib >b.lib; bad b.lib --pins p,n,w; refused "b.lib:6: saw a backquote"
expect_no_file hit
{ cat cell.lib; echo 'v1 a 0 1'; } >b.lib; bad b.lib --pins p,n,w; refused 'b.lib:10: saw "v1 a 0 1" outside of a .subckt'
{ cat cell.lib; echo '.include nl.lib'; } >b.lib; bad b.lib --pins p,n,w; refused "need all in one"
sed 's/^cw.*//; s/v(w)/0.5/g; s/^bw.*//' cell.lib >b.lib; bad b.lib --pins p,n,w; refused "nothing inside that uses pin w"
: >b.lib; bad b.lib --pins p,n; refused "b.lib: saw no .subckt"
run "$ohmgrid" device new ../bad --subckt cell.lib --pins p,n,w; refused 'name: saw "../bad"'
run "$ohmgrid" device new bad --subckt cell.lib; expect_status 2; expect_err "need --pins"
run "$ohmgrid" device new bad --pins p,n; expect_status 2; expect_err "need the file"
run "$ohmgrid" device new bad --subckt cell.lib --pins p,n,w --volt 0; expect_status 2; expect_err "volt"
run "$ohmgrid" device new bad --subckt cell.lib --pins p,n,w --drive w; expect_status 2; expect_err "drive"
run env OHMGRID_SPICE=/nowhere "$ohmgrid" device new bad --subckt nl.lib --pins p,n; expect_status 1; expect_err "/nowhere"; expect_no_file bad
# a current that overflows: rows with ngspice's words, the folder is made
printf '.subckt of p n vs=1m\nb1 p n i=1u*sinh(v(p,n)/{vs})\n.ends\n' >of.lib
run "$ohmgrid" device new of --subckt of.lib --pins p,n; expect_status 3; expect_one_line; expect_err "of 21 runs that failed"
grep '^pulse 1 V ' out | grep defaults | grep 'e-08 s' | grep -q "out of range for sinh" || complain "want bias, time and ngspice's words"
run "$ohmgrid" device show of/card.yaml; expect_status 0
run "$ohmgrid" device bench of/card.yaml; expect_status 1
# fails at the full amplitude only: the benches take less
printf '.subckt hi p n vs=1m\nb1 p n i=1u*sinh(v(p,n)/{vs})\n.ends\n' >hi.lib
run "$ohmgrid" device new hi --subckt hi.lib --pins p,n --volt 1.1; expect_status 3
run "$ohmgrid" device bench hi/card.yaml; [ "$status" = 0 ] || [ "$status" = 1 ] || complain "want 0 or 1"
# three terminals
printf '.subckt fet d g s vth=0.3 k=20u\nb1 d s i={k}*max(0,v(g,s)-{vth})*tanh(5*v(d,s))\nc1 g s 1f\n.ends\n' >fet.lib
run "$ohmgrid" device new fet --subckt fet.lib --pins d,g,s --terminals 3 --drive g --ground s --hold 0.2; expect_status 0
expect_out "table: none: it has more than two terminals"
run "$ohmgrid" device bench fet/card.yaml; expect_status 0
finish
