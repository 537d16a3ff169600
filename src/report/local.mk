libohmgrid_core_la_SOURCES += %D%/crosscheck.c %D%/ogi_crosscheck.h
