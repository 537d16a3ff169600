/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Decks from arrays. Every element goes through one function, element(), which either writes it or only takes note of
 * the nodes it stands between: that is how a subcircuit knows its terminals before it is written.
 */
#include <config.h>

#include <string.h>

#include <ohmgrid/netlist.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "netlist/ogi_emit.h"

enum { VALUE_TEXT = 40, ELEMENT_TEXT = 2 * OGI_NODE_NAME + 64 + VALUE_TEXT, NODES_A_LINE = 12 };

#define NO_OWNER ((size_t)-1)
#define SHARED ((size_t)-2)

/* A number and its text: neighbours mostly are alike. */
typedef struct number {
  double value;
  char text[VALUE_TEXT];
} number;

typedef struct emit {
  FILE *out; /* NULL: only take note of nodes */
  const ogi_labels *deck;
  const og_array *array;
  const double *g, *v;
  const og_netlist_opts *opts;
  number number;
  size_t group;      /* the subcircuit that elements belong to: a row, or m for the tile       */
  size_t *owner;     /* of labels, hierarchical style: NO_OWNER, a group, or SHARED            */
  size_t *seen;      /* of labels: the last group that was found to use it                     */
  size_t *kind;      /* of cells: number of its subcircuit; NULL: all alike                    */
  size_t kinds;
  size_t *example;   /* of kinds: a cell of it                                                 */
} emit;

static const char *text_of(emit *e, double value) {
  if (value != e->number.value || e->number.text[0] == '\0') {
    e->number.value = value;
    snprintf(e->number.text, sizeof e->number.text, "%.17g", value);
  }
  return e->number.text;
}

/* ---- elements ---- */

static void take_note(emit *e, size_t label) {
  if (label >= ogi_labelled(e->deck)) return; /* between a terminal's resistance and its segment: nobody else's */
  e->seen[label] = e->group;
  if (e->owner[label] == NO_OWNER) e->owner[label] = e->group;
  else if (e->owner[label] != e->group) e->owner[label] = SHARED;
}

/* "_I_J" */
static char *put_index(char *to, size_t i, size_t j) {
  *to++ = '_';
  to = ogi_put_size(to, i);
  *to++ = '_';
  to = ogi_put_size(to, j);
  *to = '\0';
  return to;
}

/* "KIND_I_J FROM TO " in text; 0 if there is nothing to write: one node, or only nodes are wanted. */
static size_t begin_element(emit *e, char text[ELEMENT_TEXT], const char *kind, size_t i, size_t j, size_t from,
                            size_t to) {
  size_t one = ogi_label(e->deck, from), two = ogi_label(e->deck, to);
  if (one == two) return 0;
  if (e->out == NULL) {
    take_note(e, one);
    take_note(e, two);
    return 0;
  }
  char *at = put_index(stpcpy(text, kind), i, j);
  *at++ = ' ';
  at = ogi_place_name(at, e->deck, from);
  *at++ = ' ';
  at = ogi_place_name(at, e->deck, to);
  *at++ = ' ';
  return (size_t)(at - text);
}

static void element(emit *e, const char *kind, size_t i, size_t j, size_t from, size_t to, const char *value) {
  char text[ELEMENT_TEXT];
  size_t length = begin_element(e, text, kind, i, j, from, to);
  if (length == 0) return;
  char *end = stpcpy(text + length, value);
  *end++ = '\n';
  fwrite(text, 1, (size_t)(end - text), e->out);
}

/*
 * An infinite resistance is an open circuit, which a deck says by silence. Between two places of one node there is
 * nothing to say.
 */
static void resistor(emit *e, const char *kind, size_t i, size_t j, size_t from, size_t to, double ohm) {
  if (isfinite(ohm)) element(e, kind, i, j, from, to, text_of(e, ohm));
}

