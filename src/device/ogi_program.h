/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_program.h  From target conductances to those a read meets, by the statistics of a device card. */
#ifndef OGI_PROGRAM_H
#define OGI_PROGRAM_H

#include <stddef.h>

#include <ohmgrid/device.h>

#include "base/ogi_rng.h"

/** Standard deviation after programming [S] for a target [S]. */
double ogi_program_sigma(const og_card *card, double target);

/** Round targets to the card's levels, in place. Nothing if card->levels is 0. */
void ogi_program_levels(const og_card *card, double *g, size_t count);

/** Add the programming error in place, one draw a cell in order; results below 0 S become 0 S. */
void ogi_program_error(const og_card *card, double *g, size_t count, ogi_rng *rng);

/** Replace stuck cells in place, one draw a cell in order: low share at g_min, high share at g_max. */
void ogi_program_stuck(const og_card *card, double *g, size_t count, ogi_rng *rng);

/** Add the read noise in place, one draw a cell in order; results below 0 S become 0 S. */
void ogi_read_noise(const og_card *card, double *g, size_t count, ogi_rng *rng);

#endif
