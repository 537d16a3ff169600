#!/bin/sh
# netlist: every kind of deck, and what is refused. What decks mean is shown by check_netlist_spice.
. "$top_srcdir/tests/cli/lib.sh"
wires="--r-word 3 --r-bit 2 --r-source 20 --r-sense 10"
has() { grep -qF -- "$1" deck.cir || { cp deck.cir out; complain "want in the deck: $1"; }; }
deck() { run "$ohmgrid" netlist -g g.csv "$@" -o deck.cir; expect_status 0; }

deck -v v.csv $wires
has "rs_0_0 s_0 d_0_0 20"; has "rw_0_0 d_0_0 w_0_0 3"; has "rt_3_1 e_3_1 t_1 10"
run "$ohmgrid" netlist -g g.csv -v v.csv $wires -o -; expect_status 0
cmp -s out deck.cir || complain "want the same on standard output"
if [ -w /dev/full ]; then
  "$ohmgrid" netlist -g g.csv -v v.csv -o - >/dev/full 2>err
  status=$?
  [ "$status" = 1 ] || complain "into a full disk: want status 1"
fi
deck -v v.csv $wires --cell sinh,v0=0.2 --hierarchical
has ".subckt ohmgrid_cell_0 w b params: g=1"; has "xtile s_0 s_1 s_2 t_0 t_1 ohmgrid_tile"
deck -v v.csv --cell "transistor + linear" --dialect xyce
has "bcw_2_1 s_2 p_2_1 i={"; has "rcb_2_1 p_2_1 t_1 "
printf -- '-1,-1e-6\n0,0\n0.15,2e-7\n0.18,3e-7\n' >iv.csv
deck -v v.csv --cell table,file=iv.csv,g_ref=1e-6; has "bc_0_0 s_0 t_0 i="
printf '0,0,0,0\n1e-10,0.3,-0.2,0.1\n' >wave.csv
deck --wave wave.csv --tran 1e-9 --step 2e-12 --c-word 2e-15 --c-bit 1e-15 --c-cell 3e-15 $wires
has "vs_1 s_1 0 pwl(0 0 1e-10 -0.20000000000000001)"; has ".tran 2e-12 1.0000000000000001e-09 0 2e-12"
has "cw_2_1 w_2_1 0 "; has "cb_2_1 b_2_1 0 "; has "cc_2_1 w_2_1 b_2_1 "
deck -v v.csv $wires --noise 1 --noise-input 2 --temperature 350
has "hn_out n_out 0 vt_1 1"; has ".noise v(n_out) vs_2 "; has "ac 1"
printf '.subckt two a b params: r=1\nr1 a b {r}\n.ends\n' >two.lib
deck -v v.csv --subckt two=two.lib --param r=g.csv; has "xc_2_1 s_2 t_1 two params: r="

# Refusals: one line, the right status, and no file.
bad() { rm -f bad.cir; run "$ohmgrid" netlist -g g.csv "$@" -o bad.cir; expect_status 2; expect_no_file bad.cir; }
bad; expect_err "-v: saw none"
run "$ohmgrid" netlist -g g.csv -v v.csv; expect_status 2; expect_err "-o: saw none"
bad -v v.csv --input 1; expect_one_line; expect_err "need 0 to 0"
bad -v v.csv --wave wave.csv; expect_err "needs --tran"
bad -v v.csv --tran 1e-9 --noise 1; expect_err "only one"
bad -v v.csv --noise 2; expect_one_line; expect_err "noise_output: saw 2"
bad -v v.csv --dialect pspice; expect_err "need ngspice or xyce"
bad -v v.csv --param r=g.csv; expect_err "needs --subckt"
bad -v v.csv --subckt two; expect_err "need NAME=FILE"
bad -v v.csv --subckt two=nowhere.lib; expect_one_line; expect_err "nowhere.lib"
bad -v v.csv --subckt two=two.lib --param r=v.csv; expect_one_line; expect_err "need (3, 2)"
bad -v v.csv --subckt three=two.lib; expect_one_line; expect_err "saw no .subckt three"
bad -v v.csv --cell sinus; expect_one_line; expect_err "sinus"
bad --wave v.csv --tran 1e-9; expect_one_line; expect_err "a time and 3 voltages"
printf '.control\nshell touch pwned\n.endc\n' >evil.lib
bad -v v.csv --subckt two=evil.lib; expect_one_line; expect_err 'saw ".control"'
finish
