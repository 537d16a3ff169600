/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/device.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_units.h"
#include "config/ogi_locate.h"
#include "config/ogi_schema.h"
#include "device/ogi_program.h"

#define FOLDER "devices"
#define TAIL "/card.yaml"

enum { SOURCE_MAX = sizeof(((og_card *)0)->source[0]) - 1, TITLE_MAX = sizeof(((og_card *)0)->title) - 1 };

/* Order of the parameters: og_card_param's, and that of og_card.source. */
enum { G_MIN, G_MAX, LEVELS, PROGRAM_SIGMA, PROGRAM_FROM, PROGRAM_TO, READ_SIGMA, STUCK_LOW, STUCK_HIGH, PARAMS };

/* Order of the energies: that of og_card.energy_source. */
enum { PROGRAM_ENERGY, PULSE_ENERGY, ERASE_ENERGY, ENERGIES };

static const char *const energy_names[] = {"program_energy", "pulse_energy", "erase_energy"};

_Static_assert(ENERGIES == OG_CARD_ENERGIES, "the header tells the number of energies");
_Static_assert(PARAMS == OG_CARD_PARAMS, "the header tells the number of parameters");

/* The file as the schema reads it. */
typedef struct card_file {
  int kind;
  char title[OGI_TEXT_MAX];
  double real[PARAMS];
  size_t levels;
  ogi_reals sigma;
  char source[PARAMS][OGI_TEXT_MAX];
  double energy[ENERGIES];
  char energy_source[ENERGIES][OGI_TEXT_MAX];
} card_file;

#define SOURCE(name, index)                                                                                       \
  {name ".source", OGI_KEY_TEXT, offsetof(card_file, source[index]), NULL, 1, SOURCE_MAX, NULL, NULL,             \
   "paper, figure and derivation of the value, or the word assumption"}
#define REAL(name, index, unit, min, max, help)                                                                   \
  {name ".value", OGI_KEY_REAL, offsetof(card_file, real[index]), unit, min, max, NULL, NULL, help}, SOURCE(name, index)

#define ENERGY(name, index, help)                                                                                  \
  {name ".value", OGI_KEY_REAL, offsetof(card_file, energy[index]), "J", 0, DBL_MAX, NULL, "0", help},             \
  {name ".source", OGI_KEY_TEXT, offsetof(card_file, energy_source[index]), NULL, 0, SOURCE_MAX, NULL, "",         \
   "needed where the value is told"}

static const ogi_key table[] = {
    {"kind", OGI_KEY_ENUM, offsetof(card_file, kind), NULL, 0, 0, "statistics", "statistics",
     "of a device; one of kind circuit has no statistics (doc/devices.md)"},
    {"title", OGI_KEY_TEXT, offsetof(card_file, title), NULL, 1, TITLE_MAX, NULL, NULL, "one line about the device"},
    REAL("g_min", G_MIN, "S", 0, DBL_MAX, "lowest target conductance"),
    REAL("g_max", G_MAX, "S", 0, DBL_MAX, "highest target conductance"),
    {"levels.value", OGI_KEY_SIZE, offsetof(card_file, levels), "", 0, 1 << 24, NULL, NULL,
     "evenly spaced targets from g_min to g_max; 0: any"},
    SOURCE("levels", LEVELS),
    {"program_sigma.value", OGI_KEY_REALS, offsetof(card_file, sigma), "", -DBL_MAX, DBL_MAX, NULL, NULL,
     "c_k of sigma/uS = sum c_k (G/uS)^k, lowest power first"},
    SOURCE("program_sigma", PROGRAM_SIGMA),
    REAL("program_from", PROGRAM_FROM, "S", 0, DBL_MAX, "lowest target of the fit"),
    REAL("program_to", PROGRAM_TO, "S", 0, DBL_MAX, "highest target of the fit"),
    REAL("read_sigma", READ_SIGMA, "S", 0, DBL_MAX, "standard deviation of one read"),
    REAL("stuck_low", STUCK_LOW, "", 0, 1, "share of cells stuck at g_min"),
    REAL("stuck_high", STUCK_HIGH, "", 0, 1, "share of cells stuck at g_max"),
    ENERGY("program_energy", PROGRAM_ENERGY, "programming one cell once, all pulses of it; 0: not told"),
    ENERGY("pulse_energy", PULSE_ENERGY, "one programming pulse; 0: not told"),
    ENERGY("erase_energy", ERASE_ENERGY, "erasing one cell before it is programmed; 0: not told"),
};

