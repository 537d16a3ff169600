/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "report/ogi_figure.h"

enum { POWER_MOST = 24 };

/* Rounds first: 999.7e-9 reads 1.00e-06, so the prefix is that of the figure people see. */
static double rounded(double x, int *exponent) {
  char text[32];
  snprintf(text, sizeof text, "%.2e", x);
  char *e = strchr(text, 'e');
  *exponent = atoi(e + 1);
  *e = '\0';
  return strtod(text, NULL);
}

int ogi_eng_power(double x) {
  if (!isfinite(x) || x == 0) return 0;
  int e;
  rounded(x, &e);
  int power = 3 * (e >= 0 ? e / 3 : -((2 - e) / 3));
  return power < -POWER_MOST ? -POWER_MOST : power > POWER_MOST ? POWER_MOST : power;
}

const char *ogi_eng_prefix(int power) {
  static const char prefix[][4] = {"y", "z", "a", "f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"};
  return prefix[(power + POWER_MOST) / 3];
}

ogi_text ogi_eng(double x, const char *unit, ogi_charset charset) {
  ogi_text t = {"n/a"};
  if (!isfinite(x)) return t;
  int e = 0, power = ogi_eng_power(x);
  double figure = x == 0 ? 0 : rounded(x, &e);
  const char *prefix = power == -6 && charset == OGI_ASCII ? "u" : ogi_eng_prefix(power);
  int shift = e - power;
  if (shift < 0 || shift > 2)
    snprintf(t.s, sizeof t.s, "%.3g %.16s", x, unit);
  else
    snprintf(t.s, sizeof t.s, "%.*f %s%.16s", x == 0 ? 0 : 2 - shift, figure * (shift == 2 ? 100 : shift == 1 ? 10 : 1),
             prefix, unit);
  return t;
}

ogi_text ogi_percent(double fraction, int decimals) {
  ogi_text t = {"n/a"};
  if (isfinite(fraction)) snprintf(t.s, sizeof t.s, "%.*f", decimals, 100 * fraction);
  if (strspn(t.s, "-0.") == strlen(t.s) && t.s[0] == '-') memmove(t.s, t.s + 1, strlen(t.s));
  return t;
}

/* The well-formed sequences of UTF-8: RFC 3629, section 4. */
size_t ogi_utf8_step(const char *text) {
  const unsigned char *s = (const unsigned char *)text;
  if (s[0] < 0x80) return s[0] >= 0x20 ? s[0] != 0x7f : s[0] == '\t' || s[0] == '\n';
  size_t length = s[0] >= 0xc2 && s[0] <= 0xdf ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 : 0;
  unsigned char low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
  unsigned char high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
  for (size_t i = 1; i < length; i++, low = 0x80, high = 0xbf)
    if (s[i] < low || s[i] > high) return 0;
  return length;
}

char *ogi_utf8_clean(const char *text) {
  char *copy = ogi_alloc(3 * strlen(text) + 1, 1);
  if (copy == NULL) return NULL;
  char *to = copy;
  while (*text != '\0') {
    size_t step = ogi_utf8_step(text);
    memcpy(to, step > 0 ? text : "\xef\xbf\xbd", step > 0 ? step : 3);
    to += step > 0 ? step : 3;
    text += step > 0 ? step : 1;
  }
  return copy;
}

const char *ogi_block_label(const char *block) {
  static const char *const label[][2] = {{"array", "arrays"},          {"dac", "DAC"},
                                         {"adc", "ADC"},               {"sample_hold", "sample and hold"},
                                         {"accumulate", "accumulator"}, {"activation", "activation"},
                                         {"register", "registers"}};
  for (size_t i = 0; i < sizeof label / sizeof *label; i++)
    if (strcmp(block, label[i][0]) == 0) return label[i][1];
  return block;
}

int ogi_has_accuracy(const og_results *r) { return r->accuracy_rows > 0; }
int ogi_has_energy(const og_results *r) { return r->energy_rows > 0; }
/* An image has at least two rows and two columns, says gnuplot. */
int ogi_has_ir_drop(const og_results *r) { return r->map_cell_drop != NULL && r->map_m > 1 && r->map_n > 1; }

int ogi_has_conductance(const og_results *r) {
  return r->cell_target_siemens != NULL && r->cell_programmed_siemens != NULL && r->cells > 0;
}

