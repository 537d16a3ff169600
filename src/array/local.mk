libohmgrid_core_la_SOURCES += \
  %D%/array.c \
  %D%/matrix.c \
  %D%/nodes.c \
  %D%/wires.c \
  %D%/ogi_nodes.h
