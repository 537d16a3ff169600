/* SPDX-License-Identifier: BSD-3-Clause */
/** A device folder out of a subcircuit, from the check to the renaming of what was made. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ogi_mem.h"
#include "base/ogi_units.h"
#include "devbench/ogi_devnew.h"

enum { NAME_LETTERS = 36 };

void og_device_new_opts_init(og_device_new_opts *opts) {
  *opts = (og_device_new_opts){.terminals = 2, .ground = 1, .volt = 1, .width_second = 50e-9, .timeout_second = 60};
}

/* ---- what is asked ---- */

static og_status check_name(const char *name, og_error *err) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  char shown[OGI_SHOW_MAX];
  size_t length = strspn(name, letters);
  if (length > 0 && length <= NAME_LETTERS && name[length] == '\0' && strchr(".-", name[0]) == NULL) return OG_OK;
  ogi_show(shown, name);
  return ogi_fail(err, OG_E_INPUT, "name: saw %s, need 1 to %d letters, digits or \"_-.\"", shown, NAME_LETTERS);
}

static og_status check_range(const char *what, double value, double min, double max, const char *unit, og_error *err) {
  if (value >= min && value <= max) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "%s: saw %g, need %g to %g (%s)", what, value, min, max, unit);
}

static og_status check_opts(const og_device_new_opts *o, og_error *err) {
  og_status st;
  if (o->file == NULL || o->pin == NULL) return ogi_fail(err, OG_E_ARG, "new device: a needed pointer is NULL");
  if (o->pins < 2 || o->pins > 64) return ogi_fail(err, OG_E_RANGE, "pins: saw %zu, need 2 to 64", o->pins);
  for (size_t k = 0; k < o->pins; k++)
    if (o->pin[k] == NULL) return ogi_fail(err, OG_E_ARG, "new device: a needed pointer is NULL");
  if (o->terminals < 2 || o->terminals > o->pins)
    return ogi_fail(err, OG_E_RANGE, "terminals: saw %zu, need 2 to %zu", o->terminals, o->pins);
  if (o->drive >= o->terminals || o->ground >= o->terminals || o->drive == o->ground)
    return ogi_fail(err, OG_E_RANGE, "drive and ground: saw %zu and %zu, need two of the %zu terminals (from 0)",
                    o->drive, o->ground, o->terminals);
  if (o->terminals == 2 && o->drive != 0)
    return ogi_fail(err, OG_E_RANGE, "drive: saw the second of two terminals, need the first");
  OGI_TRY(st, check_range("volt", o->volt, 1e-6, 1e6, "volt", err));
  OGI_TRY(st, check_range("width", o->width_second, 1e-15, 1e6, "second", err));
  OGI_TRY(st, check_range("hold", o->hold_volt, -1e6, 1e6, "volt", err));
  st = check_range("timeout", o->timeout_second, 1e-3, 1e9, "second", err);
done:
  return st;
}

/* ---- the folder ---- */

static og_status check_free(const char *path, og_error *err) {
  struct stat info;
  if (lstat(path, &info) != 0) return OG_OK;
  return ogi_fail(err, OG_E_INPUT, "%s: is there already, need another name or folder", path);
}

/* A folder beside the one to be made, of its name and random letters. */
static og_status make_temporary(char **out, const char *parent, const char *name, og_error *err) {
  char last[NAME_LETTERS + 16];
  snprintf(last, sizeof last, ".%s.XXXXXX", name);
  *out = ogi_path_join(parent, last);
  if (*out == NULL) return ogi_fail(err, OG_E_NOMEM, "new device");
  if (mkdtemp(*out) != NULL) return OG_OK;
  og_status st = ogi_fail(err, OG_E_IO, "%s: folder cannot be made: %s", *out, strerror(errno));
  ogi_free(*out);
  *out = NULL;
  return st;
}

/* It holds files of ours only. */
static void remove_folder(const char *path) {
  DIR *d = opendir(path);
  for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
    int itself = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
    char *file = itself ? NULL : ogi_path_join(path, e->d_name);
    if (file != NULL) unlink(file);
    ogi_free(file);
  }
  if (d != NULL) closedir(d);
  rmdir(path);
}

