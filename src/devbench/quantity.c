/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ogi_mem.h"
#include "base/ogi_units.h"
#include "devbench/ogi_quantity.h"
#include "netlist/ogi_expr.h"

/* Units that prefixes stand before. A pure number is first, so that "5 m" is 5e-3: the metre has to be told by the
 * others. */
static const char *const units[] = {"",    "S",   "V",   "A",   "s",   "ohm", "F",   "H",   "W",   "J",   "Hz",  "K",
                                    "C",   "eV",  "m",   "V/s", "A/s", "S/s", "m/s", "1/s", "1/V", "V/m", "A/m", "F/m",
                                    "S/m", "A/V", "S/V", "C/s", "Wb",  "m2",  "1/m"};

og_status ogi_quantity_parse(double *out, const char *text, char unit[OGI_UNIT_MAX], og_error *err) {
  og_error unused;
  double value = NAN;
  char shown[OGI_SHOW_MAX];
  const char *seen = unit;
  og_status st = ogi_units_parse(&value, text, unit, unit[0] != '\0' ? err : &unused);
  for (size_t k = 1; st != OG_OK && unit[0] == '\0' && k < sizeof units / sizeof *units; k++) {
    seen = units[k];
    st = ogi_units_parse(&value, text, seen, &unused);
  }
  if (st != OG_OK && unit[0] == '\0') { /* a unit that is none of these stands without a prefix */
    seen = text + strcspn(text, " \t");
    seen += strspn(seen, " \t");
    if (strlen(seen) < OGI_UNIT_MAX && seen[0] != '\0') st = ogi_units_parse(&value, text, seen, &unused);
  }
  ogi_show(shown, text);
  if (st != OG_OK && unit[0] == '\0')
    return ogi_fail(err, OG_E_INPUT, "saw %s, need a number, perhaps with a unit", shown);
  if (st != OG_OK) return st;
  if (!isfinite(value)) return ogi_fail(err, OG_E_RANGE, "saw %s, need a finite number", shown);
  if (seen != unit) snprintf(unit, OGI_UNIT_MAX, "%s", seen);
  *out = value;
  return OG_OK;
}

/* ---- names ---- */

static int find_value(const ogi_values *v, const char *name, size_t length, double *value) {
  for (size_t k = 0; k < v->count; k++)
    if (strlen(v->name[k]) == length && strncasecmp(v->name[k], name, length) == 0) {
      *value = v->value[k];
      return 1;
    }
  return 0;
}

/* ---- expressions ---- */

static og_status parameter(void *user, const char *name, double *value, og_error *err) {
  if (find_value(user, name, strlen(name), value)) return OG_OK;
  return ogi_fail(err, OG_E_INPUT, "saw %.40s, need a number or a swept parameter", name);
}

/* An expression without braces, in any letter case. */
static og_status calculate(double *out, const char *text, const ogi_values *values, og_error *err) {
  og_status st;
  ogi_expr *e = NULL;
  double *room = NULL;
  const ogi_expr_names names = {.user = (void *)(uintptr_t)values, .parameter = parameter, .celsius = 27};
  char *lower = ogi_strdup(text);
  if (lower == NULL) return ogi_fail(err, OG_E_NOMEM, "an expression");
  for (char *p = lower; *p != '\0'; p++) *p = (char)tolower((unsigned char)*p);
  OGI_TRY(st, ogi_expr_parse(&e, lower, &names, err));
  room = ogi_alloc(ogi_expr_room(e, 0), sizeof *room);
  if (room == NULL) st = ogi_fail(err, OG_E_NOMEM, "an expression");
  else if (ogi_expr_eval(e, 0, NULL, 0, out, NULL, room) || !isfinite(*out))
    st = ogi_fail(err, OG_E_RANGE, "%.80s: saw %g, need a finite value", text, *out);
done:
  ogi_expr_free(e);
  ogi_free(room);
  ogi_free(lower);
  return st;
}

/* ---- texts ---- */

/* Value of what stands between braces: a name, or an expression of names. */
static og_status braced(const char *p, const char *end, const ogi_values *values, double *value, og_error *err) {
  char inside[200];
  char shown[OGI_SHOW_MAX];
  ogi_show(shown, p);
  if (end == NULL || (size_t)(end - p) >= sizeof inside)
    return ogi_fail(err, OG_E_INPUT, "saw %s, need the name of a swept parameter in braces", shown);
  snprintf(inside, sizeof inside, "%.*s", (int)(end - p) - 1, p + 1);
  if (find_value(values, inside, strlen(inside), value)) return OG_OK;
  og_status st = calculate(value, inside, values, err);
  return st == OG_OK ? st : ogi_prefix(err, st, "%s", shown);
}

og_status ogi_substitute(char **out, const char *text, const ogi_values *values, ogi_spell how, og_error *err) {
  static const char *const formats[] = {"%.17g", "(%.17g)", "%.6g"};
  enum { NUMBER = 32 };
  size_t braces = 1, used = 0;
  *out = NULL;
  for (const char *p = text; *p != '\0'; p++) braces += *p == '{';
  size_t room = strlen(text) + braces * NUMBER;
  char *to = ogi_alloc(room, 1);
  if (to == NULL) return ogi_fail(err, OG_E_NOMEM, "a text");
  for (const char *p = text; *p != '\0'; p++) {
    double value = 0;
    if (*p != '{') {
      to[used++] = *p;
      continue;
    }
    const char *end = strchr(p, '}');
    og_status st = braced(p, end, values, &value, err);
    if (st != OG_OK) {
      ogi_free(to);
      return st;
    }
    used += (size_t)snprintf(to + used, room - used, formats[how], value);
    p = end;
  }
  *out = to;
  return OG_OK;
}

og_status ogi_evaluate(double *out, const char *text, const char *unit, const ogi_values *values, og_error *err) {
  char *plain = NULL;
  og_error unused;
  if (ogi_units_parse(out, text, strcmp(unit, "1") == 0 ? "" : unit, &unused) == OG_OK && isfinite(*out)) return OG_OK;
  og_status st = ogi_substitute(&plain, text, values, OGI_SPELL_EXPRESSION, err);
  if (st == OG_OK) st = calculate(out, plain, values, err);
  ogi_free(plain);
  return st;
}
