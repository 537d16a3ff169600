/* SPDX-License-Identifier: BSD-3-Clause */
/** Kirchhoff's laws of one cell as terms of a tape, then as programs. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "compact/ogi_form.h"

typedef enum role { UNKNOWN, GROUND, PORT, FIXED } role;

typedef struct node {
  role is;
  size_t unknown;               /* UNKNOWN, PORT: its number */
  const ogi_deck_part *source;  /* FIXED: what fixes it */
  size_t literal;               /* FIXED: first literal of that source */
  int negative;                 /* FIXED: by its second end */
  enum { NOT_YET, BEING_MADE, MADE } stage;
  size_t potential;             /* term, once MADE */
} node;

typedef struct former {
  og_compact *m;
  ogi_cell_source *s;
  ogi_tape tape;
  node *node;
  size_t literal;                    /* the next */
  size_t current[OGI_UNKNOWNS];      /* terms: I_r */
  size_t *mass;                      /* terms: C_rc, unknowns x unknowns; 0: none */
  size_t start[OGI_UNKNOWNS];        /* terms */
  size_t state[OG_CELL_STATES];      /* terms */
  og_error *err;
} former;

static size_t unknowns(const former *f) { return ogi_compact_unknowns(f->m); }

static og_status refuse(const former *f, const ogi_deck_part *p, const char *what) {
  og_status st = ogi_fail(f->err, OG_E_INPUT, "%s: %s", ogi_cell_part_name(f->s, p), what);
  return ogi_at(&f->s->deck->lines, p->place, st, f->err);
}

static size_t op2(former *f, int op, size_t a, size_t b) { return ogi_tape_op(&f->tape, op, a, b, 0); }

static node *node_of(const former *f, size_t deck_node) { return &f->node[f->s->local[deck_node]]; }

/* ---- what stands where ---- */

/* How many numbers note_part of read.c noted for a part. */
static size_t literals_of(const ogi_deck_part *p) {
  size_t count = p->kind == 'C' ? 2 : 1;
  if (p->law == NULL) return count;
  count = 0;
  for (size_t k = 0; k < p->law->expr->nodes.count; k++) count += p->law->expr->nodes.item[k].op == OGI_NUMBER;
  return count;
}

static int is_voltage(const ogi_deck_part *p) {
  return p->law != NULL ? p->law->kind == 'v' : p->kind == 'V' || p->kind == 'E';
}

static og_status check_part(const former *f, const ogi_deck_part *p) {
  const ogi_deck_law *law = p->law;
  switch (p->kind) {
    case 'L':
    case 'K': return refuse(f, p, "saw an inductor, which has no compact form");
    case 'F':
    case 'H': return refuse(f, p, "saw a source that asks for a current, need one of potentials");
    case 'D': return refuse(f, p, "saw a diode, need its law in a B source");
    default: break;
  }
  if (p->external || p->has_wave) return refuse(f, p, "saw a source that changes in time, need a steady one");
  for (size_t k = 0; law != NULL && k < law->controls.count; k++)
    if (law->controls.item[k].kind != 'v') return refuse(f, p, "saw the current of a source, need potentials");
  for (size_t k = 0; law != NULL && k < law->expr->nodes.count; k++)
    if (law->expr->nodes.item[k].op == OGI_TIME) return refuse(f, p, "saw time, need potentials");
  return OG_OK;
}

static og_status fix(former *f, const ogi_deck_part *p) {
  node *a = node_of(f, p->node[0]), *b = node_of(f, p->node[1]), *fixed = a->is == GROUND ? b : a;
  if (a->is != GROUND && b->is != GROUND)
    return refuse(f, p, "saw a source of voltage between two unknown nodes, need one end at ground");
  if (fixed->is == GROUND) return refuse(f, p, "saw a source of voltage from ground to ground");
  if (fixed->is == PORT) return refuse(f, p, "saw a source of voltage at a terminal, need it inside");
  if (fixed->is == FIXED) return refuse(f, p, "saw a second source of voltage at its node, need one");
  *fixed = (node){.is = FIXED, .source = p, .literal = f->literal, .negative = fixed == b};
  return OG_OK;
}

