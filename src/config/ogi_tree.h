/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_tree.h
 * A YAML file as a tree, for files whose keys are names that people choose: cards of circuit devices, benches.
 *
 * The same YAML as ogi_schema.h takes (no anchors, aliases, tags, second document), with lists and sections in each other
 * up to 12 deep. A key given twice is an error. Every node knows its line.
 */
#ifndef OGI_TREE_H
#define OGI_TREE_H

#include <stddef.h>

#include "base/ogi_error.h"

typedef enum ogi_tree_kind { OGI_TREE_TEXT, OGI_TREE_LIST, OGI_TREE_MAP } ogi_tree_kind;

typedef struct ogi_tree {
  ogi_tree_kind kind;
  char *key;               /**< in a map; else NULL. Printable letters only                         */
  char *text;              /**< of a TEXT; "" for nothing, ~ and null                               */
  size_t line;             /**< from 1; of a block text ("|") its first line                        */
  struct ogi_tree *first, *next; /**< children in the order of the file; next of this one's parent  */
  size_t count;            /**< children                                                            */
} ogi_tree;

/**
 * Read a file of at most 1 MB; an empty one is an empty map.
 * @param[out] out release with ogi_tree_free; NULL on failure
 * @retval OG_E_INPUT  missing, no YAML, a key given twice, the top is no map; err has "file:line: "
 * @retval OG_E_NOMEM
 */
og_status ogi_tree_read(ogi_tree **out, const char *path, og_error *err);
/** Release everything. NULL is allowed. */
void ogi_tree_free(ogi_tree *t);

/** Child of a map by its key, or NULL. */
const ogi_tree *ogi_tree_find(const ogi_tree *map, const char *key);
/** "a section of keys", "a list", "nothing" or the quoted text: for messages. */
void ogi_tree_show(char *out, size_t size, const ogi_tree *t);

#endif
