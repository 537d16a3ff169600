OG_UNIT += %D%/check_base
%C%_check_base_SOURCES = %D%/check_base.c
%C%_check_base_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_base_LDADD = libogt.la
OG_UNIT += %D%/check_report
%C%_check_report_SOURCES = %D%/check_report.c
%C%_check_report_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
%C%_check_report_LDADD = libogt.la $(JANSSON_LIBS)
