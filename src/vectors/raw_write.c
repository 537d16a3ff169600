/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <string.h>

#include "base/ogi_error.h"
#include "base/ogi_file.h"
#include "base/ogi_npy.h"
#include "vectors/ogi_vectors.h"

static int is_writable_name(const char *name) {
  if (name == NULL || name[0] == '\0') return 0;
  for (const char *p = name; *p != '\0'; p++)
    if ((unsigned char)*p <= ' ' || *p == 127) return 0;
  return 1;
}

static og_status check_plot(const og_vectors *v, const char *path, og_error *err) {
  char seen[OGI_SHOWN];
  if (v == NULL || v->count == 0 || v->points == 0)
    return ogi_fail(err, OG_E_ARG, "%s: saw a plot without vectors or points, need some", path);
  for (size_t k = 0; k < v->count; k++)
    if (!is_writable_name(v->name[k])) {
      const char *name = v->name[k] != NULL ? v->name[k] : "";
      return ogi_fail(err, OG_E_INPUT, "%s: vector %zu: saw name \"%s\", need one without blanks", path, k,
                      ogi_vector_show(seen, name, strlen(name)));
    }
  return OG_OK;
}

/* One line, whatever the text holds. */
static void put_line(FILE *f, const char *key, const char *text) {
  fprintf(f, "%s: ", key);
  for (const char *p = text; *p != '\0'; p++) putc((unsigned char)*p < ' ' ? ' ' : *p, f);
  putc('\n', f);
}

static void put_header(FILE *f, const og_vectors *v, int binary) {
  put_line(f, "Title", v->title);
  put_line(f, "Plotname", v->plot);
  fprintf(f, "Flags: %s\nNo. Variables: %zu\nNo. Points: %zu\nVariables:\n", v->complex_values ? "complex" : "real",
          v->count, v->points);
  for (size_t k = 0; k < v->count; k++) {
    ogi_spelling s = ogi_vector_spelling(v->name[k], v->quantity[k]);
    fprintf(f, "\t%zu\t%s%.*s%s\t%s\n", k, s.before, s.length, s.middle, s.behind, og_quantity_name(v->quantity[k]));
  }
  fputs(binary ? "Binary:\n" : "Values:\n", f);
}

/* 17 digits give every double back. */
static void put_ascii(FILE *f, const og_vectors *v) {
  size_t width = v->complex_values ? 2 : 1;
  for (size_t p = 0; p < v->points; p++) {
    fprintf(f, " %zu", p);
    for (size_t k = 0; k < v->count; k++) {
      const double *x = v->data + (k * v->points + p) * width;
      fprintf(f, "\t%.16e", x[0]);
      if (width == 2) fprintf(f, ",%.16e", x[1]);
      putc('\n', f);
    }
    putc('\n', f);
  }
}

static void put_binary(FILE *f, const og_vectors *v) {
  size_t width = v->complex_values ? 2 : 1;
  for (size_t p = 0; p < v->points; p++)
    for (size_t k = 0; k < v->count; k++) ogi_npy_data(f, v->data + (k * v->points + p) * width, width);
}

og_status og_raw_save(const char *path, const og_vectors *const *plots, size_t count, int binary, og_error *err) {
  og_status st = OG_OK;
  ogi_writer w;
  ogi_locale locale;
  if (path == NULL || plots == NULL || count == 0) return ogi_fail(err, OG_E_ARG, "raw save: saw no file name or plot");
  for (size_t k = 0; k < count; k++) OGI_TRY(st, check_plot(plots[k], path, err));
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  ogi_locale_begin(&locale);
  for (size_t k = 0; k < count; k++) {
    put_header(w.stream, plots[k], binary);
    if (binary)
      put_binary(w.stream, plots[k]);
    else
      put_ascii(w.stream, plots[k]);
  }
  ogi_locale_end(&locale);
  OGI_TRY(st, ogi_writer_commit(&w, err));
done:
  return st;
}
