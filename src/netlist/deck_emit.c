/* SPDX-License-Identifier: BSD-3-Clause */
/** A deck that was read, written anew for ngspice. */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_file.h"
#include "netlist/ogi_deck_parts.h"

#define TITLE_MAX 190 /* what is read keeps 200 letters */

/* ---- names ---- */

/* Letters, digits, points and underscores mean nothing else anywhere in ngspice, but for a few words. */
static int is_plain(const char *name) {
  static const char *const words[] = {"time", "frequency", "hertz", "temp", "temper", "all", "null", "gnd"};
  for (size_t k = 0; k < sizeof words / sizeof *words; k++)
    if (strcmp(name, words[k]) == 0) return 0;
  if (!isalnum((unsigned char)name[0]) && name[0] != '_') return 0;
  for (; *name != '\0'; name++)
    if (!isalnum((unsigned char)*name) && *name != '_' && *name != '.') return 0;
  return 1;
}

/* ngspice makes of an E or G source with an expression, "e1", a source "be1" at a node "e1_int1" of its own. */
static int is_taken(const og_deck *d, const ogi_names *names, const char *name) {
  char source[OGI_LABEL];
  const char *end = name + strlen(name);
  if (names == d->element_names) return name[0] == 'b' && strchr("eg", name[1]) != NULL &&
                                        ogi_names_find(names, name + 1) != OGI_NO_NAME;
  if (end - name <= 5 || strcmp(end - 5, "_int1") != 0) return 0;
  snprintf(source, sizeof source, "%.*s", (int)(end - name - 5), name);
  return ogi_names_find(d->element_names, source) != OGI_NO_NAME;
}

/* A name of our own for one that is not plain; no name of the deck may be the same. */
static void label(char *to, const og_deck *d, const ogi_names *names, size_t number, const char *prefix) {
  const char *name = ogi_names_at(names, number);
  if (is_plain(name) && !is_taken(d, names, name)) {
    snprintf(to, OGI_LABEL, "%s", name);
    return;
  }
  snprintf(to, OGI_LABEL, "%sohmgrid_%zu", prefix, number);
  while (ogi_names_find(names, to) != OGI_NO_NAME && strlen(to) + 1 < OGI_LABEL) strcat(to, "_");
}

void ogi_deck_node_label(char *to, const og_deck *d, size_t node) { label(to, d, d->node_names, node, "n_"); }

static void name_label(char *to, const og_deck *d, size_t name) {
  const char prefix[] = {ogi_names_at(d->element_names, name)[0], '_', '\0'};
  label(to, d, d->element_names, name, prefix);
}

void ogi_deck_element_label(char *to, const og_deck *d, const ogi_deck_part *part) { name_label(to, d, part->name); }

static void put_node(FILE *out, const og_deck *d, size_t node) {
  char name[OGI_LABEL];
  ogi_deck_node_label(name, d, node);
  fprintf(out, " %s", name);
}

static void put_name(FILE *out, const og_deck *d, size_t name) {
  char text[OGI_LABEL];
  name_label(text, d, name);
  fputs(text, out);
}

/* ---- elements ---- */

typedef struct law_names {
  const og_deck *deck;
  const ogi_deck_law *law;
} law_names;

static void put_control(FILE *out, void *user, size_t k) {
  const law_names *l = user;
  const ogi_deck_control *c = &l->law->controls.item[k];
  char a[OGI_LABEL], b[OGI_LABEL];
  if (c->kind == 'i') {
    name_label(a, l->deck, c->a);
    fprintf(out, "i(%s)", a);
    return;
  }
  ogi_deck_node_label(a, l->deck, c->a);
  ogi_deck_node_label(b, l->deck, c->b);
  if (c->b == OGI_DECK_GROUND) fprintf(out, "v(%s)", a);
  else fprintf(out, "v(%s,%s)", a, b);
}

