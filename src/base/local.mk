libohmgrid_core_la_SOURCES += \
  %D%/error.c \
  %D%/file.c \
  %D%/list.c \
  %D%/mem.c \
  %D%/names.c \
  %D%/npy.c \
  %D%/rng.c \
  %D%/spice_number.c \
  %D%/status.c \
  %D%/units.c \
  %D%/ogi_error.h \
  %D%/ogi_file.h \
  %D%/ogi_list.h \
  %D%/ogi_mem.h \
  %D%/ogi_names.h \
  %D%/ogi_npy.h \
  %D%/ogi_num.h \
  %D%/ogi_simd.h \
  %D%/ogi_rng.h \
  %D%/ogi_spice_number.h \
  %D%/ogi_time.h \
  %D%/ogi_units.h
