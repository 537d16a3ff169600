libohmgrid_core_la_SOURCES += \
  %D%/dump.c \
  %D%/locate.c \
  %D%/schema.c \
  %D%/tree.c \
  %D%/value.c \
  %D%/ogi_locate.h \
  %D%/ogi_schema.h \
  %D%/ogi_tree.h \
  %D%/ogi_value.h
