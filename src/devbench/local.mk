libohmgrid_core_la_SOURCES += \
  %D%/bench_read.c \
  %D%/card.c \
  %D%/curve.c \
  %D%/draw.c \
  %D%/figure.c \
  %D%/keys.c \
  %D%/quantity.c \
  %D%/run.c \
  %D%/save.c \
  %D%/page.c \
  %D%/ogi_bench.h \
  %D%/ogi_curve.h \
  %D%/ogi_keys.h \
  %D%/ogi_quantity.h
