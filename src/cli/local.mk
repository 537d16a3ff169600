bin_PROGRAMS += ohmgrid
ohmgrid_SOURCES = \
  %D%/cli.h \
  %D%/check_deck.c \
  %D%/check_deck.h \
  %D%/cmd_calibrate.c \
  %D%/cmd_check.c \
  %D%/cmd_cosim.c \
  %D%/cmd_device.c \
  %D%/cmd_device_new.c \
  %D%/cmd_device_sample.c \
  %D%/cmd_device_page.c \
  %D%/cmd_later.c \
  %D%/cmd_netlist.c \
  %D%/cmd_noise.c \
  %D%/cmd_reduce.c \
  %D%/cmd_run.c \
  %D%/cmd_solve.c \
  %D%/cmd_transient.c \
  %D%/inputs.c \
  %D%/main.c \
  %D%/output.c
ohmgrid_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
ohmgrid_LDADD = libohmgrid.la $(JANSSON_LIBS)