static void put_law(FILE *out, const og_deck *d, const ogi_deck_part *part) {
  law_names names = {d, part->law};
  const char *key = part->kind == 'B' ? (part->law->kind == 'v' ? "v" : "i") : part->kind == 'E' ? "vol" : "cur";
  const char *quote = part->kind == 'B' ? "" : "'";
  fprintf(out, " %s=%s", key, quote);
  ogi_expr_print(out, part->law->expr, put_control, &names);
  fputs(quote, out);
}

static void put_wave(FILE *out, const og_waveform *w) {
  static const struct {
    const char *name;
    size_t numbers;
  } forms[] = {
      [OG_WAVE_DC] = {"dc", 1}, [OG_WAVE_PULSE] = {"pulse", 7}, [OG_WAVE_SIN] = {"sin", 6}, [OG_WAVE_EXP] = {"exp", 6}};
  if (w->kind == OG_WAVE_PWL) {
    fputs(" pwl(", out);
    for (size_t k = 0; k < w->count; k++) fprintf(out, " %.17g %.17g", w->second[k], w->value[k]);
  } else {
    fprintf(out, " %s(", forms[w->kind].name);
    for (size_t k = 0; k < forms[w->kind].numbers; k++) fprintf(out, " %.17g", w->p[k]);
  }
  fputs(" )", out);
}

static void put_source(FILE *out, const ogi_deck_part *part) {
  if (part->external) {
    fputs(" external", out);
    return;
  }
  if (part->has_dc || !part->has_wave) fprintf(out, " dc %.17g", part->dc);
  if (part->ac[0] != 0) fprintf(out, " ac %.17g %.17g", part->ac[0], part->ac[1]);
  if (part->has_wave) put_wave(out, &part->wave);
}

/* With temp= ngspice 46 takes the thermal noise of the series resistance 27 K too hot, with dtemp= it does not. */
static void put_diode(FILE *out, const og_deck *d, const ogi_deck_part *part) {
  fprintf(out, " dmodel_%zu area=%.17g m=%.17g", part->model, part->own_area, part->count);
  if (part->celsius != d->celsius) fprintf(out, " dtemp=%.17g", part->celsius - d->celsius);
}

static void put_part(FILE *out, const og_deck *d, const ogi_deck_part *part) {
  put_name(out, d, part->name);
  if (part->kind != 'K') {
    put_node(out, d, part->node[0]);
    put_node(out, d, part->node[1]);
  }
  if (part->law != NULL) {
    put_law(out, d, part);
  } else if (part->kind == 'V' || part->kind == 'I') {
    put_source(out, part);
  } else if (part->kind == 'D') {
    put_diode(out, d, part);
  } else {
    size_t others = part->kind == 'K' ? 2 : part->kind == 'F' || part->kind == 'H' ? 1 : 0;
    for (size_t j = 2; j < 4 && (part->kind == 'E' || part->kind == 'G'); j++) put_node(out, d, part->node[j]);
    for (size_t j = 0; j < others; j++) {
      fputc(' ', out);
      put_name(out, d, part->other[j]);
    }
    fprintf(out, " %.17g", part->value);
    if (!isnan(part->initial)) fprintf(out, " ic=%.17g", part->initial);
  }
  fputc('\n', out);
}

/* ---- cards ---- */

static void put_analysis(FILE *out, const og_analysis *a, const og_deck *d) {
  static const char *const spacing[] = {"dec", "oct", "lin"};
  const char *steps = a->spacing == 'o' ? spacing[1] : a->spacing == 'l' ? spacing[2] : spacing[0];
  char name[OGI_LABEL];
  switch (a->kind) {
    case OG_ANALYSIS_OP: fputs(".op\n", out); return;
    case OG_ANALYSIS_DC:
      name_label(name, d, ogi_names_find(d->element_names, a->source));
      fprintf(out, ".dc %s %.17g %.17g %.17g\n", name, a->from, a->to, a->by);
      return;
    case OG_ANALYSIS_TRAN:
      fprintf(out, ".tran %.17g %.17g %.17g %.17g%s\n", a->step, a->stop, a->start, a->step_max,
              a->from_initial ? " uic" : "");
      return;
    case OG_ANALYSIS_AC: fprintf(out, ".ac %s %zu %.17g %.17g\n", steps, a->points, a->hertz_from, a->hertz_to); return;
    case OG_ANALYSIS_NOISE:
      ogi_deck_node_label(name, d, ogi_names_find(d->node_names, a->output));
      fprintf(out, ".noise v(%s", name);
      if (a->reference != NULL) {
        ogi_deck_node_label(name, d, ogi_names_find(d->node_names, a->reference));
        fprintf(out, ",%s", name);
      }
      name_label(name, d, ogi_names_find(d->element_names, a->source));
      fprintf(out, ") %s %s %zu %.17g %.17g 1\n", name, steps, a->points, a->hertz_from, a->hertz_to);
  }
}

