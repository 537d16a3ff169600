#!/bin/sh
# From a bare Debian machine to a report: installs what is missing, builds, runs the main study on real images.
# Usage: scripts/quickstart.sh [option of `ohmgrid run`...]     (e.g. --trials 3)
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh
install $build_packages $data_packages
echo "building in build/"
build build --prefix="$PWD/build/install"
make -C build --no-print-directory install >/dev/null
echo "running studies/fashion-mlp.yaml (a few minutes)"
build/install/bin/ohmgrid run studies/fashion-mlp.yaml -o build/results "$@"
echo
echo "Open $PWD/build/results/report.html in a browser; the numbers are in results.json beside it."
