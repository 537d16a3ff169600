/* SPDX-License-Identifier: BSD-3-Clause */
/* What may become a deck. Decks can hold commands, so that text from outside is looked at line by line. */
#include <config.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "netlist/ogi_emit.h"

/* ---- values ---- */

static size_t sources_of(const og_array *a) { return a->wiring == OG_WIRING_PARALLEL ? a->n : a->m; }

static og_status check_values(const og_array *a, const double *g, const double *v, const double *u, og_error *err) {
  for (size_t k = 0; k < a->m * a->n; k++)
    if (!(g[k] >= 0 && isfinite(g[k])))
      return ogi_fail(err, OG_E_RANGE, "conductance (%zu,%zu): saw %g, need a finite value >= 0 (siemens)", k / a->n,
                      k % a->n, g[k]);
  for (size_t i = 0; v != NULL && i < sources_of(a); i++)
    if (!isfinite(v[i]))
      return ogi_fail(err, OG_E_RANGE, "%s line %zu: saw %g, need a finite voltage (volt)",
                      a->wiring == OG_WIRING_PARALLEL ? "source" : "word", i, v[i]);
  for (size_t j = 0; u != NULL && j < a->n; j++)
    if (!isfinite(u[j]))
      return ogi_fail(err, OG_E_RANGE, "bit line %zu: saw %g, need a finite voltage (volt)", j, u[j]);
  return OG_OK;
}

static og_status check_wave(const og_array *a, const og_wave *w, og_error *err) {
  size_t sources = sources_of(a);
  if (w->points == 0 || w->second == NULL || w->volt == NULL)
    return ogi_fail(err, OG_E_ARG, "netlist: wave: need points, times and voltages");
  for (size_t p = 0; p < w->points; p++) {
    if (!isfinite(w->second[p]) || (p > 0 && !(w->second[p] > w->second[p - 1])))
      return ogi_fail(err, OG_E_RANGE, "netlist: wave: point %zu: saw %g, need ascending finite times (second)", p,
                      w->second[p]);
    for (size_t i = 0; i < sources; i++)
      if (!isfinite(w->volt[p * sources + i]))
        return ogi_fail(err, OG_E_RANGE, "netlist: wave: point %zu, line %zu: saw %g, need a finite voltage (volt)", p,
                        i, w->volt[p * sources + i]);
  }
  for (size_t j = 0; w->sense_volt != NULL && j < a->n; j++)
    if (!isfinite(w->sense_volt[j]))
      return ogi_fail(err, OG_E_RANGE, "netlist: wave: bit line %zu: saw %g, need a finite voltage (volt)", j,
                      w->sense_volt[j]);
  return OG_OK;
}

/* ---- options ---- */

static og_status outside(og_error *err, const char *field, double saw, const char *need) {
  return ogi_fail(err, OG_E_RANGE, "netlist: %s: saw %g, need %s", field, saw, need);
}

static og_status check_enums(const og_netlist_opts *o, og_error *err) {
  if ((unsigned)o->style > OG_NETLIST_HIERARCHICAL) return outside(err, "style", o->style, "flat or hierarchical");
  if ((unsigned)o->analysis > OG_NETLIST_NONE) return outside(err, "analysis", o->analysis, "op, tran, noise or none");
  if ((unsigned)o->dialect > OG_NETLIST_XYCE) return outside(err, "dialect", o->dialect, "ngspice or xyce");
  if ((unsigned)o->method > OG_NETLIST_GEAR) return outside(err, "method", o->method, "trap or gear");
  for (const char *p = o->title; p != NULL && *p != '\0'; p++)
    if (iscntrl((unsigned char)*p))
      return ogi_fail(err, OG_E_RANGE, "netlist: title: saw a control character, need one line of text");
  return OG_OK;
}

static og_status check_numbers(const og_netlist_opts *o, og_error *err) {
  const struct {
    const char *name;
    double value;
  } all[] = {{"c_word_farad", o->c_word_farad}, {"c_bit_farad", o->c_bit_farad}, {"c_cell_farad", o->c_cell_farad},
             {"step_second", o->step_second},   {"reltol", o->reltol},           {"abstol_amp", o->abstol_amp},
             {"vntol_volt", o->vntol_volt},     {"chgtol_coulomb", o->chgtol_coulomb}, {"trtol", o->trtol},
             {"tia_ohm", o->tia_ohm},           {"tia_hertz", o->tia_hertz}};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    if (!(all[k].value >= 0 && isfinite(all[k].value)))
      return outside(err, all[k].name, all[k].value, "a finite value >= 0");
  if (!(o->tia_gain > 0 && isfinite(o->tia_gain))) return outside(err, "tia_gain", o->tia_gain, "a finite value > 0");
  return OG_OK;
}

