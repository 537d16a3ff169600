/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiled cells against closed forms, bisection, themselves at other steps, and ngspice. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/ohmgrid.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "ogt.h"

static og_error err;

/* ---- an array of cells behind resistances, with one source for each port ---- */

typedef struct bank {
  og_compact *model;
  size_t cells, ports, inner;
  double *y, *v, *i, *ohm, *from, *to, *joule;
  og_compact_info info;
} bank;

static bank open_bank(const og_cell_circuit *c, size_t cells, double ohm) {
  bank b = {.cells = cells};
  ck_assert_msg(og_compact_create(&b.model, c, cells, &err) == OG_OK, "%s: %s", c->name, err.text);
  b.ports = og_compact_ports(b.model);
  b.inner = og_compact_unknowns(b.model);
  double **rows[] = {&b.v, &b.i, &b.ohm, &b.from, &b.to};
  for (size_t k = 0; k < 5; k++) *rows[k] = ogi_alloc(b.ports * cells, sizeof(double));
  b.y = ogi_alloc(b.inner * cells + 1, sizeof *b.y);
  b.joule = ogi_alloc(cells, sizeof *b.joule);
  for (size_t k = 0; k < b.ports * cells; k++) b.ohm[k] = ohm;
  ck_assert_int_eq(og_compact_start(b.model, b.y, &err), OG_OK);
  return b;
}

static void close_bank(bank *b) {
  og_compact_free(b->model);
  double *rows[] = {b->v, b->i, b->ohm, b->from, b->to, b->y, b->joule};
  for (size_t k = 0; k < 7; k++) ogi_free(rows[k]);
}

static og_status advance(bank *b, double dt, double rtol, size_t first, size_t count) {
  const og_compact_step s = {.dt_second = dt, .rtol = rtol, .first = first, .count = count, .ohm = b->ohm,
                             .from = b->from, .to = b->to, .y = b->y, .v = b->v, .i = b->i, .joule = b->joule};
  return og_compact_advance(b->model, &s, &b->info, &err);
}

static void must_advance(bank *b, double dt, double rtol) {
  ck_assert_msg(advance(b, dt, rtol, 0, b->cells) == OG_OK, "%s", err.text);
}

static void set_all(double *x, size_t count, double value) {
  for (size_t k = 0; k < count; k++) x[k] = value;
}

static og_cell_circuit two_pole(const char *name, const char *text, const char *state) {
  return (og_cell_circuit){.name = name, .text = text, .terminals = 2, .states = state != NULL, .state = {state}};
}

/* ---- closed forms ---- */

/* R and C behind R: v(t) = V g (1 - exp(-t/tau)), tau = C (R1 || R2); energy by the integral of v i. */
START_TEST(a_capacitor_charges_as_the_exponential_says) {
  enum { CELLS = 131 };
  double farad[CELLS], ohm[CELLS];
  og_cell_circuit c = two_pole("rc", ".subckt rc p n c=1n r=1k\nc1 p n {c}\nr1 p n {r}\n.ends\n", NULL);
  ogt_fill(farad, CELLS, 1e-12, 3e-12, 1);
  ogt_fill(ohm, CELLS, 2e3, 7e3, 2);
  c.params = 2;
  c.param[0] = "c";
  c.value[0] = farad;
  c.param[1] = "r";
  c.value[1] = ohm;
  bank b = open_bank(&c, CELLS, 1370);
  double joule[CELLS] = {0};
  set_all(b.from, CELLS, 0.83);
  set_all(b.to, CELLS, 0.83);
  for (int k = 0; k < 20; k++) {
    must_advance(&b, 0.1e-9, 1e-7);
    for (size_t j = 0; j < CELLS; j++) joule[j] += b.joule[j];
  }
  for (size_t j = 0; j < CELLS; j++) {
    double g = ohm[j] / (ohm[j] + 1370), tau = farad[j] * 1370 * g, t = 2e-9, e = exp(-t / tau), end = 0.83 * g;
    double v = end * (1 - e);
    ogt_abs(b.v[j], v, 1e-6);
    ogt_rel(b.i[j], (0.83 - v) / 1370, 1e-5);
    /* integral of v (V - v)/R */
    double v1 = end * (t - tau * (1 - e)), v2 = end * end * (t - 2 * tau * (1 - e) + tau / 2 * (1 - e * e));
    ogt_rel(joule[j], (0.83 * v1 - v2) / 1370, 1e-4);
  }
  close_bank(&b);
}
END_TEST

/* w' = (1 - w) rate |v| - w / tau at constant v, and i = g w v through no resistance. */
static const char relaxing[] =
    "* relaxing\n.subckt relaxing p n w g=1m rate=5meg tau=70n w0=0.1\ncw w 0 1n ic={w0}\n"
    "bw 0 w i=1n*({rate}*abs(v(p,n))*(1-v(w))-v(w)/{tau})\nbi p n i={g}*v(w)*v(p,n)\n.ends\n";

