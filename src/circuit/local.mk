libohmgrid_core_la_SOURCES += \
  %D%/circuit.c \
  %D%/dc.c \
  %D%/mna.c \
  %D%/tran.c \
  %D%/wave.c \
  %D%/ogi_mna.h
