AM_TESTS_ENVIRONMENT = top_srcdir='$(abs_top_srcdir)'; top_builddir='$(abs_top_builddir)'; LC_ALL=C; \
  OHMGRID_DATADIR='$(abs_top_srcdir)'; OHMGRID_SPICE='$(abs_top_builddir)/ohmgrid-spice'; OMP_NUM_THREADS=2; CK_TIMEOUT_MULTIPLIER=10; \
  export top_srcdir top_builddir LC_ALL OHMGRID_DATADIR OHMGRID_SPICE OMP_NUM_THREADS CK_TIMEOUT_MULTIPLIER;
EXTRA_DIST += %D%/layers.tab %D%/exports.list
dist_check_SCRIPTS += %D%/layers.sh %D%/exports.sh %D%/refs.sh
TESTS += %D%/layers.sh %D%/exports.sh %D%/refs.sh

# Unit tests: one program a module. Helper code in ogt.h / ogt.c.
noinst_LTLIBRARIES += libogt.la
libogt_la_SOURCES = %D%/unit/ogt.c %D%/unit/ogt.h %D%/unit/ogt_volatile.h
libogt_la_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
libogt_la_LIBADD = libohmgrid-core.la $(CHECK_LIBS)
OG_UNIT =
LDADD = libogt.la
include %D%/unit/local.mk
include %D%/fuzz/local.mk
check_PROGRAMS += $(OG_UNIT)
TESTS += $(OG_UNIT)
include %D%/cli/local.mk

clean-local:
	rm -rf scratch exports.now