static og_status find_roles(former *f) {
  og_status st = OG_OK;
  const ogi_cell_source *s = f->s;
  f->node[0].is = GROUND;
  for (size_t k = 0; k < s->circuit->terminals; k++) f->node[1 + k].is = PORT;
  if (s->circuit->terminals == 2) f->node[2].is = GROUND; /* the deck has ground there */
  for (size_t k = 0; k < s->parts && st == OG_OK; k++) {
    const ogi_deck_part *p = &s->deck->parts.item[k];
    st = check_part(f, p);
    if (st == OG_OK && is_voltage(p)) st = fix(f, p);
    f->literal += literals_of(p);
  }
  return st;
}

static og_status number_unknowns(former *f) {
  og_compact *m = f->m;
  const ogi_cell_source *s = f->s;
  for (size_t k = 0; k < s->nodes; k++) m->inner += f->node[k].is == UNKNOWN;
  for (size_t k = 0; k < s->nodes; k++) m->ports += f->node[k].is == PORT;
  if (unknowns(f) > OGI_UNKNOWNS)
    return ogi_fail(f->err, OG_E_RANGE, "%s: saw %zu unknown potentials, need at most %d", s->circuit->name,
                    unknowns(f), OGI_UNKNOWNS);
  m->name = ogi_alloc(m->inner, sizeof *m->name);
  m->start = ogi_alloc(m->inner, sizeof *m->start);
  f->mass = ogi_alloc(unknowns(f) * unknowns(f), sizeof *f->mass);
  if (m->name == NULL || m->start == NULL || f->mass == NULL) return ogi_fail(f->err, OG_E_NOMEM, "compact: unknowns");
  size_t inner = 0, port = m->inner;
  for (size_t k = 0; k < s->nodes; k++) {
    node *n = &f->node[k];
    if (n->is != UNKNOWN && n->is != PORT) continue;
    n->unknown = n->is == PORT ? port++ : inner++;
    if (n->is == PORT) continue;
    m->name[n->unknown] = s->node_name[k]; /* moved */
    s->node_name[k] = NULL;
  }
  return OG_OK;
}

/* ---- potentials and expressions ---- */

static size_t take_literal(former *f, size_t *at) {
  ogi_literal *l = &f->s->literals.item[(*at)++];
  double *copy = l->column != NULL ? ogi_alloc(f->s->padded, sizeof *copy) : NULL;
  f->tape.failed |= l->column != NULL && copy == NULL;
  if (copy == NULL) return ogi_tape_number(&f->tape, l->value);
  memcpy(copy, l->column, f->s->padded * sizeof *copy);
  return ogi_tape_column(&f->tape, copy);
}

static og_status potential(former *f, size_t deck_node, const ogi_deck_part *asks, size_t *term);

/* Potential of the first node against the second. */
static og_status difference(former *f, size_t a, size_t b, const ogi_deck_part *asks, size_t *term) {
  og_status st;
  size_t va, vb;
  OGI_TRY(st, potential(f, a, asks, &va));
  OGI_TRY(st, potential(f, b, asks, &vb));
  *term = op2(f, OGI_SUBTRACT, va, vb);
done:
  return st;
}

static og_status law_term(former *f, const ogi_deck_part *p, size_t *at, size_t *term) {
  og_status st = OG_OK;
  const ogi_deck_law *law = p->law;
  size_t count = law->expr->nodes.count, controls = law->controls.count, *of = ogi_alloc(count, sizeof *of);
  size_t *control = ogi_alloc(controls, sizeof *control);
  f->tape.failed |= of == NULL || control == NULL;
  for (size_t k = 0; k < controls && st == OG_OK && !f->tape.failed; k++)
    st = difference(f, law->controls.item[k].a, law->controls.item[k].b, p, &control[k]);
  for (size_t k = 0; k < count && st == OG_OK && !f->tape.failed; k++) {
    const ogi_expr_node *n = &law->expr->nodes.item[k];
    if (n->op == OGI_NUMBER) {
      of[k] = take_literal(f, at);
    } else if (n->op == OGI_CONTROL) {
      of[k] = control[n->operand[0]];
    } else {
      int operands = n->op == OGI_CHOOSE ? 3 : ogi_expr_takes_two(n->op) ? 2 : 1;
      of[k] = ogi_tape_op(&f->tape, (int)n->op, of[n->operand[0]], operands > 1 ? of[n->operand[1]] : 0,
                          operands > 2 ? of[n->operand[2]] : 0);
    }
  }
  if (st == OG_OK && !f->tape.failed) *term = of[count - 1];
  ogi_free(of);
  ogi_free(control);
  return st;
}

