/* SPDX-License-Identifier: BSD-3-Clause */
/** What independent sources do in time, and diodes. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_deck_read.h"

/* ---- independent sources ---- */

static const struct {
  const char *name;
  og_wave_kind kind;
  size_t least, most;
} waves[] = {
    {"pulse", OG_WAVE_PULSE, 2, 7}, {"sin", OG_WAVE_SIN, 2, 6}, {"exp", OG_WAVE_EXP, 2, 6}, {"pwl", OG_WAVE_PWL, 2, 0}};

static size_t find_wave(const char *word) {
  size_t k = 0;
  while (k < sizeof waves / sizeof *waves && strcmp(waves[k].name, word) != 0) k++;
  return k;
}

static int is_keyword(const char *word) {
  return strcmp(word, "ac") == 0 || strcmp(word, "dc") == 0 || find_wave(word) < sizeof waves / sizeof *waves;
}

/*
 * What SPICE takes for times that are left out or 0: edges the step of .tran, width and period its stop; the rest of
 * the waveforms likewise. Written out, so that both engines see the same.
 */
static og_status fill_defaults(const ogi_reading *r, og_waveform *w, size_t given) {
  double *p = w->p, step = r->step, stop = r->stop;
  if (w->kind == OG_WAVE_PULSE) {
    int lacks = (given < 5 || p[3] == 0 || p[4] == 0);
    if (lacks && !(step > 0))
      return ogi_fail(r->err, OG_E_INPUT, "pulse: saw no rise or fall time, need them, or a .tran whose step they are");
    if (given < 4 || p[3] == 0) p[3] = step;
    if (given < 5 || p[4] == 0) p[4] = step;
    if (given < 6 || p[5] == 0) p[5] = stop > 0 ? stop : HUGE_VAL;
    if (given < 7 || p[6] == 0) p[6] = stop > 0 ? stop : HUGE_VAL;
    if (!(stop > 0) && (isinf(p[5]) || isinf(p[6])))
      return ogi_fail(r->err, OG_E_INPUT, "pulse: saw no width or period, need them, or a .tran whose stop they are");
    if (p[6] < p[3] + p[4] + p[5] && p[6] >= stop) p[6] = p[3] + p[4] + p[5]; /* it does not come to repeat */
    if (!(p[3] > 0 && p[4] > 0 && p[5] > 0 && p[6] > 0))
      return ogi_fail(r->err, OG_E_RANGE, "pulse: saw times %g %g %g %g, need more than 0 (second)", p[3], p[4], p[5],
                      p[6]);
  } else if (w->kind == OG_WAVE_SIN) {
    if (given < 3 || p[2] == 0) p[2] = stop > 0 ? 1 / stop : 0;
    if (!(p[2] > 0)) return ogi_fail(r->err, OG_E_INPUT, "sin: saw no frequency, need one above 0 (hertz)");
  } else if (w->kind == OG_WAVE_EXP) {
    if ((given < 4 || given < 6 || p[3] == 0 || p[5] == 0) && !(step > 0))
      return ogi_fail(r->err, OG_E_INPUT, "exp: saw no time constant, need two, or a .tran whose step they are");
    if (given < 4 || p[3] == 0) p[3] = step;
    if (given < 5) p[4] = p[2] + step;
    if (given < 6 || p[5] == 0) p[5] = step;
  }
  return OG_OK;
}

typedef OGI_LIST(double) doubles;

static og_status take_points(const ogi_reading *r, ogi_scope *s, const ogi_pieces *p, const doubles *x,
                             og_waveform *w) {
  double delay = 0;
  if (ogi_pieces_value(p, "r") != NULL) return ogi_fail(r->err, OG_E_INPUT, "pwl r=: not supported, need the points");
  og_status st = ogi_scope_key(r, s, p, "td", &delay);
  if (st != OG_OK) return st;
  if (x->count % 2 != 0)
    return ogi_fail(r->err, OG_E_INPUT, "pwl: saw %zu numbers, need pairs of time and value", x->count);
  double *second = ogi_alloc(x->count / 2, sizeof *second), *value = ogi_alloc(x->count / 2, sizeof *value);
  w->second = second;
  w->value = value;
  w->count = x->count / 2;
  if (second == NULL || value == NULL) return ogi_fail(r->err, OG_E_NOMEM, "pwl");
  st = ogi_spend(r, (double)w->count);
  if (st != OG_OK) return st;
  for (size_t k = 0; k < w->count; k++) {
    second[k] = x->item[2 * k] + delay;
    value[k] = x->item[2 * k + 1];
    if (!isfinite(second[k]) || (k > 0 && !(second[k] > second[k - 1])))
      return ogi_fail(r->err, OG_E_RANGE, "pwl: time %zu: saw %g after %g, need ascending times (second)", k, second[k],
                      second[k - 1]);
  }
  return OG_OK;
}