static void fill_card(og_card *card, const card_file *file) {
  snprintf(card->title, sizeof card->title, "%.*s", TITLE_MAX, file->title);
  card->g_min_siemens = file->real[G_MIN];
  card->g_max_siemens = file->real[G_MAX];
  card->levels = file->levels;
  card->program_terms = file->sigma.count;
  for (size_t k = 0; k < file->sigma.count && k < OG_CARD_POLY; k++) card->program_sigma[k] = file->sigma.value[k];
  card->program_from_siemens = file->real[PROGRAM_FROM];
  card->program_to_siemens = file->real[PROGRAM_TO];
  card->read_sigma_siemens = file->real[READ_SIGMA];
  card->stuck_low_fraction = file->real[STUCK_LOW];
  card->stuck_high_fraction = file->real[STUCK_HIGH];
  for (size_t i = 0; i < PARAMS; i++)
    snprintf(card->source[i], sizeof card->source[i], "%.*s", SOURCE_MAX, file->source[i]);
  card->program_energy_joule = file->energy[PROGRAM_ENERGY];
  card->pulse_energy_joule = file->energy[PULSE_ENERGY];
  card->erase_energy_joule = file->energy[ERASE_ENERGY];
  for (size_t i = 0; i < ENERGIES; i++)
    snprintf(card->energy_source[i], sizeof card->energy_source[i], "%.*s", SOURCE_MAX, file->energy_source[i]);
}

/* "place: first: saw VALUE, need more than second (VALUE)". */
static og_status fail_order(og_error *err, const char *path, const char *first, double a, const char *second,
                            double b) {
  char seen[40], bound[40];
  ogi_units_format(seen, sizeof seen, a, "S");
  ogi_units_format(bound, sizeof bound, b, "S");
  return ogi_fail(err, OG_E_RANGE, "%s: %s: saw %s, need more than %s (%s)", path, first, seen, second, bound);
}

/* A standard deviation cannot be negative. 1001 samples of a polynomial of degree <= 5 miss no dip that matters. */
static og_status check_sigma(const og_card *card, const char *path, og_error *err) {
  enum { SAMPLES = 1000 };
  double span = card->program_to_siemens - card->program_from_siemens;
  for (int i = 0; i <= SAMPLES; i++) {
    double target = card->program_from_siemens + span * i / SAMPLES, x = target * 1e6, sum = 0;
    for (size_t k = card->program_terms; k-- > 0;) sum = sum * x + card->program_sigma[k];
    if (isfinite(sum) && sum >= 0) continue;
    char at[40];
    ogi_units_format(at, sizeof at, target, "S");
    return ogi_fail(err, OG_E_RANGE, "%s: program_sigma: saw a sigma of %g uS at %s, need a finite one >= 0 from "
                    "program_from to program_to", path, sum, at);
  }
  return OG_OK;
}

static og_status check_card(const og_card *card, const card_file *file, const char *path, og_error *err) {
  if (!(card->g_max_siemens > card->g_min_siemens))
    return fail_order(err, path, "g_max", card->g_max_siemens, "g_min", card->g_min_siemens);
  if (!(card->program_to_siemens > card->program_from_siemens))
    return fail_order(err, path, "program_to", card->program_to_siemens, "program_from", card->program_from_siemens);
  if (card->levels == 1) return ogi_fail(err, OG_E_RANGE, "%s: levels: saw 1, need 0 (continuous) or at least 2", path);
  if (file->sigma.count < 1 || file->sigma.count > OG_CARD_POLY)
    return ogi_fail(err, OG_E_RANGE, "%s: program_sigma: saw %zu coefficients, need 1 .. %d", path, file->sigma.count,
                    OG_CARD_POLY);
  double stuck = card->stuck_low_fraction + card->stuck_high_fraction;
  for (size_t k = 0; k < ENERGIES; k++)
    if (file->energy[k] > 0 && file->energy_source[k][0] == '\0')
      return ogi_fail(err, OG_E_INPUT, "%s: %s.source: saw nothing, need where the value comes from", path,
                      energy_names[k]);
  if (stuck > 1) return ogi_fail(err, OG_E_RANGE, "%s: stuck_low + stuck_high: saw %g, need at most 1", path, stuck);
  return check_sigma(card, path, err);
}

