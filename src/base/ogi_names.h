/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_names.h  Names numbered in the order in which they first came: nodes and elements of circuits. */
#ifndef OGI_NAMES_H
#define OGI_NAMES_H

#include <stddef.h>

#include "base/ogi_error.h"

typedef struct ogi_names ogi_names; /**< opaque; owns copies of all names */

/** An empty list; NULL when out of memory. */
ogi_names *ogi_names_create(void);
/** Release everything. NULL is allowed. */
void ogi_names_free(ogi_names *names);

/** Number of a name, or OGI_NO_NAME. */
size_t ogi_names_find(const ogi_names *names, const char *name);
/** Number of a name, which is added if it is new; OGI_NO_NAME when out of memory. */
size_t ogi_names_add(ogi_names *names, const char *name);
/** Name of a number below the count; borrowed. */
const char *ogi_names_at(const ogi_names *names, size_t number);
size_t ogi_names_count(const ogi_names *names);

#define OGI_NO_NAME ((size_t)-1)

#endif