/* End of a line: the terminal's resistance, and the segment; where one of them is 0 ohm the other alone. */
static void line_end(emit *e, const ogi_deck_line *l, const char *segment, const char *end, size_t p, size_t i,
                     size_t j) {
  double ohm = ogi_segment_ohm(l, p);
  size_t outer = p == 0 ? ogi_place_before(l, p) : ogi_place_at(l, p);
  size_t inner = p == 0 ? ogi_place_at(l, p) : ogi_place_before(l, p), between = l->between + (p != 0);
  if (!l->has[p != 0] || !isfinite(l->end) || !isfinite(ohm)) return;
  if (ogi_is_short(ohm)) between = inner;
  else if (ogi_is_short(l->end)) between = outer;
  if (p == 0) { /* in the direction in which places count */
    if (!ogi_is_short(l->end)) resistor(e, end, i, j, outer, between, l->end);
    if (!ogi_is_short(ohm)) resistor(e, segment, i, j, between, inner, ohm);
  } else {
    if (!ogi_is_short(ohm)) resistor(e, segment, i, j, inner, between, ohm);
    if (!ogi_is_short(l->end)) resistor(e, end, i, j, between, outer, l->end);
  }
}

/* Element (i,j) is in front of node (i,j); behind the last node it counts on. */
static void put_line(emit *e, size_t which) {
  ogi_deck_line l = ogi_deck_line_of(e->deck, which);
  int is_bit = which >= e->deck->sources, down = is_bit || e->array->wiring == OG_WIRING_PARALLEL;
  size_t own = is_bit ? which - e->deck->sources : which;
  const char *segment = is_bit ? "rb" : "rw";
  for (size_t p = 0; p <= l.cells; p++) {
    size_t i = down ? p : own, j = down ? own : p;
    if (p == 0 || p == l.cells) line_end(e, &l, segment, is_bit ? "rt" : "rs", p, i, j);
    else resistor(e, segment, i, j, ogi_place_before(&l, p), ogi_place_at(&l, p), ogi_segment_ohm(&l, p));
  }
}

/* Capacitances of the nodes of a row to ground; merged nodes carry one of each place. */
static void put_ground_row(emit *e, const char *kind, size_t row, size_t first, double farad) {
  char name[OGI_NODE_NAME];
  if (!(farad > 0)) return;
  for (size_t j = 0; j < e->array->n; j++) {
    size_t place = first + row * e->array->n + j;
    if (e->out == NULL) take_note(e, ogi_label(e->deck, place));
    else {
      ogi_place_name(name, e->deck, place);
      fprintf(e->out, "%s_%zu_%zu %s 0 %s\n", kind, row, j, name, text_of(e, farad));
    }
  }
}

static void put_across_row(emit *e, size_t row) {
  size_t n = e->array->n, cells = e->array->m * n;
  if (!(e->opts->c_cell_farad > 0)) return;
  for (size_t j = 0; j < n; j++)
    element(e, "cc", row, j, row * n + j, cells + row * n + j, text_of(e, e->opts->c_cell_farad));
}

static void put_bridges(emit *e) {
  for (size_t k = 0; k < e->array->bridge_count; k++) {
    const og_bridge *b = &e->array->bridges[k];
    size_t from = ogi_place_of_site(e->array, &b->a), to = ogi_place_of_site(e->array, &b->b);
    char text[ELEMENT_TEXT], *end;
    if (!isfinite(b->ohm) || begin_element(e, text, "rx", k, 0, from, to) == 0) continue;
    end = ogi_put_size(stpcpy(text, "rx_"), k);
    *end++ = ' ';
    end = ogi_place_name(end, e->deck, from);
    *end++ = ' ';
    ogi_place_name(end, e->deck, to);
    fprintf(e->out, "%s %s\n", text, text_of(e, b->ohm));
  }
}

/* ---- cells ---- */