static int is_accuracy(const char *option) {
  static const char *const list[] = {"reltol", "vntol", "abstol", "chgtol", "trtol"};
  for (size_t k = 0; k < sizeof list / sizeof *list; k++)
    if (strcmp(list[k], option) == 0) return 1;
  return 0;
}

static void put_options(FILE *out, const og_deck *d, const ogi_deck_accuracy *accuracy) {
  int ours = accuracy != NULL && accuracy->reltol > 0;
  fprintf(out, ".options temp=%.17g tnom=%.17g\n", d->celsius, d->nominal_celsius);
  for (size_t k = 0; k < d->options.count; k++) {
    const ogi_deck_option *o = &d->options.item[k];
    if (strcmp(o->name, "temp") == 0 || strcmp(o->name, "tnom") == 0 || (ours && is_accuracy(o->name))) continue;
    fprintf(out, ".options %s=%.17g\n", o->name, o->value);
  }
  if (ours)
    fprintf(out, ".options reltol=%.17g vntol=%.17g abstol=%.17g chgtol=1e-22 trtol=1\n", accuracy->reltol,
            accuracy->vntol, accuracy->abstol);
}

static void put_models(FILE *out, const og_deck *d) {
  for (size_t k = 0; k < d->models.count; k++) {
    fprintf(out, ".model dmodel_%zu d(", k);
    for (size_t j = 0; j < OGI_D_COUNT; j++)
      if (isfinite(d->models.item[k].p[j]))
        fprintf(out, "%s%s=%.17g", j > 0 ? " " : "", ogi_diode_keys[j], d->models.item[k].p[j]);
    fputs(")\n", out);
  }
}

/* As a comment, of letters without a meaning; cut, and without a "*" of its own, so that it reads back the same. */
static void put_title(FILE *out, const char *title) {
  fputs("* ", out);
  title += strspn(title, "* ");
  for (const char *end = title + strnlen(title, TITLE_MAX); title < end; title++)
    fputc(isalnum((unsigned char)*title) || strchr(" _.,:()+-=", *title) != NULL ? *title : '_', out);
  fputc('\n', out);
}

void ogi_deck_emit(FILE *out, const og_deck *d, size_t analysis, const ogi_deck_accuracy *accuracy) {
  ogi_locale locale;
  ogi_locale_begin(&locale);
  put_title(out, d->lines.title);
  for (size_t k = 0; k < d->parts.count; k++) put_part(out, d, &d->parts.item[k]);
  put_models(out, d);
  put_options(out, d, accuracy);
  for (size_t k = 0; k < d->initials.count; k++) {
    char name[OGI_LABEL];
    ogi_deck_node_label(name, d, d->initials.item[k].node);
    fprintf(out, ".ic v(%s)=%.17g\n", name, d->initials.item[k].volt);
  }
  for (size_t k = 0; k < d->analyses.count; k++)
    if (analysis == OGI_ALL_ANALYSES || analysis == k) put_analysis(out, &d->analyses.item[k], d);
  if (d->analyses.count == 0 && analysis == OGI_ALL_ANALYSES) fputs(".op\n", out);
  fputs(".end\n", out);
  ogi_locale_end(&locale);
}

og_status og_deck_save(const char *path, const og_deck *d, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  if (path == NULL || d == NULL) return ogi_fail(err, OG_E_ARG, "deck: a needed pointer is NULL");
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  ogi_deck_emit(w.stream, d, OGI_ALL_ANALYSES, NULL);
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  return st;
}
