OG_UNIT += %D%/check_base
%C%_check_base_SOURCES = %D%/check_base.c
%C%_check_base_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_base_LDADD = libogt.la

OG_UNIT += %D%/check_config
%C%_check_config_SOURCES = %D%/check_config.c
%C%_check_config_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_config_LDADD = libogt.la

OG_UNIT += %D%/check_device
%C%_check_device_SOURCES = %D%/check_device.c
%C%_check_device_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_device_LDADD = libogt.la

OG_UNIT += %D%/check_cost
%C%_check_cost_SOURCES = %D%/check_cost.c
%C%_check_cost_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_cost_LDADD = libogt.la
