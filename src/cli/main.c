/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static const struct {
  const char *name;
  command *run;
  const char *line;
} commands[] = {
    {"solve", cmd_solve, "one array: output currents, audited"},
    {"reduce", cmd_reduce, "exact effective matrix of one array"},
    {"transient", cmd_transient, "one array in time: settling, charge, energy"},
    {"noise", cmd_noise, "thermal and shot noise of the outputs of one array"},
    {"netlist", cmd_netlist, "write one array as a SPICE deck"},
    {"check", cmd_check, "solve one array here and in ngspice, and compare"},
    {"run", cmd_run, "the main job: accuracy, energy, cross-check, report of a study"},
    {"device", cmd_device, "list devices, show one with its sources, run its benches, make a new one"},
    {"calibrate", cmd_calibrate, "measure this machine, for the choice of engines"},
    {"cosim", cmd_cosim, "an array with SPICE cells in time"},
    {"train", cmd_train, "learning on the emulated array (not built yet)"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

/* argp ends the program itself after --help: this is where a full disk behind stdout is noticed. */
static void check_stdout(void) {
  if (fflush(stdout) == 0 && !ferror(stdout)) return;
  fprintf(stderr, "ohmgrid: standard output: %s\n", strerror(errno));
  _exit(EXIT_FAILURE);
}

static void usage(FILE *stream) {
  fprintf(stream, "Usage: ohmgrid COMMAND [OPTION...]\n"
                  "Circuit-level emulation of memristor crossbars, checked against ngspice.\n\nCommands:\n");
  for (size_t k = 0; k < COMMANDS; k++) fprintf(stream, "  %-9s  %s\n", commands[k].name, commands[k].line);
  fprintf(stream,
          "\nOptions:\n"
          "  -h, --help     this help; `ohmgrid COMMAND --help` for a command's options and examples\n"
          "  -V, --version  version\n\n"
          "Examples:\n"
          "  ohmgrid solve -g G.npy -v V.npy --r-word 1 --r-bit 1 -o I.npy\n"
          "  ohmgrid run studies/fashion-mlp.yaml -o results\n\n"
          "Exit status: 0 done; 1 failed at run time; 2 usage, input or configuration; 3 a cross-check outside\n"
          "its tolerance; 4 feature not built.\n");
}

int main(int argc, char **argv) {
  atexit(check_stdout);
  argp_err_exit_status = EXIT_USAGE;
  const char *name = argc > 1 ? argv[1] : "";
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    usage(stdout);
    return EXIT_SUCCESS;
  }
  if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
    printf("ohmgrid %s\n", og_version());
    return EXIT_SUCCESS;
  }
  for (size_t k = 0; k < COMMANDS; k++)
    if (strcmp(name, commands[k].name) == 0) {
      char title[32];
      snprintf(title, sizeof title, "ohmgrid %s", name);
      argv[1] = title;
      return commands[k].run(argc - 1, argv + 1);
    }
  if (*name == '\0') fprintf(stderr, "ohmgrid: command: saw none, need one of those below\n");
  else fprintf(stderr, "ohmgrid: command: saw \"%s\", need one of those below\n", name);
  usage(stderr);
  return EXIT_USAGE;
}