static og_status check_analysis(const og_array *a, const og_netlist_opts *o, og_error *err) {
  if (o->analysis == OG_NETLIST_TRAN) {
    double start = o->wave != NULL ? o->wave->second[0] : 0;
    if (!(isfinite(o->stop_second) && o->stop_second > start))
      return ogi_fail(err, OG_E_RANGE, "netlist: stop_second: saw %g, need more than %g (second)", o->stop_second,
                      start);
  }
  if (o->analysis == OG_NETLIST_NOISE) {
    if (o->noise_output >= a->n)
      return ogi_fail(err, OG_E_RANGE, "netlist: noise_output: saw %zu, need 0 to %zu", o->noise_output, a->n - 1);
    if (o->noise_input >= sources_of(a))
      return ogi_fail(err, OG_E_RANGE, "netlist: noise_input: saw %zu, need 0 to %zu", o->noise_input,
                      sources_of(a) - 1);
    if (!(o->noise_from_hertz > 0 && o->noise_to_hertz > o->noise_from_hertz && isfinite(o->noise_to_hertz)))
      return ogi_fail(err, OG_E_RANGE, "netlist: noise: saw %g to %g, need ascending frequencies > 0 (hertz)",
                      o->noise_from_hertz, o->noise_to_hertz);
    if (o->noise_points == 0) return outside(err, "noise_points", 0, "1 or more");
    if (!(o->kelvin > 0 && isfinite(o->kelvin))) return outside(err, "kelvin", o->kelvin, "a finite value > 0");
  }
  return OG_OK;
}

/* ---- subcircuits of the caller ---- */

static int is_name(const char *s) {
  if (s == NULL || !isalpha((unsigned char)*s)) return 0;
  while (isalnum((unsigned char)*s) || *s == '_') s++;
  return *s == '\0';
}

/* The next word of a line, which ends at blanks; 0 bytes at its end. */
static size_t next_word(const char **at, const char *end) {
  while (*at < end && (**at == ' ' || **at == '\t')) ++*at;
  const char *p = *at;
  while (p < end && *p != ' ' && *p != '\t') p++;
  return (size_t)(p - *at);
}

static int word_is(const char *at, size_t length, const char *want) {
  return strlen(want) == length && strncasecmp(at, want, length) == 0;
}

typedef struct scan {
  const char *name;
  size_t line, depth, found; /* found: the subcircuit's nodes + 1 */
  int begun;                 /* is there a line to continue?      */
} scan;

/* ".subckt NAME a b ...": counts the nodes if it is the one. */
static void note_subckt(scan *s, const char *at, const char *end) {
  size_t length = next_word(&at, end), nodes = 0;
  int it_is = word_is(at, length, s->name);
  for (at += length; (length = next_word(&at, end)) > 0; at += length) {
    if (memchr(at, '=', length) != NULL || word_is(at, length, "params:")) break;
    nodes++;
  }
  if (it_is) s->found = nodes + 1;
}

static og_status check_dot(scan *s, const char *at, size_t length, const char *end, og_error *err) {
  if (word_is(at, length, ".subckt")) {
    if (s->depth++ == 0) note_subckt(s, at + length, end);
  } else if (word_is(at, length, ".ends")) {
    if (s->depth-- == 0) return ogi_fail(err, OG_E_INPUT, "subcircuit:%zu: saw .ends without .subckt", s->line);
  } else if (!word_is(at, length, ".model") && !word_is(at, length, ".param"))
    return ogi_fail(err, OG_E_INPUT, "subcircuit:%zu: saw \"%.*s\", need .subckt, .ends, .model or .param", s->line,
                    (int)(length < 40 ? length : 40), at);
  return OG_OK;
}

