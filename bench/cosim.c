/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arrays with cells of devices/eso-yoo2024 in time: cells in ngspice, and as compact models. Both have to agree before
 * any time is printed. Arguments: sizes, default 8 16 32 64.
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ohmgrid/ohmgrid.h>

enum { POINTS = 5 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static char *read_all(const char *path) {
  FILE *f = fopen(path, "r");
  static char text[1 << 16];
  size_t got = f != NULL ? fread(text, 1, sizeof text - 1, f) : 0;
  if (f != NULL) fclose(f);
  text[got] = '\0';
  return got > 0 ? text : NULL;
}

/* One run; states of all cells at the end. @return seconds, or -1 */
static double run(size_t size, const og_cell_circuit *cell, const unsigned char *compact, double *state,
                  og_cosim_info *info) {
  og_array a;
  og_error err = {0};
  og_vectors *v;
  og_cosim_opts o;
  og_array_init(&a, size, size);
  a.r_word_ohm = a.r_bit_ohm = 20;
  a.r_source_ohm = 50;
  og_cosim_opts_init(&o);
  o.step_second = 1e-9;
  o.compact = compact;
  o.spice.program = getenv("OHMGRID_SPICE");
  /* one cell by V/2: word line 1 at V, the others at V/2; bit line 2 at 0, the others at V/2 */
  const double second[POINTS] = {0, 10e-9, 11e-9, 61e-9, 62e-9}, level[POINTS] = {0, 0, 1.2, 1.2, 0};
  double *g = malloc(size * size * sizeof *g), *word = malloc(POINTS * size * sizeof *word),
         *bit = malloc(POINTS * size * sizeof *bit);
  for (size_t k = 0; k < size * size; k++) g[k] = NAN;
  for (size_t p = 0; p < POINTS; p++)
    for (size_t i = 0; i < size; i++) {
      word[p * size + i] = level[p] * (i == 1 ? 1 : 0.5);
      bit[p * size + i] = level[p] * (i == 2 ? 0 : 0.5);
    }
  const og_wave wave = {.points = POINTS, .second = second, .volt = word};
  const og_cosim_drive d = {.wave = &wave, .bit_volt = bit, .stop_second = 200e-9};
  double begin = now();
  og_status st = og_cosim_run(&v, &a, g, cell, &d, &o, info, &err);
  double took = now() - begin;
  if (st != OG_OK) fprintf(stderr, "bench: %zu: %s\n", size, err.text);
  for (size_t k = 0; st == OG_OK && k < size * size; k++) {
    char name[64];
    snprintf(name, sizeof name, "x_%zu_%zu.w", k / size, k % size);
    state[k] = og_vectors_at(v, og_vectors_find(v, name))[v->points - 1];
  }
  og_vectors_free(v);
  free(g);
  free(word);
  free(bit);
  return st == OG_OK ? took : -1;
}

static int compare(size_t size, const og_cell_circuit *cell) {
  size_t cells = size * size;
  double *here = malloc(cells * sizeof *here), *there = malloc(cells * sizeof *there), worst = 0, best = INFINITY;
  unsigned char *compact = malloc(cells);
  og_cosim_info a, b;
  memset(compact, 1, cells);
  double spice = run(size, cell, NULL, there, &a);
  for (int k = 0; k < 5 && best > 0; k++) best = fmin(best, run(size, cell, compact, here, &b));
  int good = spice > 0 && best > 0;
  for (size_t k = 0; good && k < cells; k++) worst = fmax(worst, fabs(here[k] - there[k]));
  if (!(worst <= 1e-3)) good = 0;
  if (good)
    printf("%4zu x %-4zu ngspice %9.4g s (%zu exchanges, %zu steps)  compact %9.4g s (%zu)  ratio %6.4g  "
           "states within %.2g\n", size, size, spice, a.steps, a.spice_steps, best, b.steps, spice / best, worst);
  else fprintf(stderr, "bench: %zu x %zu: the states differ by %g, need at most 1e-3\n", size, size, worst);
  free(here);
  free(there);
  free(compact);
  return good;
}

int main(int argc, char **argv) {
  char path[4096];
  const char *data = getenv("OHMGRID_DATADIR");
  snprintf(path, sizeof path, "%s/devices/eso-yoo2024/eso.lib", data != NULL ? data : ".");
  const og_cell_circuit cell = {.name = "eso", .text = read_all(path), .terminals = 2, .states = 1, .state = {"w"}};
  if (cell.text == NULL) {
    fprintf(stderr, "bench: %s: cannot be read; OHMGRID_DATADIR is the folder of devices/\n", path);
    return EXIT_FAILURE;
  }
  int good = 1;
  const char *sizes[] = {"cosim", "8", "16", "32", "64"};
  int count = argc > 1 ? argc : 5;
  for (int k = 1; k < count && good; k++) good = compare(strtoul(argc > 1 ? argv[k] : sizes[k], NULL, 10), &cell);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
