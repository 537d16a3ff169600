libohmgrid_core_la_SOURCES += \
  %D%/run.c \
  %D%/run_array.c \
  %D%/run_circuit.c \
  %D%/run_crossbar.c \
  %D%/ogi_analysis.h
