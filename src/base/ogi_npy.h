/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_npy.h  Writing NumPy's .npy, version 1.0, little-endian, rows first. Failures stay in its flag. */
#ifndef OGI_NPY_H
#define OGI_NPY_H

#include <stddef.h>
#include <stdio.h>

/** Header. dtype: "<f8" or "<c16". ndim: 1..3. The data start at a multiple of 64 bytes, as the format asks. */
void ogi_npy_header(FILE *stream, const char *dtype, size_t ndim, const size_t *dim);
/** Doubles; a complex value is two. */
void ogi_npy_data(FILE *stream, const double *data, size_t count);

#endif
