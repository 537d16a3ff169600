libohmgrid_core_la_SOURCES += \
  %D%/answer.c \
  %D%/circuit.c \
  %D%/dc.c \
  %D%/diode.c \
  %D%/linear.c \
  %D%/load.c \
  %D%/newton.c \
  %D%/prepare.c \
  %D%/small.c \
  %D%/tran.c \
  %D%/wave.c \
  %D%/ogi_mna.h
