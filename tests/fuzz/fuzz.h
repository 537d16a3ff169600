/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file fuzz.h  A fuzz target: one source fuzz_NAME.c with this function, and a folder corpus/NAME of small files.
 * An ordinary build links it with replay.c and `make check` replays the corpus; --enable-fuzzers links libFuzzer.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** Give the bytes to the reader. Always 0; what is wrong aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