/* A subcircuit of the caller with its parameters. */
static void put_foreign(emit *e, size_t i, size_t j) {
  const og_netlist_subckt *c = e->opts->subckt;
  size_t k = i * e->array->n + j;
  char text[ELEMENT_TEXT];
  size_t length = begin_element(e, text, "xc", i, j, k, e->array->m * e->array->n + k);
  if (length == 0) return;
  fwrite(text, 1, length, e->out);
  fputs(c->name, e->out);
  if (c->params > 0) fputs(" params:", e->out);
  for (size_t p = 0; p < c->params; p++) fprintf(e->out, " %s=%.17g", c->param[p], c->value[p][k]);
  fputc('\n', e->out);
}

/* One of our own subcircuits: linear cells have the parameter r, others g. */
static void put_instance(emit *e, size_t i, size_t j) {
  size_t k = i * e->array->n + j, kind = e->kind != NULL ? e->kind[k] : 0;
  char text[ELEMENT_TEXT], ohm[OGI_OHM_TEXT];
  size_t length = begin_element(e, text, "xc", i, j, k, e->array->m * e->array->n + k);
  if (length == 0) return;
  text[length] = '\0';
  fprintf(e->out, "%sohmgrid_cell_%zu params: ", text, kind);
  if (ogi_law_is_linear(e->opts->cell)) {
    ogi_ohm_of(ohm, ogi_law_siemens(e->opts->cell, k, e->g[k]));
    fprintf(e->out, "r=%s\n", ohm);
  } else fprintf(e->out, "g=%.17g\n", e->g[k]);
}

static void put_law(emit *e, size_t i, size_t j) {
  size_t k = i * e->array->n + j, to = e->array->m * e->array->n + k;
  char index[OGI_NODE_NAME], a[OGI_NODE_NAME], b[OGI_NODE_NAME], p[OGI_NODE_NAME], text[ELEMENT_TEXT];
  if (begin_element(e, text, "bc", i, j, k, to) == 0) return;
  put_index(index, i, j);
  ogi_place_name(a, e->deck, k);
  ogi_place_name(b, e->deck, to);
  put_index(stpcpy(p, "p"), i, j);
  ogi_law_place at = {.name = index, .a = a, .b = b, .p = p, .dialect = e->opts->dialect};
  ogi_law_write(e->out, e->opts->cell, k, e->g[k], &at);
}

static void put_cell(emit *e, size_t i, size_t j) {
  size_t k = i * e->array->n + j;
  char ohm[OGI_OHM_TEXT] = "";
  if (e->opts->subckt != NULL) {
    if (e->g[k] > 0) put_foreign(e, i, j);
  } else if (ogi_law_is_open(e->opts->cell, k, e->g[k])) return;
  else if (e->opts->style == OG_NETLIST_HIERARCHICAL) put_instance(e, i, j);
  else if (!ogi_law_is_linear(e->opts->cell)) put_law(e, i, j);
  else {
    ogi_ohm_of(ohm, ogi_law_siemens(e->opts->cell, k, e->g[k]));
    element(e, "rc", i, j, k, e->array->m * e->array->n + k, ohm);
  }
}

static void put_cell_row(emit *e, size_t i) {
  for (size_t j = 0; j < e->array->n; j++) put_cell(e, i, j);
}

/* ---- subcircuits ---- */


/* Names in continued lines. */
typedef struct names {
  FILE *out;
  size_t count;
} names;

static void put_node(names *list, const ogi_labels *d, size_t place) {
  char name[OGI_NODE_NAME];
  ogi_place_name(name, d, place);
  fprintf(list->out, "%s%s", ++list->count % NODES_A_LINE == 0 ? "\n+ " : " ", name);
}

static int row_has_line(const emit *e) { return e->array->wiring == OG_WIRING_CROSSED; }

/* What belongs to row i: its cells, the capacitances of its word nodes, and the word line that runs along it. */
static void put_row(emit *e, size_t i) {
  e->group = i;
  if (row_has_line(e)) put_line(e, i);
  put_cell_row(e, i);
  put_ground_row(e, "cw", i, 0, e->opts->c_word_farad);
  put_across_row(e, i);
}

