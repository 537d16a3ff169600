OG_UNIT += %D%/check_base
%C%_check_base_SOURCES = %D%/check_base.c
%C%_check_base_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_base_LDADD = libogt.la

OG_UNIT += %D%/check_config
%C%_check_config_SOURCES = %D%/check_config.c
%C%_check_config_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_config_LDADD = libogt.la
