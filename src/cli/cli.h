/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file cli.h
 * What the commands share. A command is one file cmd_NAME.c with an option table (argp makes parser and help of it) and
 * a function; it uses the public headers only. Results go to stdout, messages to stderr as `ohmgrid: message`.
 */
#ifndef CLI_H
#define CLI_H

#include <argp.h>
#include <jansson.h>
#include <stddef.h>

#include <ohmgrid/ohmgrid.h>

enum { EXIT_USAGE = 2 };

typedef int command(int argc, char **argv); /**< argv[0] is "ohmgrid NAME"; returns the exit status */
command cmd_solve, cmd_reduce, cmd_transient, cmd_noise, cmd_netlist, cmd_check, cmd_run, cmd_device, cmd_cosim,
    cmd_train, cmd_calibrate, cmd_device_new; /* the last: `ohmgrid device new` */

/** `ohmgrid device sample`, found by cmd_device; argv[1] is "sample". */
command cmd_device_sample;

/* ---- inputs.c: options and files that several commands take ---- */

/** Files of values for single lines and segments. */
enum { FIELD_WORD, FIELD_BIT, FIELD_SOURCE, FIELD_SENSE, FIELD_VOLTS, INPUT_FIELDS };

/** One array with its inputs, from -g, -v, --r-word ... */
typedef struct array_input {
  const char *g_path, *v_path, *bridges_path;
  const char *field_path[INPUT_FIELDS];
  int wants_v;                   /**< set by the command before parsing: -v is needed */
  int optional;                  /**< set by the command while parsing: not even -g is */
  og_array wires;                /**< m and n come from the file                      */
  size_t sources;                /**< m, parallel wiring n                            */
  og_matrix g, v;                /**< v is k x sources after loading                  */
  og_matrix field[INPUT_FIELDS];
  og_bridge *bridges;
  const double *bit_volts;       /**< n [V], or NULL                                  */
} array_input;

/** Child parser for these options; its input is an array_input. */
extern const struct argp array_argp;

/** Load -g and -v, and fill in m, n. Messages are printed. @return exit status, 0 if all is well */
int array_input_load(array_input *in);
void array_input_clear(array_input *in);

/** A number of the command line; a usage error if it is not one, or lies outside min..max. */
double number_option(struct argp_state *state, const char *option, const char *text, double min, double max);

/** The same for a whole number. */
size_t count_option(struct argp_state *state, const char *option, const char *text, double min, double max);

/** A cell from --cell: as og_cell_create, and "table,file=PATH[,g_ref=SIEMENS]" (cmd_solve.c). */
og_status cell_from_text(og_cell **cell, const char *text, og_error *err);

/** Environment: OHMGRID_DATADIR, OHMGRID_SPICE, and the cache folder ("" in buffer: none). */
og_paths paths_from_environment(char *cache, size_t room);

/**
 * Rates of this machine from the cache folder, if `ohmgrid calibrate` left them there.
 * @return model, or NULL: built-in rates
 */
const og_cost_model *saved_rates(og_cost_model *model);

/** Path of the saved rates in a new string; NULL if there is no cache folder or no memory. */
char *rates_path(void);

/* ---- cmd_device_page.c ---- */

/** Run the benches of a circuit device and write its page. opts: full and threads are set. @return exit status */
int device_page(const char *name, const char *folder, og_bench_opts *opts, const og_paths *paths);

/* ---- output.c ---- */

/** Print `ohmgrid: message` and give the exit status that belongs to the error. */
int fail(const og_error *err, og_status st);
/** Save .npy with interrupts held back, so that no temporary stays behind. @return exit status */
int save_npy(const char *path, size_t ndim, const size_t *dim, const double *data);
/** Print one JSON object on stdout and release it. */
void print_json(json_t *object);
/** A real number; null if it is not finite. */
json_t *json_number(double value);
/** Seconds of a clock that never jumps. */
double seconds(void);

/** Progress on stderr if that is a terminal; asks to stop after SIGINT or SIGTERM. */
og_progress progress_start(void);
/** Wipe the bar. */
void progress_end(void);

#endif
