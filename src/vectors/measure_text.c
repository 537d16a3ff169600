/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_error.h"
#include "base/ogi_mem.h"
#include "base/ogi_spice_number.h"
#include "base/ogi_units.h"
#include "vectors/ogi_measure.h"

enum { WORDS_MAX = 64 };

/* The statement cut into words: "=" is one, "v(a, b)" is one without its blanks. */
typedef struct words {
  char *text; /* all of them, each with its end */
  const char *word[WORDS_MAX];
  size_t count, at;
  og_error *err;
} words;

static int is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c); }

static og_status cut(words *w, const char *p) {
  char *to = w->text;
  while (*p != '\0') {
    int depth = 0;
    if (is_blank(*p)) {
      p++;
      continue;
    }
    if (w->count == WORDS_MAX) return ogi_fail(w->err, OG_E_INPUT, "measure: saw more than %d words", WORDS_MAX);
    w->word[w->count++] = to;
    if (*p == '=') {
      *to++ = *p++;
    } else {
      for (; *p != '\0' && (depth > 0 || (!is_blank(*p) && *p != '=')); p++) {
        depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
        if (!is_blank(*p)) *to++ = lower(*p);
      }
      if (depth != 0) return ogi_fail(w->err, OG_E_INPUT, "measure: saw a parenthesis too many, need pairs");
    }
    *to++ = '\0';
  }
  return OG_OK;
}

static const char *look(const words *w) { return w->at < w->count ? w->word[w->at] : ""; }
static int sees(const words *w, const char *word) { return strcmp(look(w), word) == 0; }

static int take(words *w, const char *word) {
  if (!sees(w, word)) return 0;
  w->at++;
  return 1;
}

/* "word =" ahead; stepped over. */
static int take_key(words *w, const char *key) {
  if (!sees(w, key) || w->at + 1 >= w->count || strcmp(w->word[w->at + 1], "=") != 0) return 0;
  w->at += 2;
  return 1;
}

static og_status fail_word(const words *w, const char *need) {
  char seen[OGI_SHOW_MAX];
  ogi_show(seen, look(w));
  if (w->at >= w->count) return ogi_fail(w->err, OG_E_INPUT, "measure: saw its end, need %s", need);
  return ogi_fail(w->err, OG_E_INPUT, "measure: word %zu: saw %s, need %s", w->at + 1, seen, need);
}

static og_status take_number(words *w, double *value) {
  const char *end = "";
  if (!ogi_spice_number(look(w), &end, value) || *end != '\0') return fail_word(w, "a number");
  w->at++;
  return OG_OK;
}

static og_status set_once(words *w, double *value) {
  if (isfinite(*value)) return fail_word(w, "from, to, td or val once");
  return take_number(w, value);
}

static og_status take_name(words *w, char out[OGI_MEASURE_NAME], const char *from, size_t length) {
  if (length == 0 || length >= OGI_MEASURE_NAME) return fail_word(w, "a name of 1 to 127 characters");
  memcpy(out, from, length);
  out[length] = '\0';
  return OG_OK;
}

/* --- signals ----------------------------------------------------------------------------------------------------- */

static const struct {
  const char *text;
  ogi_part part;
} parts[] = {{"", OGI_PART_MODULUS},   {"m", OGI_PART_MODULUS}, {"r", OGI_PART_REAL},
             {"i", OGI_PART_IMAGINARY}, {"p", OGI_PART_PHASE},   {"db", OGI_PART_DECIBEL}};

/* "vdb(" -> part; 0 if the text before the parenthesis is none of ours. */
static int find_part(const char *word, size_t length, ogi_part *part) {
  if (length < 1 || length > 3 || (word[0] != 'v' && word[0] != 'i')) return 0;
  for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
    if (strlen(parts[k].text) == length - 1 && strncmp(word + 1, parts[k].text, length - 1) == 0) {
      *part = parts[k].part;
      return 1;
    }
  return 0;
}

/* "v(x)" or "i(x)" of the name in parentheses, as og_vectors_find knows it. */
static og_status wrap(words *w, char out[OGI_MEASURE_NAME], char letter, const char *name, size_t length) {
  if (length == 0 || length + 4 > OGI_MEASURE_NAME) return fail_word(w, "a name of 1 to 124 characters");
  out[0] = letter;
  out[1] = '(';
  memcpy(out + 2, name, length);
  memcpy(out + 2 + length, ")", 2);
  return OG_OK;
}