/* To where the user wants it. Renaming never replaces a folder with something in it. */
static og_status move(const char *from, const char *to, og_error *err) {
  mode_t mask = umask(0);
  umask(mask);
  og_status st = check_free(to, err);
  if (st != OG_OK) return st;
  if (chmod(from, 0777 & ~mask) != 0 || rename(from, to) != 0)
    st = ogi_fail(err, OG_E_IO, "%s: folder cannot be made: %s", to, strerror(errno));
  return st;
}

/* ---- all of it ---- */

static og_status create(og_device_new_report **out, const char *name, const og_device_new_opts *opts, og_error *err) {
  og_device_new_report *r = *out = ogi_alloc(1, sizeof *r);
  if (r != NULL) r->inner = ogi_alloc(1, sizeof *r->inner);
  if (r != NULL && r->inner != NULL) r->inner->folder = ogi_path_join(opts->folder != NULL ? opts->folder : ".", name);
  if (r == NULL || r->inner == NULL || r->inner->folder == NULL) return ogi_fail(err, OG_E_NOMEM, "new device");
  r->folder = r->inner->folder;
  r->fit = (og_device_new_fit){.state_deviation = NAN,
                               .current_deviation = NAN,
                               .table_peak_error = NAN,
                               .table_value_error = NAN,
                               .table_siemens = NAN};
  return OG_OK;
}

og_status og_device_new(og_device_new_report **out, const char *name, const og_device_new_opts *opts, og_error *err) {
  og_status st;
  ogi_locale locale;
  char *made = NULL;
  og_device_new_report *r = NULL;
  if (out != NULL) *out = NULL;
  if (out == NULL || name == NULL || opts == NULL)
    return ogi_fail(err, OG_E_ARG, "new device: a needed pointer is NULL");
  ogi_locale_begin(&locale);
  OGI_TRY(st, check_name(name, err));
  OGI_TRY(st, check_opts(opts, err));
  OGI_TRY(st, create(&r, name, opts, err));
  OGI_TRY(st, ogi_new_read(&r->inner->source, opts, err));
  r->subckt = r->inner->source.subckt;
  r->params = r->inner->source.params;
  OGI_TRY(st, check_free(r->folder, err));
  OGI_TRY(st, ogi_make_parent(r->folder, err));
  OGI_TRY(st, make_temporary(&made, opts->folder != NULL ? opts->folder : ".", name, err));
  OGI_TRY(st, ogi_new_grid(r, opts, err));
  OGI_TRY(st, ogi_new_skeleton(r, name, made, opts, err));
  OGI_TRY(st, ogi_new_fit(r, name, made, opts, err));
  OGI_TRY(st, move(made, r->folder, err));
  ogi_free(made);
  made = NULL;
  *out = r;
  r = NULL;
done:
  if (made != NULL) remove_folder(made);
  ogi_free(made);
  og_device_new_free(r);
  ogi_locale_end(&locale);
  return st;
}

og_status og_device_new_verdict(const og_device_new_report *r, og_error *err) {
  if (r == NULL) return ogi_fail(err, OG_E_ARG, "new device: a needed pointer is NULL");
  for (size_t k = 0; k < r->run_count; k++) {
    const og_device_new_run *run = &r->run[k];
    if (run->status == OG_OK) continue;
    return ogi_fail(err, OG_E_TOLERANCE, "%s: saw %zu of %zu runs that failed, need none; the first: %s, %s: %s",
                    r->folder, r->failed, r->run_count, run->bias,
                    run->parameter[0] != '\0' ? run->parameter : "defaults", run->why);
  }
  if (r->bench_failed > 0) return ogi_fail(err, OG_E_TOLERANCE, "%s: a bench failed: %s", r->folder, r->bench_why);
  if (r->outside > 0)
    return ogi_fail(err, OG_E_TOLERANCE, "%s: saw %zu of %zu figures outside their range, need none", r->folder,
                    r->outside, r->figures);
  return OG_OK;
}

void og_device_new_free(og_device_new_report *r) {
  if (r == NULL) return;
  struct ogi_device_new_inner *in = r->inner;
  if (in != NULL) {
    ogi_new_clear(&in->source);
    for (size_t k = 0; k < OGI_NEW_BIASES; k++) og_vectors_free(in->run[k]);
    ogi_free(in->failed_low);
    ogi_free(in->failed_high);
    ogi_free(in->folder);
    ogi_free(in);
  }
  ogi_free(r->run);
  ogi_free(r->state);
  ogi_free(r);
}