/* Numbers behind the name of a waveform; *at is moved behind them. */
static og_status read_numbers(const ogi_reading *r, ogi_scope *s, const ogi_pieces *p, size_t *at, doubles *x) {
  int open = 0;
  for (; *at < p->word.count; ++*at) {
    const char *word = p->word.item[*at];
    if (strcmp(word, "(") == 0 && !open) {
      open = 1;
      continue;
    }
    if (strcmp(word, ")") == 0) {
      ++*at;
      break;
    }
    if (is_keyword(word)) break;
    if (!OGI_ROOM(*x)) return ogi_fail(r->err, OG_E_NOMEM, "waveform");
    og_status st = ogi_scope_number(r, s, word, &x->item[x->count]);
    if (st != OG_OK) return st;
    x->count++;
  }
  return OG_OK;
}

static og_status read_wave(const ogi_reading *r, ogi_scope *s, const ogi_pieces *p, size_t *at, ogi_deck_part *part) {
  size_t k = find_wave(p->word.item[*at]);
  og_waveform *w = &part->wave;
  doubles x = {0};
  og_status st = part->has_wave ? ogi_fail(r->err, OG_E_INPUT, "saw a second waveform, need one") : OG_OK;
  if (st != OG_OK) return st;
  part->has_wave = 1;
  *w = (og_waveform){.kind = waves[k].kind};
  ++*at;
  OGI_TRY(st, read_numbers(r, s, p, at, &x));
  if (x.count < waves[k].least || (waves[k].most > 0 && x.count > waves[k].most)) {
    st = ogi_fail(r->err, OG_E_INPUT, "%s: saw %zu numbers, need %zu or more%s", waves[k].name, x.count, waves[k].least,
                  waves[k].most > 0 ? ", and no further ones" : "");
  } else if (w->kind == OG_WAVE_PWL) {
    st = take_points(r, s, p, &x, w);
  } else {
    memcpy(w->p, x.item, x.count * sizeof *x.item);
    st = fill_defaults(r, w, x.count);
  }
done:
  ogi_free(x.item);
  return st;
}

/* Up to two numbers behind "ac". */
static og_status read_ac(const ogi_reading *r, ogi_scope *s, const ogi_pieces *p, size_t *at, ogi_deck_part *part) {
  part->ac[0] = 1;
  for (int k = 0; k < 2 && *at < p->word.count && !is_keyword(p->word.item[*at]); k++, ++*at) {
    og_status st = ogi_scope_number(r, s, p->word.item[*at], &part->ac[k]);
    if (st != OG_OK) return st;
  }
  return OG_OK;
}

og_status ogi_read_source(const ogi_reading *r, ogi_scope *s, const ogi_pieces *p, size_t at, ogi_deck_part *part) {
  og_status st = OG_OK;
  part->external = p->word.count == 4 && p->pair.count == 0 && strcmp(p->word.item[3], "external") == 0;
  if (part->external) return OG_OK; /* a value beside it makes ngspice 39 crash */
  while (at < p->word.count) {
    const char *word = p->word.item[at];
    int is_dc = strcmp(word, "dc") == 0;
    if (find_wave(word) < sizeof waves / sizeof *waves) {
      OGI_TRY(st, read_wave(r, s, p, &at, part));
    } else if (strcmp(word, "ac") == 0) {
      at++;
      OGI_TRY(st, read_ac(r, s, p, &at, part));
    } else if (is_dc && at + 1 == p->word.count) {
      return ogi_fail(r->err, OG_E_INPUT, "dc: saw no value, need one");
    } else if (!part->has_dc && (is_dc || (at == 3 && (p->word.count == 4 || strcmp(p->word.item[4], "(") != 0)))) {
      at += is_dc;
      OGI_TRY(st, ogi_scope_number(r, s, p->word.item[at++], &part->dc));
      part->has_dc = 1;
    } else {
      return ogi_fail(r->err, OG_E_INPUT, "saw \"%s\", need DC, AC, PULSE, SIN, EXP or PWL", word);
    }
  }
  if (!part->has_wave || part->wave.kind != OG_WAVE_PWL)
    for (size_t k = 0; k < p->pair.count; k++)
      if (p->pair.item[k].key[0] == 't' || p->pair.item[k].key[0] == 'r')
        return ogi_fail(r->err, OG_E_INPUT, "%s=: not supported here, it belongs to pwl", p->pair.item[k].key);
  part->has_dc |= ogi_pieces_value(p, "dc") != NULL;
  OGI_TRY(st, ogi_scope_key(r, s, p, "dc", &part->dc));
  OGI_TRY(st, ogi_scope_key(r, s, p, "ac", &part->ac[0]));
done:
  return st;
}
