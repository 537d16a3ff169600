/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_spice_number.h  Numbers as SPICE decks spell them: "10kohm", "0.1u", "3meg", "1e-3k", "3.3V".
 *
 * Grammar: [+-] digits with at most one point, [e or d, sign, digits], [suffix], letters. Suffixes in any letter case:
 * t g meg k m mil u n p f a, where m is 1e-3, mil 25.4e-6 and every other power of ten moves the exponent before the
 * rounding, so that "4.7k" is the double 4700 and "0.1u" the double nearest 1e-7. Letters behind it mean nothing. "1F"
 * is femto and "1M" milli: that is SPICE, where ogi_units.h means farad and mega. Neither locale nor hexadecimal.
 */
#ifndef OGI_SPICE_NUMBER_H
#define OGI_SPICE_NUMBER_H

/**
 * Read the number at text, which starts with no blank.
 * @param[out] end    first character behind it and its letters; NULL allowed
 * @param[out] value  untouched on failure; a number too small for a double is 0
 * @return 1; 0 if there is no number, it is hexadecimal, or no double is large enough
 */
int ogi_spice_number(const char *text, const char **end, double *value);

#endif
