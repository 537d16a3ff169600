OG_UNIT += %D%/check_base
%C%_check_base_SOURCES = %D%/check_base.c
%C%_check_base_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_base_LDADD = libogt.la

OG_UNIT += %D%/check_solve
%C%_check_solve_SOURCES = %D%/check_solve.c
%C%_check_solve_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_solve_LDADD = libogt.la
