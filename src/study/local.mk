libohmgrid_core_la_SOURCES += \
  %D%/accuracy.c \
  %D%/conf.c \
  %D%/energy.c \
  %D%/evidence.c \
  %D%/prepare.c \
  %D%/run.c \
  %D%/write_cells.c \
  %D%/write_conf.c \
  %D%/write_drive.c \
  %D%/write_html.c \
  %D%/write_verify.c \
  %D%/write_verify_report.c \
  %D%/write_measure.c \
  %D%/write_plot.c \
  %D%/write_reference.c \
  %D%/write_relax.c \
  %D%/write_report.c \
  %D%/write_run.c \
  %D%/ogi_study.h \
  %D%/ogi_write.h
