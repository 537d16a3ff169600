libohmgrid_core_la_SOURCES += \
  %D%/emit.c \
  %D%/ogi_netlist.h
