/* SPDX-License-Identifier: BSD-3-Clause */
/* From a study to everything its run needs: data, network, card, costs, mapping. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "study/ogi_study.h"

og_status ogi_tell(const ogi_job *job, const char *phase, double fraction, og_error *err) {
  const og_progress *p = &job->opts->progress;
  if (p->report == NULL || p->report(p->user, phase, fraction) == 0) return OG_OK;
  return ogi_fail(err, OG_E_INTERRUPT, "interrupted during %s", phase);
}

static og_status load_data(ogi_job *job, og_error *err) {
  og_status st;
  const og_study *s = job->study;
  OGI_TRY(st, ogi_data_load(&job->train, s->train_images, s->train_labels, err));
  OGI_TRY(st, ogi_data_load(&job->test, s->test_images, s->test_labels, err));
  if (job->train.width != job->test.width) {
    st = ogi_fail(err, OG_E_SHAPE, "data: saw training images of %zu values and test images of %zu, need the same",
                  job->train.width, job->test.width);
    goto done;
  }
  if (s->test_count > 0) job->test.count = ogi_min_size(job->test.count, s->test_count);
done:
  return st;
}

static ogi_train_opts train_opts(const og_study *s) {
  return (ogi_train_opts){.optimizer = s->optimizer == 0 ? OGI_SGD : OGI_ADAM,
                          .epochs = s->epochs,
                          .batch = s->batch,
                          .rate = s->rate,
                          .momentum = s->momentum,
                          .weight_decay = s->weight_decay,
                          .seed = s->train_seed};
}

/* A name that changes with anything the weights depend on: data, extents, options, and the trainer's own revision. */
static void cache_name(const ogi_job *job, char *name, size_t room) {
  enum { TRAINER_REVISION = 1 };
  const og_study *s = job->study;
  ogi_train_opts t = train_opts(s);
  char text[1024];
  int used = snprintf(text, sizeof text, "%d %08x %zu %zu %d %zu %zu %.17g %.17g %.17g %llu", TRAINER_REVISION,
                      (unsigned)job->train.crc, job->train.count, job->train.width, (int)t.optimizer, t.epochs, t.batch,
                      t.rate, t.momentum, t.weight_decay, (unsigned long long)t.seed);
  for (size_t k = 0; k < s->hidden.count; k++)
    used += snprintf(text + used, sizeof text - (size_t)used, " %zu", s->hidden.value[k]);
  uLong hash = crc32(0, (const Bytef *)text, (uInt)used), check = adler32(1, (const Bytef *)text, (uInt)used);
  snprintf(name, room, "mlp-%08lx%08lx", hash, check);
}

/* Inputs, hidden sizes, classes, as the study and its data want them; the rest is 0. */
typedef struct extents {
  size_t layers, value[OGI_NET_MAX_LAYERS + 1];
} extents;

static extents wanted_extents(const ogi_job *job) {
  const ogi_sizes *hidden = &job->study->hidden;
  extents e = {.layers = hidden->count + 1, .value = {job->train.width}};
  for (size_t k = 0; k < hidden->count; k++) e.value[k + 1] = hidden->value[k];
  e.value[e.layers] = ogi_max_size(job->train.classes, 2);
  return e;
}

static og_status train(ogi_job *job, og_error *err) {
  og_status st;
  extents e = wanted_extents(job);
  ogi_train_opts opts = train_opts(job->study);
  OGI_TRY(st, ogi_net_create(&job->net, e.layers, e.value, err));
  st = ogi_net_train(&job->net, &job->train, &opts, &job->opts->progress, err);
done:
  return st;
}

/* 1 if the cache had the network. One that cannot be read, or lost a layer, is removed, so that a new one can be kept.
 */
static int load_cached(ogi_job *job, const char *folder) {
  extents e = wanted_extents(job);
  og_status st = ogi_net_load(&job->net, folder, NULL);
  if (st == OG_OK && job->net.layers == e.layers && memcmp(job->net.extent, e.value, sizeof e.value) == 0) return 1;
  ogi_net_clear(&job->net);
  if (st != OG_E_NOMEM) ogi_net_remove(folder);
  return 0;
}

static og_status train_cached(ogi_job *job, og_error *err) {
  og_status st = OG_OK;
  char name[64];
  char *folder = NULL;
  if (job->opts->paths.cache_dir == NULL) return train(job, err);
  cache_name(job, name, sizeof name);
  folder = ogi_path_join(job->opts->paths.cache_dir, name);
  if (folder == NULL) return ogi_fail(err, OG_E_NOMEM, "cache");
  if (load_cached(job, folder)) goto done;
  OGI_TRY(st, ogi_make_dir(job->opts->paths.cache_dir, err)); /* before minutes are spent */
  OGI_TRY(st, train(job, err));
  st = ogi_net_save(&job->net, folder, err);
done:
  ogi_free(folder);
  return st;
}

static og_status map_network(ogi_job *job, og_error *err) {
  const og_study *s = job->study;
  og_array wires;
  og_array_init(&wires, 1, 1);
  wires.r_word_ohm = s->r_word_ohm;
  wires.r_bit_ohm = s->r_bit_ohm;
  wires.r_source_ohm = s->r_source_ohm;
  wires.r_sense_ohm = s->r_sense_ohm;
  wires.drive = (og_drive)s->drive;
  wires.sense = (og_sense)s->sense;
  ogi_map_opts opts = {.tile_rows = s->tile_rows, .tile_columns = s->tile_columns,
                       .weight_percentile = s->weight_percentile, .dac_percentile = s->dac_percentile,
                       .adc_percentile = s->adc_percentile, .adc_worst_case = s->adc_range == 1,
                       .dac_bits = s->dac_bits, .adc_bits = s->adc_bits, .v_read_volt = s->v_read_volt,
                       .calibration_images = s->calibration_images};
  return ogi_map_create(&job->map, &job->net, &job->card, &wires, &opts, &job->train, err);
}

og_status ogi_job_prepare(ogi_job *job, og_error *err) {
  og_status st;
  const og_study *s = job->study;
  const og_paths *paths = &job->opts->paths;
  OGI_TRY(st, ogi_tell(job, "loading", 0, err));
  OGI_TRY(st, og_card_load(&job->card, s->card, paths->data_dir, err)); /* cheap mistakes are found first */
  OGI_TRY(st, ogi_costs_load(&job->costs, s->costs, paths->data_dir, err));
  OGI_TRY(st, load_data(job, err));
  if (s->weights[0] != '\0') OGI_TRY(st, ogi_net_load(&job->net, s->weights, err));
  else OGI_TRY(st, train_cached(job, err));
  st = map_network(job, err);
done:
  return st;
}

void ogi_job_clear(ogi_job *job) {
  ogi_data_clear(&job->train);
  ogi_data_clear(&job->test);
  ogi_net_clear(&job->net);
  ogi_map_clear(&job->map);
}