/* What a source of any kind gives: [V] or [A]. */
static og_status source_term(former *f, const ogi_deck_part *p, size_t *at, size_t *term) {
  og_status st = OG_OK;
  size_t across;
  *term = 0;
  if (p->law != NULL) return law_term(f, p, at, term);
  if (p->kind == 'V' || p->kind == 'I') {
    *term = take_literal(f, at);
  } else {
    size_t gain = take_literal(f, at);
    OGI_TRY(st, difference(f, p->node[2], p->node[3], p, &across));
    *term = op2(f, OGI_MULTIPLY, gain, across);
  }
done:
  return st;
}

static og_status potential(former *f, size_t deck_node, const ogi_deck_part *asks, size_t *term) {
  og_status st = OG_OK;
  node *n = node_of(f, deck_node);
  *term = 0;
  if (n->is == GROUND) return OG_OK;
  if (n->is != FIXED) {
    *term = ogi_tape_unknown(&f->tape, n->unknown);
    return OG_OK;
  }
  if (n->stage == BEING_MADE) return refuse(f, asks, "saw a source of voltage that asks for its own potential");
  if (n->stage == NOT_YET) {
    size_t at = n->literal;
    n->stage = BEING_MADE;
    OGI_TRY(st, source_term(f, n->source, &at, &n->potential));
    if (n->negative) n->potential = ogi_tape_op(&f->tape, OGI_NEGATE, n->potential, 0, 0);
    n->stage = MADE;
  }
  *term = n->potential;
done:
  return st;
}

/* ---- rows ---- */

static int has_row(const node *n) { return n->is == UNKNOWN || n->is == PORT; }

/* A current from the first node of p through it to the second. */
static void flow(former *f, const ogi_deck_part *p, size_t term) {
  const node *a = node_of(f, p->node[0]), *b = node_of(f, p->node[1]);
  if (a == b) return;
  if (has_row(a)) f->current[a->unknown] = op2(f, OGI_ADD, f->current[a->unknown], term);
  if (has_row(b)) f->current[b->unknown] = op2(f, OGI_SUBTRACT, f->current[b->unknown], term);
}

/* Potential of a plate that is not an unknown: 0 for ground. */
static og_status plate_potential(former *f, const ogi_deck_part *p, size_t deck_node, size_t *term) {
  *term = 0;
  if (node_of(f, deck_node)->is != FIXED) return OG_OK;
  og_status st = potential(f, deck_node, p, term);
  if (st != OG_OK || f->tape.failed || ogi_tape_is_constant(&f->tape, *term)) return st;
  return refuse(f, p, "saw a capacitor at a node that a source of voltage moves, need it elsewhere");
}

/* Where a plate starts, the other at a potential that is given: at that, and the initial voltage across. */
static void set_start(former *f, const node *plate, int is_first, size_t other, size_t across, int given) {
  size_t start = other;
  if (given) start = op2(f, is_first ? OGI_ADD : OGI_SUBTRACT, other, across);
  f->start[plate->unknown] = start;
}

