libohmgrid_core_la_SOURCES += \
  %D%/emit.c \
  %D%/recognise.c \
  %D%/recognise_graph.c \
  %D%/recognise_names.c \
  %D%/recognise_proof.c \
  %D%/recognise_structure.c \
  %D%/ogi_netlist.h \
  %D%/ogi_recognise.h \
  %D%/ogi_recognise_parts.h
