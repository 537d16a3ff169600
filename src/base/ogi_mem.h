/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_mem.h  The only way to the heap: overflow-checked, counted, and made to fail on purpose by tests. */
#ifndef OGI_MEM_H
#define OGI_MEM_H

#include <stddef.h>

#define OGI_ALIGN 64 /**< [bytes] every block starts on a cache line, which is also the widest vector */

/** count elements of size bytes, zeroed; NULL when out of memory or count * size overflows. count 0 gives a block. */
void *ogi_alloc(size_t count, size_t size);
/** Copy of a string; NULL when out of memory. */
char *ogi_strdup(const char *text);
/** Release; NULL is allowed. */
void ogi_free(void *block);

/** Number of blocks handed out so far, over all threads. */
size_t ogi_mem_count(void);
/** Blocks now in use. */
size_t ogi_mem_live(void);
/** For tests: make the k-th allocation from now fail (1: the next one); 0 switches it off. */
void ogi_mem_fail_at(size_t k);

#endif
