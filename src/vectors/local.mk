libohmgrid_core_la_SOURCES += \
  %D%/compare.c \
  %D%/csv.c \
  %D%/files.c \
  %D%/measure.c \
  %D%/measure_text.c \
  %D%/names.c \
  %D%/raw_read.c \
  %D%/raw_write.c \
  %D%/vectors.c \
  %D%/ogi_measure.h \
  %D%/ogi_vectors.h
