libohmgrid_core_la_SOURCES += \
  %D%/card.c \
  %D%/cell.c \
  %D%/cell_laws.c \
  %D%/cell_pair.c \
  %D%/cell_text.c \
  %D%/ogi_cell.h \
  %D%/program.c \
  %D%/ogi_program.h
