libohmgrid_core_la_SOURCES += \
  %D%/audit.c \
  %D%/cg.c \
  %D%/coarse.c \
  %D%/ogi_coarse.h \
  %D%/cholesky.c \
  %D%/sweep.c \
  %D%/newton.c \
  %D%/plan.c \
  %D%/solver.c \
  %D%/ogi_solve.h
