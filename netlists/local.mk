EXTRA_DIST += \
  %D%/README.md \
  %D%/fibonacci_1x5.cir \
  %D%/fibonacci_1x5.csv \
  %D%/ideal_2x3.cir \
  %D%/ideal_2x3.csv \
  %D%/series_1x1.cir \
  %D%/series_1x1.csv