int ogi_has_currents(const og_check_row *row) {
  return row->current_ours != NULL && row->current_theirs != NULL && row->inputs > 0 && row->n > 0;
}

int ogi_has_crosscheck(const og_results *r) {
  for (size_t i = 0; i < r->check_rows; i++)
    if (ogi_has_currents(&r->check[i])) return 1;
  return 0;
}

const og_accuracy_row *ogi_accuracy_find(const og_results *r, const char *key) {
  for (size_t i = 0; i < r->accuracy_rows; i++)
    if (strcmp(r->accuracy[i].key, key) == 0) return &r->accuracy[i];
  return NULL;
}

int ogi_check_passed(const og_results *r, const og_check_row *row) {
  return row->result.worst_relative <= r->check_rtol;
}

double ogi_check_worst(const og_results *r) {
  double worst = r->check_rows > 0 ? 0 : NAN;
  for (size_t i = 0; i < r->check_rows; i++) {
    double x = r->check[i].result.worst_relative;
    if (!(x <= worst)) worst = x;
    if (isnan(worst)) break;
  }
  return worst;
}

double ogi_check_deviation(const og_check_row *row, size_t k) {
  const double *input = row->current_theirs + k / row->n * row->n;
  double difference = fabs(row->current_ours[k] - row->current_theirs[k]), largest = 0;
  for (size_t j = 0; j < row->n; j++) largest = fmax(largest, fabs(input[j]));
  return difference == 0 ? 0 : difference / fmax(fabs(row->current_theirs[k]), 1e-3 * largest);
}

/* Adds to the part of this name, or begins it. */
static void part_add(ogi_energy_part *part, size_t *count, const char *name, const char *label, double joule) {
  size_t i = 0;
  while (i < *count && strcmp(part[i].name, name) != 0) i++;
  if (i == *count) {
    part[i].name = name;
    part[i].label = label;
    (*count)++;
  }
  part[i].joule += joule;
}

static og_status part_check(const ogi_energy_part *part, size_t count, const char *what, double want, og_error *err) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += part[i].joule;
  if (fabs(sum - want) <= 1e-12 * fabs(want)) return OG_OK;
  return ogi_fail(err, OG_E_INTERNAL, "report: energy: saw a sum over %s of %.17g, need joule_per_inference %.17g (J)",
                  what, sum, want);
}

og_status ogi_energy_sum(ogi_energy *out, const og_results *r, og_error *err) {
  og_status st = OG_OK;
  memset(out, 0, sizeof *out);
  out->layer = ogi_alloc(r->energy_rows, sizeof *out->layer);
  out->block = ogi_alloc(r->energy_rows, sizeof *out->block);
  if (out->layer == NULL || out->block == NULL)
    return ogi_fail(err, OG_E_NOMEM, "report: %zu rows of energy", r->energy_rows);
  for (size_t i = 0; i < r->energy_rows; i++) {
    const og_energy_row *e = &r->energy[i];
    part_add(out->layer, &out->layers, e->layer, e->layer, e->joule);
    part_add(out->block, &out->blocks, e->block, ogi_block_label(e->block), e->joule);
  }
  OGI_TRY(st, part_check(out->layer, out->layers, "layers", r->joule_per_inference, err));
  OGI_TRY(st, part_check(out->block, out->blocks, "blocks", r->joule_per_inference, err));
  double macs = r->macs_per_inference, joule = r->joule_per_inference;
  out->operations = 2 * macs; /* a multiplication and an addition */
  out->joule_per_mac = macs > 0 ? joule / macs : NAN;
  out->tops_per_watt = joule > 0 ? out->operations / joule / 1e12 : NAN; /* 1 TOPS/W = 1e12 operations per joule */
done:
  return st;
}

void ogi_energy_clear(ogi_energy *energy) {
  ogi_free(energy->layer);
  ogi_free(energy->block);
  memset(energy, 0, sizeof *energy);
}

ogi_span ogi_span_of(const double *x, size_t count) {
  ogi_span span = {NAN, NAN, NAN, 0};
  double sum = 0;
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(x[i])) continue;
    span.min = fmin(span.min, x[i]);
    span.max = fmax(span.max, x[i]);
    sum += x[i];
    span.finite++;
  }
  if (span.finite > 0) span.mean = sum / (double)span.finite;
  return span;
}
