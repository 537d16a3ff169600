/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_units.h  Text such as "10k", "1.5 uS", "50ns" or "2.5 kohm" <-> a number in SI units, in any locale.
 *
 * Grammar: blanks, decimal number, blanks, [prefix][unit], blanks. Prefixes: a f p n u (or the micro sign) m k M G T,
 * in this case only. M is mega: not the milli of SPICE decks, where "1M" is 1e-3 and mega is "Meg". What could be read
 * two ways is first the unit alone ("300 K" is kelvin, "1 F" is farad), then prefix and unit, then a prefix alone
 * ("300k" is 300e3). Prefixes move the decimal exponent before the one rounding, so "50ns" is the double 50e-9 exactly.
 */
#ifndef OGI_UNITS_H
#define OGI_UNITS_H

#include <stddef.h>

#include "base/ogi_error.h"

#define OGI_SHOW_MAX 64 /**< [bytes] of what was seen, as an error shows it */

/** Text of a user as errors show it: quoted, shortened at a whole character, control characters as '?'. */
void ogi_show(char out[OGI_SHOW_MAX], const char *text);

/**
 * Read a number.
 * @param[out] out   value in the unit; untouched on failure. "inf" and "-inf" (also ".inf", "infinity") are infinite
 * @param[in]  unit  "ohm", "S", "V", "A", "s", "J", "K", "F", ...; "": a pure number, any unit is refused.
 *                   For "ohm" the letter omega is accepted too
 * @retval OG_OK
 * @retval OG_E_INPUT  no decimal number ("nan" and hexadecimal included)
 * @retval OG_E_RANGE  another unit, an unknown prefix, or a number that no double holds (1e999, 1e-999)
 */
og_status ogi_units_parse(double *out, const char *text, const char *unit, og_error *err);

/**
 * Write a number for people: 3 significant digits and a prefix, "1.56 pJ", "25 uS"; a pure number (unit "") with 6
 * digits and no prefix. Below 1e-18 and from 1e15 on with an exponent. Always ends with 0; cut at size - 1 bytes.
 */
void ogi_units_format(char *buf, size_t size, double value, const char *unit);

#endif
