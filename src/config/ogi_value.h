/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_value.h  One key's value: text -> field of the target struct, and the words for what the key needs. */
#ifndef OGI_VALUE_H
#define OGI_VALUE_H

#include "config/ogi_schema.h"

/** What the key needs, e.g. "a number >= 0 (ohm)" or "left, right or both"; cut at size - 1 bytes. */
void ogi_value_need(char *out, size_t size, const ogi_key *key);

/**
 * Set the key's field from text; a list from "[1, 2]" or "1,2".
 * @retval OG_E_INPUT wrong type;  @retval OG_E_RANGE number, unit or choice not allowed. Text: saw ..., need ...
 */
og_status ogi_value_set(void *target, const ogi_key *key, const char *text, og_error *err);

/** Set one element of a list's field, and its count to index + 1. Same statuses; too long a list is OG_E_RANGE. */
og_status ogi_value_set_element(void *target, const ogi_key *key, size_t index, const char *text, og_error *err);

/** Make a list's field empty. */
void ogi_value_clear_list(void *target, const ogi_key *key);

/** 1 for the types whose value is a list. */
int ogi_value_is_list(const ogi_key *key);

/** Copy choice number index of an enum key; 0 if there are not that many. */
int ogi_value_choice(char *out, size_t size, const char *choices, int index);

/** Read one code point of UTF-8 and step over it; -1 for bytes that are none. */
long ogi_value_utf8(const unsigned char **p);

#endif
