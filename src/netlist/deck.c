/* SPDX-License-Identifier: BSD-3-Clause */
/** A deck that was read: questions about it, and its release. */
#include <config.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_deck_read.h"

#define FREE_TEXTS(list)                                                            \
  do {                                                                              \
    for (size_t k_ = 0; k_ < (list).count; k_++) ogi_free((list).item[k_]);         \
    ogi_free((list).item);                                                          \
  } while (0)

void og_deck_free(og_deck *d) {
  if (d == NULL) return;
  for (size_t k = 0; k < d->parts.count; k++) {
    ogi_law_free(d->parts.item[k].law);
    ogi_free((void *)(uintptr_t)d->parts.item[k].wave.second);
    ogi_free((void *)(uintptr_t)d->parts.item[k].wave.value);
  }
  ogi_free(d->parts.item);
  ogi_free(d->analyses.item);
  ogi_free(d->models.item);
  ogi_free(d->options.item);
  ogi_free(d->initials.item);
  for (size_t k = 0; k < d->instances.count; k++) {
    ogi_free((void *)(uintptr_t)d->instances.item[k].port);
    ogi_free((void *)(uintptr_t)d->instances.item[k].value);
  }
  ogi_free(d->instances.item);
  FREE_TEXTS(d->text);
  FREE_TEXTS(d->measures);
  FREE_TEXTS(d->prints);
  ogi_names_free(d->node_names);
  ogi_names_free(d->element_names);
  ogi_lines_clear(&d->lines);
  ogi_free(d);
}

og_status ogi_deck_at(const og_deck *d, const ogi_deck_part *part, og_status st, og_error *err) {
  st = ogi_prefix(err, st, "%s", ogi_names_at(d->element_names, part->name));
  return ogi_at(&d->lines, part->place, st, err);
}

int ogi_deck_has_branch(const ogi_deck_part *p) {
  return strchr("VEHL", p->kind) != NULL || (p->kind == 'B' && p->law->kind == 'v');
}

const char *og_deck_title(const og_deck *d) { return d->lines.title; }

size_t og_deck_elements(const og_deck *d) { return d->parts.count; }

og_deck_element og_deck_element_at(const og_deck *d, size_t k) {
  og_deck_element e = {0};
  if (k >= d->parts.count) return e;
  const ogi_deck_part *part = &d->parts.item[k];
  size_t nodes = part->kind == 'K' ? 0 : (part->kind == 'E' || part->kind == 'G') && part->law == NULL ? 4 : 2;
  e.kind = part->kind;
  e.name = ogi_names_at(d->element_names, part->name);
  for (size_t j = 0; j < nodes; j++) e.node[j] = ogi_names_at(d->node_names, part->node[j]);
  e.value = part->value;
  e.line = part->place.line;
  return e;
}

size_t og_deck_nodes(const og_deck *d) { return ogi_names_count(d->node_names) - 1; }
const char *og_deck_node(const og_deck *d, size_t k) {
  return k < og_deck_nodes(d) ? ogi_names_at(d->node_names, k + 1) : NULL;
}

size_t og_deck_instances(const og_deck *d) { return d->instances.count; }
const og_deck_instance *og_deck_instance_at(const og_deck *d, size_t k) {
  return k < d->instances.count ? &d->instances.item[k] : NULL;
}

const char *og_analysis_name(og_analysis_kind kind) {
  static const char *const names[] = {"op", "dc", "tran", "ac", "noise"};
  return (unsigned)kind < sizeof names / sizeof *names ? names[kind] : "?";
}

size_t og_deck_analyses(const og_deck *d) { return d->analyses.count; }
const og_analysis *og_deck_analysis(const og_deck *d, size_t k) {
  return k < d->analyses.count ? &d->analyses.item[k] : NULL;
}

size_t og_deck_measures(const og_deck *d) { return d->measures.count; }
const char *og_deck_measure(const og_deck *d, size_t k) { return k < d->measures.count ? d->measures.item[k] : NULL; }
size_t og_deck_prints(const og_deck *d) { return d->prints.count; }
const char *og_deck_print(const og_deck *d, size_t k) { return k < d->prints.count ? d->prints.item[k] : NULL; }
