# Sourced by the command-line tests: an own scratch folder, and expectations that say what was seen.
set -u
ohmgrid=$top_builddir/ohmgrid
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ohmgrid-cli.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
failures=0

# run COMMAND...: keeps stdout, stderr and status.
run() {
  what="$*"
  "$@" >out 2>err </dev/null
  status=$?
}
complain() {
  failures=$((failures + 1))
  echo "$what: $1"
  echo "--- status $status, stdout:"; head -n 20 out
  echo "--- stderr:"; head -n 20 err
}
expect_status() { [ "$status" = "$1" ] || complain "want status $1"; }
# expect_err PATTERN, expect_out PATTERN: fixed text somewhere in the stream.
expect_err() { grep -qF -- "$1" err || complain "want on stderr: $1"; }
expect_out() { grep -qF -- "$1" out || complain "want on stdout: $1"; }
expect_one_line() { [ "$(wc -l <err)" -eq 1 ] || complain "want one line on stderr"; }
expect_no_file() { [ ! -e "$1" ] || complain "want no file $1"; }
finish() { [ "$failures" = 0 ] && exit 0; exit 1; }

cat >g.csv <<'EOF'
# 3 x 2 conductances in siemens
2.1e-5, 3.9e-5
0.7e-5, 1.6e-5
3.3e-5, 0.2e-5
EOF
echo "0.11, 0.2, 0.05" >v.csv
