#!/bin/sh
# --help and --version of everything, also into a full disk; option list = man page = completion.
. "$top_srcdir/tests/cli/lib.sh"
man=$top_builddir/doc/man/ohmgrid.1
completion=$top_srcdir/doc/ohmgrid-completion.bash

run "$ohmgrid" --help; expect_status 0; expect_out "Usage: ohmgrid COMMAND"; expect_out "Exit status"
run "$ohmgrid" --version; expect_status 0; expect_out "ohmgrid $(cat "$top_srcdir/VERSION")"
run "$ohmgrid"; expect_status 2; expect_err "saw none"
run "$ohmgrid" slove; expect_status 2; expect_err 'saw "slove"'
run "$ohmgrid" device new --help; expect_status 0; expect_out "ohmgrid device new"; expect_out "Examples"
for option in $(grep -o -- '--[a-z][a-z-]*' out | sort -u); do
  case $option in --help | --usage) continue ;; esac
  sed 's/\\-/-/g' "$man" | grep -qF -- "$option" || complain "$option of device new is not in the man page"
  grep -qF -- "$option" "$completion" || complain "$option of device new is not in the completion"
done
for command in solve reduce transient noise netlist check run device calibrate cosim train; do
  run "$ohmgrid" $command --help
  expect_status 0
  expect_out "ohmgrid $command"
  cp out help
  for option in $(grep -o -- '--[a-z][a-z-]*' help | sort -u); do
    case $option in --help | --usage) continue ;; esac
    sed 's/\\-/-/g' "$man" | grep -qF -- "$option" || complain "$option of $command is not in the man page"
    grep -qF -- "$option" "$completion" || complain "$option of $command is not in the completion"
  done
  case $command in device | cosim | train) ;; *) grep -qi example help || complain "$command --help has no example" ;; esac
  if [ -w /dev/full ]; then
    "$ohmgrid" $command --help >/dev/full 2>err
    status=$?
    [ "$status" = 1 ] || complain "into a full disk: want status 1"
  fi
  run "$ohmgrid" $command --no-such-option; expect_status 2
done
run "$ohmgrid" run --keys; expect_status 0; expect_out "array.r_word_ohm"
# bash itself completes
if command -v bash >/dev/null; then
  bash -c ". '$completion'; COMP_WORDS=(ohmgrid solve --eng); COMP_CWORD=2; _ohmgrid; echo \${COMPREPLY[0]}" >out 2>err
  status=$? what=completion
  expect_out "--engine"
fi
finish
