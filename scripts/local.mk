EXTRA_DIST += %D%/device-pages.sh %D%/packages.sh %D%/quickstart.sh %D%/test.sh
