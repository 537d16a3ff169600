/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "cli.h"

typedef struct options {
  const char *action, *name;
} options;

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case ARGP_KEY_ARG:
      if (state->arg_num == 0) o->action = arg;
      else if (state->arg_num == 1) o->name = arg;
      else argp_error(state, "saw \"%s\", need nothing after the name", arg);
      return 0;
    case ARGP_KEY_END:
      if (o->action == NULL) argp_error(state, "saw no action, need list, show NAME or bench NAME");
      else if (strcmp(o->action, "list") != 0 && strcmp(o->action, "show") != 0 && strcmp(o->action, "bench") != 0)
        argp_error(state, "saw \"%s\", need list, show NAME or bench NAME", o->action);
      else if (strcmp(o->action, "list") != 0 && o->name == NULL)
        argp_error(state, "%s: saw no name, need one of `ohmgrid device list`", o->action);
      else if (strcmp(o->action, "list") == 0 && o->name != NULL)
        argp_error(state, "list: saw \"%s\", need nothing after it", o->name);
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    NULL, parse, "list | show NAME | bench NAME",
    "Device cards: published statistics of memristive cells, each number with its source."
    "\vExamples:\n"
    "  ohmgrid device list\n"
    "  ohmgrid device show rram-wan2022\n\n"
    "`bench` is not built yet.",
    NULL, NULL, NULL};

/* Text of a card, which may be somebody else's: control characters must not reach a terminal. */
static char *printable(char *text) {
  for (char *p = text; *p != '\0'; p++)
    if ((unsigned char)*p < ' ' || *p == 127) *p = *p == '\n' ? ' ' : '?';
  return text;
}

static int list(const char *data_dir) {
  char **names;
  size_t count;
  og_error err = {0};
  og_status st = og_device_names(&names, &count, data_dir, &err);
  if (st != OG_OK) return fail(&err, st);
  for (size_t k = 0; k < count && st == OG_OK; k++) {
    og_card card;
    st = og_card_load(&card, names[k], data_dir, &err);
    if (st == OG_OK) printf("%-16s %s\n", printable(card.name), printable(card.title));
  }
  og_device_names_free(names, count);
  return st == OG_OK ? 0 : fail(&err, st);
}

static int show(const char *name, const char *data_dir) {
  og_card card;
  og_error err = {0};
  char parameter[64], value[160], source[320];
  og_status st = og_card_load(&card, name, data_dir, &err);
  if (st != OG_OK) return fail(&err, st);
  printf("%s: %s\n", printable(card.name), printable(card.title));
  for (size_t k = 0; og_card_param(&card, k, parameter, value, source); k++)
    printf("\n  %-22s %s\n      %s\n", parameter, value, printable(source));
  return 0;
}

int cmd_device(int argc, char **argv) {
  options o = {0};
  char cache[4096];
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  const char *data_dir = paths_from_environment(cache, sizeof cache).data_dir;
  if (strcmp(o.action, "list") == 0) return list(data_dir);
  if (strcmp(o.action, "show") == 0) return show(o.name, data_dir);
  fprintf(stderr, "ohmgrid: device bench: not built yet\n");
  return og_status_exit(OG_E_UNSUPPORTED);
}
