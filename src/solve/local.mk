libohmgrid_core_la_SOURCES += \
  %D%/audit.c \
  %D%/cg.c \
  %D%/cholesky.c \
  %D%/merge.c \
  %D%/merge_dense.c \
  %D%/merge_leaf.c \
  %D%/merge_plan.c \
  %D%/plan.c \
  %D%/solver.c \
  %D%/ogi_merge.h \
  %D%/ogi_solve.h
