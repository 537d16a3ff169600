libohmgrid_core_la_SOURCES += \
  %D%/chip.c \
  %D%/map.c \
  %D%/ogi_chip.h \
  %D%/ogi_map.h
