/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/circuit.h
 * Any circuit of the SPICE elements R C L K V I E F G H B D and of two-terminal cells, solved by modified nodal
 * analysis [Ho1975] with a sparse unsymmetric factor (KLU [Davis2010]): for circuits that are no regular array. Operating point,
 * transients, small signals at one frequency, noise.
 *
 * Nodes are named by text, case matters; "0" and "gnd" are ground. A current is positive when it flows from node a
 * through the element to node b, as in SPICE: a source V that delivers power has a negative current.
 * Order of work: create, add elements in any order, then analyses as often as wanted; adding more elements is allowed
 * between. Elements that others refer to by name (F, H, K, B) may be added later: names are resolved by the analysis.
 * Pointers are borrowed for the call, except the user pointers of cells and behavioural sources, which must live as
 * long as the circuit.
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
  OG_WAVE_PULSE, /**< low, high, delay, rise, fall, width, period (0: once; a short one cuts the pulse off);
                      rise, fall > 0                                                                    */
  OG_WAVE_SIN,   /**< offset, amplitude, hertz, delay, damping [1/s], phase [degree]; before the delay: its value
                      at the delay                                                                      */
  OG_WAVE_EXP,   /**< low, high, rise delay, rise tau, fall delay, fall tau                             */
  OG_WAVE_PWL    /**< count points second[], value[], ascending; constant before and after               */
} og_wave_kind;
typedef struct og_waveform {
  og_wave_kind kind;
  double p[7];
  const double *second, *value; /**< count each, for OG_WAVE_PWL; copied */
  size_t count;
} og_waveform;

/**
 * Junction diode of SPICE3 (equations: doc/engines-mna.md). Fill with og_diode_init(), then change fields.
 * All finite, but for bv_volt.
 */
typedef struct og_diode {
  double is_amp;      /**< [A] > 0, saturation current at tnom. default 1e-14               */
  double n;           /**< [-] > 0, emission coefficient. default 1                         */
  double rs_ohm;      /**< [ohm] >= 0, in series at a; above 0 it makes the node NAME#internal. default 0 */
  double cj0_farad;   /**< [F] >= 0, junction capacitance at 0 V and tnom. default 0        */
  double vj_volt;     /**< [V] > 0, junction potential at tnom. default 1                   */
  double m;           /**< [-] 0 up to below 1, grading. default 0.5                        */
  double fc;          /**< [-] 0 up to below 1, forward-bias part. default 0.5              */
  double tt_second;   /**< [s] >= 0, transit time. default 0                                */
  double bv_volt;     /**< [V] > 0, breakdown; INFINITY: none. default INFINITY             */
  double ibv_amp;     /**< [A] > 0, current at breakdown, whatever the area. default 1e-3   */
  double eg_ev;       /**< [eV] >= 0, energy gap. default 1.11                              */
  double xti;         /**< [-] exponent of the temperature in is. default 3                 */
  double kelvin;      /**< [K] > 0, of the junction. default 300.15                         */
  double tnom_kelvin; /**< [K] > 0, at which the parameters hold. default 300.15            */
  double area;        /**< [-] > 0, of the saturation current, capacitance and 1 / rs. default 1 */
  double multiplicity; /**< [-] > 0, number of such diodes in parallel. default 1           */
} og_diode;
/** The defaults of SPICE. */
void og_diode_init(og_diode *diode);

/** Current [A] and slope [S] of a two-terminal element at v [V]; both must be finite. */
typedef void (*og_circuit_law)(void *user, double v, double *amp, double *siemens);

/** What a behavioural source looks at. */
typedef struct og_control {
  const char *p, *q;  /**< voltage p - q [V]; q NULL: ground                                          */
  const char *source; /**< or the current [A] of this V, L, E, H or behavioural 'V'; then p is NULL   */
} og_control;
/**
 * Value [V or A] of a behavioural source and its slopes by each control, at controls x[count] and a time [s].
 * @return 0; or 1 if the value or a slope is not finite there (the solver then looks for another way)
 */
typedef int (*og_circuit_function)(void *user, double second, const double *x, double *value, double *slope);