/* What there is instead, for somebody who mistyped a name. */
static og_status fail_absent(const char *name, const char *data_dir, og_error *err) {
  char **names = NULL, list[400] = "", shown[OGI_SHOW_MAX];
  size_t count = 0, used = 0;
  ogi_show(shown, name);
  og_status st = og_device_names(&names, &count, data_dir, err);
  if (st != OG_OK) return st;
  for (size_t i = 0; i < count && used < sizeof list - 1; i++)
    used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", names[i]);
  og_device_names_free(names, count);
  return ogi_fail(err, OG_E_INPUT, "device: saw %s, need one of: %s; or the path of a card", shown,
                  count > 0 ? list : "none installed");
}

og_status og_card_load(og_card *out, const char *name, const char *data_dir, og_error *err) {
  og_status st = OG_OK;
  char *path = NULL;
  card_file *file = NULL;
  if (out == NULL || name == NULL) return ogi_fail(err, OG_E_ARG, "og_card_load: %s is NULL", out ? "name" : "out");
  memset(out, 0, sizeof *out);
  OGI_TRY(st, ogi_locate(&path, data_dir, FOLDER, name, TAIL, err));
  if (!ogi_locate_is_path(name) && !ogi_file_exists(path)) {
    st = fail_absent(name, data_dir, err);
    goto done;
  }
  file = ogi_alloc(1, sizeof *file);
  if (file == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "%s", path);
    goto done;
  }
  OGI_TRY(st, ogi_locate_name(out->name, sizeof out->name, path, TAIL, err));
  OGI_TRY(st, ogi_schema_read(file, table, sizeof table / sizeof *table, path, NULL, 0, err));
  fill_card(out, file);
  OGI_TRY(st, check_card(out, file, path, err));
done:
  if (st != OG_OK) memset(out, 0, sizeof *out);
  ogi_free(file);
  ogi_free(path);
  return st;
}

/* "1.053 + 0.2374 g - 0.01167 g^2 (uS), g = G/uS". */
static void format_polynomial(char *out, size_t size, const og_card *card) {
  size_t used = 0;
  ogi_locale locale;
  ogi_locale_begin(&locale);
  for (size_t k = 0; k < card->program_terms && k < OG_CARD_POLY && used < size; k++) {
    double c = card->program_sigma[k];
    const char *sign = c < 0 ? (k == 0 ? "-" : " - ") : (k == 0 ? "" : " + ");
    used += (size_t)snprintf(out + used, size - used, "%s%.5g", sign, fabs(c));
    if (k > 0 && used < size) used += (size_t)snprintf(out + used, size - used, k == 1 ? " g" : " g^%zu", k);
  }
  if (used < size) snprintf(out + used, size - used, " (uS), g = G/uS");
  ogi_locale_end(&locale);
}

/* Microsiemens, as cards and papers give them, with the digits of the card. */
static void format_siemens(char value[160], double siemens) {
  ogi_locale locale;
  ogi_locale_begin(&locale);
  snprintf(value, 160, "%.6g uS", siemens * 1e6);
  ogi_locale_end(&locale);
}

/* Energy number index of those that the card tells. */
static int energy_param(const og_card *card, size_t index, char name[64], char value[160], char source[320]) {
  const double joule[] = {card->program_energy_joule, card->pulse_energy_joule, card->erase_energy_joule};
  for (size_t k = 0; k < ENERGIES; k++) {
    if (!(joule[k] > 0) || index-- > 0) continue;
    snprintf(name, 64, "%s", energy_names[k]);
    snprintf(source, 320, "%s", card->energy_source[k]);
    ogi_units_format(value, 160, joule[k], "J");
    return 1;
  }
  return 0;
}

