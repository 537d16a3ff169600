libohmgrid_core_la_SOURCES += \
  %D%/draw.c \
  %D%/program.c \
  %D%/run.c \
  %D%/save.c \
  %D%/scheme.c \
  %D%/shot.c \
  %D%/statistics.c \
  %D%/ogi_sample.h
