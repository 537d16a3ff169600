OG_UNIT += %D%/check_base
%C%_check_base_SOURCES = %D%/check_base.c
%C%_check_base_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_base_LDADD = libogt.la

OG_UNIT += %D%/check_matrix
%C%_check_matrix_SOURCES = %D%/check_matrix.c
%C%_check_matrix_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_matrix_LDADD = libogt.la

OG_UNIT += %D%/check_workload
%C%_check_workload_SOURCES = %D%/check_workload.c
%C%_check_workload_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_workload_LDADD = libogt.la
