libohmgrid_core_la_SOURCES += \
  %D%/check_deck.c \
  %D%/check_samples.c \
  %D%/crosscheck.c \
  %D%/figure.c \
  %D%/gnuplot.c \
  %D%/html.c \
  %D%/json.c \
  %D%/plot.c \
  %D%/plot_array.c \
  %D%/plot_check.c \
  %D%/plot_network.c \
  %D%/results.c \
  %D%/svg.c \
  %D%/table.c \
  %D%/text.c \
  %D%/ogi_check_deck.h \
  %D%/ogi_crosscheck.h \
  %D%/ogi_figure.h \
  %D%/ogi_gnuplot.h \
  %D%/ogi_page.h \
  %D%/ogi_plot.h \
  %D%/ogi_report.h \
  %D%/ogi_svg.h
