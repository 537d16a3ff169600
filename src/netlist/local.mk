libohmgrid_core_la_SOURCES += \
  %D%/emit.c \
  %D%/emit_cell.c \
  %D%/emit_check.c \
  %D%/emit_nodes.c \
  %D%/ogi_emit.h \
  %D%/ogi_netlist.h
