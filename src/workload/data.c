/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <string.h>
#include <zlib.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "workload/ogi_data.h"

#define IDX_UBYTE 0x08 /* third byte of the magic: unsigned bytes; the fourth is the number of dimensions */

/* One IDX file in memory: big-endian magic 00 00 type dims, one 32-bit extent a dimension, then the values. */
typedef struct idx {
  char *block;
  const unsigned char *value;
  size_t count, width; /* first extent; product of the others */
} idx;

static uint32_t big_endian(const unsigned char *byte) {
  return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

/* The extents and the file's length must agree to the byte. */
static og_status idx_extents(idx *out, const char *path, size_t length, size_t dims, og_error *err) {
  const unsigned char *byte = (const unsigned char *)out->block;
  size_t head = 4 + 4 * dims, total = 1;
  if (length < head) return ogi_fail(err, OG_E_INPUT, "%s: truncated: saw %zu bytes, need >= %zu", path, length, head);
  for (size_t d = 0; d < dims; d++) {
    size_t extent = big_endian(byte + 4 + 4 * d);
    if (extent == 0) return ogi_fail(err, OG_E_INPUT, "%s: empty: saw extent 0 in dimension %zu, need >= 1", path, d);
    if (total > SIZE_MAX / sizeof(float) / extent)
      return ogi_fail(err, OG_E_INPUT, "%s: saw more values than this machine can address", path);
    total *= extent;
  }
  if (length - head != total)
    return ogi_fail(err, OG_E_INPUT, "%s: %s: saw %zu bytes of data, need %zu", path,
                    length - head < total ? "truncated" : "bytes behind the data", length - head, total);
  out->count = big_endian(byte + 4);
  out->width = total / out->count;
  out->value = byte + head;
  return OG_OK;
}

static og_status idx_read(idx *out, const char *path, size_t dims_min, size_t dims_max, og_error *err) {
  og_status st = OG_OK;
  size_t length;
  if (!ogi_file_exists(path) && strstr(path, "fashion-mnist") != NULL)
    return ogi_fail(err, OG_E_INPUT,
                    "%s: no such file: install the Debian package dataset-fashion-mnist (apt-get install "
                    "dataset-fashion-mnist), or set data.train_images and the other data keys to IDX files of your own",
                    path);
  OGI_TRY(st, ogi_file_read(&out->block, &length, path, 0, err));
  const unsigned char *byte = (const unsigned char *)out->block;
  if (length < 4) return ogi_fail(err, OG_E_INPUT, "%s: truncated: saw %zu bytes, need an IDX header", path, length);
  size_t dims = byte[3];
  if (byte[0] != 0 || byte[1] != 0 || byte[2] != IDX_UBYTE || dims < dims_min || dims > dims_max)
    return ogi_fail(err, OG_E_INPUT, "%s: foreign: saw magic 0x%08x, need 0x%08x%s (IDX, unsigned bytes)", path,
                    big_endian(byte), (unsigned)(IDX_UBYTE << 8 | dims_max),
                    dims_min < dims_max ? " or 0x00000802" : "");
  OGI_TRY(st, idx_extents(out, path, length, dims, err));
done:
  return st;
}

static uint32_t checksum(const idx *images, const idx *labels) {
  uLong crc = crc32_z(0, images->value, images->count * images->width);
  return (uint32_t)crc32_z(crc, labels->value, labels->count);
}

og_status ogi_data_load(ogi_data *out, const char *images, const char *labels, og_error *err) {
  og_status st = OG_OK;
  idx image = {0}, label = {0};
  memset(out, 0, sizeof *out);
  OGI_TRY(st, idx_read(&image, images, 2, 3, err));
  OGI_TRY(st, idx_read(&label, labels, 1, 1, err));
  if (image.count != label.count) {
    st = ogi_fail(err, OG_E_INPUT, "%s: saw %zu labels, need %zu as there are images in %s", labels, label.count,
                  image.count, images);
    goto done;
  }
  out->count = image.count;
  out->width = image.width;
  out->image = ogi_alloc(image.count * image.width, sizeof *out->image);
  out->label = ogi_alloc(image.count, sizeof *out->label);
  if (out->image == NULL || out->label == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "%s: %zu images of %zu values", images, image.count, image.width);
    goto done;
  }
  for (size_t i = 0; i < image.count * image.width; i++) out->image[i] = (float)image.value[i] / 255.0f;
  memcpy(out->label, label.value, label.count);
  for (size_t i = 0; i < label.count; i++)
    if (out->classes <= out->label[i]) out->classes = (size_t)out->label[i] + 1;
  out->crc = checksum(&image, &label);
done:
  ogi_free(image.block);
  ogi_free(label.block);
  if (st != OG_OK) ogi_data_clear(out);
  return st;
}

void ogi_data_clear(ogi_data *data) {
  if (data == NULL) return;
  ogi_free(data->image);
  ogi_free(data->label);
  memset(data, 0, sizeof *data);
}
