libohmgrid_core_la_SOURCES += \
  %D%/data.c \
  %D%/net.c \
  %D%/train.c \
  %D%/ogi_data.h \
  %D%/ogi_net.h \
  %D%/ogi_train.h
