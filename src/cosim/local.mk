libohmgrid_core_la_SOURCES += \
  %D%/batch.c \
  %D%/cell.c \
  %D%/cells.c \
  %D%/channel.c \
  %D%/child.c \
  %D%/chords.c \
  %D%/deck_run.c \
  %D%/exchange.c \
  %D%/ogi_child.h \
  %D%/ogi_cosim.h \
  %D%/ogi_exchange.h \
  %D%/ogi_protocol.h \
  %D%/ogi_session.h \
  %D%/ogi_spice.h \
  %D%/pool.c \
  %D%/relax.c \
  %D%/run.c \
  %D%/session.c \
  %D%/session_change.c \
  %D%/session_deck.c \
  %D%/session_run.c \
  %D%/session_source.c \
  %D%/shared.c \
  %D%/words.c

# The only program that links ngspice; it takes no library of ours, so ngspice can take nothing of ours down.
pkglibexec_PROGRAMS += ohmgrid-spice
ohmgrid_spice_SOURCES = \
  %D%/ogi_protocol.h \
  %D%/ogi_worker.h \
  %D%/worker_channel.c \
  %D%/worker_load.c \
  %D%/worker_main.c \
  %D%/worker_run.c \
  %D%/worker_source.c \
  %D%/worker_words.c \
  src/base/mem.c
ohmgrid_spice_CFLAGS = $(AM_CFLAGS) $(NGSPICE_CFLAGS)
ohmgrid_spice_LDADD = $(NGSPICE_LIBS)
