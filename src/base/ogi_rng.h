/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_rng.h
 * Named random streams. A stream is a pure function of (seed, source, layer, tile, trial): adding a source, a tile or a
 * thread moves no other draw. Philox 4x32-10 [Salmon2011] through Random123's GSL adaptor; distributions from GSL.
 */
#ifndef OGI_RNG_H
#define OGI_RNG_H

#include <stddef.h>
#include <stdint.h>

/** What is being drawn. Append only: a number, once used, keeps its meaning. */
typedef enum ogi_source {
  OGI_SOURCE_PROGRAM = 1, /**< programming error       */
  OGI_SOURCE_READ = 2,    /**< read noise              */
  OGI_SOURCE_STUCK = 3,   /**< which cells are stuck   */
  OGI_SOURCE_INIT = 4,    /**< initial weights         */
  OGI_SOURCE_SHUFFLE = 5, /**< order of training data  */
  OGI_SOURCE_SAMPLE = 6,  /**< choice of samples       */
  OGI_SOURCE_TEST = 7,    /**< test inputs             */
  OGI_SOURCE_DEVICE = 8,  /**< parameters of devices    */
  OGI_SOURCE_SPICE = 32   /**< noise sources of decks  */
} ogi_source;

typedef struct ogi_stream {
  uint64_t seed;
  ogi_source source;
  uint32_t layer; /**< < 4096          */
  uint32_t tile;  /**< < 2^20          */
  uint32_t trial; /**< any 32-bit value */
} ogi_stream;

typedef struct ogi_rng ogi_rng;

/** NULL when out of memory. Holds 2^34 draws. */
ogi_rng *ogi_rng_create(ogi_stream stream);
/** Start another stream in the same object. */
void ogi_rng_restart(ogi_rng *rng, ogi_stream stream);
void ogi_rng_free(ogi_rng *rng);

double ogi_rng_uniform(ogi_rng *rng);             /**< in the open interval (0, 1); one draw    */
double ogi_rng_normal(ogi_rng *rng);              /**< standard normal by inversion; one draw    */
size_t ogi_rng_below(ogi_rng *rng, size_t bound); /**< 0 .. bound-1, bound < 2^32                */

#endif