/* The rest: bit lines, their capacitances, bridges; source lines beside the bit lines. */
static void put_columns(emit *e) {
  size_t m = e->array->m, n = e->array->n;
  e->group = m;
  for (size_t l = row_has_line(e) ? e->deck->sources : 0; l < e->deck->sources + n; l++) put_line(e, l);
  for (size_t i = 0; i < m; i++) put_ground_row(e, "cb", i, m * n, e->opts->c_bit_farad);
  put_bridges(e);
}

/* Nodes of row i that others see: its source, then those of its cells, each once. */
static void put_row_terminals(emit *e, names *list, size_t i) {
  size_t n = e->array->n, cells = e->array->m * n, places = row_has_line(e) + 2 * n;
  FILE *out = e->out;
  e->out = NULL;
  put_row(e, i);
  e->out = out;
  for (size_t p = 0; p < places; p++) {
    size_t q = p - (size_t)row_has_line(e);
    size_t place = row_has_line(e) && p == 0 ? 2 * cells + i : q < n ? i * n + q : cells + i * n + q - n;
    size_t label = ogi_label(e->deck, place);
    if (e->seen[label] != i || (label < 2 * cells && e->owner[label] != SHARED)) continue;
    e->seen[label] = NO_OWNER; /* once */
    put_node(list, e->deck, label);
  }
}

static void put_kind(emit *e, size_t kind) {
  const og_cell *cell = e->opts->cell;
  size_t k = e->example != NULL ? e->example[kind] : 0;
  ogi_law_place at = {.name = "", .a = "w", .b = "b", .p = "p", .parameter = 1, .dialect = e->opts->dialect};
  if (ogi_law_is_linear(cell)) {
    fprintf(e->out, ".subckt ohmgrid_cell_%zu w b params: r=1\nrc w b {r}\n.ends\n", kind);
    return;
  }
  fprintf(e->out, ".subckt ohmgrid_cell_%zu w b params: g=1\n", kind);
  ogi_law_write(e->out, cell, k, 1, &at);
  fputs(".ends\n", e->out);
}

static void put_terminals(emit *e, names *list) {
  for (size_t t = 2 * e->array->m * e->array->n; t < ogi_labelled(e->deck); t++) put_node(list, e->deck, t);
}

static void put_hierarchy(emit *e) {
  names list = {.out = e->out};
  for (size_t kind = 0; e->opts->subckt == NULL && kind < e->kinds; kind++) put_kind(e, kind);
  for (size_t i = 0; i < e->array->m; i++) {
    list.count = 0;
    fprintf(e->out, ".subckt ohmgrid_row_%zu", i);
    put_row_terminals(e, &list, i);
    fputc('\n', e->out);
    put_row(e, i);
    fputs(".ends\n", e->out);
  }
  list.count = 0;
  fputs(".subckt ohmgrid_tile", e->out);
  put_terminals(e, &list);
  fputc('\n', e->out);
  for (size_t i = 0; i < e->array->m; i++) {
    list.count = 0;
    fprintf(e->out, "xrow_%zu", i);
    put_row_terminals(e, &list, i);
    fprintf(e->out, " ohmgrid_row_%zu\n", i);
  }
  put_columns(e);
  fputs(".ends\n", e->out);
  list.count = 0;
  fputs("xtile", e->out);
  put_terminals(e, &list);
  fputs(" ohmgrid_tile\n", e->out);
}

static void put_flat(emit *e) {
  size_t m = e->array->m, n = e->array->n;
  for (size_t l = 0; l < e->deck->sources + n; l++) put_line(e, l);
  for (size_t i = 0; i < m; i++) put_cell_row(e, i);
  put_bridges(e);
  for (size_t i = 0; i < m; i++) put_ground_row(e, "cw", i, 0, e->opts->c_word_farad);
  for (size_t i = 0; i < m; i++) put_ground_row(e, "cb", i, m * n, e->opts->c_bit_farad);
  for (size_t i = 0; i < m; i++) put_across_row(e, i);
}

