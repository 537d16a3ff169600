/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/deck.h
 * SPICE decks that others wrote: read, flattened, solved here, and written again for ngspice.
 *
 * Elements R C L K V I E F G H B D and X (.subckt, nested, with parameters); sources DC, PULSE, SIN, EXP, PWL, AC;
 * .param with expressions, .model of diodes, .include and .lib inside a folder that the caller names, .global, .ic, .temp,
 * .options, .op .dc .tran .ac .noise, .print .save .measure. What is not supported is an error that names file and line:
 * nothing is passed over in silence. doc/decks.md has the language and where it differs from ngspice's.
 *
 * A deck is data. It cannot give orders to ngspice (.control, backquotes ...), and what is handed to ngspice is written
 * anew from what was understood, never the user's text.
 *
 * Names are lower case. Those inside of subcircuits are flattened as ngspice does: node mid of x1 is "x1.mid", its
 * resistor r1 is "r.x1.r1".
 */
#ifndef OHMGRID_DECK_H
#define OHMGRID_DECK_H

#include <stddef.h>

#include <ohmgrid/circuit.h>
#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Opaque; a flattened deck. Threads may share one for reading, but only one at a time may solve it. */
typedef struct og_deck og_deck;

/** A parameter that somebody else than the deck sets. */
typedef struct og_deck_param {
  const char *name; /**< as in .param, in any letter case; borrowed */
  double value;     /**< finite                                      */
} og_deck_param;

/** Options. Fill with og_deck_opts_init, then change fields. */
typedef struct og_deck_opts {
  const char *folder;  /**< .include and .lib may read files in it and below. NULL (default): none; borrowed           */
  size_t bytes_max;    /**< [bytes] of all files together. default 256 MiB                                             */
  size_t elements_max; /**< [-] elements once flattened: subcircuits of subcircuits grow fast. default 10,000,000      */
  const og_deck_param *params; /**< replace the values of .param lines of the deck itself; borrowed. default NULL      */
  size_t param_count;  /**< [-] in params. One without a .param line is OG_E_INPUT. default 0                          */
  const char *instances_of; /**< keep which instances of this .subckt there are. NULL (default): none; borrowed        */
} og_deck_opts;
void og_deck_opts_init(og_deck_opts *opts);

/**
 * Read a deck.
 * @param[out] out   the caller's; NULL on failure
 * @param[in]  opts  NULL means defaults
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL
 * @retval OG_E_INPUT  the file is missing, or a line is wrong or not supported: err has "file:line: what"
 * @retval OG_E_RANGE  a value out of its range; err likewise
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_deck_load(og_deck **out, const char *path, const og_deck_opts *opts, og_error *err);
/** The same from text of bytes bytes; name stands for the file in messages. */
OG_NODISCARD og_status og_deck_parse(og_deck **out, const char *name, const char *text, size_t bytes,
                                     const og_deck_opts *opts, og_error *err);
/** Release everything. NULL is allowed. */
void og_deck_free(og_deck *deck);

/** First line of the deck. Borrowed. */
const char *og_deck_title(const og_deck *deck);

/** One element, flattened. Borrowed from the deck. */
typedef struct og_deck_element {
  char kind;             /**< R C L K V I E F G H B D                                                  */
  const char *name;      /**< "r1", "r.x1.r1"                                                          */
  const char *node[4];   /**< first, second; E and G: then the two that control. NULL: none            */
  double value;          /**< [ohm] [F] [H] or gain; NAN where it has none                             */
  size_t line;           /**< of the file it stands in                                                 */
} og_deck_element;
size_t og_deck_elements(const og_deck *deck);
/** Element k of the deck, 0-based; k beyond the last gives kind 0. */
og_deck_element og_deck_element_at(const og_deck *deck, size_t k);

/** Nodes, without ground. */
size_t og_deck_nodes(const og_deck *deck);
/** Name of node k; NULL beyond the last. Borrowed. */
const char *og_deck_node(const og_deck *deck, size_t k);

/** One instance of opts.instances_of. Borrowed from the deck. */
typedef struct og_deck_instance {
  const char *name;             /**< "x1", "x2.x1"                                                                */
  size_t ports, params;         /**< [-] of the .subckt line                                                       */
  const char *const *port;      /**< names of the ports                                                           */
  const char *const *node;      /**< the node each is joined to, "0": ground; NULL: nothing inside uses the port   */
  const char *const *param;     /**< names of the parameters                                                      */
  const double *value;          /**< of each parameter, what the instance says included                           */
} og_deck_instance;
size_t og_deck_instances(const og_deck *deck);
/** Instance k, 0-based, in the order of the deck; NULL beyond the last. */
const og_deck_instance *og_deck_instance_at(const og_deck *deck, size_t k);

typedef enum og_analysis_kind {
  OG_ANALYSIS_OP,
  OG_ANALYSIS_DC,
  OG_ANALYSIS_TRAN,
  OG_ANALYSIS_AC,
  OG_ANALYSIS_NOISE
} og_analysis_kind;
/** "op", "dc", "tran", "ac", "noise"; "?" for a foreign one. */
const char *og_analysis_name(og_analysis_kind kind);

/** One analysis card. Borrowed from the deck. */
typedef struct og_analysis {
  og_analysis_kind kind;
  double step, stop, start, step_max; /**< tran [s]; step_max as SPICE sets it by default                       */
  int from_initial;                   /**< tran: "uic"                                                          */
  const char *source;                 /**< dc: what is swept; noise: to which input it is referred              */
  double from, to, by;                /**< dc [V] or [A]                                                        */
  char spacing;                       /**< ac, noise: 'd'ecade, 'o'ctave or 'l'inear                            */
  size_t points;                      /**< ac, noise: of a decade, an octave, or in all                         */
  double hertz_from, hertz_to;        /**< ac, noise [Hz]                                                       */
  const char *output, *reference;     /**< noise: nodes; reference NULL: ground                                 */
} og_analysis;
size_t og_deck_analyses(const og_deck *deck);
/** Analysis k, 0-based, in the order of the deck; NULL beyond the last. */
const og_analysis *og_deck_analysis(const og_deck *deck, size_t k);

/** .measure statements with their parameters replaced by numbers, and names of .print and .save. Borrowed. */
size_t og_deck_measures(const og_deck *deck);
const char *og_deck_measure(const og_deck *deck, size_t k);
size_t og_deck_prints(const og_deck *deck);
const char *og_deck_print(const og_deck *deck, size_t k);

/**
 * Write the flattened deck for ngspice and Xyce, with all its analyses: every number a literal of 17 digits.
 * @retval OG_OK, OG_E_ARG, OG_E_IO, OG_E_NOMEM
 */
OG_NODISCARD og_status og_deck_save(const char *path, const og_deck *deck, og_error *err);

/**
 * The deck as a circuit of ohmgrid/circuit.h, under the same names. The deck must outlive it.
 * @retval OG_OK
 * @retval OG_E_ARG, OG_E_NOMEM
 * @retval OG_E_INPUT, OG_E_RANGE  an element that cannot be; err has its file and line
 */
OG_NODISCARD og_status og_deck_circuit(og_circuit **out, const og_deck *deck, og_error *err);

#ifdef __cplusplus
}
#endif
#endif