static og_status store(former *f, const ogi_deck_part *p, size_t *at) {
  og_status st = OG_OK;
  size_t farad = take_literal(f, at), initial = take_literal(f, at), n = unknowns(f);
  const node *a = node_of(f, p->node[0]), *b = node_of(f, p->node[1]);
  if (a == b || (!has_row(a) && !has_row(b))) return OG_OK;
  size_t plate[2];
  OGI_TRY(st, plate_potential(f, p, p->node[0], &plate[0]));
  OGI_TRY(st, plate_potential(f, p, p->node[1], &plate[1]));
  if (has_row(a) && has_row(b) && !isnan(p->initial) && p->initial != 0)
    return refuse(f, p, "saw an initial voltage between two nodes that move, need one of them at ground or held");
  for (int k = 0; k < 2; k++) {
    const node *r = k == 0 ? a : b, *other = k == 0 ? b : a;
    if (!has_row(r)) continue;
    size_t *row = f->mass + r->unknown * n;
    row[r->unknown] = op2(f, OGI_ADD, row[r->unknown], farad);
    if (has_row(other)) row[other->unknown] = op2(f, OGI_SUBTRACT, row[other->unknown], farad);
    else if (other->is == FIXED || !isnan(p->initial))
      set_start(f, r, k == 0, plate[1 - k], initial, !isnan(p->initial));
  }
done:
  return st;
}

static og_status add_part(former *f, const ogi_deck_part *p) {
  og_status st = OG_OK;
  size_t at = f->literal, term = 0;
  f->literal += literals_of(p);
  if (is_voltage(p)) { /* also where nobody asks for it: it may be wrong */
    st = potential(f, node_of(f, p->node[0])->is == FIXED ? p->node[0] : p->node[1], p, &term);
  } else if (p->kind == 'C') {
    st = store(f, p, &at);
  } else if (p->kind == 'R') {
    size_t siemens = take_literal(f, &at), across = 0;
    OGI_TRY(st, difference(f, p->node[0], p->node[1], p, &across));
    flow(f, p, op2(f, OGI_MULTIPLY, siemens, across));
  } else {
    OGI_TRY(st, source_term(f, p, &at, &term));
    flow(f, p, term);
  }
done:
  return st;
}

static og_status add_parts(former *f) {
  og_status st = OG_OK;
  const ogi_cell_source *s = f->s;
  f->literal = 0;
  for (size_t k = 0; k < s->parts && st == OG_OK; k++) st = add_part(f, &s->deck->parts.item[k]);
  for (size_t k = 0; k < s->circuit->states && st == OG_OK; k++) {
    const node *n = &f->node[ogi_cell_pin(s, s->circuit->terminals + k)];
    f->state[k] = n->is == FIXED ? n->potential : has_row(n) ? ogi_tape_unknown(&f->tape, n->unknown) : 0;
  }
  if (st == OG_OK && f->tape.failed) st = ogi_fail(f->err, OG_E_NOMEM, "compact: terms");
  return st;
}

/* ---- into the model ---- */

typedef struct roots {
  OGI_LIST(size_t) term;  /* I by unknown, then G, then states */
  OGI_LIST(size_t) place; /* result of each */
} roots;

static int add_root(roots *r, size_t term) {
  if (!OGI_ROOM(r->term) || !OGI_ROOM(r->place)) return 1;
  r->place.item[r->place.count] = r->place.count;
  r->place.count++;
  r->term.item[r->term.count++] = term;
  return 0;
}

static og_status add_slopes(former *f, roots *r) {
  og_compact *m = f->m;
  size_t n = unknowns(f), slope[OGI_UNKNOWNS];
  int missing = 0;
  for (size_t k = 0; k < n; k++) missing |= add_root(r, f->current[k]);
  for (size_t c = 0; c < n; c++) {
    ogi_tape_slopes(&f->tape, c, f->current, n, slope);
    for (size_t row = 0; row < n && !f->tape.failed && !missing; row++) {
      if (slope[row] == 0) continue;
      missing |= !OGI_ROOM(m->g);
      if (!missing)
        m->g.item[m->g.count++] =
            (ogi_entry){.row = (unsigned char)row, .column = (unsigned char)c, .at = (uint32_t)r->term.count};
      missing |= add_root(r, slope[row]);
    }
  }
  for (size_t k = 0; k < m->states; k++) missing |= add_root(r, f->state[k]);
  return missing || f->tape.failed ? ogi_fail(f->err, OG_E_NOMEM, "compact: slopes") : OG_OK;
}

