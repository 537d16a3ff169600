libohmgrid_core_la_SOURCES += \
  %D%/vectors.c
