/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_sample.h  How a device is programmed and read, its samples, shots of ngspice, what is drawn and saved. */
#ifndef OGI_SAMPLE_H
#define OGI_SAMPLE_H

#include <ohmgrid/devsample.h>
#include <ohmgrid/spice.h>

#include "base/ogi_error.h"
#include "config/ogi_schema.h"

enum { OGI_CARRY_MAX = 8, OGI_PAIRS_MAX = 64, OGI_LEVELS_MAX = 256, OGI_POINTS_MAX = 1000 };

typedef enum ogi_knob { OGI_KNOB_VOLTAGE, OGI_KNOB_WIDTH, OGI_KNOB_COMPLIANCE, OGI_KNOB_COUNT } ogi_knob;

/** The file as the schema reads it. */
typedef struct ogi_program_file {
  char title[OGI_TEXT_MAX], source[OGI_TEXT_MAX];
  char drive[OGI_TEXT_MAX], ground[OGI_TEXT_MAX];
  char carry[OGI_TEXT_MAX], begin[OGI_TEXT_MAX], spread[OGI_TEXT_MAX];
  double series_ohm;
  double read_volt, read_width, read_edge;
  double erase_volt, erase_width, erase_edge;
  double pulse_volt, pulse_width, pulse_edge, gap;
  double compliance_amp; /* 0: none */
  int knob;
  char from[OGI_TEXT_MAX], to[OGI_TEXT_MAX], step[OGI_TEXT_MAX];
  size_t points;
  size_t levels;
  double g_from, g_to;
  int scheme; /* 0: open loop, 1: write-verify */
  double tolerance;
  size_t pulses_max;
  size_t degree;
  double read_sigma;
  char read_sigma_source[OGI_TEXT_MAX];
} ogi_program_file;

/** A state pin and the parameter that sets it at the beginning: numbers within the card. */
typedef struct ogi_carry {
  size_t pin, param;
} ogi_carry;

/** The file, held against the card. Units: SI. */
typedef struct ogi_recipe {
  ogi_program_file f;
  char *path;
  size_t drive, ground; /* pins */
  size_t carries;
  ogi_carry carry[OGI_CARRY_MAX];
  double from, to, step; /* of the knob */
  double *nominal;       /* by parameter of the card: default, or that of key begin */
  double *spread;        /* by parameter */
  size_t spreads;        /* parameters with a spread */
} ogi_recipe;

/** @retval OG_E_INPUT, OG_E_RANGE, OG_E_NOMEM */
og_status ogi_recipe_read(ogi_recipe *out, const og_circuit_card *card, const og_sample_opts *opts, og_error *err);
/** Harmless on a zeroed one. */
void ogi_recipe_clear(ogi_recipe *p);
/** "voltage" and "V" ... */
const char *ogi_knob_name(ogi_knob knob);
const char *ogi_knob_unit(ogi_knob knob);

/** Parameters of one sample. value: as many as the card has. @retval OG_E_NOMEM */
og_status ogi_sample_draw(const ogi_recipe *p, const og_circuit_card *card, uint64_t seed, size_t sample,
                          double *value, og_error *err);

/** Levels are evenly spaced. */
double ogi_level_target(const ogi_recipe *p, size_t level);

/** One cell under way: its next pulse, and what the last shot came to. */
typedef struct ogi_track {
  size_t sample, level;
  const double *value;           /* by parameter of the card; borrowed */
  double state[OGI_CARRY_MAX];   /* by carry */
  int begun;                     /* 0: states come from value */
  double volt, width, edge, compliance; /* of the next pulse; volt 0: none */
  double siemens, pulse_joule, read_joule; /* of the last shot */
  int failed;
  char why[400];
} ogi_track;

/** What shots need. */
typedef struct ogi_lab {
  const og_circuit_card *card;
  const ogi_recipe *program;
} ogi_lab;

/**
 * One pulse and one read for each of count tracks, in one deck; states go on from where they were. Where ngspice fails,
 * the samples are run one by one, and tracks of the guilty ones are marked as failed. Wants the C numeric locale.
 * @retval OG_OK, OG_E_INTERRUPT, OG_E_NOMEM, and what reading of the deck returns
 */
og_status ogi_shoot(const ogi_lab *lab, og_spice *s, ogi_track **track, size_t count, og_error *err);

/** The knob of each level for the nominal device, and which way conductance goes. */
typedef struct ogi_scale {
  double knob[OGI_LEVELS_MAX];
  int rising; /* 1: a larger knob is a larger conductance */
} ogi_scale;

/** @retval OG_E_RANGE a level is not reached;  OG_E_EXTERN ngspice failed;  as ogi_shoot */
og_status ogi_calibrate(const ogi_lab *lab, og_spice *s, ogi_scale *scale, og_error *err);
/** Program samples first .. first + count - 1 to every level; row: of the first. why: one text a sample, "": fine. */
og_status ogi_program_samples(const ogi_lab *lab, og_spice *s, const ogi_scale *scale, uint64_t seed, size_t first,
                              size_t count, og_sample_row *row, char (*why)[400], og_error *err);

/** Levels, stuck samples, fit and card from the rows. @retval OG_E_EXTERN fewer than two are left, OG_E_NOMEM */
og_status ogi_sample_statistics(og_sample_report *r, const ogi_recipe *p, og_error *err);
/** sigma of the card's polynomial at a target [S], within or beyond its range. */
double ogi_sample_fitted(const og_card *card, double siemens);

/** Write the card. Wants the C numeric locale. */
void ogi_sample_write_card(FILE *f, const og_sample_report *r);
/** reached.svg, sigma.svg, energy.svg. */
og_status ogi_sample_draw_plots(const og_sample_report *r, const char *folder, og_error *err);

#endif