/* Who uses which node, found by a walk over everything that writes nothing. */
static og_status find_owners(emit *e, og_error *err) {
  size_t labels = ogi_labelled(e->deck);
  FILE *out = e->out;
  e->owner = ogi_alloc(labels, sizeof *e->owner);
  e->seen = ogi_alloc(labels, sizeof *e->seen);
  if (e->owner == NULL || e->seen == NULL) return ogi_fail(err, OG_E_NOMEM, "netlist: %zu nodes", labels);
  for (size_t k = 0; k < labels; k++) e->owner[k] = e->seen[k] = NO_OWNER;
  e->out = NULL;
  for (size_t i = 0; i < e->array->m; i++) put_row(e, i);
  put_columns(e);
  e->out = out;
  return OG_OK;
}

/* ---- what stands around the array ---- */

static void put_heading(const emit *e) {
  static const char *const drive[] = {"left", "right", "both"}, *const sense[] = {"bottom", "top", "both"};
  const og_array *a = e->array;
  if (e->opts->title != NULL) fprintf(e->out, "%s\n", e->opts->title);
  else fprintf(e->out, "ohmgrid crossbar: %zu word lines x %zu bit lines\n", a->m, a->n);
  if (!e->opts->comments) return;
  fprintf(e->out, "* segments: word %.17g ohm, bit %.17g ohm\n", a->r_word_ohm, a->r_bit_ohm);
  fprintf(e->out, "* driven %s through %.17g ohm, sensed %s through %.17g ohm\n", drive[a->drive], a->r_source_ohm,
          sense[a->sense], a->r_sense_ohm);
  if (a->word_segments != NULL || a->bit_segments != NULL || a->source_ohm != NULL || a->sense_ohm != NULL)
    fputs("* some of these are given line by line: see the elements\n", e->out);
  if (a->wiring == OG_WIRING_PARALLEL) fputs("* word lines are source lines beside the bit lines\n", e->out);
  if (e->opts->cell != NULL) fprintf(e->out, "* cells: %s\n", og_cell_model(e->opts->cell));
  if (e->opts->subckt != NULL) fprintf(e->out, "* cells: subcircuit %s\n", e->opts->subckt->name);
  if (e->opts->analysis == OG_NETLIST_TRAN && e->opts->wave != NULL && e->opts->wave->second[0] != 0)
    fprintf(e->out, "* time 0 is %.17g s of the waveform\n", e->opts->wave->second[0]);
  if (e->opts->analysis == OG_NETLIST_NOISE && e->opts->cell != NULL)
    fputs("* cells that are B sources have no noise\n", e->out);
  fputs("* output current of bit line J, positive into its sense node t_J: i(vt_J)\n", e->out);
}

/* A driver in time: straight lines between points, as PWL. The deck's clock starts with the first point. */
static void put_wave(const emit *e, size_t s) {
  const og_wave *w = e->opts->wave;
  fprintf(e->out, "vs_%zu s_%zu 0 pwl(", s, s);
  for (size_t p = 0; p < w->points; p++)
    fprintf(e->out, "%s%.17g %.17g", p == 0 ? "" : p % 4 == 0 ? "\n+ " : " ", w->second[p] - w->second[0],
            w->volt[p * e->deck->sources + s]);
  fputs(")\n", e->out);
}

/*
 * Transimpedance amplifier: v(o) = A (v(r) - v(a)), r held at the potential of the bit line terminal, feedback from o
 * to a. With a pole, A is 1 S into A ohm beside C = 1 / (2 pi GBW): corner at GBW / A.
 */
