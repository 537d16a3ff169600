/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/ogi_error.h"
#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_npy.h"
#include "vectors/ogi_vectors.h"

static int has_suffix(const char *path, const char *suffix) {
  size_t length = strlen(path), part = strlen(suffix);
  return length > part && strcasecmp(path + length - part, suffix) == 0;
}

static og_status load_raw(const char *bytes, size_t length, const char *path, og_vectors **out, og_error *err) {
  og_vectors **plots = NULL;
  size_t count = 0;
  og_status st = OG_OK;
  OGI_TRY(st, ogi_raw_parse(bytes, length, path, &plots, &count, err));
  if (count > 1) {
    st = ogi_fail(err, OG_E_INPUT, "%s: saw %zu plots (\"%s\", \"%s\" ...), need one", path, count, plots[0]->plot,
                  plots[1]->plot);
    goto done;
  }
  *out = plots[0];
  plots[0] = NULL;
done:
  og_raw_free(plots, count);
  return st;
}

og_status og_vectors_load(const char *path, og_vectors **out, og_error *err) {
  char *bytes = NULL;
  size_t length;
  og_status st = OG_OK;
  if (out != NULL) *out = NULL;
  if (path == NULL || out == NULL) return ogi_fail(err, OG_E_ARG, "vectors load: a pointer is NULL");
  if (has_suffix(path, ".npy"))
    return ogi_fail(err, OG_E_INPUT, "%s: saw .npy, which holds no names, need .raw or .csv", path);
  OGI_TRY(st, ogi_file_read(&bytes, &length, path, 0, err));
  int raw = has_suffix(path, ".raw") || has_suffix(path, ".raw.gz");
  OGI_TRY(st, raw ? load_raw(bytes, length, path, out, err) : ogi_csv_parse(bytes, length, path, out, err));
done:
  ogi_free(bytes);
  return st;
}

static og_status save_npy(const char *path, const og_vectors *v, og_error *err) {
  ogi_writer w;
  og_status st = OG_OK;
  size_t dim[2] = {v->points, v->count}, width = v->complex_values ? 2 : 1;
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  ogi_npy_header(w.stream, v->complex_values ? "<c16" : "<f8", 2, dim);
  for (size_t p = 0; p < v->points; p++)
    for (size_t k = 0; k < v->count; k++) ogi_npy_data(w.stream, v->data + (k * v->points + p) * width, width);
  OGI_TRY(st, ogi_writer_commit(&w, err));
done:
  return st;
}

og_status og_vectors_save(const char *path, const og_vectors *v, og_error *err) {
  if (path == NULL || v == NULL) return ogi_fail(err, OG_E_ARG, "vectors save: a pointer is NULL");
  if (v->count == 0 || v->points == 0)
    return ogi_fail(err, OG_E_ARG, "%s: saw %zu vectors of %zu points, need at least 1 of each", path, v->count,
                    v->points);
  if (has_suffix(path, ".raw")) return og_raw_save(path, &v, 1, 1, err);
  if (has_suffix(path, ".npy")) return save_npy(path, v, err);
  if (has_suffix(path, ".csv")) return ogi_csv_save(path, v, err);
  return ogi_fail(err, OG_E_ARG, "%s: saw another suffix, need .raw, .csv or .npy", path);
}
