/* SPDX-License-Identifier: BSD-3-Clause */
/* A session: the child, and what it takes to bring a fresh child to where a lost one was. */
#include <config.h>

#include <string.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_session.h"

/* --- open and close ----------------------------------------------------------------------------------------------- */

void og_spice_opts_init(og_spice_opts *opts) { *opts = (og_spice_opts){.timeout_second = 600, .failures_max = 1000}; }

static og_status check_opts(const og_spice_opts *opts, og_error *err) {
  if (!(opts->timeout_second > 0))
    return ogi_fail(err, OG_E_RANGE, "spice: timeout_second: saw %g, need more than 0 (second)", opts->timeout_second);
  if (opts->memory_bytes > 0 && opts->memory_bytes < (size_t)64 << 20)
    return ogi_fail(err, OG_E_RANGE, "spice: memory_bytes: saw %zu, need 0 or at least %d (byte)", opts->memory_bytes,
                    64 << 20);
  if (opts->failures_max == 0) return ogi_fail(err, OG_E_RANGE, "spice: failures_max: saw 0, need at least 1");
  return OG_OK;
}

og_status og_spice_open(og_spice **out, const og_spice_opts *opts, og_error *err) {
  og_status st = OG_OK;
  og_spice_opts defaults;
  og_spice_opts_init(&defaults);
  if (opts == NULL) opts = &defaults;
  if (out == NULL) return ogi_fail(err, OG_E_ARG, "spice: out is NULL");
  *out = NULL;
  OGI_TRY(st, check_opts(opts, err));
  OGI_TRY(st, ogi_spice_open(out, opts->program, opts->timeout_second, err));
  (*out)->per_call = 1;
  (*out)->memory_bytes = opts->memory_bytes;
  (*out)->failures_max = opts->failures_max;
  (*out)->child.progress = opts->progress;
done:
  return st;
}

og_status ogi_spice_open(ogi_spice **out, const char *program, double timeout_second, og_error *err) {
  og_status st = OG_OK;
  *out = NULL;
  ogi_spice *s = ogi_alloc(1, sizeof *s);
  if (s == NULL) return ogi_fail(err, OG_E_NOMEM, "ngspice");
  s->child.channel = s->child.ear = -1;
  s->failures_max = 1000;
  ogi_spice_set_timeout(s, timeout_second);
  s->child.program = ogi_strdup(program != NULL ? program : OG_PKGLIBEXECDIR "/ohmgrid-spice");
  if (s->child.program == NULL) st = ogi_fail(err, OG_E_NOMEM, "ngspice");
  if (st == OG_OK) st = ogi_child_start(&s->child, err);
  if (st == OG_OK) *out = s;
  else ogi_spice_close(s);
  return st;
}

static void clear_changes(og_spice *s) {
  for (size_t k = 0; k < s->commands_room; k++) ogi_free(s->commands[k]);
  ogi_free(s->commands);
  ogi_names_free(s->changed);
  s->commands = NULL;
  s->commands_room = 0;
  s->changed = NULL;
}

static void clear_circuit(og_spice *s) {
  clear_changes(s);
  ogi_session_clear_sources(s);
  ogi_free(s->deck);
  s->deck = NULL;
  s->deck_bytes = 0;
  s->loaded = 0;
}

void ogi_spice_close(ogi_spice *s) {
  if (s == NULL) return;
  ogi_child_dismiss(&s->child);
  clear_circuit(s);
  ogi_free(s->child.program);
  ogi_free(s);
}

void og_spice_close(og_spice *s) { ogi_spice_close(s); }

void ogi_spice_set_timeout(ogi_spice *s, double timeout_second) {
  s->child.timeout = timeout_second;
  s->child.deadline = ogi_child_now() + timeout_second;
}

const char *ogi_spice_version(const ogi_spice *s) { return s->version; }
const char *og_spice_version(const og_spice *s) { return s != NULL ? s->version : ""; }
og_progress ogi_spice_progress(const ogi_spice *s) { return s->child.progress; }

