/* SPDX-License-Identifier: BSD-3-Clause */
/** Port merging with 256-bit vectors. */
#include <config.h>

#include "solve/ogi_merge.h"

#ifdef OGI_MERGE_X86
#define OGI_W 4
#define OGI_COLUMNS 4
#define OGI_STRIPS 1
#define OGI_SIDE 2
#define OGI_KERNEL __attribute__((target("avx2,fma")))
#define OGI_NAME ogi_kernels_avx2
#include "solve/merge_kernels.h"
#endif
