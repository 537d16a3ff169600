/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <string.h>

#include "base/ogi_num.h"
#include "vectors/ogi_vectors.h"

static const char branch[] = "#branch";

static int ends_with(const char *text, const char *tail) {
  size_t length = strlen(text), part = strlen(tail);
  return length > part && strcmp(text + length - part, tail) == 0;
}

/* "v(x)" with a plain x: letter, one pair of parentheses, no comma. */
static int is_wrapped(const char *name, char letter) {
  size_t length = strlen(name);
  return length > 3 && name[0] == letter && name[1] == '(' && strcspn(name + 2, "(),") == length - 3 &&
         name[length - 1] == ')';
}

void ogi_vector_name_in(char *name) {
  for (char *p = name; *p != '\0'; p++)
    if (*p >= 'A' && *p <= 'Z') *p = (char)(*p - 'A' + 'a'); /* not tolower: no locale has a say */
  int current = is_wrapped(name, 'i');
  if (!current && !is_wrapped(name, 'v')) return;
  size_t bare = strlen(name) - 3;
  memmove(name, name + 2, bare);
  name[bare] = '\0';
  if (current && name[0] != '@' && !ends_with(name, branch)) memcpy(name + bare, branch, sizeof branch);
}

og_quantity ogi_vector_quantity(const char *name) {
  if (strcmp(name, "time") == 0) return OG_Q_TIME;
  if (strcmp(name, "frequency") == 0 || strcmp(name, "freq") == 0) return OG_Q_FREQUENCY;
  if (ends_with(name, branch) || strncmp(name, "i(", 2) == 0) return OG_Q_CURRENT;
  return strncmp(name, "v(", 2) == 0 ? OG_Q_VOLTAGE : OG_Q_NOTYPE;
}

/* Only what ogi_vector_name_in turns back is wrapped: names with parentheses or commas of their own stay as is. */
ogi_spelling ogi_vector_spelling(const char *name, og_quantity quantity) {
  size_t length = strlen(name);
  int plain = strcspn(name, "(),") == length && length > 0, is_branch = ends_with(name, branch);
  if (plain && quantity == OG_Q_VOLTAGE) return (ogi_spelling){"v(", name, ")", (int)length};
  if (plain && quantity == OG_Q_CURRENT && is_branch)
    return (ogi_spelling){"i(", name, ")", (int)(length - sizeof branch + 1)};
  if (plain && quantity == OG_Q_CURRENT && name[0] == '@') return (ogi_spelling){"i(", name, ")", (int)length};
  return (ogi_spelling){"", name, "", (int)length};
}

int ogi_vector_scales(const char *name, og_quantity quantity, size_t points) {
  return points > 1 || quantity == OG_Q_TIME || quantity == OG_Q_FREQUENCY || ends_with(name, "sweep");
}

const char *ogi_vector_show(char out[OGI_SHOWN], const char *text, size_t length) {
  size_t kept = ogi_min_size(length, OGI_SHOWN - 1);
  for (size_t i = 0; i < kept; i++) out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
  if (length > kept) memcpy(out + kept - 3, "...", 3);
  out[kept] = '\0';
  return out;
}
