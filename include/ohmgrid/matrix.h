/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/matrix.h
 * Numbers in files: NumPy .npy (versions 1 to 3, float32 / float64, little or big endian, C or Fortran order) and CSV.
 *
 * Whatever the file held, memory holds doubles in row-major order. Output is .npy version 1, float64, C order, written
 * to a temporary file beside its destination and renamed, so that a reader never meets half a file.
 * Source of the format: NumPy Enhancement Proposal 1 and numpy.lib.format (doc/refs.bib: npy).
 */
#ifndef OHMGRID_MATRIX_H
#define OHMGRID_MATRIX_H

#include <stddef.h>

#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OG_MATRIX_MAX_DIM 3

/** A dense array of 1 to 3 dimensions, row-major. After a load the data are the caller's: release with clear. */
typedef struct og_matrix {
  size_t ndim;                   /**< [-] 1..3                                    */
  size_t dim[OG_MATRIX_MAX_DIM]; /**< [-] extents; unused ones are 1              */
  double *data;                  /**< dim[0] * dim[1] * dim[2] values, row-major  */
} og_matrix;

/**
 * Read a file; .npy is recognised by its magic bytes, anything else is read as CSV (commas, semicolons, tabs or blanks;
 * lines that begin with # are comments; a decimal point whatever the locale). A CSV of one line or one column is 1-D.
 * NaN and infinities are read as they are: whether they make sense is for the user of the numbers to say.
 * @param[out] out   filled; zeroed on failure
 * @param[in]  path  file name
 * @param[out] err   may be NULL
 * @retval OG_OK
 * @retval OG_E_ARG    out or path is NULL
 * @retval OG_E_INPUT  missing, unreadable, truncated, foreign type (integers, complex, objects), more than 3 dimensions,
 *                     ragged CSV; err names file and line or byte
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_matrix_load(og_matrix *out, const char *path, og_error *err);

/**
 * Write float64 .npy, atomically.
 * @param[in] path  destination; replaced if it exists
 * @param[in] ndim  1..3
 * @param[in] dim   extents, ndim of them
 * @param[in] data  row-major values; borrowed
 * @retval OG_OK
 * @retval OG_E_ARG  a pointer is NULL, or ndim is not 1..3
 * @retval OG_E_IO   the folder is missing or not writable, or the disk is full; nothing is left behind
 */
OG_NODISCARD og_status og_matrix_save(const char *path, size_t ndim, const size_t *dim, const double *data,
                                      og_error *err);

/** Release the data and zero the struct. NULL is allowed. */
void og_matrix_clear(og_matrix *matrix);

#ifdef __cplusplus
}
#endif
#endif
