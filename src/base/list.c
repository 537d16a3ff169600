/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <string.h>

#include "base/ogi_list.h"
#include "base/ogi_mem.h"

int ogi_list_grow(void *list, size_t size) {
  OGI_LIST(void) any; /* the pointer is copied as bytes, whatever it points at */
  memcpy(&any, list, sizeof any);
  size_t room = any.room == 0 ? 8 : 2 * any.room;
  void *larger = ogi_alloc(room, size);
  if (larger == NULL) return 0;
  if (any.count > 0) memcpy(larger, any.item, any.count * size);
  ogi_free(any.item);
  any.item = larger;
  any.room = room;
  memcpy(list, &any, sizeof any);
  return 1;
}
