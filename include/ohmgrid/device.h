/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/device.h
 * Device cards: the published statistics of a memristive cell, each number with its source.
 *
 * A card is a YAML file devices/NAME/card.yaml. It gives the conductance range, the number of levels, the programming
 * error as a polynomial in the target conductance, the read noise and the share of stuck cells.
 */
#ifndef OHMGRID_DEVICE_H
#define OHMGRID_DEVICE_H

#include <stddef.h>

#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OG_CARD_POLY 6      /**< most coefficients of the programming-error polynomial */
#define OG_CARD_PARAMS 9    /**< how many parameters og_card_param lists               */

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

/** One line of a card as text. @return 0 if index >= OG_CARD_PARAMS, else 1 and the three buffers filled. */
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

#ifdef __cplusplus
}
#endif
#endif
