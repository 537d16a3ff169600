libohmgrid_core_la_SOURCES += \
  %D%/advance.c \
  %D%/compact.c \
  %D%/factor.c \
  %D%/film.c \
  %D%/fit.c \
  %D%/form.c \
  %D%/kernel.c \
  %D%/preisach.c \
  %D%/program.c \
  %D%/read.c \
  %D%/tape.c \
  %D%/ogi_compact.h \
  %D%/ogi_form.h \
  %D%/ogi_preisach.h \
  %D%/ogi_program.h \
  %D%/ogi_tape.h
