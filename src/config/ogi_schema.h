/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_schema.h
 * From a YAML file to a typed struct, by a table that is also the help text and the dump.
 *
 * A key is a dotted path ("array.r_word_ohm"). A number may carry an SI prefix and the key's unit ("1.5 kohm", "2.5k",
 * "50ns"): any other unit is refused. Unknown keys, wrong types, values out of range and keys given twice are errors
 * that name file, line, what was seen and what is needed; for an unknown key, also the nearest known one.
 *
 * Of YAML only nested mappings, plain or quoted scalars and lists of scalars are taken: anchors, aliases, tags and a
 * second document are refused. An empty value (also ~ or null) is an empty text, an empty section, and nothing else.
 */
#ifndef OGI_SCHEMA_H
#define OGI_SCHEMA_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/ogi_error.h"

#define OGI_TEXT_MAX 512 /**< [bytes] of a text field, with its end */
#define OGI_LIST_MAX 16  /**< most elements of a list field         */

typedef struct ogi_sizes {
  size_t count, value[OGI_LIST_MAX];
} ogi_sizes;
typedef struct ogi_reals {
  size_t count;
  double value[OGI_LIST_MAX];
} ogi_reals;

typedef enum ogi_key_type {
  OGI_KEY_REAL,  /**< double                                        */
  OGI_KEY_SIZE,  /**< size_t                                        */
  OGI_KEY_SEED,  /**< uint64_t                                      */
  OGI_KEY_TEXT,  /**< char[OGI_TEXT_MAX]                            */
  OGI_KEY_ENUM,  /**< int: index into choices                       */
  OGI_KEY_SIZES, /**< ogi_sizes                                     */
  OGI_KEY_REALS  /**< ogi_reals                                     */
} ogi_key_type;

typedef struct ogi_key {
  const char *path;     /**< "array.r_word_ohm"                                                          */
  ogi_key_type type;
  size_t offset;        /**< of the field in the target struct                                           */
  const char *unit;     /**< "ohm", "S", "V", "s", "J", "" ...; "" refuses any unit                      */
  double min, max;      /**< inclusive; of every element of a list. REAL, REALS: infinite only if this end is infinite.
                             SIZE, SIZES: max may be INFINITY. TEXT: bytes, max 0 means OGI_TEXT_MAX - 1. SEED and
                             ENUM: unused                                                                */
  const char *choices;  /**< OGI_KEY_ENUM: "left|right|both"                                             */
  const char *fallback; /**< default as it would stand in the file; NULL: the key must be given          */
  const char *help;     /**< one line for people                                                         */
} ogi_key;

/**
 * Fill a struct from a file of at most 1 MB.
 * @param[out] target  every field of the table is set (defaults included); on failure its content is of no use
 * @param[in]  keys    length of the table, >= 1; at most 8 sections deep, paths below 256 bytes
 * @param[in]  sets    count overrides "key=value", applied in order after the file; they are named "--set key" in
 *                     errors. A list is "[256, 128]" or "256,128"
 * @retval OG_E_INPUT  missing file, no YAML, unknown or repeated key, wrong type, missing key
 * @retval OG_E_RANGE  number, unit or choice not allowed
 * @retval OG_E_NOMEM
 * @retval OG_E_INTERNAL a default of the table is not allowed by the table
 */
og_status ogi_schema_read(void *target, const ogi_key *table, size_t keys, const char *path, const char *const *sets,
                          size_t count, og_error *err);

/** Write the struct as YAML that reads back to the same values (shortest exact digits), with the help as comments. */
void ogi_schema_dump(FILE *stream, const void *source, const ogi_key *table, size_t keys);

/** Write the table for people: key, unit, range, default, help. */
void ogi_schema_help(FILE *stream, const ogi_key *table, size_t keys);

#endif