static og_status check_line(scan *s, const char *at, const char *end, og_error *err) {
  for (const char *p = at; p < end; p++)
    if (iscntrl((unsigned char)*p) && *p != '\t')
      return ogi_fail(err, OG_E_INPUT, "subcircuit:%zu: saw a control character, need text", s->line);
  size_t length = next_word(&at, end);
  if (length == 0) return OG_OK;
  if (*at == '*') { /* "*#" is a command that other simulators take for a comment */
    if (length > 1 && at[1] == '#') return ogi_fail(err, OG_E_INPUT, "subcircuit:%zu: saw a command, *#", s->line);
    return OG_OK;
  }
  if (*at == '+' && s->begun) return OG_OK;
  s->begun = 1;
  if (*at == '.') return check_dot(s, at, length, end, err);
  if (isalpha((unsigned char)*at) && s->depth > 0) return OG_OK;
  return ogi_fail(err, OG_E_INPUT, "subcircuit:%zu: saw \"%.*s\", need elements inside of .subckt and .ends", s->line,
                  (int)(length < 40 ? length : 40), at);
}

static og_status check_text(const og_netlist_subckt *c, og_error *err) {
  og_status st = OG_OK;
  scan s = {.name = c->name};
  for (const char *at = c->text; *at != '\0';) {
    const char *end = at + strcspn(at, "\n");
    s.line++;
    OGI_TRY(st, check_line(&s, at, end, err));
    at = *end != '\0' ? end + 1 : end;
  }
  if (s.depth > 0) st = ogi_fail(err, OG_E_INPUT, "subcircuit: saw .subckt without .ends");
  else if (s.found == 0) st = ogi_fail(err, OG_E_INPUT, "subcircuit: saw no .subckt %.40s", c->name);
  else if (s.found != 3)
    st = ogi_fail(err, OG_E_INPUT, "subcircuit %.40s: saw %zu nodes, need 2", c->name, s.found - 1);
done:
  return st == OG_OK ? st : ogi_prefix(err, st, "netlist");
}

static og_status check_subckt(const og_array *a, const og_netlist_subckt *c, og_error *err) {
  if (c->text == NULL) return ogi_fail(err, OG_E_ARG, "netlist: subcircuit: text is NULL");
  if (!is_name(c->name) || strncasecmp(c->name, "ohmgrid_", 8) == 0)
    return ogi_fail(err, OG_E_INPUT, "netlist: subcircuit: name: need letters, digits and _, not from ohmgrid_ on");
  if (c->params > OG_NETLIST_PARAMS)
    return ogi_fail(err, OG_E_RANGE, "netlist: subcircuit: saw %zu parameters, need at most %d", c->params,
                    OG_NETLIST_PARAMS);
  for (size_t p = 0; p < c->params; p++) {
    if (!is_name(c->param[p]) || c->value[p] == NULL)
      return ogi_fail(err, OG_E_INPUT, "netlist: subcircuit: parameter %zu: need a name and values", p);
    for (size_t k = 0; k < a->m * a->n; k++)
      if (!isfinite(c->value[p][k]))
        return ogi_fail(err, OG_E_RANGE, "netlist: subcircuit: %.40s (%zu,%zu): saw %g, need a finite value",
                        c->param[p], k / a->n, k % a->n, c->value[p][k]);
  }
  return check_text(c, err);
}

og_status ogi_emit_check(const og_array *a, const double *g, const double *v, const og_netlist_opts *o, og_error *err) {
  og_status st;
  OGI_TRY(st, check_values(a, g, v, o->bit_volts, err));
  OGI_TRY(st, check_enums(o, err));
  OGI_TRY(st, check_numbers(o, err));
  if (o->analysis == OG_NETLIST_TRAN && o->wave != NULL) OGI_TRY(st, check_wave(a, o->wave, err));
  else if (v == NULL) return ogi_fail(err, OG_E_ARG, "netlist: a needed pointer is NULL");
  OGI_TRY(st, check_analysis(a, o, err));
  if (o->cell != NULL && o->subckt != NULL)
    return ogi_fail(err, OG_E_ARG, "netlist: saw a cell and a subcircuit, need one");
  if (o->cell != NULL) OGI_TRY(st, ogi_law_check(o->cell, a->m, a->n, err));
  if (o->subckt != NULL) st = check_subckt(a, o->subckt, err);
done:
  return st;
}