/**
 * Add an element of a name not yet used.
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL
 * @retval OG_E_INPUT  the name is taken
 * @retval OG_E_RANGE  a value is not finite or has the wrong sign; resistors and inductors need more than 0
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_circuit_resistor(og_circuit *c, const char *name, const char *a, const char *b, double ohm,
                                           og_error *err);
/** volt: at the start of a transient from initial values; NAN: from those of its nodes. */
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
/** kind 'F': i_ab = gain i(source); 'H': v_ab = gain i(source) [ohm]. source: a V, L, E, H or behavioural 'V'. */
OG_NODISCARD og_status og_circuit_by_current(og_circuit *c, char kind, const char *name, const char *a, const char *b,
                                             const char *source, double gain, og_error *err);
OG_NODISCARD og_status og_circuit_diode(og_circuit *c, const char *name, const char *a, const char *b,
                                        const og_diode *diode, og_error *err);
OG_NODISCARD og_status og_circuit_cell(og_circuit *c, const char *name, const char *a, const char *b,
                                       og_circuit_law law, void *user, og_error *err);
/** Two inductors with the mutual inductance k sqrt(L1 L2); their nodes a are the dotted ends. |k| <= 1. */
OG_NODISCARD og_status og_circuit_coupling(og_circuit *c, const char *name, const char *inductor1,
                                           const char *inductor2, double k, og_error *err);
/** kind 'V': v_ab = function; 'I': i_ab = function. controls: count of them, copied; user: must outlive c. */
OG_NODISCARD og_status og_circuit_behavioural(og_circuit *c, char kind, const char *name, const char *a, const char *b,
                                              const og_control *controls, size_t count, og_circuit_function function,
                                              void *user, og_error *err);

/**
 * A source's value in og_circuit_dc and below small signals; without it the waveform at time 0 counts. Transients and
 * their operating point follow the waveform (as in SPICE); where that is OG_WAVE_DC, its value is set as well.
 * @retval OG_E_ARG, OG_E_INPUT (no V or I of that name), OG_E_RANGE (not finite)
 */
OG_NODISCARD og_status og_circuit_set_dc(og_circuit *c, const char *source, double value, og_error *err);
/** A source's part in og_circuit_ac [V or A, degree]; 0 without it. @retval as og_circuit_set_dc */
OG_NODISCARD og_status og_circuit_set_ac(og_circuit *c, const char *source, double magnitude, double phase_degree,
                                         og_error *err);
/**
 * Potential of a node at the start of transients [V]; NAN takes it back. With from_initial: capacitors without a value
 * of their own start at the difference of their nodes (0 V where none is set). Without: the operating point at the
 * start is found with the node held there through 1e10 S, and let go.
 * @retval OG_E_ARG, OG_E_INPUT (no such node; ground), OG_E_RANGE (infinite)
 */
OG_NODISCARD og_status og_circuit_set_initial(og_circuit *c, const char *node, double volt, og_error *err);
/** Conductance across every junction [S], >= 0. default 1e-12. @retval OG_E_ARG, OG_E_RANGE */
og_status og_circuit_set_gmin(og_circuit *c, double siemens);
/** Temperature of the resistors, for their noise [K], > 0. default 300.15. @retval OG_E_ARG, OG_E_RANGE */
og_status og_circuit_set_kelvin(og_circuit *c, double kelvin);

/** Nodes without ground, and elements, in the order in which they came; 0 for NULL. */
size_t og_circuit_nodes(const og_circuit *c);
size_t og_circuit_elements(const og_circuit *c);
/** Name of number k, borrowed until c is freed; NULL beyond the last. */
const char *og_circuit_node_name(const og_circuit *c, size_t k);
const char *og_circuit_element_name(const og_circuit *c, size_t k);
/** Its letter in SPICE: one of R C L K V I E F G H B D, Y for a cell; 0 beyond the last. */
char og_circuit_element_kind(const og_circuit *c, size_t k);

/** What a solution did. */
typedef struct og_circuit_info {
  size_t newton_steps;    /**< [-] all of them; 1 for a linear circuit                                        */
  size_t continuation;    /**< [-] steps of gmin or source stepping that were needed; 0: none                  */
  double kcl_residual;    /**< [-] largest sum of currents at a node / largest current there is, worst time; 0 where
                               it is below what rounding leaves                                          */
  double power_watt;      /**< [W] delivered by V and I (dc); controlled and behavioural sources count as dissipation */
  double power_balance;   /**< [-] |delivered - dissipated| / delivered (dc)                                    */
  size_t steps, rejected; /**< [-] of time                                                                     */
  double delivered_joule, dissipated_joule, stored_joule; /**< [J] by V and I; in elements; change in C, L, K, D */
  double energy_balance;  /**< [-] |delivered - dissipated - stored| / largest of them                          */
} og_circuit_info;

