/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_vectors.h  Readers of vectors from memory, and the two spellings of a name. */
#ifndef OGI_VECTORS_H
#define OGI_VECTORS_H

#include <stddef.h>

#include <ohmgrid/vectors.h>

/**
 * Plots of a raw file in memory, as og_raw_load. bytes[length] must be 0, as ogi_file_read leaves it.
 * @param[in] place  name of the file, for messages
 */
og_status ogi_raw_parse(const char *bytes, size_t length, const char *place, og_vectors ***out, size_t *count,
                        og_error *err);
/** Vectors of a CSV file in memory, as og_vectors_load. bytes[length] must be 0. */
og_status ogi_csv_parse(const char *bytes, size_t length, const char *place, og_vectors **out, og_error *err);
/** Write as CSV. */
og_status ogi_csv_save(const char *path, const og_vectors *v, og_error *err);

/** Make a foreign name ours, in place (room for length + 8 bytes): "V(Out)" -> "out", "I(V1)" -> "v1#branch". */
void ogi_vector_name_in(char *name);
/** What a name tells of the quantity: of "v(x)", "i(x)", "x#branch", "time", "frequency"; else OG_Q_NOTYPE. */
og_quantity ogi_vector_quantity(const char *name);
/** A name of ours as SPICE's files have it: format with "%s%s%s" of the parts; length is that of middle, for "%.*s". */
typedef struct ogi_spelling {
  const char *before, *middle, *behind;
  int length;
} ogi_spelling;
ogi_spelling ogi_vector_spelling(const char *name, og_quantity quantity);

/** 1 if vector 0 of a plot is a scale: it is a time or a frequency, or a sweep, or there are several points. */
int ogi_vector_scales(const char *name, og_quantity quantity, size_t points);

/** Up to 32 foreign bytes for a message: printable, cut. */
enum { OGI_SHOWN = 33 };
const char *ogi_vector_show(char out[OGI_SHOWN], const char *text, size_t length);

#endif
