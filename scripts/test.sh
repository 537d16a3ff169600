#!/bin/sh
# Installs what is missing, builds, runs all tests; ends with `N passed, N failed, N skipped`.
# Usage: scripts/test.sh [--full]     --full adds the sanitizers and make distcheck (what CI runs).
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh
install $build_packages $data_packages
full=${1:-}
passed=0 failed=0 skipped=0

# tally DIR: add up the individual tests of Check, and the scripts, from the logs of make check.
tally() {
  for trs in $(find "$1" -name '*.trs'); do
    log=${trs%.trs}.log
    result=$(sed -n 's/^:global-test-result: //p' "$trs")
    counts=$(sed -n 's/.*Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2 \3/p' "$log" | tail -n 1)
    if [ -n "$counts" ]; then
      set -- $counts
      passed=$((passed + $1 - $2 - $3)) failed=$((failed + $2 + $3))
      [ "$result" != PASS ] && [ $(($2 + $3)) = 0 ] && failed=$((failed + 1))
    else
      case $result in
        PASS) passed=$((passed + 1)) ;;
        SKIP) skipped=$((skipped + 1)); echo "skipped: $log: $(tail -n 2 "$log" | head -n 1)" ;;
        *) failed=$((failed + 1)) ;;
      esac
    fi
    case $result in PASS | SKIP) ;; *) echo "failed: $log"; tail -n 40 "$log" ;; esac
  done
}

# step NAME COMMAND...: one more thing that passes or fails as a whole.
step() {
  name=$1
  shift
  if "$@" >"build-step.log" 2>&1; then passed=$((passed + 1)); echo "ok: $name"
  else failed=$((failed + 1)); echo "failed: $name"; tail -n 60 build-step.log; fi
  rm -f build-step.log
}

# Results of an earlier run must not count: a test that no longer compiles stops make before any test runs.
check() {
  find "$1" -name '*.trs' -exec rm -f {} +
  before=$failed
  if make -C "$1" --no-print-directory -j"$(nproc)" check >"$1/check.log" 2>&1; then made=yes; else made=no; fi
  tally "$1"
  [ $made = yes ] || [ "$failed" -gt "$before" ] || {
    failed=$((failed + 1))
    echo "failed: make check in $1"
    tail -n 40 "$1/check.log"
  }
}

build build-test --enable-werror
check build-test
if [ "$full" = --full ]; then
  build build-sanitize --enable-werror --enable-sanitizers CFLAGS='-g -O1'
  CK_FORK=no check build-sanitize
  step "make distcheck" make -C build-test --no-print-directory -j"$(nproc)" distcheck
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