/**
 * Operating point, sources at their dc value: capacitors open, inductors short. After a solution by this call the
 * search starts from there, so that a sweep follows its branch (as in SPICE); else from 0.
 * @retval OG_OK
 * @retval OG_E_ARG       c is NULL
 * @retval OG_E_INPUT     the circuit is empty, or an element refers to one that is not there; err names both
 * @retval OG_E_SINGULAR  a node without a path for direct current to ground, a loop of voltage sources and inductors,
 *                        or a matrix without a solution; err names node or element
 * @retval OG_E_NOCONV    Newton's method, gmin stepping and source stepping all failed; err names the worst node
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_circuit_dc(og_circuit *c, og_circuit_info *info, og_error *err);

/** Potential of a node of the last solution or time step [V]. @retval OG_E_ARG, OG_E_INPUT no such node */
OG_NODISCARD og_status og_circuit_voltage(const og_circuit *c, const char *node, double *volt, og_error *err);
/** Current of an element [A], from a to b. @retval OG_E_ARG, OG_E_INPUT no such element, or a coupling */
OG_NODISCARD og_status og_circuit_current(const og_circuit *c, const char *element, double *amp, og_error *err);

/** Called after time 0 and each accepted step; a return value other than 0 ends the transient. */
typedef int (*og_circuit_sample)(void *user, const og_circuit *c, double second);

typedef struct og_circuit_times {
  double stop_second;     /**< [s] > 0                                                                     */
  double step_second;     /**< [s] largest step. default stop / 50                                         */
  double rtol;            /**< [-] local error of every capacitor voltage and inductor current, of itself or of
                               a thousandth of its peak. default 1e-4                                    */
  double volt_tol;        /**< [V] absolute part. default 1e-6                                             */
  double amp_tol;         /**< [A] absolute part. default 1e-12                                            */
  int from_initial;       /**< 1: start from the values given with C, L and nodes, not from dc               */
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

/**
 * Small signals: the circuit made linear at the last solution of og_circuit_dc, which is found first if there is none.
 * @param[in]  hertz  finite, >= 0
 * @param[out] info   of the operating point if it was looked for; may be NULL
 * @retval OG_OK
 * @retval OG_E_RANGE  hertz
 * @retval OG_E_ARG, OG_E_INPUT, OG_E_SINGULAR, OG_E_NOCONV, OG_E_NOMEM  as for og_circuit_dc
 */
OG_NODISCARD og_status og_circuit_ac(og_circuit *c, double hertz, og_circuit_info *info, og_error *err);
/** Real and imaginary part at a node of the last og_circuit_ac [V]. @retval OG_E_ARG, OG_E_INPUT no such node */
OG_NODISCARD og_status og_circuit_phasor(const og_circuit *c, const char *node, double out[2], og_error *err);
/** The same of an element's current [A], from a to b. @retval OG_E_ARG, OG_E_INPUT no such element, or a coupling */
OG_NODISCARD og_status og_circuit_phasor_current(const og_circuit *c, const char *element, double out[2],
                                                 og_error *err);

/**
 * Noise at the operating point, from one solution of the adjoint circuit: 4 k T / R of resistors and of the series
 * resistances of diodes, 2 q |I| of junctions. Controlled and behavioural sources and cells have none.
 * @param[in]  node, reference  output voltage node - reference; reference NULL: ground
 * @param[in]  source           V or I to which the gain counts; NULL: none, gain is 0
 * @param[in]  hertz            finite, >= 0
 * @param[out] output_density   [V^2/Hz]; divide by gain squared for the density at the source
 * @param[out] gain             |v_out| for 1 V or 1 A of the source alone, [-] or [ohm]; may be NULL
 * @retval OG_OK
 * @retval OG_E_INPUT  no such node or source
 * @retval OG_E_RANGE, OG_E_ARG, OG_E_SINGULAR, OG_E_NOCONV, OG_E_NOMEM  as for og_circuit_ac
 */
OG_NODISCARD og_status og_circuit_noise(og_circuit *c, const char *node, const char *reference, const char *source,
                                        double hertz, double *output_density, double *gain, og_error *err);
/** Part of one element in the last output density [V^2/Hz]. @retval OG_E_ARG, OG_E_INPUT no such element */
OG_NODISCARD og_status og_circuit_noise_of(const og_circuit *c, const char *element, double *density, og_error *err);

#ifdef __cplusplus
}
#endif
#endif
