libohmgrid_core_la_SOURCES += \
  %D%/chip.c \
  %D%/data.c \
  %D%/map.c \
  %D%/net.c \
  %D%/train.c \
  %D%/ogi_chip.h \
  %D%/ogi_data.h \
  %D%/ogi_map.h \
  %D%/ogi_net.h \
  %D%/ogi_train.h
