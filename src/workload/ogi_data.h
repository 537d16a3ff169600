/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_data.h  Labelled images from IDX files (LeCun's MNIST format), plain or gzipped. */
#ifndef OGI_DATA_H
#define OGI_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "base/ogi_error.h"

/** Labelled images. Pixels are scaled to 0..1. Release with ogi_data_clear. */
typedef struct ogi_data {
  size_t count;    /**< [-] images                                   */
  size_t width;    /**< [-] values per image                         */
  size_t classes;  /**< [-] largest label + 1                        */
  float *image;    /**< count x width, 0..1                          */
  uint8_t *label;  /**< count                                        */
  uint32_t crc;    /**< CRC-32 of images and labels, names the data  */
} ogi_data;

/**
 * Read an image file and its label file.
 * @retval OG_E_INPUT missing, foreign, truncated, or the two do not have the same count; err names the file, and the
 *                    Debian package when a file of a known data set is missing
 */
og_status ogi_data_load(ogi_data *out, const char *images, const char *labels, og_error *err);
void ogi_data_clear(ogi_data *data);

#endif
