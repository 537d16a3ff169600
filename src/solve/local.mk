libohmgrid_core_la_SOURCES += \
  %D%/audit.c \
  %D%/cg.c \
  %D%/cholesky.c \
  %D%/coarse.c \
  %D%/merge.c \
  %D%/merge_avx2.c \
  %D%/merge_avx512.c \
  %D%/merge_join.c \
  %D%/merge_leaf.c \
  %D%/merge_plain.c \
  %D%/merge_plan.c \
  %D%/network.c \
  %D%/newton.c \
  %D%/noise.c \
  %D%/plan.c \
  %D%/solver.c \
  %D%/sweep.c \
  %D%/transient.c \
  %D%/merge_kernels.h \
  %D%/ogi_coarse.h \
  %D%/ogi_merge.h \
  %D%/ogi_network.h \
  %D%/ogi_solve.h
