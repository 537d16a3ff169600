#!/bin/sh
# The table of the README. One thread, so that ratios mean algorithms.
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 OHMGRID_SPICE="${OHMGRID_SPICE:-./ohmgrid-spice}"
exec bench/ohmgrid-bench dc:32x32:r=1 dc:128x128:r=1 dc:512x512:r=1 dc:1024x1024:r=1 reduce:128x128:r=1 inputs:128x128:r=1
