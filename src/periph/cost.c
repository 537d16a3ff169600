/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "config/ogi_locate.h"
#include "config/ogi_schema.h"
#include "periph/ogi_cost.h"

#define FOLDER "studies/costs"
#define TAIL ".yaml"

enum { SOURCE_MAX = sizeof(((ogi_cost *)0)->source) - 1, TITLE_MAX = sizeof(((ogi_costs *)0)->title) - 1 };

/* The file as the schema reads it. */
typedef struct cost_file {
  char title[OGI_TEXT_MAX];
  struct {
    double joule, bits, base;
    char source[OGI_TEXT_MAX];
  } block[OGI_BLOCKS];
} cost_file;

#define BLOCK(name, index)                                                                                             \
  {name ".energy", OGI_KEY_REAL, offsetof(cost_file, block[index].joule), "J", 0, 1, NULL, NULL, "one operation"},     \
  {name ".bits", OGI_KEY_REAL, offsetof(cost_file, block[index].bits), "", 1, 64, NULL, NULL,                          \
   "precision the energy was published for"},                                                                          \
  {name ".base", OGI_KEY_REAL, offsetof(cost_file, block[index].base), "", 1, 16, NULL, "1",                           \
   "energy grows as base^(bits - this)"},                                                                              \
  {name ".source", OGI_KEY_TEXT, offsetof(cost_file, block[index].source), NULL, 1, SOURCE_MAX, NULL, NULL,            \
   "paper, table and derivation"}

static const ogi_key table[] = {
    {"title", OGI_KEY_TEXT, offsetof(cost_file, title), NULL, 1, TITLE_MAX, NULL, NULL, "one line about the table"},
    BLOCK("dac", OGI_BLOCK_DAC),
    BLOCK("adc", OGI_BLOCK_ADC),
    BLOCK("sample_hold", OGI_BLOCK_SAMPLE_HOLD),
    BLOCK("accumulate", OGI_BLOCK_ACCUMULATE),
    BLOCK("activation", OGI_BLOCK_ACTIVATION),
    BLOCK("register", OGI_BLOCK_REGISTER),
};

static void fill_costs(ogi_costs *costs, const cost_file *file) {
  snprintf(costs->title, sizeof costs->title, "%.*s", TITLE_MAX, file->title);
  for (size_t i = 0; i < OGI_BLOCKS; i++) {
    ogi_cost *block = &costs->block[i];
    block->joule = file->block[i].joule;
    block->reference_bits = file->block[i].bits;
    block->base = file->block[i].base;
    snprintf(block->source, sizeof block->source, "%.*s", SOURCE_MAX, file->block[i].source);
  }
}

og_status ogi_costs_load(ogi_costs *out, const char *name, const char *data_dir, og_error *err) {
  og_status st = OG_OK;
  char *path = NULL;
  cost_file *file = NULL;
  memset(out, 0, sizeof *out);
  OGI_TRY(st, ogi_locate(&path, data_dir, FOLDER, name, TAIL, err));
  file = ogi_alloc(1, sizeof *file);
  if (file == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "%s", path);
    goto done;
  }
  OGI_TRY(st, ogi_schema_read(file, table, sizeof table / sizeof *table, path, NULL, 0, err));
  OGI_TRY(st, ogi_locate_name(out->name, sizeof out->name, path, TAIL, err));
  fill_costs(out, file);
done:
  if (st != OG_OK) memset(out, 0, sizeof *out);
  ogi_free(file);
  ogi_free(path);
  return st;
}

const char *ogi_block_name(ogi_block block) {
  static const char *const names[] = {"dac", "adc", "sample_hold", "accumulate", "activation", "register"};
  _Static_assert(sizeof names / sizeof *names == OGI_BLOCKS, "one name a block");
  return (size_t)block < OGI_BLOCKS ? names[block] : "?";
}

/* E(b) = E(b_ref) base^(b - b_ref). */
double ogi_cost_joule(const ogi_costs *costs, ogi_block block, double bits) {
  const ogi_cost *cost = &costs->block[block];
  return cost->joule * pow(cost->base, bits - cost->reference_bits);
}