long ogi_spice_pid(const ogi_spice *s) { return (long)s->child.pid; }

/* --- requests ----------------------------------------------------------------------------------------------------- */

void ogi_session_begin(og_spice *s) {
  if (s->per_call) ogi_spice_set_timeout(s, s->child.timeout);
  s->child.fraction = 0;
}

og_status ogi_session_ask(og_spice *s, ogi_message m, const ogi_part *parts, size_t count, og_error *err) {
  og_status st;
  char text[sizeof s->version] = "";
  OGI_TRY(st, ogi_child_send(&s->child, m, parts, count, err));
  OGI_TRY(st, ogi_child_hear(&s->child, &m, err));
  if (m.kind != OGI_M_DONE || m.bytes >= sizeof text) return ogi_child_nonsense(&s->child, err);
  OGI_TRY(st, ogi_child_take(&s->child, text, m.bytes, err));
  memcpy(s->version, text, sizeof text);
done:
  return st;
}

/* A refused deck leaves some kilobytes behind in ngspice, so that too many are the end of a child. */
static og_status send_deck(og_spice *s, og_error *err) {
  ogi_message m = {.kind = OGI_M_LOAD, .count = s->memory_bytes, .number = s->child.timeout};
  og_status st = ogi_session_ask(s, m, &(ogi_part){s->deck, s->deck_bytes}, 1, err);
  s->loaded = st == OG_OK;
  if (st != OG_OK && ++s->failures >= s->failures_max) ogi_child_dismiss(&s->child);
  return st;
}

static og_status send_changes(og_spice *s, og_error *err) {
  og_status st = OG_OK;
  size_t count = s->changed != NULL ? ogi_names_count(s->changed) : 0;
  for (size_t k = 0; k < count; k++)
    if (s->commands[k] != NULL)
      OGI_TRY(st, ogi_session_ask(s, (ogi_message){.kind = OGI_M_ALTER, .count = 1},
                                  &(ogi_part){s->commands[k], strlen(s->commands[k]) + 1}, 1, err));
done:
  if (st != OG_OK) s->loaded = 0;
  return st;
}

static og_status fresh_child(og_spice *s, og_error *err) {
  if (s->child.pid != 0) return OG_OK;
  s->loaded = 0;
  s->failures = 0;
  for (session_source *k = s->sources; k != NULL; k = k->next) k->sent = 0;
  return ogi_child_start(&s->child, err);
}

og_status ogi_session_ready(og_spice *s, og_error *err) {
  og_status st;
  if (s->deck == NULL) return ogi_fail(err, OG_E_ARG, "spice: no circuit is loaded");
  OGI_TRY(st, fresh_child(s, err));
  if (!s->loaded) {
    for (session_source *k = s->sources; k != NULL; k = k->next) k->sent = 0;
    OGI_TRY(st, send_deck(s, err));
    OGI_TRY(st, send_changes(s, err));
  }
  st = ogi_session_send_sources(s, err);
done:
  return st;
}

og_status ogi_spice_load(ogi_spice *s, const char *text, size_t bytes, og_error *err) {
  og_status st;
  if (s == NULL || text == NULL) return ogi_fail(err, OG_E_ARG, "spice: a needed pointer is NULL");
  ogi_session_begin(s);
  clear_circuit(s);
  s->deck = ogi_alloc(bytes + 1, 1);
  if (s->deck == NULL) return ogi_fail(err, OG_E_NOMEM, "ngspice: a deck of %zu bytes", bytes);
  memcpy(s->deck, text, bytes);
  s->deck_bytes = bytes;
  OGI_TRY(st, fresh_child(s, err));
  st = send_deck(s, err);
done:
  if (st != OG_OK) clear_circuit(s);
  return st;
}

og_status ogi_spice_forget(ogi_spice *s, og_error *err) {
  ogi_session_begin(s);
  int held = s->child.pid != 0 && s->loaded;
  clear_circuit(s);
  return held ? ogi_session_ask(s, (ogi_message){.kind = OGI_M_FORGET}, NULL, 0, err) : OG_OK;
}
