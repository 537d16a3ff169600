/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/ogi_mem.h"

/* Blocks that fill many pages take large ones: fewer faults when they are first touched, fewer misses later. */
enum { HUGE_PAGE = 2 << 20, HUGE_FROM = 8 << 20 };

static atomic_size_t handed_out, released, fail_in;

/* Counts down to the allocation a test wants to fail; fail_in is 0 in production. */
static int must_fail(void) {
  size_t left = atomic_load(&fail_in);
  while (left > 0)
    if (atomic_compare_exchange_weak(&fail_in, &left, left - 1)) return left == 1;
  return 0;
}

void *ogi_alloc(size_t count, size_t size) {
  if (size == 0 || count > (SIZE_MAX - HUGE_PAGE) / size) return NULL;
  if (must_fail()) return NULL;
  size_t align = count * size < HUGE_FROM ? OGI_ALIGN : HUGE_PAGE;
  size_t bytes = (count * size + align) / align * align; /* aligned_alloc wants a multiple, and > 0 */
  void *block = aligned_alloc(align, bytes);
  if (block == NULL) return NULL;
#ifdef MADV_HUGEPAGE
  if (align == HUGE_PAGE) madvise(block, bytes, MADV_HUGEPAGE); /* where it is not heeded nothing is lost */
#endif
  memset(block, 0, bytes);
  atomic_fetch_add(&handed_out, 1);
  return block;
}

char *ogi_strdup(const char *text) {
  size_t length = strlen(text) + 1;
  char *copy = ogi_alloc(length, 1);
  if (copy != NULL) memcpy(copy, text, length);
  return copy;
}

void ogi_free(void *block) {
  if (block == NULL) return;
  atomic_fetch_add(&released, 1);
  free(block);
}

size_t ogi_mem_count(void) { return atomic_load(&handed_out); }

size_t ogi_mem_live(void) { return atomic_load(&handed_out) - atomic_load(&released); }

void ogi_mem_fail_at(size_t k) { atomic_store(&fail_in, k); }