int og_card_param(const og_card *card, size_t index, char name[64], char value[160], char source[320]) {
  static const char *const names[] = {"g_min",      "g_max",      "levels",    "program_sigma", "program_from",
                                      "program_to", "read_sigma", "stuck_low", "stuck_high"};
  if (card == NULL) return 0;
  if (index >= PARAMS) return energy_param(card, index - PARAMS, name, value, source);
  snprintf(name, 64, "%s", names[index]);
  snprintf(source, 320, "%s", card->source[index]);
  switch (index) {
    case G_MIN: format_siemens(value, card->g_min_siemens); break;
    case G_MAX: format_siemens(value, card->g_max_siemens); break;
    case LEVELS:
      if (card->levels > 0) snprintf(value, 160, "%zu", card->levels);
      else snprintf(value, 160, "continuous");
      break;
    case PROGRAM_SIGMA: format_polynomial(value, 160, card); break;
    case PROGRAM_FROM: format_siemens(value, card->program_from_siemens); break;
    case PROGRAM_TO: format_siemens(value, card->program_to_siemens); break;
    case READ_SIGMA: format_siemens(value, card->read_sigma_siemens); break;
    case STUCK_LOW: ogi_units_format(value, 160, card->stuck_low_fraction, ""); break;
    case STUCK_HIGH: ogi_units_format(value, 160, card->stuck_high_fraction, ""); break;
  }
  return 1;
}

/* --- the folder ------------------------------------------------------------------------------------------------- */

/* 1 if folder/name/card.yaml is a file, 0 if not, -1 when out of memory. */
static int has_card(const char *folder, const char *name) {
  if (name[0] == '.') return 0;
  char *inner = ogi_path_join(folder, name);
  char *path = inner != NULL ? ogi_path_join(inner, TAIL + 1) : NULL;
  int found = path != NULL ? ogi_file_exists(path) : -1;
  ogi_free(path);
  ogi_free(inner);
  return found;
}

/* One pass over the folder: keeps at most room names, counts all. */
static og_status scan_folder(DIR *dir, const char *folder, char **names, size_t room, size_t *count, og_error *err) {
  *count = 0;
  rewinddir(dir);
  for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
    int found = has_card(folder, entry->d_name);
    if (found == 0) continue;
    if (found > 0 && *count < room) names[*count] = ogi_strdup(entry->d_name);
    if (found < 0 || (*count < room && names[*count] == NULL)) return ogi_fail(err, OG_E_NOMEM, "%s", folder);
    ++*count;
  }
  return OG_OK;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

og_status og_device_names(char ***names, size_t *count, const char *data_dir, og_error *err) {
  og_status st = OG_OK;
  DIR *dir = NULL;
  char **found = NULL;
  size_t room = 0, now = 0;
  *names = NULL;
  *count = 0;
  char *folder = ogi_path_join(data_dir != NULL ? data_dir : OG_PKGDATADIR, FOLDER);
  if (folder == NULL) return ogi_fail(err, OG_E_NOMEM, "names of devices");
  dir = opendir(folder);
  if (dir == NULL) {
    st = ogi_fail(err, OG_E_INPUT, "%s: %s; need the folder of device cards", folder, strerror(errno));
    goto done;
  }
  OGI_TRY(st, scan_folder(dir, folder, NULL, 0, &room, err));
  found = ogi_alloc(room + 1, sizeof *found);
  if (found == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "%s", folder);
    goto done;
  }
  OGI_TRY(st, scan_folder(dir, folder, found, room, &now, err));
  if (now < room) room = now; /* somebody removed or added a card between the passes */
  qsort(found, room, sizeof *found, by_name);
  *names = found;
  *count = room;
  found = NULL;
done:
  og_device_names_free(found, room);
  if (dir != NULL) closedir(dir);
  ogi_free(folder);
  return st;
}

void og_device_names_free(char **names, size_t count) {
  if (names == NULL) return;
  for (size_t i = 0; i < count; i++) ogi_free(names[i]);
  ogi_free(names);
}
