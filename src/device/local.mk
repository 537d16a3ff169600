libohmgrid_core_la_SOURCES += \
  %D%/card.c \
  %D%/program.c \
  %D%/ogi_program.h
