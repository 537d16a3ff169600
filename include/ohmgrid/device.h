/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/device.h
 * Device cards: the published statistics of a memristive cell, or a SPICE subcircuit of one, each number with its source.
 *
 * A card is a YAML file devices/NAME/card.yaml. That of statistics gives the conductance range, the number of levels, the
 * programming error as a polynomial in the target conductance, the read noise, the share of stuck cells and perhaps
 * energies of programming. One with "kind: circuit" names a subcircuit, its pins, states and parameters
 * (doc/devices.md).
 */
#ifndef OHMGRID_DEVICE_H
#define OHMGRID_DEVICE_H

#include <stddef.h>

#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OG_CARD_POLY 6      /**< most coefficients of the programming-error polynomial */
#define OG_CARD_PARAMS 9    /**< how many parameters every card has                    */
#define OG_CARD_ENERGIES 3  /**< how many energies a card may tell besides             */

/** A device card. Plain data; strings are NUL-terminated. */
typedef struct og_card {
  char name[64];                          /**< folder name, e.g. "rram-wan2022"                                   */
  char title[160];                        /**< one line                                                           */
  double g_min_siemens;                   /**< [S] lowest target conductance, >= 0                                */
  double g_max_siemens;                   /**< [S] highest target conductance, > g_min                            */
  size_t levels;                          /**< [-] evenly spaced targets from g_min to g_max, >= 2; 0: continuous */
  size_t program_terms;                   /**< [-] coefficients in program_sigma                                  */
  double program_sigma[OG_CARD_POLY];     /**< sigma [uS] = sum c_k (G / uS)^k, standard deviation after write    */
  double program_from_siemens;            /**< [S] the polynomial was fitted from this target ...                 */
  double program_to_siemens;              /**< [S] ... to this one; outside, sigma is taken at the nearer end     */
  double read_sigma_siemens;              /**< [S] standard deviation of one read, independent of G               */
  double stuck_low_fraction;              /**< [-] cells stuck at g_min, 0..1                                     */
  double stuck_high_fraction;             /**< [-] cells stuck at g_max, 0..1                                     */
  char source[OG_CARD_PARAMS][320];       /**< where each parameter comes from, in the order of og_card_param     */
  double program_energy_joule;            /**< [J] programming one cell once, all pulses of it; 0: not told         */
  double pulse_energy_joule;              /**< [J] one programming pulse; 0: not told                               */
  double erase_energy_joule;              /**< [J] erasing one cell before it is programmed; 0: not told            */
  char energy_source[OG_CARD_ENERGIES][320]; /**< where each of the three comes from; "": not told                   */
} og_card;

/**
 * Load a card.
 * @param[in] name      a device name, or the path of a card (if it contains a '/' or ends in .yaml)
 * @param[in] data_dir  folder that holds devices/; NULL: the installed one
 * @retval OG_OK
 * @retval OG_E_ARG    out or name is NULL
 * @retval OG_E_INPUT  no such card (err lists what there is), or it is not a valid card; err names file and line
 * @retval OG_E_RANGE  a value is out of range; err names file, line, value and range
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_card_load(og_card *out, const char *name, const char *data_dir, og_error *err);

/**
 * One line of a card as text: the parameters that every card has, then the energies that this one tells.
 * @return 0 if there is no such line, else 1 and the three buffers filled.
 */
int og_card_param(const og_card *card, size_t index, char name[64], char value[160], char source[320]);

/**
 * Names of the devices there are, sorted.
 * @param[out] names  array of count strings; release with og_device_names_free
 * @retval OG_OK
 * @retval OG_E_INPUT  the folder devices/ is missing
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_device_names(char ***names, size_t *count, const char *data_dir, og_error *err);
void og_device_names_free(char **names, size_t count);

/* --- circuit devices --------------------------------------------------------------------------------------------- */

/** What a card describes. */
typedef enum og_device_kind {
  OG_DEVICE_STATISTICS, /**< published statistics: og_card_load            */
  OG_DEVICE_CIRCUIT     /**< a SPICE subcircuit: og_circuit_card_load      */
} og_device_kind;

/**
 * Which kind of card a device has.
 * @retval OG_OK, OG_E_ARG, OG_E_NOMEM
 * @retval OG_E_INPUT  no such card, no YAML, or another kind; err names file and line
 */
OG_NODISCARD og_status og_device_kind_of(og_device_kind *kind, const char *name, const char *data_dir, og_error *err);

typedef struct og_circuit_card og_circuit_card; /**< opaque; doc/devices.md has the format */

/** A pin that carries a state, as a voltage standing for it. Borrowed from the card. */
typedef struct og_circuit_state {
  const char *pin, *unit, *help;
  size_t port;     /**< number of the pin                               */
  double min, max; /**< [unit] the state may never leave; min < max      */
} og_circuit_state;

/** A parameter of the subcircuit. Borrowed from the card. */
typedef struct og_circuit_param {
  const char *name, *unit, *help, *source;
  const char *value_text, *min_text, *max_text; /**< as they stand in the card                                 */
  double value, min, max;                       /**< [unit] default and range, min <= value <= max             */
  double spread;                                /**< [-] relative standard deviation from device to device     */
} og_circuit_param;

/**
 * Load the card of a circuit device, and hold it against its subcircuit: pins, parameters and defaults have to be the same.
 * @param[out] out       release with og_circuit_card_free; NULL on failure
 * @param[in]  name, data_dir  as og_card_load
 * @retval OG_OK
 * @retval OG_E_ARG    out or name is NULL
 * @retval OG_E_INPUT  no such card, a card of another kind, or not valid; err names file and line
 * @retval OG_E_RANGE  a value out of range; err names file, line, value and range
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_circuit_card_load(og_circuit_card **out, const char *name, const char *data_dir, og_error *err);
void og_circuit_card_free(og_circuit_card *card);

/** Borrowed texts: name of the folder, title, path of the folder, file of the subcircuit in it, name of the subcircuit. */
const char *og_circuit_card_name(const og_circuit_card *card);
const char *og_circuit_card_title(const og_circuit_card *card);
const char *og_circuit_card_folder(const og_circuit_card *card);
const char *og_circuit_card_file(const og_circuit_card *card);
const char *og_circuit_card_subckt(const og_circuit_card *card);
/** Pins in the order of the subcircuit; NULL beyond the last. */
size_t og_circuit_card_pins(const og_circuit_card *card);
const char *og_circuit_card_pin(const og_circuit_card *card, size_t k);
/** States and parameters in the order of the card; NULL beyond the last. */
size_t og_circuit_card_states(const og_circuit_card *card);
const og_circuit_state *og_circuit_card_state(const og_circuit_card *card, size_t k);
size_t og_circuit_card_params(const og_circuit_card *card);
const og_circuit_param *og_circuit_card_param(const og_circuit_card *card, size_t k);

#ifdef __cplusplus
}
#endif
#endif