static void put_amplifier(const emit *e, size_t j, double u) {
  const og_netlist_opts *o = e->opts;
  fprintf(e->out, "vt_%zu t_%zu a_%zu dc 0\nvr_%zu r_%zu 0 dc %.17g\nrf_%zu a_%zu o_%zu %.17g\n", j, j, j, j, j, u, j,
          j, j, o->tia_ohm);
  if (o->tia_hertz == 0) {
    fprintf(e->out, "eo_%zu o_%zu 0 r_%zu a_%zu %.17g\n", j, j, j, j, o->tia_gain);
    return;
  }
  fprintf(e->out,
          "gq_%zu 0 q_%zu r_%zu a_%zu 1\nrq_%zu q_%zu 0 %.17g\ncq_%zu q_%zu 0 %.17g\neo_%zu o_%zu 0 q_%zu 0 1\n", j, j,
          j, j, j, j, o->tia_gain, j, j, 1 / (2 * M_PI * o->tia_hertz), j, j, j);
}

static void put_sources(const emit *e) {
  const og_netlist_opts *o = e->opts;
  int moves = o->analysis == OG_NETLIST_TRAN && o->wave != NULL;
  const double *u = o->bit_volts != NULL ? o->bit_volts : moves ? o->wave->sense_volt : NULL;
  for (size_t s = 0; s < e->deck->sources; s++) {
    if (moves && o->wave->points > 1) put_wave(e, s);
    else
      fprintf(e->out, "vs_%zu s_%zu 0 dc %.17g%s\n", s, s, moves ? o->wave->volt[s] : e->v[s],
              o->analysis == OG_NETLIST_NOISE && s == o->noise_input ? " ac 1" : "");
  }
  for (size_t j = 0; j < e->array->n; j++) {
    if (o->tia_ohm > 0) put_amplifier(e, j, u != NULL ? u[j] : 0);
    else fprintf(e->out, "vt_%zu t_%zu 0 dc %.17g\n", j, j, u != NULL ? u[j] : 0);
  }
}

static int is_plain(const emit *e) { return e->opts->subckt == NULL && ogi_law_is_linear(e->opts->cell); }

static void put_tolerances(const emit *e) {
  const og_netlist_opts *o = e->opts;
  int tran = o->analysis == OG_NETLIST_TRAN, strict = tran || (o->analysis == OG_NETLIST_OP && !is_plain(e)), some = 0;
  const struct {
    const char *name;
    double set, otherwise;
  } all[] = {{"reltol", o->reltol, tran ? 1e-6 : 1e-9},
             {"abstol", o->abstol_amp, 1e-18},
             {"vntol", o->vntol_volt, 1e-12},
             {"chgtol", o->chgtol_coulomb, tran ? 1e-21 : 0},
             {"trtol", o->trtol, tran ? 1 : 0}};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    double value = all[k].set > 0 ? all[k].set : strict ? all[k].otherwise : 0;
    if (value > 0) fprintf(e->out, "%s %s=%.15g", some++ == 0 ? ".options" : "", all[k].name, value);
  }
  if (tran) fprintf(e->out, " method=%s", o->method == OG_NETLIST_GEAR ? "gear" : "trap");
  if (some > 0) fputc('\n', e->out);
}

static void put_tran(const emit *e) {
  const og_netlist_opts *o = e->opts;
  double stop = o->stop_second - (o->wave != NULL ? o->wave->second[0] : 0);
  double step = o->step_second > 0 ? o->step_second : stop / 1000;
  fprintf(e->out, ".tran %.17g %.17g 0 %.17g\n.print tran", step, stop, step);
  for (size_t j = 0; j < e->array->n; j++) fprintf(e->out, "%si(vt_%zu)", j % NODES_A_LINE != 11 ? " " : "\n+ ", j);
  fputc('\n', e->out);
}

/* h_out: 1 V for 1 A of the output current. Temperatures of decks are in degrees Celsius. */
static void put_noise(const emit *e) {
  const og_netlist_opts *o = e->opts;
  fprintf(e->out, "hn_out n_out 0 vt_%zu 1\n.options temp=%.17g\n", o->noise_output, o->kelvin - 273.15);
  fprintf(e->out, ".noise v(n_out) vs_%zu dec %zu %.17g %.17g\n", o->noise_input, o->noise_points, o->noise_from_hertz,
          o->noise_to_hertz);
  const char *ending = o->dialect == OG_NETLIST_XYCE ? "" : "_spectrum";
  fprintf(e->out, ".print noise onoise%s inoise%s\n", ending, ending);
}

