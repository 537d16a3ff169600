#!/bin/sh
# Verify, then time: the tables of doc/performance.md. Run in the build folder.
#   run.sh           all problems, with what they must and should reach
#   run.sh scaling   time against size, and fitted exponents
#   run.sh PROBLEM...
here=$(dirname "$0")
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 OMP_PROC_BIND=false
export OHMGRID_SPICE="${OHMGRID_SPICE:-./ohmgrid-spice}" OHMGRID_BENCH_SCIPY="${OHMGRID_BENCH_SCIPY:-$here/scipy_dc.py}"

# OpenBLAS takes its oldest kernels on processors it does not know; the comparators deserve the best there are.
has() { grep -qw "$1" /proc/cpuinfo 2>/dev/null; }
if [ -z "${OPENBLAS_CORETYPE:-}" ]; then
  if has avx512dq && has avx512bw && has avx512vl; then export OPENBLAS_CORETYPE=SkylakeX
  elif has avx2; then export OPENBLAS_CORETYPE=Haswell
  fi
fi

# Exponent of the least time against the number of cells, least squares in logarithms, for each kind of problem.
fit() {
  awk '{ print }
    $1 ~ /^(dc|reduce):/ && NF == 11 {
      split($1, part, "[:x]"); kind = part[1] " " part[4]
      x = log(part[2] * part[3]); y = log($3)
      n[kind]++; sx[kind] += x; sy[kind] += y; sxx[kind] += x * x; sxy[kind] += x * y
    }
    END {
      for (kind in n) if (n[kind] > 1)
        printf "%s: time ~ cells^%.2f over %d sizes\n", kind,
          (n[kind] * sxy[kind] - sx[kind] * sy[kind]) / (n[kind] * sxx[kind] - sx[kind] ^ 2), n[kind]
    }'
}

case ${1:-all} in
all)
  set -- dc:32x32:r=1 dc:64x64:r=1 dc:128x128:r=1:must=0.2:aim=0.1 dc:256x256:r=1 \
    dc:512x512:r=1:must=5:aim=2 dc:512x512:r=20:must=7:aim=2.5 \
    dc:1024x1024:r=1:must=40:aim=15 dc:1024x1024:r=5:must=50:aim=18 dc:1024x1024:r=20:must=60:aim=22 \
    dc:4096x4096:r=1:must=800:aim=300:memory=1200
  for layout in board fine halves rows columns; do set -- "$@" "dc:512x512:r=1:cells=$layout:must=25:aim=6"; done
  set -- "$@" reduce:128x128:r=1:must=4:aim=1.5 reduce:512x512:r=1:must=200:aim=80 \
    reduce:1024x1024:r=1:must=1500:aim=600 tiles:128x128:r=1 inputs:128x128:r=1:must=40:aim=12 \
    nonlinear:256x256:r=1:must=40:aim=12 \
    dc:1024x1024:r=1:threads=2:aim=10 dc:4096x4096:r=1:threads=2:aim=200:memory=1200 \
    reduce:512x512:r=1:threads=2:aim=50 reduce:1024x1024:r=1:threads=2:aim=350 \
    tiles:128x128:r=1:threads=2:must=300:aim=100
  echo "load $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null), OpenBLAS kernels ${OPENBLAS_CORETYPE:-of its own choice}"
  exec bench/ohmgrid-bench "$@" ;;
scaling)
  set --
  for side in 64 128 256 512 1024 2048; do set -- "$@" "dc:${side}x$side:r=1"; done
  for side in 32 64 128 256 512; do set -- "$@" "reduce:${side}x$side:r=1"; done
  bench/ohmgrid-bench "$@" | fit ;;
*) exec bench/ohmgrid-bench "$@" ;;
esac
