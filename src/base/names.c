/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_names.h"

/* A block that cannot be had leaves the table as it was; add() sees it by the name that is not there. */
#define HASH_NONFATAL_OOM 1
#define uthash_malloc(size) ogi_alloc(1, size)
#define uthash_free(block, size) ogi_free(block)
#include <uthash.h>

typedef struct entry {
  UT_hash_handle hh;
  size_t number;
  char name[]; /* closed by 0 */
} entry;

struct ogi_names {
  entry *table;
  entry **at; /* by number */
  size_t count, room;
};

ogi_names *ogi_names_create(void) { return ogi_alloc(1, sizeof(ogi_names)); }

void ogi_names_free(ogi_names *names) {
  if (names == NULL) return;
  HASH_CLEAR(hh, names->table);
  for (size_t k = 0; k < names->count; k++) ogi_free(names->at[k]);
  ogi_free(names->at);
  ogi_free(names);
}

size_t ogi_names_find(const ogi_names *names, const char *name) {
  entry *found;
  HASH_FIND_STR(names->table, name, found);
  return found != NULL ? found->number : OGI_NO_NAME;
}

/* Room for one more number. */
static int grow(ogi_names *names) {
  if (names->count < names->room) return 1;
  size_t room = names->room == 0 ? 64 : 2 * names->room;
  entry **larger = ogi_alloc(room, sizeof(entry *));
  if (larger == NULL) return 0;
  if (names->count > 0) memcpy(larger, names->at, names->count * sizeof(entry *));
  ogi_free(names->at);
  names->at = larger;
  names->room = room;
  return 1;
}

size_t ogi_names_add(ogi_names *names, const char *name) {
  size_t known = ogi_names_find(names, name), length = strlen(name);
  if (known != OGI_NO_NAME) return known;
  entry *added = grow(names) ? ogi_alloc(1, sizeof *added + length + 1) : NULL;
  if (added == NULL) return OGI_NO_NAME;
  memcpy(added->name, name, length + 1);
  added->number = names->count;
  HASH_ADD_STR(names->table, name, added);
  if (ogi_names_find(names, name) == OGI_NO_NAME) {
    ogi_free(added);
    return OGI_NO_NAME;
  }
  names->at[names->count++] = added;
  return added->number;
}

const char *ogi_names_at(const ogi_names *names, size_t number) { return names->at[number]->name; }
size_t ogi_names_count(const ogi_names *names) { return names->count; }
