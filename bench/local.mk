# Built by `make bench` only, never by make or make check.
EXTRA_PROGRAMS = bench/ohmgrid-bench
BENCHES += bench/ohmgrid-bench
bench_ohmgrid_bench_SOURCES = %D%/bench.c %D%/problem.c %D%/problem.h %D%/ours.c %D%/ours.h %D%/comparators.c \
  %D%/comparators.h %D%/floor.c %D%/floor.h
bench_ohmgrid_bench_CFLAGS = $(AM_CFLAGS) $(CHOLMOD_CFLAGS) $(OPENBLAS_CFLAGS)
bench_ohmgrid_bench_LDADD = libohmgrid.la $(CHOLMOD_LIBS) $(OPENBLAS_LIBS)
EXTRA_PROGRAMS += bench/ohmgrid-bench-spice
BENCHES += bench/ohmgrid-bench-spice
bench_ohmgrid_bench_spice_SOURCES = %D%/spice.c %D%/spice.h %D%/decks.c
bench_ohmgrid_bench_spice_CFLAGS = $(AM_CFLAGS)
bench_ohmgrid_bench_spice_LDADD = libohmgrid-core.la
EXTRA_DIST += %D%/run.sh %D%/scipy_dc.py %D%/README
CLEANFILES += bench/ohmgrid-bench$(EXEEXT) bench/ohmgrid-bench-spice$(EXEEXT)
EXTRA_PROGRAMS += bench/ohmgrid-bench-cosim
BENCHES += bench/ohmgrid-bench-cosim
bench_ohmgrid_bench_cosim_SOURCES = %D%/cosim.c
bench_ohmgrid_bench_cosim_CFLAGS = $(AM_CFLAGS)
bench_ohmgrid_bench_cosim_LDADD = libohmgrid.la
CLEANFILES += bench/ohmgrid-bench-cosim$(EXEEXT)
