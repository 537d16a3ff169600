/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/spice.h
 * Circuits in ngspice: a session holds one circuit, changes its parameters, drives its sources and runs analyses.
 *
 * Process. ngspice lives in a child process (the program ohmgrid-spice): it may crash, hang or run out of memory, and
 *          the caller gets an error. The next call then starts a fresh child, loads the circuit again with everything
 *          that was changed, and gives the same numbers. The child dies with the thread that started it: open, use and
 *          close a session in one thread. A pool (below) does so for many runs at once.
 * Success. Proved, not believed: the circuit is probed after loading, a run has to reach its end, every value has to be
 *          finite, and an operating point that ngspice could only invent is an error.
 * Names.   Of nodes and results as in ohmgrid/vectors.h ("x1.mid", "v(mid)", "vt#branch", "i(vt)"), of devices as
 *          ngspice flattens them: "r1", and "r.x1.r1" for r1 within x1. Lower case; capitals are made small.
 * Sign.    As in SPICE: the current of a source is positive from its first node through the source to the second.
 */
#ifndef OHMGRID_SPICE_H
#define OHMGRID_SPICE_H

#include <stddef.h>
#include <stdint.h>

#include <ohmgrid/deck.h>
#include <ohmgrid/status.h>
#include <ohmgrid/vectors.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct og_spice og_spice; /**< opaque; owns the child and a copy of the circuit */

/** Options. Fill with og_spice_opts_init, then change fields. */
typedef struct og_spice_opts {
  const char *program;   /**< program ohmgrid-spice; NULL: the installed one. default NULL; copied                   */
  double timeout_second; /**< [s] wall time that one call, or one step of a run with a callback, may take, > 0.
                              default 600                                                                         */
  size_t memory_bytes;   /**< [bytes] address space of the child; 0: no limit, else at least 64 MiB. default 0        */
  size_t failures_max;   /**< refused circuits after which a child is replaced, >= 1. default 1000                    */
  og_progress progress;  /**< asked at least every 0.1 s while ngspice works; other than 0 stops. default none        */
} og_spice_opts;
void og_spice_opts_init(og_spice_opts *opts);

/**
 * Start a child. @param[in] opts NULL means defaults
 * @retval OG_OK, OG_E_ARG out is NULL, OG_E_RANGE an option, OG_E_EXTERN the program cannot be started, OG_E_NOMEM
 */
OG_NODISCARD og_status og_spice_open(og_spice **out, const og_spice_opts *opts, og_error *err);
/** End the child and release everything. NULL is allowed. */
void og_spice_close(og_spice *s);
/** Version of ngspice, e.g. "ngspice-39"; "" before the first circuit was loaded. Borrowed from s. */
const char *og_spice_version(const og_spice *s);

/**
 * Load a deck that was read (ohmgrid/deck.h), without its analyses. Sources written as "vX a b external" are driven by
 * og_spice_set_external and its like. Names that ngspice could misread (other than letters, digits, '_' and '.') become
 * n_ohmgrid_K and the like there.
 * @retval OG_OK
 * @retval OG_E_ARG     a pointer is NULL
 * @retval OG_E_EXTERN  ngspice refused the deck, in its words; no circuit is loaded then; or the child died
 * @retval OG_E_INTERRUPT, OG_E_NOMEM
 */
OG_NODISCARD og_status og_spice_load(og_spice *s, const og_deck *deck, og_error *err);

/** A new value of a parameter of a device: one number, or a whole waveform ("pulse", "pwl", "sin", "exp"). */
typedef struct og_spice_change {
  const char *device, *parameter; /**< "r1", "resistance"; "c.x1.cw", "ic"; "v1", "dc"; "v1", "pulse"; borrowed */
  const double *values;           /**< count numbers in SI units, finite; borrowed                              */
  size_t count;                   /**< 1, or the numbers of the waveform                                        */
} og_spice_change;

/**
 * Change parameters of the loaded circuit. They stay until changed again or another circuit is loaded.
 * @retval OG_OK
 * @retval OG_E_ARG     a pointer is NULL, or no circuit is loaded
 * @retval OG_E_RANGE   a name or number is no such thing, or a waveform has more than about 40 numbers
 * @retval OG_E_EXTERN  ngspice knows no such device or parameter (none of the list is changed then), or it died
 * @retval OG_E_INTERRUPT, OG_E_NOMEM
 */
