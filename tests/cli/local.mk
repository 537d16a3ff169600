EXTRA_DIST += %D%/lib.sh
dist_check_SCRIPTS += %D%/array.sh %D%/check.sh %D%/devbench.sh %D%/device.sh %D%/devices.sh %D%/help.sh %D%/netlist.sh %D%/run.sh %D%/transient.sh
TESTS += %D%/array.sh %D%/check.sh %D%/devbench.sh %D%/device.sh %D%/devices.sh %D%/help.sh %D%/netlist.sh %D%/run.sh %D%/transient.sh
