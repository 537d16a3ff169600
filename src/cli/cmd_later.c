/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands of the contract whose features are not built: they say so, with the exit status for it. */
#include <config.h>

#include <stdio.h>

#include "cli.h"

static int not_built(int argc, char **argv, const char *doc) {
  const struct argp parser = {NULL, NULL, "STUDY.yaml", doc, NULL, NULL, NULL};
  argp_parse(&parser, argc, argv, ARGP_IN_ORDER, &(int){0}, NULL);
  fprintf(stderr, "%s: not built yet\n", argv[0]);
  return og_status_exit(OG_E_UNSUPPORTED);
}

int cmd_train(int argc, char **argv) {
  return not_built(argc, argv, "Learning on the emulated array. Not built yet: exits with status 4.");
}