static og_status take_signal(words *w, ogi_signal *s) {
  const char *word = look(w), *open = strchr(word, '(');
  size_t length = strlen(word), before = open != NULL ? (size_t)(open - word) : 0;
  og_status st = OG_OK;
  if (length == 0 || strpbrk(word, "'\"{}") != NULL || strcmp(word, "=") == 0)
    return fail_word(w, "v(a), v(a,b), i(v1) or the name of a vector");
  if (open == NULL || word[length - 1] != ')' || !find_part(word, before, &s->part)) {
    if (open != NULL && before == 3 && strncmp(word, "par", 3) == 0) return fail_word(w, "a signal, no expression");
    OGI_TRY(st, take_name(w, s->plus, word, length));
  } else {
    const char *comma = strchr(open, ','), *close = word + length - 1, *stop = comma != NULL ? comma : close;
    if (comma != NULL && word[0] == 'i') return fail_word(w, "one element in i(...)");
    OGI_TRY(st, wrap(w, s->plus, word[0], open + 1, (size_t)(stop - open) - 1));
    if (comma != NULL) OGI_TRY(st, wrap(w, s->minus, 'v', comma + 1, (size_t)(close - comma) - 1));
  }
  w->at++;
done:
  return st;
}

/* --- events ------------------------------------------------------------------------------------------------------ */

static og_status take_which(words *w, ogi_event *e, ogi_edge edge, int *seen) {
  double number;
  if (*seen) return fail_word(w, "one of rise, fall and cross");
  *seen = 1;
  e->edge = edge;
  e->number = 0;
  if (take(w, "last")) return OG_OK;
  const char *end = "";
  if (!ogi_spice_number(look(w), &end, &number) || *end != '\0' || !(number >= 1 && number <= 1e9) ||
      number != floor(number))
    return fail_word(w, "a whole number from 1 or last");
  w->at++;
  e->number = (size_t)number;
  return OG_OK;
}

/* td=, rise=, fall=, cross=, from=, to= in any order, as many as there are; and what optimisers want. */
static og_status take_limits(words *w, og_measure *m, ogi_event *e) {
  static const char *const edge[] = {"cross", "rise", "fall"};
  og_status st = OG_OK;
  double ignored;
  int seen = 0, going = 1;
  while (going) {
    going = 0;
    for (int k = 0; e != NULL && k < 3; k++)
      if (take_key(w, edge[k])) {
        OGI_TRY(st, take_which(w, e, (ogi_edge)k, &seen));
        going = 1;
      }
    double *place = NULL;
    if (e != NULL && take_key(w, "td")) place = &e->td;
    else if (e == NULL && take_key(w, "td")) place = &m->from; /* of a window the delay is its start */
    else if (m->kind != OGI_M_DELAY && take_key(w, "from")) place = &m->from;
    else if (m->kind != OGI_M_DELAY && take_key(w, "to")) place = &m->to;
    if (place != NULL) {
      OGI_TRY(st, set_once(w, place));
      going = 1;
    }
    if (take_key(w, "goal") || take_key(w, "minval") || take_key(w, "weight")) {
      OGI_TRY(st, take_number(w, &ignored));
      going = 1;
    }
  }
done:
  return st;
}

static void init_event(ogi_event *e) { *e = (ogi_event){.at = NAN, .level = NAN, .td = -INFINITY, .number = 1}; }

/* trig or targ: "at=3n", or "v(out) val=0.1 rise=1" with its parts in any order. */
static og_status take_event(words *w, og_measure *m, ogi_event *e) {
  og_status st = OG_OK;
  if (take_key(w, "at")) return take_number(w, &e->at);
  OGI_TRY(st, take_signal(w, &e->left));
  OGI_TRY(st, take_limits(w, m, e));
  if (!take_key(w, "val")) return fail_word(w, "val=");
  OGI_TRY(st, take_number(w, &e->level));
  ogi_event before = *e;
  OGI_TRY(st, take_limits(w, m, e));
  if ((before.edge != OGI_EDGE_CROSS || before.number != 1) && (before.edge != e->edge || before.number != e->number))
    return fail_word(w, "one of rise, fall and cross");
done:
  return st;
}

/* when: "v(b)=0.5 cross=2" or "v(a)=v(b) fall=last". */
static og_status take_condition(words *w, og_measure *m, ogi_event *e) {
  og_status st = OG_OK;
  const char *end = "";
  OGI_TRY(st, take_signal(w, &e->left));
  if (!take(w, "=")) return fail_word(w, "\"=\"");
  if (ogi_spice_number(look(w), &end, &e->level) && *end == '\0')
    w->at++;
  else
    OGI_TRY(st, take_signal(w, &e->right));
  OGI_TRY(st, take_limits(w, m, e));
done:
  return st;
}

