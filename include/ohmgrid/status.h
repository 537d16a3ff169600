/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/status.h
 * What a call returns, and how it says why.
 *
 * Every fallible function returns an og_status: OG_OK (0), or a negative code from OG_STATUS_LIST. Detail goes to an
 * og_error that the caller owns and may leave out (NULL): one line, `place: what: saw VALUE, need RANGE (unit)`.
 * The library never prints, exits, or keeps a "last error". Functions that fail leave no half-made object behind, and
 * number buffers they were asked to fill hold NaN.
 */
#ifndef OHMGRID_STATUS_H
#define OHMGRID_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/** The one list: name, value, exit status of the command `ohmgrid`, text. Values are frozen at 1.0. */
#define OG_STATUS_LIST(X)                                              \
  X(OK, 0, 0, "no error")                                              \
  X(E_ARG, -1, 2, "an argument is missing or contradicts another")     \
  X(E_RANGE, -2, 2, "a value lies outside its allowed range")          \
  X(E_SHAPE, -3, 2, "shapes do not match")                             \
  X(E_NOMEM, -4, 1, "out of memory")                                   \
  X(E_INPUT, -5, 2, "an input file is missing, unreadable or foreign") \
  X(E_IO, -6, 1, "reading or writing failed")                          \
  X(E_SINGULAR, -7, 1, "the circuit has no unique solution")           \
  X(E_NOCONV, -8, 1, "the solution did not reach its tolerance")       \
  X(E_EXTERN, -9, 1, "another program or library failed")              \
  X(E_TOLERANCE, -10, 3, "a cross-check is outside its tolerance")     \
  X(E_UNSUPPORTED, -11, 4, "this feature is not built")                \
  X(E_INTERRUPT, -12, 1, "interrupted")                                \
  X(E_INTERNAL, -13, 1, "internal error, please report it")

typedef enum og_status {
#define X(name, value, exit_status, text) OG_##name = value,
  OG_STATUS_LIST(X)
#undef X
} og_status;

#if defined(__GNUC__)
#define OG_NODISCARD __attribute__((warn_unused_result))
#else
#define OG_NODISCARD
#endif

/** One line about a failure. Owned by the caller, no allocation; valid only after a call that did not return OG_OK. */
typedef struct og_error {
  og_status code;  /**< the status that was returned                        */
  char text[1024]; /**< the line, without newline; "" if nothing to add     */
} og_error;

/** Name of a status, e.g. "E_RANGE"; "?" for a value not in the list. Static string. */
const char *og_status_name(og_status status);
/** Text of a status. Static string. */
const char *og_status_text(og_status status);
/** Exit status of the command line for this status: 0, 1, 2, 3 or 4. */
int og_status_exit(og_status status);

/**
 * How a long call tells its progress and learns that it shall stop. report() is called from one thread at a time.
 * A return value other than 0 asks the call to end soon with OG_E_INTERRUPT, leaving no half-written file.
 */
typedef struct og_progress {
  int (*report)(void *user, const char *phase, double fraction); /**< fraction in 0..1; NULL: silent */
  void *user;                                                    /**< passed through, not touched   */
} og_progress;

#ifdef __cplusplus
}
#endif
#endif
