/* SPDX-License-Identifier: BSD-3-Clause */
/** Port merging with 128-bit vectors: what every 64-bit processor has. */
#include <config.h>

#define OGI_W 2
#define OGI_COLUMNS 2
#define OGI_STRIPS 1
#define OGI_SIDE 2
#define OGI_KERNEL
#define OGI_NAME ogi_kernels_plain
#include "solve/merge_kernels.h"
