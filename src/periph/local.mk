libohmgrid_core_la_SOURCES += \
  %D%/cost.c \
  %D%/ogi_cost.h
