/* SPDX-License-Identifier: BSD-3-Clause */
/* The study's keys: one table makes parser, checks, help and dump. */
#include <config.h>

#include <math.h>
#include <stddef.h>

#include "base/ogi_mem.h"
#include "study/ogi_study.h"

#define FIELD(name) offsetof(struct og_study, name)
#define FASHION "/usr/share/datasets/fashion-mnist/"

static const ogi_key keys[] = {
    {"study.name", OGI_KEY_TEXT, FIELD(name), "", 1, 60, NULL, "untitled", "name in the report"},
    {"study.seed", OGI_KEY_SEED, FIELD(seed), "", 0, 0, NULL, "1", "of programming error, read noise and stuck cells"},
    {"study.trials", OGI_KEY_SIZE, FIELD(trials), "", 1, 10000, NULL, "10", "programming trials (chips)"},

    {"data.name", OGI_KEY_TEXT, FIELD(data_name), "", 1, 60, NULL, "fashion-mnist", "name in the report"},
    {"data.train_images", OGI_KEY_TEXT, FIELD(train_images), "", 1, 500, NULL, FASHION "train-images-idx3-ubyte.gz",
     "IDX file, plain or gzipped; also calibrates the converters"},
    {"data.train_labels", OGI_KEY_TEXT, FIELD(train_labels), "", 1, 500, NULL, FASHION "train-labels-idx1-ubyte.gz",
     "IDX file"},
    {"data.test_images", OGI_KEY_TEXT, FIELD(test_images), "", 1, 500, NULL, FASHION "t10k-images-idx3-ubyte.gz",
     "IDX file"},
    {"data.test_labels", OGI_KEY_TEXT, FIELD(test_labels), "", 1, 500, NULL, FASHION "t10k-labels-idx1-ubyte.gz",
     "IDX file"},
    {"data.test_count", OGI_KEY_SIZE, FIELD(test_count), "", 0, 1e9, NULL, "0", "test images used; 0: all"},

    {"network.hidden", OGI_KEY_SIZES, FIELD(hidden), "", 1, 65536, NULL, "[256, 128]", "hidden layer sizes"},
    {"network.weights", OGI_KEY_TEXT, FIELD(weights), "", 0, 500, NULL, "",
     "folder with layer0.weight.npy (out x in), layer0.bias.npy ...; empty: train"},

    {"train.optimizer", OGI_KEY_ENUM, FIELD(optimizer), "", 0, 0, "sgd|adam", "adam", "update rule"},
    {"train.epochs", OGI_KEY_SIZE, FIELD(epochs), "", 1, 10000, NULL, "12", "passes over the training set"},
    {"train.batch", OGI_KEY_SIZE, FIELD(batch), "", 1, 65536, NULL, "100", "images per step"},
    {"train.rate", OGI_KEY_REAL, FIELD(rate), "", 1e-9, 10, NULL, "0.001",
     "initial learning rate; falls as half a cosine"},
    {"train.momentum", OGI_KEY_REAL, FIELD(momentum), "", 0, 0.999, NULL, "0.9", "sgd only"},
    {"train.weight_decay", OGI_KEY_REAL, FIELD(weight_decay), "", 0, 10, NULL, "0.1", "decoupled weight decay"},
    {"train.seed", OGI_KEY_SEED, FIELD(train_seed), "", 0, 0, NULL, "20260117",
     "of initial weights and order of images, apart from study.seed: chips change without a new training"},

    {"device.card", OGI_KEY_TEXT, FIELD(card), "", 1, 500, NULL, "rram-wan2022", "device name, or path of a card"},

    {"map.tile_rows", OGI_KEY_SIZE, FIELD(tile_rows), "", 1, 4096, NULL, "128", "most word lines of a tile"},
    {"map.tile_columns", OGI_KEY_SIZE, FIELD(tile_columns), "", 1, 4096, NULL, "128", "most bit lines of a tile"},
    {"map.weight_percentile", OGI_KEY_REAL, FIELD(weight_percentile), "", 50, 100, NULL, "99.8",
     "percentile of |w| mapped to the largest conductance; larger weights are clipped"},

    {"array.r_word_ohm", OGI_KEY_REAL, FIELD(r_word_ohm), "ohm", 0, 1e9, NULL, "1", "one word line segment"},
    {"array.r_bit_ohm", OGI_KEY_REAL, FIELD(r_bit_ohm), "ohm", 0, 1e9, NULL, "1", "one bit line segment"},
    {"array.r_source_ohm", OGI_KEY_REAL, FIELD(r_source_ohm), "ohm", 0, 1e9, NULL, "0", "driver output resistance"},
    {"array.r_sense_ohm", OGI_KEY_REAL, FIELD(r_sense_ohm), "ohm", 0, 1e9, NULL, "0", "sense input resistance"},
    {"array.drive", OGI_KEY_ENUM, FIELD(drive), "", 0, 0, "left|right|both", "left", "driven ends of the word lines"},
    {"array.sense", OGI_KEY_ENUM, FIELD(sense), "", 0, 0, "bottom|top|both", "bottom", "sensed ends of the bit lines"},
    {"array.v_read_volt", OGI_KEY_REAL, FIELD(v_read_volt), "V", 1e-6, 100, NULL, "0.2", "largest read voltage"},
    {"array.t_read_second", OGI_KEY_REAL, FIELD(t_read_second), "s", 1e-12, 1, NULL, "100n", "time of one read"},

    {"dac.bits", OGI_KEY_SIZE, FIELD(dac_bits), "", 1, OGI_CONVERT_BITS, NULL, "8", "of each word line's DAC"},
    {"dac.percentile", OGI_KEY_REAL, FIELD(dac_percentile), "", 50, 100, NULL, "99.9",
     "percentile of a layer's inputs, on calibration images, that becomes full scale"},
    {"adc.bits", OGI_KEY_SIZE, FIELD(adc_bits), "", 1, OGI_CONVERT_BITS, NULL, "8", "of each bit line pair's ADC"},
    {"adc.range", OGI_KEY_ENUM, FIELD(adc_range), "", 0, 0, "calibrated|worst", "calibrated",
     "full scale: percentile of the currents of a layer, or the largest current that can flow"},
    {"adc.percentile", OGI_KEY_REAL, FIELD(adc_percentile), "", 50, 100, NULL, "99.99",
     "percentile of |I+ - I-| of ideal arrays, on calibration images, that becomes full scale"},
    {"calibration.images", OGI_KEY_SIZE, FIELD(calibration_images), "", 1, 100000, NULL, "1000",
     "training images that set the converters' ranges"},

    {"noise.read_draws", OGI_KEY_SIZE, FIELD(read_draws), "", 1, 255, NULL, "4",
     "read-noise draws per trial; the test images are split evenly among them"},

    {"energy.costs", OGI_KEY_TEXT, FIELD(costs), "", 1, 500, NULL, "isaac-32nm", "cost table, or path of one"},

    {"check.rows", OGI_KEY_SIZE, FIELD(check_rows), "", 1, 64, NULL, "24", "word lines of the tiles given to ngspice"},
    {"check.columns", OGI_KEY_SIZE, FIELD(check_columns), "", 1, 64, NULL, "20", "bit lines of those tiles"},
    {"check.inputs", OGI_KEY_SIZE, FIELD(check_inputs), "", 1, 100, NULL, "2", "input vectors per tile"},
    {"check.rtol", OGI_KEY_REAL, FIELD(check_rtol), "", 1e-15, 1, NULL, "1e-6", "tolerated relative deviation"},
    {"check.timeout_second", OGI_KEY_REAL, FIELD(check_timeout_second), "s", 0.1, 86400, NULL, "600",
     "ngspice is stopped after this time"},
};

