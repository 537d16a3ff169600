libohmgrid_core_la_SOURCES += \
  %D%/convert.c \
  %D%/ogi_convert.h