static og_status check_rows(const former *f) {
  const og_compact *m = f->m;
  for (size_t k = 0; k < m->inner; k++) {
    int found = f->mass[k * unknowns(f) + k] != 0;
    for (size_t j = 0; j < m->g.count; j++) found |= m->g.item[j].row == k && m->g.item[j].column == k;
    if (!found)
      return ogi_fail(f->err, OG_E_INPUT, "%s: node %s: saw no capacitor or conductance there, need one",
                      f->s->circuit->name, m->name[k]);
  }
  return OG_OK;
}

/* Constants of capacitors and of the start, besides those of the programs. */
static og_status take_constants(former *f, const roots *r, size_t *address) {
  og_compact *m = f->m;
  size_t n = unknowns(f), count = 0, *all = ogi_alloc(r->term.count + n * n + m->inner, sizeof *all);
  if (all == NULL) return ogi_fail(f->err, OG_E_NOMEM, "compact: constants");
  for (size_t k = 0; k < r->term.count; k++) all[count++] = r->term.item[k];
  for (size_t k = 0; k < n * n; k++) all[count++] = f->mass[k];
  for (size_t k = 0; k < m->inner; k++) all[count++] = f->start[k];
  og_status st = ogi_constants_take(&m->constants, &f->tape, all, count, address);
  for (size_t k = 0; k < n * n && st == OG_OK; k++) {
    if (f->mass[k] == 0) continue;
    st = OGI_ROOM(m->c) ? OG_OK : OG_E_NOMEM;
    if (st == OG_OK)
      m->c.item[m->c.count++] = (ogi_entry){
          .row = (unsigned char)(k / n), .column = (unsigned char)(k % n), .at = (uint32_t)address[f->mass[k]]};
    m->stores[k / n] = 1;
  }
  for (size_t k = 0; k < m->inner && st == OG_OK; k++) m->start[k] = (uint32_t)address[f->start[k]];
  ogi_free(all);
  return st == OG_OK ? OG_OK : ogi_fail(f->err, st, "compact: constants");
}

static og_status build(former *f, const roots *r) {
  og_status st;
  og_compact *m = f->m;
  const size_t n = unknowns(f), *term = r->term.item, *place = r->place.item, all = r->term.count;
  size_t *address = ogi_alloc(f->tape.terms.count, sizeof *address);
  if (address == NULL) return ogi_fail(f->err, OG_E_NOMEM, "compact: programs");
  OGI_TRY(st, take_constants(f, r, address));
  m->table = (ogi_table){
      .fills = m->constants.fills, .columns = m->constants.columns, .unknowns = n, .results = all};
  OGI_TRY(st, ogi_program_build(&m->currents, &f->tape, address, &m->table, term, place, n));
  OGI_TRY(st, ogi_program_build(&m->slopes, &f->tape, address, &m->table, term, place, all - m->states));
  OGI_TRY(st, ogi_program_build(&m->potentials, &f->tape, address, &m->table, term + all - m->states,
                                place + all - m->states, m->states));
  st = ogi_factor_plan(&m->factor, n, m->c.item, m->c.count, m->g.item, m->g.count);
done:
  ogi_free(address);
  return st == OG_OK ? st : ogi_fail(f->err, st, "compact: programs");
}

og_status ogi_cell_form(og_compact *m, ogi_cell_source *s, og_error *err) {
  og_status st;
  former f = {.m = m, .s = s, .err = err};
  roots r = {0};
  m->cells = s->cells;
  m->padded = s->padded;
  m->states = s->circuit->states;
  ogi_tape_open(&f.tape, s->cells);
  f.node = ogi_alloc(s->nodes, sizeof *f.node);
  if (f.node == NULL || f.tape.failed) st = ogi_fail(err, OG_E_NOMEM, "compact: nodes");
  else st = find_roles(&f);
  if (st == OG_OK) st = number_unknowns(&f);
  if (st == OG_OK) st = add_parts(&f);
  if (st == OG_OK) st = add_slopes(&f, &r);
  if (st == OG_OK) st = check_rows(&f);
  if (st == OG_OK) st = build(&f, &r);
  ogi_tape_close(&f.tape);
  ogi_free(f.node);
  ogi_free(f.mass);
  ogi_free(r.term.item);
  ogi_free(r.place.item);
  return st;
}
