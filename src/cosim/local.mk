libohmgrid_core_la_SOURCES += \
  %D%/ogi_protocol.h \
  %D%/ogi_spice.h \
  %D%/spice.c

# The only program that links ngspice; it takes no library of ours, so ngspice can take nothing of ours down.
pkglibexec_PROGRAMS += ohmgrid-spice
ohmgrid_spice_SOURCES = %D%/worker_main.c %D%/ogi_protocol.h src/base/mem.c
ohmgrid_spice_CFLAGS = $(AM_CFLAGS) $(NGSPICE_CFLAGS)
ohmgrid_spice_LDADD = $(NGSPICE_LIBS)
