libohmgrid_core_la_SOURCES += \
  %D%/run.c \
  %D%/stub_circuit.c \
  %D%/run_crossbar.c \
  %D%/ogi_analysis.h
