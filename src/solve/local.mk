libohmgrid_core_la_SOURCES += \
  %D%/audit.c \
  %D%/cg.c \
  %D%/cholesky.c \
  %D%/plan.c \
  %D%/solver.c \
  %D%/ogi_solve.h