enum { KEYS = sizeof keys / sizeof *keys };

og_status og_study_load(og_study **out, const char *path, const char *const *sets, size_t count, og_error *err) {
  if (out == NULL || path == NULL || (sets == NULL && count > 0))
    return ogi_fail(err, OG_E_ARG, "study: a needed pointer is NULL");
  *out = NULL;
  og_study *study = ogi_alloc(1, sizeof *study);
  if (study == NULL) return ogi_fail(err, OG_E_NOMEM, "study");
  og_status st = ogi_schema_read(study, keys, KEYS, path, sets, count, err);
  if (st == OG_OK && study->hidden.count >= OGI_NET_MAX_LAYERS)
    st = ogi_fail(err, OG_E_RANGE, "%s: network.hidden: saw %zu layers, need at most %d", path, study->hidden.count,
                  OGI_NET_MAX_LAYERS - 1);
  if (st != OG_OK) {
    og_study_free(study);
    return st;
  }
  *out = study;
  return OG_OK;
}

og_status og_study_dump(const og_study *study, FILE *stream, og_error *err) {
  if (study == NULL || stream == NULL) return ogi_fail(err, OG_E_ARG, "study: a needed pointer is NULL");
  ogi_schema_dump(stream, study, keys, KEYS);
  return ferror(stream) ? ogi_fail(err, OG_E_IO, "study: writing failed") : OG_OK;
}

og_status og_study_keys(FILE *stream, og_error *err) {
  if (stream == NULL) return ogi_fail(err, OG_E_ARG, "study: stream is NULL");
  ogi_schema_help(stream, keys, KEYS);
  return ferror(stream) ? ogi_fail(err, OG_E_IO, "study: writing failed") : OG_OK;
}

void og_study_free(og_study *study) { ogi_free(study); }
