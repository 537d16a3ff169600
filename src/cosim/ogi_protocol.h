/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_protocol.h
 * What passes between the library and the program ohmgrid-spice, over the program's standard input and output.
 *
 * One request, one reply, again and again; end of input ends the program. Both run on one machine, so integers and
 * doubles travel in its own byte order. A request is the struct, the deck (lines parted by newlines) and the names,
 * each with its closing 0. A reply is the struct and its payload: one double a name, in the order of the request, or a
 * text without closing 0 that says why not.
 */
#ifndef OGI_PROTOCOL_H
#define OGI_PROTOCOL_H

#include <stdint.h>

#define OGI_SPICE_MAGIC 0x6f677370u
#define OGI_SPICE_PROTOCOL 1u       /**< raise with every change of this file */
#define OGI_SPICE_TEXT_MAX 2048u    /**< [bytes] longest text of a refusal    */

typedef struct ogi_spice_request {
  uint32_t magic, protocol;
  uint64_t deck_bytes, names_bytes, count;
  double cpu_second; /**< processor time after which the program is to die, should its host not see to it */
} ogi_spice_request;

enum {
  OGI_SPICE_DONE = 0,   /**< payload: the doubles                                               */
  OGI_SPICE_REFUSED = 1 /**< payload: a text; the program ends, because ngspice may be spoilt   */
};

typedef struct ogi_spice_reply {
  uint32_t magic, protocol;
  uint32_t outcome, unused;
  uint64_t bytes;   /**< of the payload                    */
  char version[40]; /**< of ngspice, e.g. "ngspice-39"     */
} ogi_spice_reply;

#endif
