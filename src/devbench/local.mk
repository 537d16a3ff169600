libohmgrid_core_la_SOURCES += \
  %D%/bench_read.c \
  %D%/card.c \
  %D%/curve.c \
  %D%/draw.c \
  %D%/figure.c \
  %D%/keys.c \
  %D%/new.c \
  %D%/new_compact.c \
  %D%/new_fit.c \
  %D%/new_grid.c \
  %D%/new_read.c \
  %D%/new_skeleton.c \
  %D%/quantity.c \
  %D%/run.c \
  %D%/save.c \
  %D%/page.c \
  %D%/ogi_bench.h \
  %D%/ogi_devnew.h \
  %D%/ogi_curve.h \
  %D%/ogi_keys.h \
  %D%/ogi_quantity.h
