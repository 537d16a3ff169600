# The library's objects are built once; libohmgrid.la shows only og_, tests link the core and see ogi_ too.
noinst_LTLIBRARIES += libohmgrid-core.la
libohmgrid_core_la_SOURCES =
libohmgrid_core_la_CFLAGS = $(AM_CFLAGS) $(OPENBLAS_CFLAGS) $(CHOLMOD_CFLAGS) $(KLU_CFLAGS) $(GSL_CFLAGS) $(YAML_CFLAGS) \
  $(JANSSON_CFLAGS) $(ZLIB_CFLAGS)
libohmgrid_core_la_LIBADD = $(CHOLMOD_LIBS) $(KLU_LIBS) $(OPENBLAS_LIBS) $(GSL_LIBS) $(YAML_LIBS) $(JANSSON_LIBS) $(ZLIB_LIBS)

lib_LTLIBRARIES += libohmgrid.la
libohmgrid_la_SOURCES =
libohmgrid_la_LIBADD = libohmgrid-core.la
libohmgrid_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -export-symbols-regex '^og_' -version-info $(OG_LT_VERSION)

include %D%/base/local.mk
include %D%/vectors/local.mk
include %D%/circuit/local.mk
include %D%/config/local.mk
include %D%/array/local.mk
include %D%/device/local.mk
include %D%/solve/local.mk
include %D%/netlist/local.mk
include %D%/compact/local.mk
include %D%/analysis/local.mk
include %D%/cosim/local.mk
include %D%/periph/local.mk
include %D%/workload/local.mk
include %D%/report/local.mk
include %D%/study/local.mk
include %D%/devbench/local.mk
include %D%/devstat/local.mk
include %D%/cli/local.mk
