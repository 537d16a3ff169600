/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/circuit.h
 * Any circuit of resistors, capacitors, inductors, sources, controlled sources, diodes and two-terminal cells, solved by
 * modified nodal analysis [Ho1975] with a sparse unsymmetric factor (KLU [Davis2010]): for circuits that are no regular
 * array. Operating point, and transients.
 *
 * Nodes are named by text; "0" and "gnd" are ground. A current is positive when it flows from node a through the element
 * to node b, as in SPICE: a source V that delivers power has a negative current.
 * Order of work: create, add elements, then dc or transient as often as wanted; adding more elements is allowed between.
 */
#ifndef OHMGRID_CIRCUIT_H
#define OHMGRID_CIRCUIT_H

#include <stddef.h>

#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct og_circuit og_circuit; /**< opaque; one thread at a time */

OG_NODISCARD og_status og_circuit_create(og_circuit **out, og_error *err);
/** Release everything. NULL is allowed. */
void og_circuit_free(og_circuit *c);

/** Value of a source in time, in volt or ampere and second. The meaning of p is that of SPICE. */
typedef enum og_wave_kind {
  OG_WAVE_DC,    /**< p[0]                                                                             */
  OG_WAVE_PULSE, /**< low, high, delay, rise, fall, width, period (0: once); rise, fall > 0             */
  OG_WAVE_SIN,   /**< offset, amplitude, hertz, delay, damping [1/s]                                    */
  OG_WAVE_EXP,   /**< low, high, rise delay, rise tau, fall delay, fall tau                             */
  OG_WAVE_PWL    /**< count points second[], value[], ascending; constant before and after               */
} og_wave_kind;
typedef struct og_waveform {
  og_wave_kind kind;
  double p[7];
  const double *second, *value; /**< count each, for OG_WAVE_PWL; copied */
  size_t count;
} og_waveform;

/** Junction diode, i = is (exp(v / (n kT/q)) - 1) + gmin v, in series with nothing. */
typedef struct og_diode {
  double is_amp; /**< [A] > 0     */
  double n;      /**< [-] > 0     */
  double kelvin; /**< [K] > 0     */
} og_diode;

/** Current [A] and slope [S] of a two-terminal element at v [V]; both must be finite. */
typedef void (*og_circuit_law)(void *user, double v, double *amp, double *siemens);

/**
 * Add an element of a name not yet used.
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL
 * @retval OG_E_INPUT  the name is taken, or a control source is unknown (it must stand before)
 * @retval OG_E_RANGE  a value is not finite or has the wrong sign; resistors and inductors need more than 0
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_circuit_resistor(og_circuit *c, const char *name, const char *a, const char *b, double ohm,
                                           og_error *err);
/** volt: at the start of a transient from initial conditions; NAN: from the operating point. */
OG_NODISCARD og_status og_circuit_capacitor(og_circuit *c, const char *name, const char *a, const char *b,
                                            double farad, double volt, og_error *err);
OG_NODISCARD og_status og_circuit_inductor(og_circuit *c, const char *name, const char *a, const char *b, double henry,
                                           double amp, og_error *err);
OG_NODISCARD og_status og_circuit_voltage_source(og_circuit *c, const char *name, const char *a, const char *b,
                                                 const og_waveform *wave, og_error *err);
OG_NODISCARD og_status og_circuit_current_source(og_circuit *c, const char *name, const char *a, const char *b,
                                                 const og_waveform *wave, og_error *err);
/** kind 'E': v_ab = gain v_pq; 'G': i_ab = gain v_pq [S]. */
OG_NODISCARD og_status og_circuit_by_voltage(og_circuit *c, char kind, const char *name, const char *a, const char *b,
                                             const char *p, const char *q, double gain, og_error *err);
/** kind 'F': i_ab = gain i(source); 'H': v_ab = gain i(source) [ohm]. source: a voltage source. */
OG_NODISCARD og_status og_circuit_by_current(og_circuit *c, char kind, const char *name, const char *a, const char *b,
                                             const char *source, double gain, og_error *err);
