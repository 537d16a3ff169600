/* SPDX-License-Identifier: BSD-3-Clause */
/* Names and changes of parameters: what goes into commands of ngspice, and is kept for the next child. */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "cosim/ogi_session.h"

#define NAME_MAX_BYTES 200
#define CHANGES_AT_ONCE 64

/* --- names -------------------------------------------------------------------------------------------------------- */

og_status ogi_session_name(char out[256], const char *name, og_error *err) {
  if (name == NULL) return ogi_fail(err, OG_E_ARG, "spice: a name is NULL");
  size_t length = strlen(name), begin = 0;
  int current = 0;
  if (length > 3 && name[1] == '(' && name[length - 1] == ')' && strchr("vViI", name[0]) != NULL) {
    current = name[0] == 'i' || name[0] == 'I';
    begin = 2;
    length -= 3;
  }
  int sound = length >= 1 && length <= NAME_MAX_BYTES;
  for (size_t k = 0; sound && k < length; k++) {
    unsigned char c = (unsigned char)name[begin + k];
    out[k] = (char)tolower(c);
    sound = c < 128 && (isalnum(c) || strchr("_.#:+-@[]", c) != NULL);
  }
  if (!sound)
    return ogi_fail(err, OG_E_RANGE, "spice: name: saw \"%.80s\", need 1 to %d letters, digits and _.#:+-", name,
                    NAME_MAX_BYTES);
  memcpy(out + length, current ? "#branch" : "", current ? sizeof "#branch" : 1);
  return OG_OK;
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

/* A source has one waveform: the last one set is the one that counts. */
static int is_waveform(const char *parameter) {
  static const char *const kinds[] = {"pulse", "pwl", "sin", "sine", "exp", "sffm", "am"};
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
    if (strcmp(parameter, kinds[k]) == 0) return 1;
  return 0;
}

/* "alter r1 resistance = 5" or "alter @v1[pulse] = [ 0 1 ]". */
static og_status write_command(char *out, const char *device, const char *parameter, const og_spice_change *c,
                               og_error *err) {
  ogi_locale l;
  int waves = c->count > 1 || is_waveform(parameter);
  int used = snprintf(out, OGI_SPICE_COMMAND_MAX, waves ? "alter @%s[%s] = [" : "alter %s %s =", device, parameter);
  ogi_locale_begin(&l);
  for (size_t k = 0; k < c->count && used < (int)OGI_SPICE_COMMAND_MAX - 2; k++)
    used += snprintf(out + used, OGI_SPICE_COMMAND_MAX - (size_t)used, " %.17g", c->values[k]);
  ogi_locale_end(&l);
  if (used < (int)OGI_SPICE_COMMAND_MAX - 2) {
    memcpy(out + used, waves ? " ]" : "", waves ? sizeof " ]" : 1);
    return OG_OK;
  }
  return ogi_fail(err, OG_E_RANGE, "spice: %s %s: saw %zu numbers, need a command of fewer than %u bytes: use an "
                  "external source", device, parameter, c->count, OGI_SPICE_COMMAND_MAX);
}

static og_status check_change(const og_spice_change *c, char device[256], char parameter[256], og_error *err) {
  og_status st;
  OGI_TRY(st, ogi_session_name(device, c->device, err));
  OGI_TRY(st, ogi_session_name(parameter, c->parameter, err));
  if (c->values == NULL || c->count == 0) return ogi_fail(err, OG_E_ARG, "spice: %s %s: no value", device, parameter);
  for (size_t k = 0; k < c->count; k++)
    if (!isfinite(c->values[k]))
      return ogi_fail(err, OG_E_RANGE, "spice: %s %s: saw %g, need a finite number", device, parameter, c->values[k]);
done:
  return st;
}

/* Keep what is to be said again: of each parameter the last command. A new waveform comes last. */
static og_status remember(og_spice *s, const char *device, const char *parameter, const char *text, og_error *err) {
  char key[600];
  snprintf(key, sizeof key, "%s %s", device, is_waveform(parameter) ? "waveform" : parameter);
  if (s->changed == NULL) s->changed = ogi_names_create();
  size_t at = s->changed != NULL ? ogi_names_add(s->changed, key) : OGI_NO_NAME;
  char *copy = at != OGI_NO_NAME ? ogi_strdup(text) : NULL;
  if (copy != NULL && at >= s->commands_room) {
    size_t room = 2 * at + 8;
    char **more = ogi_alloc(room, sizeof *more);
    if (more != NULL && s->commands_room > 0) memcpy(more, s->commands, s->commands_room * sizeof *more);
    if (more != NULL) {
      ogi_free(s->commands);
      s->commands = more;
      s->commands_room = room;
    }
  }
  if (copy == NULL || at >= s->commands_room) {
    ogi_free(copy);
    return ogi_fail(err, OG_E_NOMEM, "ngspice: a change of %s", device);
  }
  ogi_free(s->commands[at]);
  s->commands[at] = copy;
  return OG_OK;
}

/* 39 crashes in a run after the dc value of an EXTERNAL source was set. */
static og_status refuse_driven(const og_spice *s, const char *device, og_error *err) {
  for (const session_source *k = s->sources; k != NULL; k = k->next)
    if (strcmp(k->name, device) == 0)
      return ogi_fail(err, OG_E_RANGE, "spice: %s: an external source has no parameters", device);
  return OG_OK;
}

/* Check a change, and write it as a command with its closing 0; its bytes are added to used. */
static og_status pack(const og_spice *s, const og_spice_change *c, char *out, size_t *used, og_error *err) {
  og_status st;
  char device[256], parameter[256];
  OGI_TRY(st, check_change(c, device, parameter, err));
  OGI_TRY(st, refuse_driven(s, device, err));
  OGI_TRY(st, write_command(out, device, parameter, c, err));
  *used += strlen(out) + 1;
done:
  return st;
}

static og_status remember_all(og_spice *s, const og_spice_change *changes, size_t count, char *room, og_error *err) {
  og_status st = OG_OK;
  char device[256], parameter[256];
  for (size_t k = 0; k < count; k++) {
    size_t used = 0;
    OGI_TRY(st, check_change(&changes[k], device, parameter, err));
    OGI_TRY(st, pack(s, &changes[k], room, &used, err));
    OGI_TRY(st, remember(s, device, parameter, room, err));
  }
done:
  return st;
}

/* All or nothing: after a refusal the circuit is loaded again, with the changes of before. */
og_status og_spice_alter_many(og_spice *s, const og_spice_change *changes, size_t count, og_error *err) {
  og_status st = OG_OK;
  if (s == NULL || (changes == NULL && count > 0)) return ogi_fail(err, OG_E_ARG, "spice: a needed pointer is NULL");
  char *room = ogi_alloc(CHANGES_AT_ONCE, OGI_SPICE_COMMAND_MAX);
  if (room == NULL) return ogi_fail(err, OG_E_NOMEM, "ngspice: changes");
  ogi_session_begin(s);
  OGI_TRY(st, ogi_session_ready(s, err));
  for (size_t k = 0, some; k < count; k += some) {
    size_t used = 0;
    for (some = 0; some < CHANGES_AT_ONCE && k + some < count; some++)
      OGI_TRY(st, pack(s, &changes[k + some], room + used, &used, err));
    ogi_message m = {.kind = OGI_M_ALTER, .count = some};
    OGI_TRY(st, ogi_session_ask(s, m, &(ogi_part){room, used}, 1, err));
  }
  st = remember_all(s, changes, count, room, err);
done:
  if (st != OG_OK) s->loaded = 0;
  ogi_free(room);
  return st;
}

og_status og_spice_alter(og_spice *s, const char *device, const char *parameter, double value, og_error *err) {
  return og_spice_alter_many(s, &(og_spice_change){device, parameter, &value, 1}, 1, err);
}