OG_NODISCARD og_status og_spice_alter_many(og_spice *s, const og_spice_change *changes, size_t count, og_error *err);
/** One number of one device; as og_spice_alter_many. */
OG_NODISCARD og_status og_spice_alter(og_spice *s, const char *device, const char *parameter, double value,
                                      og_error *err);

/** Kinds of analysis. */
typedef enum og_spice_kind {
  OG_SPICE_OP,    /**< operating point                              */
  OG_SPICE_DC,    /**< sweep of one or two sources or resistors      */
  OG_SPICE_TRAN,  /**< transient                                    */
  OG_SPICE_AC,    /**< small signals, complex                       */
  OG_SPICE_NOISE, /**< spectra "onoise_spectrum", "inoise_spectrum" */
  OG_SPICE_KIND_COUNT
} og_spice_kind;

/** Spacing of frequencies. */
typedef enum og_spice_spacing {
  OG_SPICE_DECADE, /**< points a decade */
  OG_SPICE_OCTAVE, /**< points an octave */
  OG_SPICE_LINEAR, /**< points in all   */
  OG_SPICE_SPACING_COUNT
} og_spice_spacing;

typedef struct og_spice_sweep {
  const char *source;       /**< name of a source or resistor, or "temp" [deg C]; NULL: no sweep; borrowed */
  double start, stop, step; /**< in the unit of the source; step != 0 leads from start to stop             */
} og_spice_sweep;

/** One analysis. Fill with og_spice_analysis_init, then change the fields of its kind. */
typedef struct og_spice_analysis {
  og_spice_kind kind;
  og_spice_sweep sweep[2];  /**< DC: inner and outer sweep                                                        */
  double step_second;       /**< TRAN: [s] > 0. default 1e-9                                                      */
  double stop_second;       /**< TRAN: [s] > start_second. default 1e-6                                           */
  double start_second;      /**< TRAN: [s] first time that is kept, >= 0. default 0                               */
  double step_max_second;   /**< TRAN: [s] 0: step or a fiftieth of the time, whichever is less. default 0        */
  int use_ic;               /**< TRAN: 1: start from the initial conditions of the circuit, no operating point    */
  og_spice_spacing spacing; /**< AC, NOISE. default OG_SPICE_DECADE                                               */
  size_t points;            /**< AC, NOISE: see spacing, 1 or more. default 10                                    */
  double start_hz, stop_hz; /**< AC, NOISE: [Hz] 0 < start_hz <= stop_hz. default 1 and 1e6                       */
  const char *output, *reference; /**< NOISE: nodes, reference may be NULL (ground); borrowed                     */
  const char *input;        /**< NOISE: the source that the input noise is referred to; borrowed                  */
} og_spice_analysis;
void og_spice_analysis_init(og_spice_analysis *a, og_spice_kind kind);

/** What a run did. */
typedef struct og_spice_info {
  int stopped;                      /**< 1: the callback of a source ended the run before its time           */
  double onoise_total, inoise_total; /**< [V or A] NOISE: rms over the whole band, at output and input; else NaN */
} og_spice_info;

/**
 * Run an analysis of the loaded circuit.
 * @param[in]  names  count vectors; scale first, then these in order. count 0: all. An operating point also takes
 *                    parameters of devices, "@m1[gm]"
 * @param[out] out    owned by the caller; NULL on failure. TRAN, DC, AC, NOISE have a scale, OP has none
 * @param[out] info   may be NULL
 * @retval OG_OK
 * @retval OG_E_ARG        a pointer is NULL, or no circuit is loaded
 * @retval OG_E_RANGE      a field of the analysis, a name, or a value that a callback gave
 * @retval OG_E_EXTERN     ngspice found no solution, stopped early, lacks a vector, died, or took too long; its words
 * @retval OG_E_INTERRUPT  the progress function or a callback said so
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_spice_run(og_spice *s, const og_spice_analysis *a, const char *const *names, size_t count,
                                    og_vectors **out, og_spice_info *info, og_error *err);

/* Sources that the deck declares as "vX a b external" (or iX), without a dc value. All need values before a run. */

#define OG_SPICE_BREAKPOINTS 8 /**< most new breakpoints a step */