START_TEST(a_state_relaxes_as_the_exponential_says) {
  enum { CELLS = 70 };
  double w0[CELLS];
  og_cell_circuit c = two_pole("relaxing", relaxing, "w");
  ogt_fill(w0, CELLS, 0.05, 0.6, 3);
  c.params = 1;
  c.param[0] = "w0";
  c.value[0] = w0;
  bank b = open_bank(&c, CELLS, 0);
  ck_assert_str_eq(og_compact_unknown(b.model, 0), "w");
  ck_assert_ptr_null(og_compact_unknown(b.model, 1));
  ck_assert_uint_eq(og_compact_find(b.model, "w"), 0);
  ck_assert_uint_eq(og_compact_find(b.model, "x"), 1);
  ogt_rel(b.y[17], w0[17], 0);
  for (size_t j = 0; j < CELLS; j++) b.from[j] = b.to[j] = 0.4 + 0.01 * (double)j;
  for (int k = 0; k < 30; k++) must_advance(&b, 3.3e-9, 1e-6);
  for (size_t j = 0; j < CELLS; j++) {
    double up = 5e6 * b.to[j], rate = up + 1 / 70e-9, end = up / rate;
    double w = end + (w0[j] - end) * exp(-rate * 99e-9);
    ogt_abs(b.y[j], w, 1e-5);
    ogt_rel(b.v[j], b.to[j], 1e-14);
    ogt_rel(b.i[j], 1e-3 * b.y[j] * b.v[j], 1e-12);
  }
  close_bank(&b);
}
END_TEST

/* is sinh(v/v0) behind R: the root by bisection. Jumps of the source are no steps of time. */
START_TEST(a_nonlinear_port_solves_its_series_circuit) {
  enum { CELLS = 9 };
  og_cell_circuit c = two_pole("s", ".subckt s p n\nr1 p m 310\nbi m n i=2u*sinh(v(m,n)/0.07)\n.ends\n", NULL);
  bank b = open_bank(&c, CELLS, 450);
  for (size_t j = 0; j < CELLS; j++) b.from[j] = b.to[j] = -1.1 + 0.29 * (double)j;
  must_advance(&b, 1e-9, 1e-4);
  for (size_t j = 0; j < CELLS; j++) {
    double low = -2, high = 2;
    for (int k = 0; k < 200; k++) {
      double m = 0.5 * (low + high);
      if (2e-6 * sinh(m / 0.07) + (m - b.to[j]) / 760 > 0) high = m;
      else low = m;
    }
    ogt_rel(b.i[j], 2e-6 * sinh(low / 0.07), 2e-8);
    ogt_abs(b.v[j], low + 310 * b.i[j], 1e-9);
    ogt_abs(b.y[j], low, 1e-9);
  }
  close_bank(&b);
}
END_TEST