OG_NODISCARD og_status og_circuit_diode(og_circuit *c, const char *name, const char *a, const char *b,
                                        const og_diode *diode, og_error *err);
OG_NODISCARD og_status og_circuit_cell(og_circuit *c, const char *name, const char *a, const char *b,
                                       og_circuit_law law, void *user, og_error *err);

/** What a solution did. */
typedef struct og_circuit_info {
  size_t newton_steps;    /**< [-] all of them; 1 for a linear circuit                                        */
  size_t continuation;    /**< [-] steps of gmin or source stepping that were needed; 0: none                  */
  double kcl_residual;    /**< [-] largest sum of currents at a node / largest element current, worst time      */
  double power_watt;      /**< [W] delivered by the sources (dc)                                               */
  double power_balance;   /**< [-] |delivered - dissipated| / delivered (dc)                                    */
  size_t steps, rejected; /**< [-] of time                                                                     */
  double delivered_joule, dissipated_joule, stored_joule; /**< [J] by sources; in elements; change in C and L   */
  double energy_balance;  /**< [-] |delivered - dissipated - stored| / largest of them                          */
} og_circuit_info;

/**
 * Operating point, sources at time 0: capacitors open, inductors short.
 * @retval OG_OK
 * @retval OG_E_ARG       c is NULL
 * @retval OG_E_INPUT     the circuit is empty
 * @retval OG_E_SINGULAR  a node without a path for direct current to ground, a loop of voltage sources and inductors,
 *                        or a matrix without a solution; err names node or element
 * @retval OG_E_NOCONV    Newton's method, gmin stepping and source stepping all failed; err names the worst node
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_circuit_dc(og_circuit *c, og_circuit_info *info, og_error *err);

/** Potential of a node of the last solution or time step [V]. @retval OG_E_ARG, OG_E_INPUT no such node */
OG_NODISCARD og_status og_circuit_voltage(const og_circuit *c, const char *node, double *volt, og_error *err);
/** Current of an element [A], from a to b. @retval OG_E_ARG, OG_E_INPUT no such element */
OG_NODISCARD og_status og_circuit_current(const og_circuit *c, const char *element, double *amp, og_error *err);

/** Called after time 0 and each accepted step; a return value other than 0 ends the transient. */
typedef int (*og_circuit_sample)(void *user, const og_circuit *c, double second);

typedef struct og_circuit_times {
  double stop_second;     /**< [s] > 0                                                                     */
  double step_second;     /**< [s] largest step. default stop / 50                                         */
  double rtol;            /**< [-] local error of every capacitor voltage and inductor current. default 1e-4 */
  double volt_tol;        /**< [V] absolute part. default 1e-6                                             */
  double amp_tol;         /**< [A] absolute part. default 1e-12                                            */
  int from_initial;       /**< 1: start from the values given with C and L (NAN counts as 0), not from dc   */
  size_t step_max;        /**< [-] most steps. default 10,000,000                                          */
  og_circuit_sample sample; /**< may be NULL                                                              */
  void *user;
} og_circuit_times;
void og_circuit_times_init(og_circuit_times *times, double stop_second);

/**
 * Transient by TR-BDF2 [Bank1985] with adaptive steps; corners of sources are landed on exactly.
 * @retval OG_OK
 * @retval OG_E_ARG, OG_E_RANGE  pointers, times or tolerances
 * @retval OG_E_NOCONV   step_max was reached, or the step became too small; err gives the time and the element
 * @retval OG_E_INTERRUPT  sample ended it
 * @retval OG_E_SINGULAR, OG_E_NOMEM  as for dc
 */
OG_NODISCARD og_status og_circuit_transient(og_circuit *c, const og_circuit_times *times, og_circuit_info *info,
                                            og_error *err);

#ifdef __cplusplus
}
#endif
#endif
