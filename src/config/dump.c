/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_units.h"
#include "config/ogi_schema.h"
#include "config/ogi_value.h"

enum { NEED_MAX = 256 };

/* The fewest digits that read back to the same double; 17 always do. */
static void put_real(FILE *stream, double value) {
  char text[40];
  if (isinf(value)) {
    fputs(value > 0 ? ".inf" : "-.inf", stream);
    return;
  }
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  fputs(text, stream);
}

/* Double quotes take any text: what YAML forbids or a terminal would obey is written as an escape. */
static void put_text(FILE *stream, const char *text) {
  fputc('"', stream);
  for (const unsigned char *p = (const unsigned char *)text; *p != '\0';) {
    const unsigned char *start = p;
    long code = ogi_value_utf8(&p);
    int odd = code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xFEFF || (code & 0xFFFE) == 0xFFFE ||
              code == 0x2028 || code == 0x2029;
    if (code == '"' || code == '\\') fprintf(stream, "\\%c", (int)code);
    else if (odd) fprintf(stream, "\\U%08lX", (unsigned long)code);
    else fwrite(start, 1, (size_t)(p - start), stream);
  }
  fputc('"', stream);
}

static void put_sizes(FILE *stream, const ogi_sizes *list) {
  for (size_t i = 0; i < list->count; i++) fprintf(stream, "%s%zu", i == 0 ? "" : ", ", list->value[i]);
}

static void put_reals(FILE *stream, const ogi_reals *list) {
  for (size_t i = 0; i < list->count; i++) {
    if (i > 0) fputs(", ", stream);
    put_real(stream, list->value[i]);
  }
}

static void put_value(FILE *stream, const void *source, const ogi_key *key) {
  const void *field = (const char *)source + key->offset;
  char choice[OGI_SHOW_MAX];
  switch (key->type) {
    case OGI_KEY_REAL: put_real(stream, *(const double *)field); break;
    case OGI_KEY_SIZE: fprintf(stream, "%zu", *(const size_t *)field); break;
    case OGI_KEY_SEED: fprintf(stream, "%llu", (unsigned long long)*(const uint64_t *)field); break;
    case OGI_KEY_TEXT: put_text(stream, field); break;
    case OGI_KEY_ENUM:
      if (ogi_value_choice(choice, sizeof choice, key->choices, *(const int *)field)) put_text(stream, choice);
      break;
    case OGI_KEY_SIZES:
    case OGI_KEY_REALS:
      fputc('[', stream);
      if (key->type == OGI_KEY_SIZES) put_sizes(stream, field);
      else put_reals(stream, field);
      fputc(']', stream);
      break;
  }
}

static void put_key(FILE *stream, const void *source, const ogi_key *key, const char *name, int depth) {
  fprintf(stream, "%*s%s: ", 2 * depth, "", name);
  put_value(stream, source, key);
  if (key->unit != NULL && key->unit[0] != '\0') fprintf(stream, "  # (%s) %s\n", key->unit, key->help);
  else fprintf(stream, "  # %s\n", key->help);
}

/* Is this the first key of the table whose path begins with these bytes? Sections need not be contiguous there. */
static int is_first(const ogi_key *table, size_t index, size_t length) {
  for (size_t i = 0; i < index; i++)
    if (strncmp(table[i].path, table[index].path, length) == 0) return 0;
  return 1;
}

/* All keys that begin with the first length bytes of section ("array." or ""), deeper sections inside. */
static void put_section(FILE *stream, const void *source, const ogi_key *table, size_t keys, const char *section,
                        size_t length, int depth) {
  for (size_t i = 0; i < keys; i++) {
    if (strncmp(table[i].path, section, length) != 0) continue;
    const char *name = table[i].path + length, *dot = strchr(name, '.');
    if (dot == NULL) {
      put_key(stream, source, &table[i], name, depth);
      continue;
    }
    size_t inner = (size_t)(dot - table[i].path) + 1;
    if (!is_first(table, i, inner)) continue;
    fprintf(stream, "%*s%.*s:\n", 2 * depth, "", (int)(dot - name), name);
    put_section(stream, source, table, keys, table[i].path, inner, depth + 1);
  }
}

void ogi_schema_dump(FILE *stream, const void *source, const ogi_key *table, size_t keys) {
  ogi_locale locale;
  ogi_locale_begin(&locale);
  put_section(stream, source, table, keys, "", 0, 0);
  ogi_locale_end(&locale);
}

void ogi_schema_help(FILE *stream, const ogi_key *table, size_t keys) {
  ogi_locale locale;
  ogi_locale_begin(&locale);
  for (size_t i = 0; i < keys; i++) {
    char need[NEED_MAX];
    const ogi_key *key = &table[i];
    size_t section = strcspn(key->path, ".");
    if (i > 0 && strncmp(key->path, table[i - 1].path, section + 1) != 0) fputc('\n', stream);
    ogi_value_need(need, sizeof need, key);
    fprintf(stream, "%s\n    %s\n    %s; ", key->path, key->help, need);
    if (key->fallback == NULL) fputs("must be given\n", stream);
    else fprintf(stream, "default %s\n", key->fallback[0] != '\0' ? key->fallback : "\"\"");
  }
  ogi_locale_end(&locale);
}
