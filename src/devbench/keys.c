/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_units.h"
#include "devbench/ogi_keys.h"

static const char *colon(const char *where) { return where[0] != '\0' ? ": " : ""; }

og_status ogi_keys_wrong(const ogi_place_in *in, const ogi_tree *t, const char *where, const char *need) {
  char shown[OGI_SHOW_MAX];
  ogi_tree_show(shown, sizeof shown, t);
  return ogi_fail(in->err, OG_E_INPUT, "%s:%zu: %s%ssaw %s, need %s", in->path, t->line, where, colon(where), shown,
                  need);
}

og_status ogi_keys_at(const ogi_place_in *in, const ogi_tree *t, const char *where, og_status st) {
  return ogi_prefix(in->err, st, "%s:%zu: %s", in->path, t->line, where);
}

static int is_among(const char *key, const char *words) {
  size_t length = strlen(key);
  for (const char *p = words; length > 0 && *p != '\0'; p += strcspn(p, " "), p += *p == ' ')
    if (strncmp(p, key, length) == 0 && (p[length] == ' ' || p[length] == '\0')) return 1;
  return 0;
}

og_status ogi_keys_known(const ogi_place_in *in, const ogi_tree *t, const char *where, const char *words) {
  if (t->kind != OGI_TREE_MAP) return ogi_keys_wrong(in, t, where, "a section of keys");
  for (const ogi_tree *c = t->first; c != NULL; c = c->next)
    if (!is_among(c->key, words))
      return ogi_fail(in->err, OG_E_INPUT, "%s:%zu: %s%s%.40s: unknown key, need one of: %s", in->path, c->line, where,
                      where[0] != '\0' ? "." : "", c->key, words);
  return OG_OK;
}

og_status ogi_keys_text(const ogi_place_in *in, const ogi_tree *map, const char *where, const char *key, int must,
                        const char **out) {
  char full[160];
  const ogi_tree *t = ogi_tree_find(map, key);
  snprintf(full, sizeof full, "%s%s%s", where, where[0] != '\0' ? "." : "", key);
  *out = "";
  if (t == NULL && must)
    return ogi_fail(in->err, OG_E_INPUT, "%s:%zu: %s: saw nothing, need a text", in->path, map->line, full);
  if (t == NULL) return OG_OK;
  if (t->kind != OGI_TREE_TEXT || (must && t->text[0] == '\0')) return ogi_keys_wrong(in, t, full, "a text");
  *out = t->text;
  return OG_OK;
}

og_status ogi_keys_name(const ogi_place_in *in, const ogi_tree *t, const char *where, const char *text) {
  size_t length = strlen(text);
  int good = length >= 1 && length <= 40 && text[0] != '.' && text[0] != '-';
  for (const char *p = text; good && *p != '\0'; p++) good = isalnum((unsigned char)*p) || strchr("_-.", *p) != NULL;
  if (good) return OG_OK;
  char shown[OGI_SHOW_MAX];
  ogi_show(shown, text);
  return ogi_fail(in->err, OG_E_INPUT, "%s:%zu: %s%ssaw %s, need a name of 1 to 40 letters, digits or _-.", in->path,
                  t->line, where, colon(where), shown);
}