/* Currents and slopes of the port against differences; states that are expressions. */
START_TEST(slopes_are_those_of_the_currents) {
  enum { CELLS = 66 };
  static const char text[] =
      ".subckt many d g s q k=2\nbq q 0 v=0.5*(1+tanh(v(g,s)/0.3))\ncw w 0 1n\nbw w 0 i=v(w)*1n\n"
      "bi d s i=1m*v(q)*(sinh(v(d,s))+pow(v(d,s),{k})+pwr(v(d,s),2)+v(d)^3+sqrt(abs(v(g)))+ln(1.5+v(s))-cosh(v(d)))\n"
      "bg g s i=1m*(v(g)>v(s) ? min(v(g),0.2)/(2+v(d)) : max(v(s),exp(v(g))))"
      "+1m*atan(v(d))*asinh(v(s))-uramp(v(d))*1m\n"
      "gx d 0 g s 0.3m\nr1 g s 4k\n.ends\n";
  double k[CELLS], v[3 * CELLS], y[CELLS], i[3 * CELLS], up[3 * CELLS], down[3 * CELLS], slope[9 * CELLS], state[CELLS];
  og_cell_circuit c = {.name = "many", .text = text, .terminals = 3, .states = 1, .state = {"q"}, .params = 1,
                       .param = {"k"}, .value = {k}};
  og_compact *m;
  ogt_fill(k, CELLS, 1.3, 2.7, 4);
  ogt_fill(v, 3 * CELLS, -0.9, 0.9, 5);
  ogt_fill(y, CELLS, 0, 1, 6);
  ck_assert_msg(og_compact_create(&m, &c, CELLS, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(og_compact_ports(m), 3);
  ck_assert_uint_eq(og_compact_unknowns(m), 1);
  ck_assert_uint_eq(og_compact_cells(m), CELLS);
  ck_assert_int_eq(og_compact_eval(m, 0, CELLS, v, y, i, slope, &err), OG_OK);
  for (size_t q = 0; q < 3; q++) {
    double *row = v + q * CELLS;
    for (size_t j = 0; j < CELLS; j++) row[j] += 1e-6;
    ck_assert_int_eq(og_compact_eval(m, 0, CELLS, v, y, up, NULL, &err), OG_OK);
    for (size_t j = 0; j < CELLS; j++) row[j] -= 2e-6;
    ck_assert_int_eq(og_compact_eval(m, 0, CELLS, v, y, down, NULL, &err), OG_OK);
    for (size_t j = 0; j < CELLS; j++) row[j] += 1e-6;
    for (size_t p = 0; p < 3; p++)
      for (size_t j = 0; j < CELLS; j++)
        ogt_abs(slope[(p * 3 + q) * CELLS + j], (up[p * CELLS + j] - down[p * CELLS + j]) / 2e-6, 2e-8);
  }
  ck_assert_int_eq(og_compact_states(m, 0, CELLS, v, y, state, &err), OG_OK);
  for (size_t j = 0; j < CELLS; j++) {
    ogt_rel(state[j], 0.5 * (1 + tanh((v[CELLS + j] - v[2 * CELLS + j]) / 0.3)), 1e-12);
    double vd = v[j], vs = v[2 * CELLS + j], vg = v[CELLS + j], ds = vd - vs;
    double want = 1e-3 * state[j] * (sinh(ds) + pow(fabs(ds), k[j]) + (ds > 0 ? ds * ds : -ds * ds) +
                                     fabs(vd * vd * vd) + sqrt(fabs(vg)) + log(1.5 + vs) - cosh(vd)) +
                  0.3e-3 * (vg - vs);
    ogt_abs(i[j], want, 1e-16);
  }
  ck_assert_int_eq(og_compact_eval(m, 3, 2, v, y, NULL, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_compact_eval(m, 65, 2, v, y, i, NULL, &err), OG_E_ARG);
  v[1] = 1e4;
  ck_assert_int_eq(og_compact_eval(m, 7, 20, v, y, i, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "cell 8: port 0: current: saw ");
  og_compact_free(m);
}
END_TEST

/* ---- the method ---- */

/* A stiff end stop and a port without capacitance; the error of fixed inner steps falls as their cube. */
static double end_of(double ohm, double rtol, size_t steps) {
  og_cell_circuit c = two_pole("o",
                               ".subckt o p n w\ncw w 0 1n ic=0.2\n"
                               "bw 0 w i=1n*(3meg*sinh(2*v(p,n))*(1-v(w)*v(w))-v(w)*2meg)\n"
                               "bi p n i=1m*(0.2+v(w))*(v(p,n)+0.3*v(p,n)^3)\n.ends\n", "w");
  bank b = open_bank(&c, 1, ohm);
  for (size_t k = 0; k < steps; k++) {
    b.from[0] = 1.3 * (double)k / (double)steps;
    b.to[0] = 1.3 * (double)(k + 1) / (double)steps;
    must_advance(&b, 400e-9 / (double)steps, rtol);
    ck_assert(rtol < 1 || b.info.steps == 1);
  }
  double w = b.y[0];
  close_bank(&b);
  return w;
}

START_TEST(the_order_is_three) {
  double ohm = _i == 0 ? 700 : 0, exact = end_of(ohm, 1e-10, 7), off[3];
  for (size_t k = 0; k < 3; k++) off[k] = fabs(end_of(ohm, 1e3, (size_t)10 << k) - exact);
  ck_assert_msg(off[0] / off[1] > 5.5 && off[0] / off[1] < 11, "from 10 to 20 steps: %g to %g", off[0], off[1]);
  ck_assert_msg(off[1] / off[2] > 6.5 && off[1] / off[2] < 10, "from 20 to 40 steps: %g to %g", off[1], off[2]);
}
END_TEST

START_TEST(the_error_follows_the_tolerance) {
  double exact = end_of(700, 1e-10, 7);
  for (double rtol = 1e-3; rtol > 1e-8; rtol /= 10) ck_assert_double_le(fabs(end_of(700, rtol, 3) - exact), 3 * rtol);
}
END_TEST

START_TEST(ranges_of_whole_blocks_give_the_bits_of_the_whole) {
  enum { CELLS = 300 };
  double g[CELLS];
  og_cell_circuit c = two_pole("relaxing", relaxing, "w");
  ogt_fill(g, CELLS, 1e-4, 4e-3, 7);
  c.params = 1;
  c.param[0] = "g";
  c.value[0] = g;
  bank a = open_bank(&c, CELLS, 300), b = open_bank(&c, CELLS, 300);
  for (int k = 0; k < 4; k++) {
    ogt_fill(a.to, CELLS, -1.4, 1.7, 10 + (uint32_t)k);
    memcpy(b.to, a.to, CELLS * sizeof *a.to);
    must_advance(&a, 7e-9, 1e-4);
    ck_assert_int_eq(advance(&b, 7e-9, 1e-4, 192, 108), OG_OK);
    ck_assert_int_eq(advance(&b, 7e-9, 1e-4, 0, 64), OG_OK);
    ck_assert_int_eq(advance(&b, 7e-9, 1e-4, 64, 128), OG_OK);
    ck_assert_mem_eq(a.y, b.y, CELLS * sizeof *a.y);
    ck_assert_mem_eq(a.v, b.v, CELLS * sizeof *a.v);
    ck_assert_mem_eq(a.i, b.i, CELLS * sizeof *a.i);
    ck_assert_mem_eq(a.joule, b.joule, CELLS * sizeof *a.joule);
    memcpy(a.from, a.to, CELLS * sizeof *a.to);
    memcpy(b.from, a.to, CELLS * sizeof *a.to);
    for (size_t j = 0; j < CELLS; j++) ogt_rel((a.to[j] - a.v[j]) / 300, a.i[j], 1e-8); /* Kirchhoff */
  }
  close_bank(&a);
  close_bank(&b);
}
END_TEST

START_TEST(parameters_of_one_cell_alone_change_only_that_cell) {
  enum { CELLS = 64 };
  double tau[CELLS];
  og_cell_circuit c = two_pole("relaxing", relaxing, "w");
  set_all(tau, CELLS, 70e-9);
  c.params = 1;
  c.param[0] = "tau";
  c.value[0] = tau;
  tau[31] = 20e-9;
  bank b = open_bank(&c, CELLS, 0);
  must_advance(&b, 30e-9, 1e-6);
  for (size_t j = 0; j < CELLS; j++) ogt_abs(b.y[j], 0.1 * exp(-30e-9 / tau[j]), 1e-6);
  close_bank(&b);
}
END_TEST

/* A port of no resistance with a capacitor: i = C dS/dt, and through a node behind a capacitor. */
START_TEST(capacitors_at_a_port_take_their_current) {
  og_cell_circuit c = two_pole("c", ".subckt c p n\nc1 p n 3f\nc2 p m 2f\nr2 m n 5k\n.ends\n", NULL);
  bank b = open_bank(&c, 2, 0);
  b.to[0] = 0.7;
  b.to[1] = -0.2;
  must_advance(&b, 1e-9, 1e-6); /* 100 time constants of 10 ps: both branches carry C dS/dt */
  ogt_rel(b.i[0], 5e-15 * 0.7 / 1e-9, 1e-5);
  ogt_rel(b.i[1], 5e-15 * -0.2 / 1e-9, 1e-5);
  close_bank(&b);
}
END_TEST

/* ---- errors ---- */

static void refused(const char *text, og_status st, const char *part) {
  og_compact *m = NULL;
  og_cell_circuit c = two_pole("t", text, "w");
  ck_assert_msg(og_compact_create(&m, &c, 3, &err) == st, "%s: %s", text, err.text);
  ogt_has(err.text, part);
  ck_assert_ptr_null(m);
}

#define CELL(lines) ".subckt t p n w\n" lines "\n.ends\n"
#define W "cw w 0 1n\n"

/* As `uic` has it: 0.1 V across a capacitor whose other plate a source holds at 0.5 V; 0 V where nothing is said. */
START_TEST(capacitors_start_from_a_plate_that_is_held) {
  static const char text[] = ".subckt t p n w u\nvr ref 0 0.5\ncw w ref 1n ic=0.1\nrw w 0 1k\ncu ref u 2n ic=0.3\n"
                             "ru u 0 1k\ncx x ref 1n\nrx x 0 1k\nrp p n 1k\n.ends\n";
  og_cell_circuit c = two_pole("t", text, "w");
  og_compact *m;
  double y[6];
  c.states = 2;
  c.state[1] = "u";
  ck_assert_msg(og_compact_create(&m, &c, 2, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(og_compact_unknowns(m), 3);
  ck_assert_int_eq(og_compact_start(m, y, &err), OG_OK);
  ck_assert_double_eq(y[2 * og_compact_find(m, "w") + 1], 0.6);
  ck_assert_double_eq(y[2 * og_compact_find(m, "u")], 0.2);
  ck_assert_double_eq(y[2 * og_compact_find(m, "x")], 0.5);
  og_compact_free(m);
  refused(".subckt t p n w\ncw w 0 1n\ncz w z 1n ic=0.2\nrz z 0 1k\nrp p n 1k\n.ends\n", OG_E_INPUT,
          "an initial voltage between two nodes that move");
}
END_TEST

START_TEST(what_has_no_compact_form_is_refused_by_name) {
  static const struct {
    const char *text, *part;
  } cases[] = {
      {CELL(W "l1 p n 1u"), "t:3: l1: saw an inductor"},
      {CELL(W "b1 p w v=1"), "t:3: b1: saw a source of voltage between two unknown nodes"},
      {CELL(W "e1 p n w n 2"), "e1: saw a source of voltage at a terminal"},
      {CELL(W "b1 n 0 v=1"), "b1: saw a source of voltage from ground to ground"},
      {CELL(W "b1 a 0 v=1\nb2 0 a v=v(w)"), "b2: saw a second source of voltage at its node"},
      {CELL(W "b1 a 0 v=v(b)\nb2 b 0 v=v(a)"), "saw a source of voltage that asks for its own potential"},
      {CELL(W "b1 p n i=time"), "b1: saw time"},
      {CELL(W "v1 a 0 0\nb1 p n i=i(v1)"), "b1: saw the current of a source"},
      {CELL(W "v1 a 0 0\nf1 p n v1 2"), "f1: saw a source that asks for a current"},
      {CELL(W "v1 a 0 pulse(0 1 0 1n 1n 1n 5n)"), "v1: saw a source that changes in time"},
      {CELL(W "i1 p n external"), "i1: saw a source that changes in time"},
      {CELL(W "d1 p n dm\n.model dm d"), "d1: saw a diode"},
      {CELL(W "b1 a 0 v=v(p)\nc1 a w 1n"), "c1: saw a capacitor at a node that a source of voltage moves"},
      {CELL(W "b1 p n i=v(a)"), "node a: saw no capacitor or conductance there"},
      {CELL("r1 p n 1k"), "nothing is joined to pin 2, a state"},
      {CELL(W "r1 p n x"), "cell 0: t:3: r1: no parameter x"},
      {".subckt t p n\nr1 p n 1k\n.ends\n", "need 2 of .subckt t"},
      {".subckt u p n w\n" W ".ends\n", "no .subckt t"},
      {CELL(W) "r1 a 0 1k\n", "saw no elements in it, or others beside it"},
      {CELL(W) ".tran 1n 1u\n", "saw cards of an analysis"},
      {CELL(""), "saw no element"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) refused(cases[k].text, OG_E_INPUT, cases[k].part);
}
END_TEST

START_TEST(arguments_of_the_compiler_are_checked) {
  og_compact *m;
  double one[3] = {1, 2, 3};
  og_cell_circuit good = two_pole("t", CELL(W "r1 p n 1k"), "w"), c = good;
  ck_assert_int_eq(og_compact_create(NULL, &c, 1, &err), OG_E_ARG);
  ck_assert_int_eq(og_compact_create(&m, NULL, 1, &err), OG_E_ARG);
  ck_assert_int_eq(og_compact_create(&m, &c, 0, &err), OG_E_ARG);
  ogt_has(err.text, "saw no cell");
  c.text = NULL;
  ck_assert_int_eq(og_compact_create(&m, &c, 1, &err), OG_E_ARG);
  c = good;
  c.name = "t\n.end";
  ck_assert_int_eq(og_compact_create(&m, &c, 1, &err), OG_E_RANGE);
  ogt_has(err.text, "name: saw \"t .end\", need that of a .subckt");
  c = good;
  c.terminals = 5;
  ck_assert_int_eq(og_compact_create(&m, &c, 1, &err), OG_E_RANGE);
  ogt_has(err.text, "terminals: saw 5, need 2 .. 4");
  c = good;
  c.states = 9;
  ck_assert_int_eq(og_compact_create(&m, &c, 1, &err), OG_E_RANGE);
  ogt_has(err.text, "states: saw 9, need at most 8");
  c = good;
  c.params = 33;
  ck_assert_int_eq(og_compact_create(&m, &c, 1, &err), OG_E_RANGE);
  ogt_has(err.text, "parameters: saw 33, need at most 32");
  c = good;
  c.params = 1;
  c.param[0] = "a";
  ck_assert_int_eq(og_compact_create(&m, &c, 1, &err), OG_E_ARG);
  c.value[0] = one;
  ck_assert_int_eq(og_compact_create(&m, &c, 3, &err), OG_E_INPUT);
  ogt_has(err.text, "a=: .subckt t has no such parameter");
  one[1] = NAN;
  ck_assert_int_eq(og_compact_create(&m, &c, 3, &err), OG_E_RANGE);
  ogt_has(err.text, "cell 1: a: saw nan, need a finite value");
  c.param[0] = "a b";
  ck_assert_int_eq(og_compact_create(&m, &c, 1, &err), OG_E_RANGE);
  ogt_has(err.text, "parameter 0: saw \"a b\", need a name");
  og_compact_free(NULL);
}
END_TEST

START_TEST(more_unknowns_than_bits_are_refused) {
  char *text = NULL;
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  fputs(".subckt t p n w\ncw w 0 1n\n", out);
  for (int k = 0; k < 63; k++) fprintf(out, "r%d p m%d 1k\nc%d m%d 0 1n\n", k, k, k, k);
  fputs(".ends\n", out);
  fclose(out);
  refused(text, OG_E_RANGE, "saw 65 unknown potentials, need at most 64");
  free(text);
}
END_TEST

static void bad_step(bank *b, double dt, double rtol, size_t first, size_t count, og_status st, const char *part) {
  double y = b->y[0], v = b->v[0];
  ck_assert_int_eq(advance(b, dt, rtol, first, count), st);
  ogt_has(err.text, part);
  ck_assert(b->y[0] == y && b->v[0] == v);
}

START_TEST(arguments_of_a_step_are_checked) {
  og_cell_circuit c = two_pole("relaxing", relaxing, "w");
  bank b = open_bank(&c, 5, 100);
  og_compact_step none = {.dt_second = 1e-9, .rtol = 1e-4};
  ck_assert_int_eq(og_compact_advance(b.model, NULL, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_compact_advance(NULL, &none, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_compact_advance(b.model, &none, NULL, &err), OG_E_ARG);
  bad_step(&b, 0, 1e-4, 0, 5, OG_E_RANGE, "dt: saw 0, need more than 0 (second)");
  bad_step(&b, 1e-9, NAN, 0, 5, OG_E_RANGE, "rtol: saw nan, need more than 0");
  bad_step(&b, 1e-9, 1e-4, 3, 3, OG_E_RANGE, "saw cells 3 .. 6, need some of 5");
  b.ohm[4] = -1;
  bad_step(&b, 1e-9, 1e-4, 0, 5, OG_E_RANGE, "cell 4: port 0: resistance: saw -1, need 0 or more (ohm)");
  b.ohm[4] = 1;
  b.to[2] = INFINITY;
  bad_step(&b, 1e-9, 1e-4, 0, 5, OG_E_RANGE, "cell 2: port 0: voltage: saw 0, inf and 0, need finite ones (volt)");
  b.to[2] = 0;
  b.y[1] = NAN;
  bad_step(&b, 1e-9, 1e-4, 0, 5, OG_E_RANGE, "cell 1: w: saw nan, need a finite one (volt)");
  ck_assert_int_eq(og_compact_start(b.model, NULL, &err), OG_E_ARG);
  close_bank(&b);
}
END_TEST

/* w' = w / 1 ps: out of range after 709 ps. */
START_TEST(a_state_that_blows_up_is_told_with_cell_time_and_name) {
  og_cell_circuit c = two_pole("t", CELL("cw w 0 1n ic=0.1\nbw 0 w i=1k*v(w)\nr1 p n 1k"), "w");
  bank b = open_bank(&c, 130, 50);
  b.y[100] = 100;
  ck_assert_int_eq(advance(&b, 20e-9, 1e-4, 0, 130), OG_E_NOCONV);
  ogt_has(err.text, "cell 100: ");
  ogt_has(err.text, "s into the step: w: saw ");
  ck_assert(b.y[100] == 100 && b.y[0] == 0.1 && b.i[0] == 0);
  close_bank(&b);
}
END_TEST

START_TEST(a_current_that_is_no_number_is_told) {
  og_cell_circuit c = two_pole("t", CELL(W "b1 p n i=ln(v(p,n)-3)"), "w");
  bank b = open_bank(&c, 2, 50);
  ck_assert_int_eq(advance(&b, 1e-9, 1e-4, 0, 2), OG_E_NOCONV);
  ogt_has(err.text, "cell 0: 0 s into the step: ");
  ogt_has(err.text, "need potentials that solve the cell at its beginning");
  close_bank(&b);
}
END_TEST

START_TEST(out_of_memory_leaves_nothing_behind) {
  og_cell_circuit c = two_pole("relaxing", relaxing, "w");
  double g[3] = {1e-3, 2e-3, 3e-3};
  c.params = 1;
  c.param[0] = "g";
  c.value[0] = g;
  size_t live = ogi_mem_live(), k = 1;
  og_status st = OG_E_NOMEM;
  for (; st != OG_OK; k++) {
    og_compact *m = NULL;
    ogi_mem_fail_at(k);
    st = og_compact_create(&m, &c, 3, &err);
    ogi_mem_fail_at(0);
    ck_assert(st == OG_OK || st == OG_E_NOMEM);
    ck_assert((m != NULL) == (st == OG_OK));
    og_compact_free(m);
    ck_assert_msg(ogi_mem_live() == live, "allocation %zu", k);
  }
  ck_assert_uint_gt(k, 30);
  bank b = open_bank(&c, 3, 100);
  for (k = 1, st = OG_E_NOMEM; st != OG_OK; k++) {
    ogi_mem_fail_at(k);
    st = advance(&b, 1e-9, 1e-4, 0, 3);
    ogi_mem_fail_at(0);
    ck_assert(st == OG_OK || st == OG_E_NOMEM);
  }
  close_bank(&b);
}
END_TEST

/* ---- ngspice ---- */

enum { CORNERS = 12 };
typedef struct trial {
  const char *folder, *file, *subckt, *more; /* more: text around the library's, "" none */
  size_t terminals, states;
  const char *state[OG_CELL_STATES];
  double start;             /* [V] of port 0 */
  double ohm, dt;           /* of every port; outer step */
  size_t steps;
  double share[4];          /* of the waveform, at each port */
  struct { int at; double volt; } corner[CORNERS]; /* ascending steps */
  double reltol, share_max; /* of ngspice: its tolerance, its longest step as a share of dt */
} trial;

#define USUAL 1e-6, 0.05
static const trial trials[] = {
    {"eso-yoo2024", "eso.lib", "eso", "", 2, 1, {"w"}, 0, 213, 1.03e-9, 400, {1},
     {{7, 0}, {12, 1.13}, {63, 1.13}, {71, 0}, {97, 0}, {103, 0.87}, {150, -0.91}, {155, 0}}, USUAL},
    {"fefet-cap", "fefet-cap.lib", "fecap", "", 2, 1, {"p"}, 0, 187, 1.1e-9, 300, {1},
     {{10, 0}, {15, 2.9}, {130, 2.9}, {135, 0}, {150, 0}, {160, -2.7}, {290, -3.1}}, USUAL},
    {"fefet-cap-lk", "fefet-cap-lk.lib", "fecap_lk", "", 2, 1, {"p"}, 0, 170, 0.53e-9, 400, {1},
     {{110, 2.9}, {310, -2.7}, {400, 0.4}}, USUAL},
    {"rram-vteam", "rram-vteam.lib", "vteam", "", 2, 1, {"x"}, 0, 41, 1.7e-9, 600, {1},
     {{150, 0.53}, {450, -0.57}, {600, 0.1}}, USUAL},
    {"rram-stanford-pku", "rram-stanford-pku.lib", "stanford", "", 2, 2, {"g", "tk"}, 0, 1070, 5.1e-9, 800, {1},
     {{200, 1.97}, {400, 0}, {600, -2.43}, {800, 0}}, USUAL},
    {"rram-taox-hp", "rram-taox-hp.lib", "taox", "", 2, 1, {"x"}, 0, 97, 49e-9, 800, {1},
     {{200, 1.17}, {400, 0}, {600, -1.43}, {800, 0}}, USUAL},
    {"rram-linear-analog", "rram-linear-analog.lib", "analogcell", "", 2, 1, {"u"}, 0, 530, 9.7e-9, 500, {1},
     {{5, 0}, {8, 1.47}, {100, 1.47}, {103, 0}, {150, 0}, {160, 1.31}, {300, 1.31}, {304, -1.23}, {480, -1.37},
      {490, 0}}, USUAL},
    {"pcm-drift", "pcm-drift.lib", "pcm", "", 2, 2, {"x", "l"}, 0, 310, 0.9e-9, 800, {1},
     {{5, 0}, {9, 1.09}, {300, 1.05}, {310, 1.83}, {400, 1.8}, {402, 0}, {700, 0}, {704, 0.3}}, USUAL},
    {"selector-exponential", "selector-exponential.lib", "expselector", "", 2, 0, {NULL}, 0, 570, 1.3e-9, 400, {1},
     {{100, 1.23}, {300, -1.17}, {400, 0}}, USUAL},
    {"selector-threshold", "selector-threshold.lib", "tswitch", "", 2, 1, {"s"}, 0, 980, 2.1e-9, 600, {1},
     {{150, 1.53}, {300, 0}, {450, -1.47}, {600, 0}}, USUAL},
    {"fefet", "fefet.lib", "fefet", "", 3, 1, {"p"}, 0, 130, 1.3e-9, 500, {0.13, 1, 0.01},
     {{10, 0}, {16, 4.1}, {180, 4.3}, {190, 0}, {250, -3.9}, {400, -4.4}, {410, 0.9}}, USUAL},
    {"fefet-dendrite", "fefet-dendrite.lib", "cell",
     ".subckt cell d g s p1 p2 p3 p4 p5\nx1 d s g g g g g p1 p2 p3 p4 p5 dendrite\n.ends\n", 3, 5,
     {"p1", "p2", "p3", "p4", "p5"}, 0, 130, 1.3e-9, 300, {0.1, 1, 0.01},
     {{10, 0}, {16, 4.1}, {100, 4.3}, {110, 0}, {150, 0}, {160, -4}}, USUAL},
    {"nanowire-snspd", "nanowire-snspd.lib", "nanowire", "", 2, 2, {"y", "th"}, 0, 9700, 20e-12, 600, {1},
     {{150, 0.173}, {300, 0.231}, {450, 0.02}, {600, 0.151}}, USUAL},
    {"neuron-lif", "neuron-lif.lib", "cell", ".subckt cell p n spk r q\nx1 p spk r q lif\n.ends\n", 2, 3,
     {"spk", "r", "q"}, 0.5, 2.4e6, 20e-9, 1200, {1}, {{100, 1.9}, {900, 2.3}, {1000, 0.4}}, USUAL},
    {"neuron-adex", "neuron-adex.lib", "cell", ".subckt cell p n spk w r q\nx1 p spk w r q adex\n.ends\n", 2, 4,
     {"spk", "w", "r", "q"}, 0.5, 2.4e6, 20e-9, 1200, {1}, {{100, 1.9}, {900, 2.3}, {1000, 0.4}}, 1e-7, 0.01},
};

static double drive(const trial *t, size_t port, size_t step) {
  double at = (double)step, t0 = 0, v0 = 0, s = t->share[port];
  for (size_t k = 0; k < CORNERS && t->corner[k].at > 0; k++) {
    double t1 = t->corner[k].at, v1 = t->corner[k].volt;
    if (at <= t1) return s * (v0 + (v1 - v0) * (at - t0) / (t1 - t0));
    t0 = t1;
    v0 = v1;
  }
  return s * v0;
}

static char *cell_text(const trial *t) {
  char path[500], *text, *joined = NULL;
  size_t bytes;
  ck_assert_ptr_nonnull(getenv("OHMGRID_DATADIR"));
  snprintf(path, sizeof path, "%s/devices/%s/%s", getenv("OHMGRID_DATADIR"), t->folder, t->file);
  ck_assert_msg(ogi_file_read(&text, &bytes, path, 0, &err) == OG_OK, "%s", err.text);
  FILE *out = open_memstream(&joined, &bytes);
  fprintf(out, "%s\n%s", text, t->more);
  fclose(out);
  ogi_free(text);
  return joined;
}

/* The same circuit in ngspice; vectors of all potentials and of the currents of the sources. */
static og_vectors *in_ngspice(const trial *t, const char *cell, double reltol, double step_max) {
  char *text = NULL;
  size_t bytes, ports = t->terminals == 2 ? 1 : t->terminals;
  og_deck *deck;
  og_spice *s;
  og_vectors *v;
  FILE *out = open_memstream(&text, &bytes);
  fprintf(out, "trial\n%s\n", cell);
  for (size_t p = 0; p < ports; p++) {
    fprintf(out, "vs%zu e%zu 0 pwl(0 0", p, p);
    for (size_t k = 0; k < CORNERS && t->corner[k].at > 0; k++)
      fprintf(out, " %.15g %.15g", t->corner[k].at * t->dt, t->share[p] * t->corner[k].volt);
    fprintf(out, ")\nrs%zu e%zu t%zu %.15g\n", p, p, p, t->ohm);
  }
  fputs("x1", out);
  for (size_t p = 0; p < t->terminals; p++) fprintf(out, t->terminals == 2 && p == 1 ? " 0" : " t%zu", p);
  for (size_t k = 0; k < t->states; k++) fprintf(out, " s%zu", k);
  fprintf(out, " %s\n.options reltol=%g abstol=1e-16 vntol=1e-9 chgtol=1e-20 trtol=1\n", t->subckt, reltol);
  fclose(out);
  ck_assert_msg(og_deck_parse(&deck, t->folder, text, bytes, NULL, &err) == OG_OK, "%s", err.text);
  og_spice_opts opts;
  og_spice_opts_init(&opts);
  opts.program = getenv("OHMGRID_SPICE");
  opts.timeout_second = 120;
  ck_assert_int_eq(og_spice_open(&s, &opts, &err), OG_OK);
  ck_assert_msg(og_spice_load(s, deck, &err) == OG_OK, "%s: %s", t->folder, err.text);
  og_spice_analysis tran;
  og_spice_analysis_init(&tran, OG_SPICE_TRAN);
  tran.stop_second = t->dt * (double)t->steps;
  tran.step_second = t->dt;
  tran.step_max_second = step_max;
  tran.use_ic = 1;
  ck_assert_msg(og_spice_run(s, &tran, NULL, 0, &v, NULL, &err) == OG_OK, "%s: %s", t->folder, err.text);
  og_spice_close(s);
  og_deck_free(deck);
  free(text);
  return v;
}

/* Value of a vector at a time, by a line between points. */
static double value_at(const og_vectors *v, const char *name, double second) {
  size_t at = og_vectors_find(v, name);
  ck_assert_msg(at < v->count, "no %s", name);
  const double *t = og_vectors_at(v, 0), *x = og_vectors_at(v, at);
  size_t low = 0, high = v->points - 1;
  while (high - low > 1) {
    size_t mid = (low + high) / 2;
    if (t[mid] <= second) low = mid;
    else high = mid;
  }
  return x[low] + (x[high] - x[low]) * (second - t[low]) / (t[high] - t[low]);
}

typedef struct deviation {
  double state, current, peak;
  size_t steps, rejected;
} deviation;

static void compare(const trial *t, bank *b, const og_vectors *v, size_t step, deviation *d) {
  double state[OG_CELL_STATES], second = t->dt * (double)step, y[64];
  char name[32];
  for (size_t k = 0; k < b->inner; k++) y[k] = b->y[k];
  if (t->states > 0) ck_assert_int_eq(og_compact_states(b->model, 0, 1, b->v, y, state, &err), OG_OK);
  for (size_t k = 0; k < t->states; k++) {
    snprintf(name, sizeof name, "s%zu", k);
    d->state = fmax(d->state, fabs(state[k] - value_at(v, name, second)));
  }
  for (size_t p = 0; p < b->ports; p++) {
    snprintf(name, sizeof name, "vs%zu#branch", p);
    double want = -value_at(v, name, second);
    d->peak = fmax(d->peak, fabs(want));
    d->current = fmax(d->current, fabs(b->i[p] - want));
  }
}

static deviation against(const trial *t, double rtol, double reltol, double share) {
  deviation d = {0};
  char *text = cell_text(t);
  og_vectors *v = in_ngspice(t, text, reltol, t->dt * share);
  og_cell_circuit c = {.name = t->subckt, .text = text, .terminals = t->terminals, .states = t->states};
  memcpy(c.state, t->state, sizeof c.state);
  bank b = open_bank(&c, 1, t->ohm);
  b.v[0] = t->start;
  for (size_t k = 0; k < t->steps; k++) {
    for (size_t p = 0; p < b.ports; p++) {
      b.from[p] = drive(t, p, k);
      b.to[p] = drive(t, p, k + 1);
    }
    ck_assert_msg(advance(&b, t->dt, rtol, 0, 1) == OG_OK, "%s: step %zu: %s", t->folder, k, err.text);
    d.steps += b.info.steps;
    d.rejected += b.info.rejected;
    compare(t, &b, v, k + 1, &d);
  }
  d.current /= d.peak;
  close_bank(&b);
  og_vectors_free(v);
  free(text);
  return d;
}

START_TEST(devices_are_those_of_ngspice) {
  const trial *t = &trials[_i];
  const char *show = getenv("OHMGRID_TEST_SHOW");
  deviation d = against(t, 1e-6, t->reltol, t->share_max);
  if (show != NULL) {
    printf("%-22s state %.2g current %.2g of %.3g A, %zu inner steps of %zu outer, %zu back\n", t->folder, d.state,
           d.current, d.peak, d.steps, t->steps, d.rejected);
    if (strcmp(show, "2") == 0) {
      deviation a = against(t, 1e-8, t->reltol, t->share_max), e = against(t, 1e-6, t->reltol / 10, t->share_max / 5);
      deviation f = against(t, 1e-4, t->reltol, t->share_max);
      printf("%-22s ours finer: %.2g %.2g; ngspice finer: %.2g %.2g; ours at 1e-4: %.2g %.2g, %zu steps, %zu back\n",
             "", a.state, a.current, e.state, e.current, f.state, f.current, f.steps, f.rejected);
    }
  }
  fflush(stdout);
  ck_assert_msg(d.state <= 1e-3 && d.current <= 1e-3, "%s: state off by %g, current by %g", t->folder,
                d.state, d.current);
}
END_TEST

int main(void) {
  Suite *s = suite_create("compact");
  TCase *c = tcase_create("closed forms");
  tcase_add_test(c, a_capacitor_charges_as_the_exponential_says);
  tcase_add_test(c, a_state_relaxes_as_the_exponential_says);
  tcase_add_test(c, a_nonlinear_port_solves_its_series_circuit);
  tcase_add_test(c, slopes_are_those_of_the_currents);
  tcase_add_test(c, capacitors_at_a_port_take_their_current);
  suite_add_tcase(s, c);
  c = tcase_create("method");
  tcase_add_test(c, capacitors_start_from_a_plate_that_is_held);
  tcase_add_loop_test(c, the_order_is_three, 0, 2);
  tcase_add_test(c, the_error_follows_the_tolerance);
  tcase_add_test(c, ranges_of_whole_blocks_give_the_bits_of_the_whole);
  tcase_add_test(c, parameters_of_one_cell_alone_change_only_that_cell);
  suite_add_tcase(s, c);
  c = tcase_create("errors");
  tcase_add_test(c, what_has_no_compact_form_is_refused_by_name);
  tcase_add_test(c, arguments_of_the_compiler_are_checked);
  tcase_add_test(c, more_unknowns_than_bits_are_refused);
  tcase_add_test(c, arguments_of_a_step_are_checked);
  tcase_add_test(c, a_state_that_blows_up_is_told_with_cell_time_and_name);
  tcase_add_test(c, a_current_that_is_no_number_is_told);
  tcase_add_test(c, out_of_memory_leaves_nothing_behind);
  suite_add_tcase(s, c);
  c = tcase_create("ngspice");
  tcase_set_timeout(c, 60);
  tcase_add_loop_test(c, devices_are_those_of_ngspice, 0, (int)(sizeof trials / sizeof *trials));
  suite_add_tcase(s, c);
  return ogt_run(s) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
