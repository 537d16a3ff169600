/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>

#include "cli.h"

/* The page is written even if figures are outside: it shows them. */
static og_status make_page(const og_circuit_card *card, const char *folder, const og_bench_opts *opts, og_error *err) {
  og_bench_report *report = NULL;
  og_status st = og_bench_device(&report, card, opts, err);
  progress_end();
  if (st == OG_OK) st = og_bench_page(report, card, folder, err);
  if (st == OG_OK)
    printf("%s/%s.md: %zu figures, %zu outside\n", folder, report->device, report->row_count, report->outside);
  if (st == OG_OK) st = og_bench_verdict(report, err);
  og_bench_free(report);
  return st;
}

int device_page(const char *name, const char *folder, og_bench_opts *opts, const og_paths *paths) {
  og_error err = {0};
  og_device_kind kind;
  og_circuit_card *card = NULL;
  og_status st = og_device_kind_of(&kind, name, paths->data_dir, &err);
  if (st == OG_OK && kind != OG_DEVICE_CIRCUIT) {
    fprintf(stderr, "ohmgrid: device page: %s has a card of statistics, need one of kind circuit\n", name);
    return og_status_exit(OG_E_UNSUPPORTED);
  }
  if (st == OG_OK) st = og_circuit_card_load(&card, name, paths->data_dir, &err);
  if (st == OG_OK) {
    opts->worker = paths->spice_worker;
    opts->progress = progress_start();
    st = make_page(card, folder, opts, &err);
  }
  og_circuit_card_free(card);
  return st == OG_OK ? 0 : fail(&err, st);
}
