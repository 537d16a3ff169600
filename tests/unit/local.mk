# One program a module, from the source of its own name, linked with libogt.la (LDADD in tests/local.mk).
OG_UNIT += %D%/check_base
OG_UNIT += %D%/check_config
OG_UNIT += %D%/check_convert
OG_UNIT += %D%/check_cost
OG_UNIT += %D%/check_crosscheck
OG_UNIT += %D%/check_device
OG_UNIT += %D%/check_lines
OG_UNIT += %D%/check_map
OG_UNIT += %D%/check_matrix
OG_UNIT += %D%/check_netlist
OG_UNIT += %D%/check_report
OG_UNIT += %D%/check_solve
OG_UNIT += %D%/check_spice
OG_UNIT += %D%/check_workload
OG_UNIT += %D%/check_cell
OG_UNIT += %D%/check_random
OG_UNIT += %D%/check_nonlinear
