libohmgrid_core_la_SOURCES += %D%/matrix.c