/* --- statements -------------------------------------------------------------------------------------------------- */

static const struct {
  const char *word;
  ogi_measure_kind kind;
} functions[] = {{"max", OGI_M_MAX},       {"min", OGI_M_MIN},     {"max_at", OGI_M_MAX_AT}, {"min_at", OGI_M_MIN_AT},
                 {"pp", OGI_M_PP},         {"avg", OGI_M_AVG},     {"rms", OGI_M_RMS},       {"integ", OGI_M_INTEG},
                 {"integral", OGI_M_INTEG}};

static og_status take_delay(words *w, og_measure *m) {
  og_status st = OG_OK;
  m->kind = OGI_M_DELAY;
  OGI_TRY(st, take_event(w, m, &m->first));
  if (!take(w, "targ")) return fail_word(w, "targ");
  OGI_TRY(st, take_event(w, m, &m->second));
done:
  return st;
}

/* find and deriv: a signal, and where. */
static og_status take_place(words *w, og_measure *m) {
  og_status st = OG_OK;
  OGI_TRY(st, take_signal(w, &m->what));
  if (take_key(w, "at")) return take_number(w, &m->first.at);
  if (!take(w, "when")) return fail_word(w, "at= or when");
  OGI_TRY(st, take_condition(w, m, &m->first));
done:
  return st;
}

static og_status take_function(words *w, og_measure *m) {
  og_status st = OG_OK;
  size_t k = 0, known = sizeof functions / sizeof *functions;
  while (k < known && !sees(w, functions[k].word)) k++;
  if (k == known)
    return fail_word(w, "trig, find, when, deriv, max, min, max_at, min_at, pp, avg, rms or integ");
  w->at++;
  m->kind = functions[k].kind;
  OGI_TRY(st, take_signal(w, &m->what));
  OGI_TRY(st, take_limits(w, m, NULL));
done:
  return st;
}

static og_status take_statement(words *w, og_measure *m) {
  static const char *const analyses[] = {"tran", "ac", "dc", "sp", "noise", "op"};
  og_status st = OG_OK;
  size_t k = 0;
  while (k < 6 && !sees(w, analyses[k])) k++;
  if (k == 6) return fail_word(w, "tran, ac, dc, sp, noise or op");
  strcpy(m->analysis, analyses[k]);
  w->at++;
  OGI_TRY(st, take_name(w, m->name, look(w), strlen(look(w))));
  w->at++;
  if (sees(w, "param") || sees(w, "expr"))
    return ogi_fail(w->err, OG_E_UNSUPPORTED, "measure %s: saw param=, need a measurement of vectors (no expressions)",
                    m->name);
  if (take(w, "trig")) {
    OGI_TRY(st, take_delay(w, m));
  } else if (take(w, "when")) {
    m->kind = OGI_M_WHEN;
    OGI_TRY(st, take_condition(w, m, &m->first));
  } else if (sees(w, "find") || sees(w, "deriv") || sees(w, "derivative")) {
    m->kind = take(w, "find") ? OGI_M_FIND : (w->at++, OGI_M_DERIV);
    OGI_TRY(st, take_place(w, m));
  } else {
    OGI_TRY(st, take_function(w, m));
  }
  if (w->at < w->count) return fail_word(w, "the end, or another spelling");
  if (!(m->from < m->to))
    return ogi_fail(w->err, OG_E_INPUT, "measure %s: saw from %g to %g, need a window", m->name, m->from, m->to);
done:
  return st;
}

og_status og_measure_parse(og_measure **out, const char *statement, og_error *err) {
  og_status st = OG_OK;
  words w = {.err = err};
  og_measure *m = NULL;
  if (out != NULL) *out = NULL;
  if (out == NULL || statement == NULL) return ogi_fail(err, OG_E_ARG, "measure: a pointer is NULL");
  m = ogi_alloc(1, sizeof *m);
  w.text = ogi_alloc(2 * strlen(statement) + 1, 1); /* every character may be a word of its own */
  if (m == NULL || w.text == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "measure: a statement");
    goto done;
  }
  init_event(&m->first);
  init_event(&m->second);
  m->from = -INFINITY;
  m->to = INFINITY;
  OGI_TRY(st, cut(&w, statement));
  OGI_TRY(st, take_statement(&w, m));
  *out = m;
  m = NULL;
done:
  ogi_free(w.text);
  og_measure_free(m);
  return st;
}

void og_measure_free(og_measure *m) { ogi_free(m); }
const char *og_measure_name(const og_measure *m) { return m->name; }
const char *og_measure_analysis(const og_measure *m) { return m->analysis; }
