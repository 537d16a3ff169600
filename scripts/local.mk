EXTRA_DIST += %D%/packages.sh %D%/quickstart.sh %D%/test.sh
