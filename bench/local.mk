# Built by `make bench` only, never by make or make check.
EXTRA_PROGRAMS = bench/ohmgrid-bench
BENCHES += bench/ohmgrid-bench
bench_ohmgrid_bench_SOURCES = %D%/bench.c %D%/comparators.c %D%/comparators.h
bench_ohmgrid_bench_CFLAGS = $(AM_CFLAGS) $(CHOLMOD_CFLAGS) $(OPENBLAS_CFLAGS)
bench_ohmgrid_bench_LDADD = libohmgrid.la $(CHOLMOD_LIBS) $(OPENBLAS_LIBS)
EXTRA_DIST += %D%/run.sh %D%/README
CLEANFILES += bench/ohmgrid-bench$(EXEEXT)
