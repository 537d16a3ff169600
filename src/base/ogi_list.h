/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_list.h  Lists that grow, of any type: OGI_LIST(double) l = {0}; if (OGI_ROOM(l)) l.item[l.count++] = 1; */
#ifndef OGI_LIST_H
#define OGI_LIST_H

#include <stddef.h>

/** item points at room elements, of which count are used; release with ogi_free(item). */
#define OGI_LIST(type)  \
  struct {              \
    type *item;         \
    size_t count, room; \
  }

/** 1 if there is room for one more, made where need be; 0 when out of memory, the list unchanged. */
#define OGI_ROOM(list) ((list).count < (list).room || ogi_list_grow(&(list), sizeof *(list).item))

/** Double the room of a list of elements of size bytes. */
int ogi_list_grow(void *list, size_t size);

#endif