/** What the callback of driven sources is told, and answers. Arrays are the library's, valid during the call. */
typedef struct og_spice_step {
  double time_second;    /**< [s] the accepted point                                                          */
  double dt_second;      /**< [s] step from there. May be made shorter; longer values change nothing           */
  int redo;              /**< 1: the same point again, because ngspice rejected the step (dt then is fixed)    */
  const double *watched; /**< last accepted values of the watched vectors; NaN before the first point          */
  double *values;        /**< [V or A] out: constant until time_second + dt_second; holds the values so far    */
  int stop;              /**< out: 1: the run ends at the next point, and keeps what it has                    */
  size_t breakpoint_count;                          /**< out: 0 to OG_SPICE_BREAKPOINTS                        */
  double breakpoint_second[OG_SPICE_BREAKPOINTS];   /**< [s] out: times to be met exactly, beyond the next point */
} og_spice_step;

/** Called before each run at time 0 with dt 0, then before every time step. Other than 0: give up, OG_E_INTERRUPT. */
typedef int (*og_spice_drive)(void *user, og_spice_step *step);

/**
 * Let a callback drive sources, one value each. Takes the place of all sources driven so far.
 * @param[in] watch  watch_count names of vectors whose values the callback gets; may be NULL with 0
 * @retval OG_OK, OG_E_ARG a pointer is NULL or no circuit is loaded, OG_E_RANGE a name, OG_E_NOMEM
 */
OG_NODISCARD og_status og_spice_set_external(og_spice *s, const char *const *sources, size_t count,
                                             const char *const *watch, size_t watch_count, og_spice_drive drive,
                                             void *user, og_error *err);
/**
 * Straight lines between points, held outside; each point is a breakpoint. No exchange within a run.
 * @param[in] time_second, values  points >= 1 of each, times rising, finite; copied
 * @retval OG_OK, OG_E_ARG, OG_E_RANGE a name, a time or a value, OG_E_NOMEM
 */
OG_NODISCARD og_status og_spice_set_pwl(og_spice *s, const char *source, const double *time_second,
                                        const double *values, size_t points, og_error *err);
/** A noise source. */
typedef struct og_spice_noise {
  double rms;           /**< [V or A] over time, >= 0, finite                                             */
  double sample_second; /**< [s] between samples, > 0; the time step has to be shorter                    */
  double stop_second;   /**< [s] noise until then, 0 after; at most 1e8 samples                          */
  uint64_t seed;        /**< same seed and stream: same bits in every process                            */
  uint32_t stream;      /**< another number for every source                                              */
} og_spice_noise;
/**
 * Gaussian noise: straight lines between independent samples of variance 1.5 rms^2 (a line between two such samples has
 * 2/3 of it on average), one-sided density 3 rms^2 sample_second at low frequency. No breakpoints.
 * @retval OG_OK, OG_E_ARG, OG_E_RANGE, OG_E_NOMEM
 */
OG_NODISCARD og_status og_spice_set_noise(og_spice *s, const char *source, const og_spice_noise *noise, og_error *err);
/** Times that every transient meets exactly, in place of those so far. @retval OG_OK, OG_E_ARG, OG_E_RANGE,
    OG_E_NOMEM */
OG_NODISCARD og_status og_spice_set_breakpoints(og_spice *s, const double *time_second, size_t count, og_error *err);

/** One job of a pool, with the session of the thread it runs in; called by several threads at once. */
typedef og_status (*og_spice_job)(void *user, size_t index, og_spice *s, og_error *err);

/**
 * Run jobs 0 .. jobs - 1 on several sessions, each with a thread of its own for the time of the call. Jobs begin in the
 * order of their numbers; a job that loads what it needs does not depend on how many sessions there are.
 * @param[in]  sessions  1 to 1024
 * @param[in]  opts      of every session; progress is asked by one thread at a time
 * @param[out] statuses  jobs; NULL: after the first failure no further job begins, and that of the lowest number is
 *                       returned with "job N: " in front. Else all jobs run, each leaves its status, OG_OK is returned
 * @retval OG_OK, OG_E_ARG, OG_E_RANGE, OG_E_EXTERN the program or a thread cannot be started, OG_E_INTERRUPT,
 *         OG_E_NOMEM, and what jobs return
 */
OG_NODISCARD og_status og_spice_pool_run(size_t sessions, const og_spice_opts *opts, size_t jobs, og_spice_job job,
                                         void *user, og_status *statuses, og_error *err);

#ifdef __cplusplus
}
#endif
#endif