static void put_analysis(const emit *e) {
  put_tolerances(e);
  if (e->opts->analysis == OG_NETLIST_OP) fputs(".op\n", e->out);
  if (e->opts->analysis == OG_NETLIST_TRAN) put_tran(e);
  if (e->opts->analysis == OG_NETLIST_NOISE) put_noise(e);
  fputs(".end\n", e->out);
}

static void put_deck(emit *e) {
  const og_netlist_subckt *c = e->opts->subckt;
  put_heading(e);
  if (c != NULL) fprintf(e->out, "%s%s", c->text, c->text[strlen(c->text) - 1] == '\n' ? "" : "\n");
  put_sources(e);
  if (e->opts->style == OG_NETLIST_HIERARCHICAL) put_hierarchy(e);
  else put_flat(e);
  put_analysis(e);
}

/* ---- the calls ---- */

void og_netlist_opts_init(og_netlist_opts *opts) {
  *opts = (og_netlist_opts){.comments = 1, .noise_from_hertz = 1, .noise_to_hertz = 1e9, .noise_points = 1,
                            .kelvin = 300, .tia_gain = 1e5};
}

og_status og_netlist_print(FILE *out, const og_array *a, const double *g, const double *v, const og_netlist_opts *opts,
                           og_error *err) {
  og_status st;
  og_netlist_opts defaults;
  ogi_locale locale;
  ogi_labels deck = {0};
  og_netlist_opts_init(&defaults);
  if (opts == NULL) opts = &defaults;
  if (out == NULL || g == NULL) return ogi_fail(err, OG_E_ARG, "netlist: a needed pointer is NULL");
  emit e = {.out = out, .deck = &deck, .array = a, .g = g, .v = v, .opts = opts};
  ogi_locale_begin(&locale);
  OGI_TRY(st, og_array_check(a, err));
  OGI_TRY(st, ogi_emit_check(a, g, v, opts, err));
  OGI_TRY(st, ogi_labels_create(&deck, a, err));
  if (opts->style == OG_NETLIST_HIERARCHICAL) {
    OGI_TRY(st, ogi_law_kinds(opts->cell, a->m * a->n, &e.kind, &e.example, &e.kinds, err));
    OGI_TRY(st, find_owners(&e, err));
  }
  put_deck(&e);
done:
  ogi_free(e.kind);
  ogi_free(e.example);
  ogi_free(e.owner);
  ogi_free(e.seen);
  ogi_labels_clear(&deck);
  ogi_locale_end(&locale);
  return st;
}

og_status ogi_netlist_emit(FILE *out, const og_array *a, const double *g, const double *v, const double *u,
                           og_error *err) {
  og_netlist_opts opts;
  og_netlist_opts_init(&opts);
  opts.bit_volts = u;
  return og_netlist_print(out, a, g, v, &opts, err);
}

/* The file is opened first, but only as a temporary: a refusal leaves an older file at path as it was. */
og_status og_netlist_write(const char *path, const og_array *array, const double *g, const double *v,
                           const og_netlist_opts *opts, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  if (path == NULL) return ogi_fail(err, OG_E_ARG, "netlist: path is NULL");
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  OGI_TRY(st, og_netlist_print(w.stream, array, g, v, opts, err));
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  return st;
}

og_status og_netlist_save_biased(const char *path, const og_array *array, const double *g, const double *v,
                                 const double *u, og_error *err) {
  og_netlist_opts opts;
  og_netlist_opts_init(&opts);
  opts.bit_volts = u;
  return og_netlist_write(path, array, g, v, &opts, err);
}

og_status og_netlist_save(const char *path, const og_array *array, const double *g, const double *v, og_error *err) {
  return og_netlist_write(path, array, g, v, NULL, err);
}
