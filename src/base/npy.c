/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdint.h>
#include <string.h>

#include "base/ogi_npy.h"
#include "base/ogi_num.h"

/* The dict is padded with blanks. */
void ogi_npy_header(FILE *stream, const char *dtype, size_t ndim, const size_t *dim) {
  static const char magic[6] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};
  char dict[256]; /* three extents of at most 20 digits: never full */
  int used = snprintf(dict, sizeof dict, "{'descr': '%s', 'fortran_order': False, 'shape': (", dtype);
  for (size_t d = 0; d < ndim; d++)
    used += snprintf(dict + used, sizeof dict - (size_t)used, d == 0 ? "%zu," : d == 1 ? " %zu" : ", %zu", dim[d]);
  used += snprintf(dict + used, sizeof dict - (size_t)used, "), }");
  unsigned frame = sizeof magic + 4, total = (frame + (unsigned)used + 1 + 63) / 64 * 64;
  fwrite(magic, 1, sizeof magic, stream);
  const unsigned char version_and_length[4] = {1, 0, (unsigned char)((total - frame) & 255),
                                               (unsigned char)((total - frame) >> 8)};
  fwrite(version_and_length, 1, sizeof version_and_length, stream);
  fprintf(stream, "%s%*s\n", dict, (int)(total - frame - 1) - used, "");
}

void ogi_npy_data(FILE *stream, const double *data, size_t count) {
  unsigned char block[512 * 8];
  for (size_t first = 0; first < count; first += 512) {
    size_t values = ogi_min_size(512, count - first);
    for (size_t i = 0; i < values; i++) {
      uint64_t bits;
      memcpy(&bits, &data[first + i], sizeof bits);
      for (size_t b = 0; b < 8; b++) block[8 * i + b] = (unsigned char)(bits >> 8 * b);
    }
    fwrite(block, 8, values, stream);
  }
}
