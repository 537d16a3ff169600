/* SPDX-License-Identifier: BSD-3-Clause */
/** A line in pieces. */
#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_deck_read.h"

static int is_blank(char c) { return c == ' ' || c == '\t' || c == ','; }
static int is_wrapper(char c) { return c == '\'' || c == '"' || c == '{'; }

/* Behind the partner of a quote or an opening bracket; NULL: it has none. */
static const char *partner(const char *p) {
  if (*p == '\'' || *p == '"') {
    const char *end = strchr(p + 1, *p);
    return end != NULL ? end + 1 : NULL;
  }
  char open = *p, close = open == '{' ? '}' : ')';
  for (int depth = 0; *p != '\0'; p++) {
    depth += *p == open;
    depth -= *p == close;
    if (depth == 0) return p + 1;
  }
  return NULL;
}

/* Keep a copy of the text from begin to end, without blanks around it. */
static char *keep(ogi_pieces *p, const char *begin, const char *end) {
  while (begin < end && is_blank(*begin)) begin++;
  while (end > begin && is_blank(end[-1])) end--;
  char *to = p->block + p->used;
  memcpy(to, begin, (size_t)(end - begin));
  p->used += (size_t)(end - begin) + 1; /* the block came zeroed */
  return to;
}

/* The same for a value: one pair of quotes or braces around all of it goes too. */
static char *keep_value(ogi_pieces *p, const char *begin, const char *end) {
  while (begin < end && is_blank(*begin)) begin++;
  while (end > begin && is_blank(end[-1])) end--;
  if (end - begin >= 2 && is_wrapper(*begin) && partner(begin) == end) return keep(p, begin + 1, end - 1);
  return keep(p, begin, end);
}

/* ---- key = value ---- */

/* An assignment, as against a comparison. */
static int assigns(const char *text, const char *p) {
  return *p == '=' && p[1] != '=' && (p == text || strchr("=<>!", p[-1]) == NULL);
}

/* The next assignment outside of quotes and brackets, or the end. */
static const char *next_assignment(const char *text, const char *p) {
  while (*p != '\0' && !assigns(text, p)) {
    const char *behind = is_wrapper(*p) || *p == '(' ? partner(p) : NULL;
    p = behind != NULL ? behind : p + 1;
  }
  return p;
}

static int is_key(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* The word that ends before p, blanks aside, from begin to end; nothing may stand before text. */
static int key_before(const char *text, const char *p, const char **begin, const char **end) {
  while (p > text && is_blank(p[-1])) p--;
  *end = p;
  while (p > text && is_key(p[-1])) p--;
  *begin = p;
  return *begin < *end;
}

/* ---- words ---- */

static og_status split_words(ogi_pieces *p, const char *text, const char *stop, og_error *err) {
  while (text < stop) {
    const char *end = text + 1;
    if (is_blank(*text)) {
      text++;
      continue;
    }
    if (!OGI_ROOM(p->word)) return ogi_fail(err, OG_E_NOMEM, "deck: a line");
    if (is_wrapper(*text)) {
      end = partner(text);
      if (end == NULL || end > stop) return ogi_fail(err, OG_E_INPUT, "saw %c, need its partner", *text);
    } else if (*text != '(' && *text != ')') {
      while (end < stop && !is_blank(*end) && !is_wrapper(*end) && *end != '(' && *end != ')') end++;
    }
    p->word.item[p->word.count++] = keep_value(p, text, end);
    text = end;
  }
  return OG_OK;
}

static int is_operator(char c) { return strchr("+-*/^<>=!&|?:", c) != NULL; }

/* A value goes on over a blank only beside an operator: "a = b + c"; what follows otherwise is a word: "a=1 post". */
static const char *end_of_value(const char *p, const char *limit) {
  while (p < limit && is_blank(*p)) p++;
  while (p < limit) {
    const char *next = p;
    while (next < limit && is_blank(*next)) next++;
    if (next > p) {
      if (next == limit || !(is_operator(*next) || is_operator(p[-1]))) return p;
      p = next;
    }
    const char *behind = is_wrapper(*p) || *p == '(' ? partner(p) : NULL;
    p = behind != NULL && behind <= limit ? behind : p + 1;
  }
  return limit;
}

/* text: what the first key may stand in; equals: the first assignment. */
static og_status split_pairs(ogi_pieces *p, const char *text, const char *equals, og_error *err) {
  while (*equals != '\0') {
    const char *key, *key_end, *next = next_assignment(text, equals + 1), *next_key = next, *unused;
    int named = key_before(text, equals, &key, &key_end);
    if (named && *next != '\0') named = key_before(equals + 1, next, &next_key, &unused);
    if (!named)
      return ogi_fail(err, OG_E_INPUT,
                      "saw \"=\" without a name before it, need name=value (functions are not supported)");
    if (!OGI_ROOM(p->pair)) return ogi_fail(err, OG_E_NOMEM, "deck: a line");
    const char *value_end = end_of_value(equals + 1, next_key);
    char *name = keep(p, key, key_end);
    p->pair.item[p->pair.count++] = (ogi_pair){name, keep_value(p, equals + 1, value_end)};
    og_status st = split_words(p, value_end, next_key, err);
    if (st != OG_OK) return st;
    text = equals + 1;
    equals = next;
  }
  return OG_OK;
}

/* 0 if every opening bracket has a partner, else one that has none: searching it again and again takes n^2 steps. */
static char open_bracket(const char *text) {
  size_t round = 0, curly = 0;
  for (; *text != '\0'; text++) {
    round += *text == '(';
    curly += *text == '{';
    round -= *text == ')' && round > 0;
    curly -= *text == '}' && curly > 0;
  }
  return round > 0 ? '(' : curly > 0 ? '{' : '\0';
}

og_status ogi_pieces_split(ogi_pieces *p, const char *text, og_error *err) {
  og_status st = OG_OK;
  *p = (ogi_pieces){0};
  char bracket = open_bracket(text);
  if (bracket != '\0') return ogi_fail(err, OG_E_INPUT, "saw %c, need its partner", bracket);
  *p = (ogi_pieces){.block = ogi_alloc(2 * strlen(text) + 2, 1)};
  if (p->block == NULL) return ogi_fail(err, OG_E_NOMEM, "deck: a line");
  const char *equals = next_assignment(text, text), *stop = equals, *unused;
  if (*equals != '\0' && !key_before(text, equals, &stop, &unused)) stop = equals;
  OGI_TRY(st, split_words(p, text, stop, err));
  st = split_pairs(p, text, equals, err);
done:
  if (st != OG_OK) ogi_pieces_clear(p);
  return st;
}

void ogi_pieces_clear(ogi_pieces *p) {
  ogi_free(p->block);
  ogi_free(p->word.item);
  ogi_free(p->pair.item);
  *p = (ogi_pieces){0};
}

const char *ogi_pieces_value(const ogi_pieces *p, const char *key) {
  for (size_t k = 0; k < p->pair.count; k++)
    if (strcmp(p->pair.item[k].key, key) == 0) return p->pair.item[k].value;
  return NULL;
}
