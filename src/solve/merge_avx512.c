/* SPDX-License-Identifier: BSD-3-Clause */
/** Port merging with 512-bit vectors. */
#include <config.h>

#include "solve/ogi_merge.h"

#ifdef OGI_MERGE_X86
#define OGI_W 8
#define OGI_COLUMNS 8
#define OGI_STRIPS 3
#define OGI_SIDE 4
#define OGI_KERNEL __attribute__((target("avx512f")))
#define OGI_NAME ogi_kernels_avx512
#include "solve/merge_kernels.h"
#endif
