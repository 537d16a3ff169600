/* SPDX-License-Identifier: BSD-3-Clause */
/** From terms to steps: constants kept, slots given out and taken back. */
#include <config.h>

#include <string.h>

#include "base/ogi_mem.h"
#include "compact/ogi_program.h"

og_status ogi_constants_take(ogi_constants *c, ogi_tape *t, const size_t *root, size_t roots, size_t *address) {
  unsigned char *used = ogi_alloc(t->terms.count, 1);
  *c = (ogi_constants){0};
  if (used == NULL) return OG_E_NOMEM;
  used[0] = 1; /* stands for operands that an operation does not have */
  ogi_tape_mark(t, root, roots, used);
  for (size_t k = 0; k < t->terms.count; k++) {
    const ogi_term *x = &t->terms.item[k];
    if (used[k] && x->op == OGI_NUMBER) address[k] = x->column != NULL ? c->columns++ : c->fills++;
  }
  c->fill = ogi_alloc(c->fills * OGI_LANES, sizeof *c->fill);
  c->column = ogi_alloc(c->columns, sizeof *c->column);
  og_status st = c->fill != NULL && c->column != NULL ? OG_OK : OG_E_NOMEM;
  for (size_t k = 0; k < t->terms.count && st == OG_OK; k++) {
    ogi_term *x = &t->terms.item[k];
    if (!used[k] || x->op != OGI_NUMBER) continue;
    if (x->column != NULL) {
      c->column[address[k]] = x->column;
      x->column = NULL;
      address[k] += c->fills;
    } else {
      for (size_t l = 0; l < OGI_LANES; l++) c->fill[address[k] * OGI_LANES + l] = x->value;
    }
  }
  ogi_free(used);
  return st;
}

void ogi_constants_clear(ogi_constants *c) {
  for (size_t k = 0; c->column != NULL && k < c->columns; k++) ogi_free(c->column[k]);
  ogi_free(c->column);
  ogi_free(c->fill);
  *c = (ogi_constants){0};
}

#define NEVER ((size_t)-1)

typedef struct builder {
  ogi_program *p;
  const ogi_tape *t;
  const ogi_table *table;
  unsigned char *used;
  size_t *address, *last; /* of each term; the last term that asks for it, NEVER: it is a result */
  OGI_LIST(size_t) spare; /* slots */
} builder;

static int is_step(const ogi_term *x) { return x->op != OGI_NUMBER && x->op != OGI_CONTROL; }

static size_t take_slot(builder *b) {
  return ogi_table_slot(b->table) + (b->spare.count > 0 ? b->spare.item[--b->spare.count] : b->p->slots++);
}

static og_status leave_slot(builder *b, size_t k, size_t now) {
  const ogi_term *x = &b->t->terms.item[k];
  if (!is_step(x) || b->last[k] != now) return OG_OK;
  if (!OGI_ROOM(b->spare)) return OG_E_NOMEM;
  b->spare.item[b->spare.count++] = b->address[k] - ogi_table_slot(b->table);
  b->last[k] = NEVER - 1; /* an operand may stand twice in one step */
  return OG_OK;
}

static og_status put(builder *b, int op, size_t to, size_t a, size_t y, size_t c) {
  if (!OGI_ROOM(b->p->steps)) return OG_E_NOMEM;
  b->p->steps.item[b->p->steps.count++] =
      (ogi_program_step){op, (uint32_t)to, (uint32_t)a, (uint32_t)y, (uint32_t)c};
  return OG_OK;
}

static og_status put_term(builder *b, size_t k) {
  og_status st = OG_OK;
  const ogi_term *x = &b->t->terms.item[k];
  if (b->address[k] == NEVER) b->address[k] = take_slot(b);
  OGI_TRY(st, put(b, x->op, b->address[k], b->address[x->a], b->address[x->b], b->address[x->c]));
  OGI_TRY(st, leave_slot(b, x->a, k));
  OGI_TRY(st, leave_slot(b, x->b, k));
  st = leave_slot(b, x->c, k);
done:
  return st;
}

/* Who is asked for until when, and what stands where from the beginning. */
static void prepare(builder *b, const size_t *constant, const size_t *root, const size_t *place, size_t roots) {
  ogi_tape_mark(b->t, root, roots, b->used);
  for (size_t k = 0; k < b->t->terms.count; k++) {
    const ogi_term *x = &b->t->terms.item[k];
    b->address[k] = x->op == OGI_NUMBER    ? constant[k]
                    : x->op == OGI_CONTROL ? ogi_table_unknown(b->table) + x->a
                                           : NEVER;
    if (b->used[k] && is_step(x)) b->last[x->a] = b->last[x->b] = b->last[x->c] = k;
  }
  for (size_t j = 0; j < roots; j++) {
    size_t k = root[j];
    if (!is_step(&b->t->terms.item[k]) || b->address[k] != NEVER) continue;
    b->address[k] = ogi_table_result(b->table) + place[j];
    b->last[k] = NEVER;
  }
}

og_status ogi_program_build(ogi_program *p, const ogi_tape *t, const size_t *constant, const ogi_table *table,
                            const size_t *root, const size_t *place, size_t roots) {
  og_status st = OG_OK;
  size_t terms = t->terms.count;
  builder b = {.p = p, .t = t, .table = table};
  *p = (ogi_program){0};
  b.used = ogi_alloc(terms, 1);
  b.address = ogi_alloc(terms, sizeof *b.address);
  b.last = ogi_alloc(terms, sizeof *b.last);
  if (b.used == NULL || b.address == NULL || b.last == NULL) st = OG_E_NOMEM;
  else prepare(&b, constant, root, place, roots);
  for (size_t k = 0; k < terms && st == OG_OK; k++)
    if (b.used[k] && is_step(&t->terms.item[k])) st = put_term(&b, k);
  for (size_t j = 0; j < roots && st == OG_OK; j++)
    if (b.address[root[j]] != ogi_table_result(table) + place[j])
      st = put(&b, OGI_COPY, ogi_table_result(table) + place[j], b.address[root[j]], 0, 0);
  ogi_free(b.used);
  ogi_free(b.address);
  ogi_free(b.last);
  ogi_free(b.spare.item);
  if (st != OG_OK) ogi_program_clear(p);
  return st;
}

void ogi_program_clear(ogi_program *p) {
  ogi_free(p->steps.item);
  *p = (ogi_program){0};
}
