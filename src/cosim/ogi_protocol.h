/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_protocol.h
 * What passes between the library and the program ohmgrid-spice, over the program's standard input and output.
 *
 * Every message is an ogi_message and its payload. The host sends a request and gets one reply; end of input ends the
 * program. Within a run that the host drives, the program sends OGI_M_STEP, and waits for OGI_M_NEXT, before every time
 * step; OGI_M_FRACTION may come at any time and wants no answer. Both sides run on one machine, so numbers travel in
 * its own byte order. Texts end with 0 and come after the numbers of a payload.
 */
#ifndef OGI_PROTOCOL_H
#define OGI_PROTOCOL_H

#include <stdint.h>

#define OGI_SPICE_MAGIC 0x6f677370u
#define OGI_SPICE_PROTOCOL 3u       /**< raise with every change of this file      */
#define OGI_SPICE_TEXT_MAX 2048u    /**< [bytes] longest text of a refusal         */
#define OGI_SPICE_COMMAND_MAX 1000u /**< [bytes] ngspice cuts commands at 1023     */
#define OGI_SPICE_BREAKPOINTS 8u    /**< breakpoints that one OGI_M_NEXT may hold  */

/**
 * [largest steps] by which the command of a transient goes beyond scale_end; the program ends it there. Close to the
 * end of a synchronised run, ngspice shortens a step to just less than what is left, and version 46 halves what is left
 * again and again: 30 points and more in the last step, whose currents through capacitors are mostly rounding errors.
 */
#define OGI_SPICE_BEYOND 3

typedef struct ogi_message {
  uint32_t magic;
  uint16_t protocol, kind;
  uint64_t bytes; /**< of the payload */
  uint64_t count;
  double number;
} ogi_message;

enum {
  /* requests */
  OGI_M_LOAD = 1, /**< payload: the deck. number: processor time, count: bytes of address space (0: any)             */
  OGI_M_ALTER,    /**< payload: count commands                                                                       */
  OGI_M_SOURCE,   /**< payload: ogi_message_source, times, values, name. Forgotten with the circuit                  */
  OGI_M_RUN,      /**< payload: ogi_message_run and what it announces                                                */
  OGI_M_FORGET,   /**< drop the circuit                                                                              */
  OGI_M_NEXT,     /**< payload: ogi_message_next, a value a driven source, breakpoints                               */
  /* replies */
  OGI_M_DONE = 64, /**< payload: of LOAD the version of ngspice, of RUN ogi_message_vectors and what it announces     */
  OGI_M_REFUSED,   /**< payload: a text without closing 0 that says why not                                           */
  OGI_M_SPOILT,    /**< the same, and the program ends, because this ngspice is of no more use                       */
  OGI_M_STEP,      /**< payload: ogi_message_step, the last accepted value of every watched vector                   */
  OGI_M_FRACTION   /**< number: share of the run that is done                                                        */
};

enum { OGI_SOURCE_DRIVEN = 0, OGI_SOURCE_POINTS = 1, OGI_SOURCE_CORNERS = 2 };

/** How an EXTERNAL source gets its values. */
typedef struct ogi_message_source {
  uint32_t mode;   /**< DRIVEN: by the host; POINTS: piecewise linear; CORNERS: the same, each point a breakpoint */
  uint32_t slot;   /**< DRIVEN: number of its value in OGI_M_NEXT                                                */
  uint64_t points; /**< times and values that follow                                                            */
} ogi_message_source;

enum { OGI_RUN_OP, OGI_RUN_DC, OGI_RUN_TRAN, OGI_RUN_AC, OGI_RUN_NOISE, OGI_RUN_DECK };

/** Followed by: drive doubles (values at time 0), breakpoints doubles, the command, names, watched: texts. */
typedef struct ogi_message_run {
  double cpu_second;
  double scale_end; /**< value that the scale has to reach: stop time, last frequency, end of the sweep          */
  double scale_gap; /**< the last point may miss it by so much [-] of scale_end (DC: absolute)                   */
  uint32_t kind;    /**< DECK: the analysis that the deck names, only its last point                             */
  uint32_t unused;
  uint64_t drive, breakpoints, names, watched;
} ogi_message_run;

typedef struct ogi_message_step {
  double time, dt; /**< [s] accepted time, and the step from there that is tried next */
  uint64_t redo;   /**< 1: the same step again, shorter                              */
} ogi_message_step;

/** Followed by the values of the driven sources at time + dt, and the breakpoints. */
typedef struct ogi_message_next {
  double dt; /**< [s] 0, or a shorter step */
  uint32_t stop, breakpoints;
} ogi_message_next;

/** Followed by count vectors of points values (complex: two), count uint32 quantities, texts: title, plot, names */
typedef struct ogi_message_vectors {
  uint64_t points, text_bytes;
  uint32_t complex_values, has_scale;
  uint64_t stopped;           /**< 1: the host ended the run before its time */
  double onoise_total, inoise_total; /**< of a noise analysis, else NaN      */
} ogi_message_vectors;

#endif
