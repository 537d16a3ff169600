libohmgrid_core_la_SOURCES += \
  %D%/convert.c \
  %D%/cost.c \
  %D%/ogi_convert.h \
  %D%/ogi_cost.h
