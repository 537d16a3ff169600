/* SPDX-License-Identifier: BSD-3-Clause */
/* Preisach films against relays counted one by one, against what the model must keep, and against fefet-cap. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/ohmgrid.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "ogt.h"

static og_error err;

/* A narrow loop, a wide one whose relays crowd at a = b, and a mixed one. */
static const og_preisach_film films[] = {
    {.ps_coulomb_m2 = 0.263, .pr_coulomb_m2 = 0.241, .vc_volt = 0.83, .area_m2 = 1.3e-12, .farad = 31e-15},
    {.ps_coulomb_m2 = 0.171, .pr_coulomb_m2 = 0.093, .vc_volt = 0.47, .area_m2 = 0.7e-12, .farad = 0},
    {.ps_coulomb_m2 = 0.263, .pr_coulomb_m2 = 0.241, .vc_volt = 0.83,
     .mirror = 0.37, .area_m2 = 2.1e-12, .farad = 17e-15}};
enum { FILMS = sizeof films / sizeof *films };
static const og_preisach_start starts[] = {OG_PREISACH_DOWN, OG_PREISACH_DEPOLED, OG_PREISACH_UP};

static og_preisach *make(const og_preisach_film *f, size_t depth, og_preisach_full full, og_preisach_start start) {
  og_preisach *m = NULL;
  ck_assert_msg(og_preisach_create(&m, f, 1, 1, depth, full, &err) == OG_OK, "%s", err.text);
  ck_assert_int_eq(og_preisach_set(m, 0, 1, start, &err), OG_OK);
  return m;
}

static double go(og_preisach *m, double v) {
  double p = 0;
  ck_assert_msg(og_preisach_apply(m, 0, 1, &v, &(og_preisach_result){.p_coulomb_m2 = &p}, NULL, &err) == OG_OK, "%s",
                err.text);
  return p;
}

static double trial(const og_preisach *m, double v, double *slope) {
  double p = 0;
  const og_preisach_result r = {.p_coulomb_m2 = &p, .slope = slope};
  ck_assert_msg(og_preisach_eval(m, 0, 1, &v, &r, &err) == OG_OK, "%s", err.text);
  return p;
}

static size_t deepness(const og_preisach *m) {
  double state[80];
  ck_assert_uint_le(og_preisach_state_length(m), 80);
  ck_assert_int_eq(og_preisach_save(m, state, &err), OG_OK);
  return (size_t)state[1];
}

static double everett(const og_preisach_film *f, double a, double b) {
  double e = 0;
  ck_assert_msg(og_preisach_everett(f, a, b, &e, &err) == OG_OK, "%s", err.text);
  return e;
}

/* ---- formulas of the header, written out once more ---- */

static double shape(const og_preisach_film *f) { /* c = vc/d */
  return log((f->ps_coulomb_m2 + f->pr_coulomb_m2) / (f->ps_coulomb_m2 - f->pr_coulomb_m2));
}
static double scale(const og_preisach_film *f) { return 2 * f->vc_volt / shape(f); } /* 2 d [V] */
static double saturated(const og_preisach_film *f, double v, int way) {
  return f->ps_coulomb_m2 * tanh((v - way * f->vc_volt) / scale(f));
}

static double plain_everett(const og_preisach_film *f, double a, double b) {
  double c = shape(f), w = scale(f), h = (a - b) / w;
  return f->ps_coulomb_m2 * (sinh(h - c) + sinh(c) * exp(-h / tanh(c))) /
         (cosh((a - f->vc_volt) / w) * cosh((b + f->vc_volt) / w));
}

/* -d2E/da db [C/(m V)2], twice the density of independent relays */
static double density(const og_preisach_film *f, double a, double b) {
  double c = shape(f), w = scale(f), x = (a - f->vc_volt) / w, y = (b + f->vc_volt) / w;
  double e = f->ps_coulomb_m2 * sinh(c) * exp(-(a - b) / w / tanh(c)) / (cosh(x) * cosh(y));
  return e * (1 / tanh(c) + tanh(x)) * (1 / tanh(c) - tanh(y)) / (w * w);
}

/* width of the saturated loop [C/m2] */
static double width(const og_preisach_film *f, double v) { return saturated(f, v, -1) - saturated(f, v, 1); }

START_TEST(everetts_function_is_the_closed_form_and_its_mixed_slope_is_positive) {
  double a[200], b[200];
  ogt_fill(a, 200, -2, 2, 1);
  ogt_fill(b, 200, -2, 2, 2);
  for (size_t k = 0; k < 200; k++)
    for (size_t n = 0; n < 2; n++) {
      const og_preisach_film *f = &films[n];
      double high = fmax(a[k], b[k]), low = fmin(a[k], b[k]), h = 1e-3, ps = f->ps_coulomb_m2;
      ogt_abs(everett(f, high, low), plain_everett(f, high, low), 1e-14 * ps);
      ogt_abs(everett(f, high, high), 0, 1e-15 * ps);
      ogt_rel(everett(f, high, low), everett(f, -low, -high), 1e-11);
      if (high - low < 4 * h) continue;
      double mixed = everett(f, high + h, low - h) - everett(f, high - h, low - h) - everett(f, high + h, low + h) +
                     everett(f, high - h, low + h);
      /* rounding 1e-16 ps/h^2; the next term of the series h^2/6 (d/dV)^2 */
      ogt_abs(mixed / (4 * h * h), density(f, high, low), 1e-9 * ps / (h * h) * 1e-6 + 2e-4 * ps);
      ck_assert_double_gt(density(f, high, low), 0);
    }
}
END_TEST

START_TEST(a_saturated_film_follows_the_tanh_branches_through_pr_and_vc) {
  for (size_t n = 0; n < FILMS; n++) {
    const og_preisach_film *f = &films[n];
    og_preisach *m = make(f, 8, OG_PREISACH_REFUSE, OG_PREISACH_UP);
    ogt_rel(trial(m, 0, NULL), f->pr_coulomb_m2, 1e-13);
    og_preisach_free(m);
    m = make(f, 8, OG_PREISACH_REFUSE, OG_PREISACH_DOWN);
    ogt_rel(go(m, 0), -f->pr_coulomb_m2, 1e-13);
    ogt_abs(go(m, f->vc_volt), 0, 1e-14);
    for (double v = 0.9; v < 9; v += 0.37) ogt_rel(go(m, v), saturated(f, v, 1), 1e-13);
    /* 16 V are 20 widths of the wide loop above vc: exp(-40) of the relays are left */
    for (double v = 16; v > -16; v -= 0.37) ogt_abs(go(m, v), saturated(f, v, -1), 1e-14);
    for (double v = -16; v < 16; v += 0.37) ogt_abs(go(m, v), saturated(f, v, 1), 1e-14);
    og_preisach_free(m);
  }
}
END_TEST

/* ---- relays one by one ---- */

enum { SIDE = 400, HISTORY = 130 };
static const double FAR = 4.0, STEP = 8.0 / SIDE; /* relays of thresholds -FAR .. FAR [V], squares of STEP */

typedef struct relays {
  double *a, *b, *moment; /* [V], [V], [C/m2] */
  signed char *state;
  size_t count;
  og_preisach_film film;
} relays;

static void add(relays *r, double a, double b, double moment, og_preisach_start start) {
  r->a[r->count] = a;
  r->b[r->count] = b;
  r->moment[r->count] = moment;
  /* depoled: up below the line a = -b, half and half on it */
  double sum = a + b;
  int depoled = fabs(sum) < 1e-9 ? 0 : sum < 0 ? 1 : -1;
  r->state[r->count++] = (signed char)(start == OG_PREISACH_DEPOLED ? depoled : (int)start);
}

static relays count_relays(const og_preisach_film *f, og_preisach_start start) {
  size_t most = SIDE * (SIDE + 1) / 2 + SIDE;
  relays r = {.film = *f, .a = ogi_alloc(most, sizeof *r.a), .b = ogi_alloc(most, sizeof *r.b),
              .moment = ogi_alloc(most, sizeof *r.moment), .state = ogi_alloc(most, 1)};
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j <= i; j++) {
      /* squares on the line a = b are half ones, with their middle a sixth of the side off */
      double a = (i + 0.5) * STEP - FAR + (i == j ? STEP / 6 : 0), b = (j + 0.5) * STEP - FAR - (i == j ? STEP / 6 : 0);
      add(&r, a, b, (1 - f->mirror) * 0.5 * density(f, a, b) * STEP * STEP * (i == j ? 0.5 : 1), start);
    }
  for (int i = 0; i < SIDE / 2; i++) { /* mirrored ones: what the saturated loop narrows by from one to the next */
    double v = i * STEP;
    add(&r, v + STEP / 2, -v - STEP / 2, f->mirror * 0.5 * (width(f, v) - width(f, v + STEP)), start);
  }
  return r;
}

static double drive(relays *r, double v) {
  const og_preisach_film *f = &r->film;
  double p = f->mirror * copysign(saturated(f, fabs(v), -1) - f->pr_coulomb_m2, v);
  for (size_t k = 0; k < r->count; k++) {
    if (v >= r->a[k]) r->state[k] = 1;
    else if (v <= r->b[k]) r->state[k] = -1;
    p += r->moment[k] * r->state[k];
  }
  return p;
}

static void drop_relays(relays *r) {
  ogi_free(r->a);
  ogi_free(r->b);
  ogi_free(r->moment);
  ogi_free(r->state);
}

/* The voltages lie on the lines of the grid, so the error is that of the midpoint rule: STEP^2/24 times the bend of the
   density, 5e-5 of ps for widths of 0.2 V and more. */
START_TEST(histories_agree_with_relays_counted_one_by_one) {
  double random[HISTORY];
  for (size_t n = 0; n < FILMS; n++)
    for (size_t s = 0; s < 3; s++) {
      relays r = count_relays(&films[n], starts[s]);
      og_preisach *m = make(&films[n], HISTORY, OG_PREISACH_REFUSE, starts[s]);
      ogt_fill(random, HISTORY, -1, 1, (uint32_t)(10 * n + s));
      double worst = fabs(drive(&r, 0) - trial(m, 0, NULL));
      for (size_t k = 0; k < HISTORY; k++) { /* swings shrink, then start anew */
        double v = STEP * rint(random[k] * (k % 26 == 0 ? 2.2 : 1.9 * pow(0.93, (double)(k % 26))) / STEP);
        worst = fmax(worst, fabs(drive(&r, v) - go(m, v)));
      }
      ck_assert_msg(worst < 1e-4 * films[n].ps_coulomb_m2, "film %zu start %zu: %g", n, s, worst);
      og_preisach_free(m);
      drop_relays(&r);
    }
}
END_TEST

/* ---- what the model must keep ---- */

START_TEST(a_swing_that_passes_a_turning_point_wipes_it_out) {
  for (size_t n = 0; n < FILMS; n++)
    for (size_t s = 0; s < 3; s++) {
      og_preisach *m = make(&films[n], 20, OG_PREISACH_REFUSE, starts[s]);
      og_preisach *direct = make(&films[n], 20, OG_PREISACH_REFUSE, starts[s]);
      const double inner[] = {1.13, -0.92, 0.81, -0.55, 0.41, -0.17, 0.05, 0.22, -0.4, 0.6};
      for (size_t k = 0; k < 10; k++) go(m, inner[k]);
      ck_assert_uint_ge(deepness(m), 3);
      double p = go(m, 1.31), q = go(direct, 1.31);
      if (starts[s] == OG_PREISACH_UP) { /* -0.92 is still remembered */
        ck_assert_uint_eq(deepness(m), 1);
        go(m, -1.4);
        go(direct, -1.4);
        p = go(m, 1.31);
        q = go(direct, 1.31);
      }
      ck_assert_mem_eq(&p, &q, sizeof p);
      ck_assert_uint_eq(deepness(m), deepness(direct));
      og_preisach_free(direct);
      og_preisach_free(m);
    }
}
END_TEST

START_TEST(a_depoled_film_forgets_its_first_swing_at_the_opposite_voltage) {
  for (size_t n = 0; n < FILMS; n++) {
    const og_preisach_film *f = &films[n];
    og_preisach *m = make(f, 8, OG_PREISACH_REFUSE, OG_PREISACH_DEPOLED);
    ogt_abs(go(m, 0), 0, 0);
    ogt_rel(go(m, 0.71), 0.5 * everett(f, 0.71, -0.71), 1e-14);
    go(m, -0.35);
    ck_assert_uint_eq(deepness(m), 1);
    ogt_rel(go(m, -0.71), -0.5 * everett(f, 0.71, -0.71), 1e-14);
    ck_assert_uint_eq(deepness(m), 0);
    ogt_rel(go(m, -0.93), -0.5 * everett(f, 0.93, -0.93), 1e-14);
    go(m, 0.2);
    go(m, -0.1);
    ck_assert_uint_eq(deepness(m), 2);
    ogt_rel(go(m, 1.7), 0.5 * everett(f, 1.7, -1.7), 1e-14);
    ck_assert_uint_eq(deepness(m), 0);
    /* from 0.4 straight past -0.4 */
    og_preisach_free(m);
    m = make(f, 8, OG_PREISACH_REFUSE, OG_PREISACH_DEPOLED);
    go(m, 0.4);
    ogt_rel(go(m, -1.1), -0.5 * everett(f, 1.1, -1.1), 1e-14);
    ck_assert_uint_eq(deepness(m), 0);
    og_preisach_free(m);
  }
}
END_TEST

START_TEST(minor_loops_close_bit_by_bit_and_return_to_the_point_they_left) {
  for (size_t n = 0; n < FILMS; n++) {
    og_preisach *m = make(&films[n], 12, OG_PREISACH_REFUSE, OG_PREISACH_DOWN);
    go(m, 1.02);
    double left = go(m, -0.61), state[15], again[15], top = go(m, 0.77);
    ck_assert_int_eq(og_preisach_save(m, state, &err), OG_OK);
    for (int k = 0; k < 3; k++) {
      const double inside[] = {0.13, 0.31, -0.2, 0.5};
      for (size_t i = 0; i < 4; i++) go(m, inside[i]);
      double bottom = go(m, -0.61), upper = go(m, 0.77);
      ck_assert_mem_eq(&bottom, &left, sizeof left);
      ck_assert_mem_eq(&upper, &top, sizeof top);
      ck_assert_int_eq(og_preisach_save(m, again, &err), OG_OK);
      ck_assert_mem_eq(again, state, sizeof state);
    }
    og_preisach_free(m);
  }
}
END_TEST

START_TEST(loops_between_the_same_voltages_are_congruent) {
  const double past[][4] = {{1.9, -0.41, 0.58, -0.41}, {0.95, -0.8, 0.58, -0.41}, {-1.7, 0.7, -0.6, -0.41}};
  for (size_t n = 0; n < FILMS; n++) {
    double swing[3][2][30], place[3];
    for (size_t h = 0; h < 3; h++) {
      og_preisach *m = make(&films[n], 12, OG_PREISACH_REFUSE, starts[h]);
      for (size_t k = 0; k < 4; k++) place[h] = go(m, past[h][k]);
      place[h] = go(m, -0.41);
      go(m, 0.58); /* now on the loop, whatever was before */
      place[h] = go(m, -0.41);
      for (size_t k = 0; k < 30; k++) swing[h][0][k] = go(m, -0.41 + 0.99 * (double)(k + 1) / 30) - place[h];
      for (size_t k = 0; k < 30; k++) swing[h][1][k] = go(m, 0.58 - 0.99 * (double)(k + 1) / 30) - place[h];
      og_preisach_free(m);
    }
    ck_assert_double_gt(fabs(place[0] - place[1]), 0.01);
    for (size_t h = 1; h < 3; h++)
      for (size_t k = 0; k < 60; k++) ogt_abs(swing[h][k / 30][k % 30], swing[0][k / 30][k % 30], 1e-15);
  }
}
END_TEST

START_TEST(slope_is_that_of_the_branch_and_trials_are_not_remembered) {
  double random[300];
  const double h = 1e-6;
  for (size_t n = 0; n < FILMS; n++)
    for (size_t s = 0; s < 3; s++) {
      const og_preisach_film *f = &films[n];
      og_preisach *m = make(f, 70, OG_PREISACH_REFUSE, starts[s]);
      ogt_fill(random, 300, -1.6, 1.6, (uint32_t)(50 + 3 * n + s));
      for (size_t k = 0; k < 300; k++) {
        double v = random[k], slope, p = trial(m, v, &slope);
        double straight = (trial(m, v + h, NULL) - trial(m, v - h, NULL)) / (2 * h);
        /* rounding 1e-16 ps/h */
        ogt_abs(slope, straight, 1e-8 * f->ps_coulomb_m2 * shape(f) / f->vc_volt + 3e-10 * f->ps_coulomb_m2);
        ck_assert_double_ge(slope, 0);
        double moved = go(m, v);
        ck_assert_mem_eq(&moved, &p, sizeof p);
      }
      og_preisach_free(m);
    }
}
END_TEST

START_TEST(a_new_branch_of_independent_relays_begins_with_slope_0) {
  og_preisach *m = make(&films[0], 8, OG_PREISACH_REFUSE, OG_PREISACH_DOWN);
  double slope;
  go(m, 0.9);
  trial(m, 0.9, &slope);
  ck_assert_double_gt(slope, 0.3);
  trial(m, 0.9 - 1e-9, &slope);
  ck_assert_double_lt(slope, 1e-8);
  og_preisach_free(m);
}
END_TEST

START_TEST(extreme_films_and_voltages_stay_finite_and_monotonic) {
  const double ratio[] = {1e-6, 0.5, 1 - 1e-9}, vc[] = {1e-6, 1, 1e5};
  for (size_t k = 0; k < 27; k++) {
    og_preisach_film f = {.ps_coulomb_m2 = 0.3, .pr_coulomb_m2 = 0.3 * ratio[k % 3], .vc_volt = vc[k / 3 % 3],
                          .mirror = 0.5 * (double)(k / 9), .area_m2 = 1e-12};
    f.pr_coulomb_m2 = fmin(f.pr_coulomb_m2, 0.3 * (1 - 1.0000001e-9));
    og_preisach *m = make(&f, 8, OG_PREISACH_REFUSE, OG_PREISACH_DOWN);
    double before = -1, after, slope, joule;
    for (double v = -1e6; v <= 1e6; v += 12345.67) {
      after = trial(m, v, &slope);
      ck_assert(isfinite(after) && isfinite(slope) && after >= before - 1e-15 && fabs(after) <= 0.3 * (1 + 1e-14));
      before = after;
    }
    ogt_rel(go(m, 1e6), 0.3 * tanh((1e6 - f.vc_volt) / scale(&f)), 1e-9);
    for (double v = 0.9e6; v > 1e-7; v *= 0.31) ck_assert_double_ge(trial(m, v, NULL), -0.3 * (1 + 1e-14));
    ck_assert_int_eq(og_preisach_loop(&f, 1e6, -1e6, &joule, &err), OG_OK);
    if (1e6 > 20 * scale(&f)) ogt_rel(joule, 4 * 0.3 * f.vc_volt * 1e-12, ratio[k % 3] < 1e-3 ? 1e-3 : 1e-10);
    og_preisach_free(m);
  }
}
END_TEST

/* ---- energy ---- */

START_TEST(the_saturated_loop_costs_4_ps_vc) {
  for (size_t n = 0; n < FILMS; n++) {
    const og_preisach_film *f = &films[n];
    double joule, none;
    ck_assert_int_eq(og_preisach_loop(f, 30, -30, &joule, &err), OG_OK);
    ogt_rel(joule, f->area_m2 * 4 * f->ps_coulomb_m2 * f->vc_volt, 1e-10);
    ck_assert_int_eq(og_preisach_loop(f, 0.3, 0.3, &none, &err), OG_OK);
    ogt_abs(none, 0, 1e-30);
    ck_assert_int_eq(og_preisach_loop(f, 300, 200, &none, &err), OG_OK);
    ogt_abs(none, 0, 1e-30);
  }
}
END_TEST

/* Trapezoids of V dP over a loop of 2 x 4000 steps: 1e-6 of it. */
START_TEST(a_minor_loop_costs_the_area_that_is_driven_through) {
  const double ends[][2] = {{0.91, -0.83}, {1.4, -0.3}, {0.6, 0.1}, {2.3, -2.1}};
  for (size_t n = 0; n < FILMS; n++)
    for (size_t e = 0; e < 4; e++) {
      const og_preisach_film *f = &films[n];
      og_preisach *m = make(f, 12, OG_PREISACH_REFUSE, starts[e % 3]);
      double high = ends[e][0], low = ends[e][1], joule, sum = 0;
      go(m, high);
      double v = low, p = go(m, low);
      for (int k = 1; k <= 8000; k++) {
        double to = k <= 4000 ? low + (high - low) * k / 4000 : high - (high - low) * (k - 4000) / 4000, q = go(m, to);
        sum += 0.5 * (v + to) * (q - p);
        v = to;
        p = q;
      }
      ck_assert_int_eq(og_preisach_loop(f, high, low, &joule, &err), OG_OK);
      ogt_abs(joule, f->area_m2 * sum, 1e-6 * f->area_m2 * f->ps_coulomb_m2 * f->vc_volt);
      og_preisach_free(m);
    }
}
END_TEST

/* ---- cells, room, memory ---- */

START_TEST(cells_have_films_of_their_own_and_ranges_move_alone) {
  enum { CELLS = 7 };
  og_preisach_film own[CELLS];
  double v[CELLS], p[CELLS], slope[CELLS], q[CELLS], farad[CELLS], vc[CELLS];
  ogt_fill(vc, CELLS, 0.5, 1.2, 77);
  for (size_t j = 0; j < CELLS; j++) {
    own[j] = films[j % FILMS];
    own[j].vc_volt = vc[j];
    v[j] = 0.3 + 0.2 * (double)j;
  }
  og_preisach *m, *one;
  ck_assert_int_eq(og_preisach_create(&m, own, CELLS, CELLS, 5, OG_PREISACH_REFUSE, &err), OG_OK);
  ck_assert_uint_eq(og_preisach_cells(m), CELLS);
  const og_preisach_result r = {p, slope, q, farad};
  og_preisach_info info;
  ck_assert_int_eq(og_preisach_set(m, 2, 3, OG_PREISACH_DEPOLED, &err), OG_OK);
  ck_assert_int_eq(og_preisach_apply(m, 0, CELLS, v, &r, &info, &err), OG_OK);
  ck_assert_int_eq(og_preisach_apply(m, 2, 4, (const double[]){-0.1, -0.9, 0.5, -1.3}, &r, &info, &err), OG_OK);
  ck_assert_uint_eq(info.deepest, 1);
  ck_assert_uint_eq(info.merged, 0);
  ck_assert_int_eq(og_preisach_eval(m, 0, CELLS, v, &r, &err), OG_OK);
  for (size_t j = 0; j < CELLS; j++) {
    one = make(&own[j], 5, OG_PREISACH_REFUSE, j >= 2 && j < 5 ? OG_PREISACH_DEPOLED : OG_PREISACH_DOWN);
    const double then[CELLS] = {0, 0, -0.1, -0.9, 0.5, -1.3, 0};
    go(one, v[j]);
    if (j >= 2 && j < 6) go(one, then[j]);
    double s, want = trial(one, v[j], &s);
    ogt_rel(p[j], want, 0);
    ogt_rel(slope[j], s, 0);
    ogt_rel(q[j], own[j].area_m2 * want + own[j].farad * v[j], 1e-15);
    ogt_rel(farad[j], own[j].area_m2 * s + own[j].farad, 1e-15);
    og_preisach_free(one);
  }
  og_preisach_free(m);
}
END_TEST

/* Swings 1, -0.9, 0.8 ... nest: the k-th leaves k - 1 turning points. */
static double nested(int k) { return (k % 2 ? -1 : 1) * (1.1 - 0.09 * k); }

START_TEST(a_full_stack_refuses_a_turn_and_changes_nothing) {
  og_preisach *m;
  double state[21], again[21], p[3], v[3] = {0.2, 0, 0.3};
  og_preisach_info info;
  ck_assert_int_eq(og_preisach_create(&m, films, 1, 3, 4, OG_PREISACH_REFUSE, &err), OG_OK);
  ck_assert_uint_eq(og_preisach_state_length(m), 21);
  for (int k = 0; k < 5; k++) {
    v[1] = nested(k);
    ck_assert_int_eq(og_preisach_apply(m, 0, 3, v, NULL, &info, &err), OG_OK);
  }
  ck_assert_uint_eq(info.deepest, 4);
  ck_assert_int_eq(og_preisach_save(m, state, &err), OG_OK);
  v[0] = 0.9;
  v[1] = nested(5);
  const og_preisach_result r = {.p_coulomb_m2 = p};
  ck_assert_int_eq(og_preisach_eval(m, 0, 3, v, &r, &err), OG_OK); /* a trial needs no room */
  ck_assert_int_eq(og_preisach_apply(m, 0, 3, v, &r, &info, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "cell 1: turning points: saw 5, need at most 4 (depth)");
  for (size_t j = 0; j < 3; j++) ck_assert(isnan(p[j]));
  ck_assert_int_eq(og_preisach_save(m, again, &err), OG_OK);
  ck_assert_mem_eq(again, state, sizeof state);
  /* a swing that wipes out needs no room either */
  v[1] = nested(3) - 0.01;
  ck_assert_int_eq(og_preisach_apply(m, 0, 3, v, &r, &info, &err), OG_OK);
  og_preisach_free(m);
}
END_TEST

START_TEST(a_full_stack_merges_the_smallest_loop_and_tells_the_jump) {
  for (size_t n = 0; n < FILMS; n++) {
    og_preisach *m = make(&films[n], 4, OG_PREISACH_MERGE, OG_PREISACH_DEPOLED);
    og_preisach *deep = make(&films[n], 10, OG_PREISACH_REFUSE, OG_PREISACH_DEPOLED);
    double v, p, want = 0;
    og_preisach_info info;
    const og_preisach_result r = {.p_coulomb_m2 = &p};
    for (int k = 0; k < 6; k++) {
      v = nested(k);
      want = go(deep, v);
      ck_assert_int_eq(og_preisach_apply(m, 0, 1, &v, &r, &info, &err), OG_OK);
      ck_assert_uint_eq(info.merged, k == 5);
      if (k < 5) ogt_rel(p, want, 0);
    }
    ogt_rel(info.shift_coulomb_m2, fabs(p - want), 1e-9);
    ck_assert_double_gt(info.shift_coulomb_m2, 1e-4);
    ck_assert_uint_eq(info.deepest, 3);
    /* the jump is gone once the swing leaves what was forgotten */
    ogt_rel(go(m, nested(3)), go(deep, nested(3)), 1e-14);
    og_preisach_free(deep);
    og_preisach_free(m);
  }
}
END_TEST

START_TEST(memory_is_saved_and_restored_bit_by_bit) {
  enum { CELLS = 3, DEPTH = 9, LONG = CELLS * (3 + DEPTH) };
  og_preisach *m, *other;
  double state[LONG], v[CELLS], p[CELLS], q[CELLS], random[40];
  ck_assert_int_eq(og_preisach_create(&m, films, FILMS, CELLS, DEPTH, OG_PREISACH_MERGE, &err), OG_OK);
  ck_assert_int_eq(og_preisach_create(&other, films, FILMS, CELLS, DEPTH, OG_PREISACH_MERGE, &err), OG_OK);
  for (size_t j = 0; j < CELLS; j++) ck_assert_int_eq(og_preisach_set(m, j, 1, starts[j], &err), OG_OK);
  ogt_fill(random, 40, -1.4, 1.4, 99);
  for (size_t k = 0; k < 40; k++) {
    if (k % 7 == 0) {
      ck_assert_int_eq(og_preisach_save(m, state, &err), OG_OK);
      ck_assert_msg(og_preisach_restore(other, state, LONG, &err) == OG_OK, "%s", err.text);
    }
    for (size_t j = 0; j < CELLS; j++) v[j] = random[k] * (1 - 0.1 * (double)j);
    const og_preisach_result to_p = {.p_coulomb_m2 = p}, to_q = {.p_coulomb_m2 = q};
    ck_assert_int_eq(og_preisach_apply(m, 0, CELLS, v, &to_p, NULL, &err), OG_OK);
    ck_assert_int_eq(og_preisach_apply(other, 0, CELLS, v, &to_q, NULL, &err), OG_OK);
    ck_assert_mem_eq(p, q, sizeof p);
  }
  og_preisach_free(other);
  og_preisach_free(m);
}
END_TEST

START_TEST(a_state_without_a_history_is_refused) {
  const double bad[][7] = {{2, 0, 0.1, 0, 0, 0, 0},      {0.5, 0, 0.1, 0, 0, 0, 0},   {NAN, 0, 0.1, 0, 0, 0, 0},
                           {-1, 5, 0.1, 0.5, 0, 0, 0},   {-1, 1.5, 0.1, 0.5, 0, 0, 0}, {-1, -1, 0.1, 0, 0, 0, 0},
                           {-1, 0, -0.1, 0, 0, 0, 0},    /* below 0 V, and never turned */
                           {-1, 1, 0.7, 0.5, 0, 0, 0},   /* beyond its maximum */
                           {-1, 1, 0.5, 0.5, 0, 0, 0},   /* at its maximum: not yet turned */
                           {-1, 2, 0.1, 0.5, 0.6, 0, 0}, /* two maxima */
                           {-1, 3, 0.1, 0.5, -0.2, 0.6, 0}, {0, 1, -0.6, 0.5, 0, 0, 0}, {1, 1, 0.1, 0.5, 0, 0, 0},
                           {-1, 1, INFINITY, 0.5, 0, 0, 0}, {-1, 1, 0.1, NAN, 0, 0, 0}, {-1, 1, 0.1, 2e6, 0, 0, 0}};
  og_preisach *m = make(films, 4, OG_PREISACH_REFUSE, OG_PREISACH_UP);
  double before[7], after[7];
  go(m, -0.3);
  ck_assert_int_eq(og_preisach_save(m, before, &err), OG_OK);
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    ck_assert_msg(og_preisach_restore(m, bad[k], 7, &err) == OG_E_RANGE, "state %zu", k);
    ck_assert_str_eq(err.text, "cell 0: state: saw turning points that no history leaves, need nested ones (V)");
    ck_assert_int_eq(og_preisach_save(m, after, &err), OG_OK);
    ck_assert_mem_eq(after, before, sizeof before);
  }
  ck_assert_int_eq(og_preisach_restore(m, before, 8, &err), OG_E_SHAPE);
  ck_assert_str_eq(err.text, "state: saw 8 numbers, need 7 (-)");
  og_preisach_free(m);
}
END_TEST

/* ---- bad arguments ---- */

static og_status create_of(og_preisach_film f) {
  og_preisach *m = (og_preisach *)&f;
  og_status st = og_preisach_create(&m, &f, 1, 2, 8, OG_PREISACH_REFUSE, &err);
  if (st != OG_OK) ck_assert_ptr_null(m);
  og_preisach_free(m);
  return st;
}

#define BAD_FILM(field, value, want)                   \
  do {                                                 \
    og_preisach_film f = films[0];                     \
    f.field = (value);                                 \
    ck_assert_int_eq(create_of(f), OG_E_RANGE);        \
    ck_assert_str_eq(err.text, want);                  \
  } while (0)

START_TEST(films_out_of_range_are_named) {
  BAD_FILM(ps_coulomb_m2, -1, "film 0: ps: saw -1, need 1e-09 .. 1000 (C/m2)");
  BAD_FILM(pr_coulomb_m2, 0.3, "film 0: pr/ps: saw 1.14068, need 1e-6 .. 1 - 1e-9 (-)");
  BAD_FILM(pr_coulomb_m2, NAN, "film 0: pr/ps: saw nan, need 1e-6 .. 1 - 1e-9 (-)");
  BAD_FILM(vc_volt, 0, "film 0: vc: saw 0, need 1e-06 .. 100000 (V)");
  BAD_FILM(mirror, 1.1, "film 0: mirror: saw 1.1, need 0 .. 1 (-)");
  BAD_FILM(area_m2, 0, "film 0: area: saw 0, need 1e-24 .. 1e+06 (m2)");
  BAD_FILM(farad, -1e-15, "film 0: farad: saw -1e-15, need 0 .. 1e+06 (F)");
}
END_TEST

START_TEST(creation_refuses_what_makes_no_model) {
  og_preisach *m = NULL;
  ck_assert_int_eq(og_preisach_create(NULL, films, 1, 1, 8, OG_PREISACH_REFUSE, &err), OG_E_ARG);
  ck_assert_str_eq(err.text, "out: saw NULL, need a place for the model (-)");
  ck_assert_int_eq(og_preisach_create(&m, NULL, 1, 1, 8, OG_PREISACH_REFUSE, &err), OG_E_ARG);
  ck_assert_str_eq(err.text, "film: saw NULL, need at least one (-)");
  ck_assert_int_eq(og_preisach_create(&m, films, 1, 0, 8, OG_PREISACH_REFUSE, &err), OG_E_ARG);
  ck_assert_str_eq(err.text, "cells: saw 0, need at least 1 (-)");
  ck_assert_int_eq(og_preisach_create(&m, films, 1, 1, 8, (og_preisach_full)2, &err), OG_E_ARG);
  ck_assert_str_eq(err.text, "full: saw 2, need OG_PREISACH_REFUSE or OG_PREISACH_MERGE (-)");
  ck_assert_int_eq(og_preisach_create(&m, films, 2, 3, 8, OG_PREISACH_REFUSE, &err), OG_E_SHAPE);
  ck_assert_str_eq(err.text, "films: saw 2, need 1 or as many as cells, 3 (-)");
  ck_assert_int_eq(og_preisach_create(&m, films, 1, 3, 1, OG_PREISACH_REFUSE, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "depth: saw 1, need 2 .. 65536 (turning points)");
  ck_assert_int_eq(og_preisach_create(&m, films, 1, (size_t)-1 / 3, 8, OG_PREISACH_REFUSE, &err), OG_E_NOMEM);
  ck_assert_ptr_null(m);
  og_preisach_free(NULL);
}
END_TEST

START_TEST(calls_refuse_missing_pointers_cells_and_voltages) {
  og_preisach *m = make(films, 4, OG_PREISACH_REFUSE, OG_PREISACH_DOWN);
  double v[2] = {0.1, 0.2}, p[2] = {1, 1}, x;
  const og_preisach_result r = {.p_coulomb_m2 = p};
  ck_assert_int_eq(og_preisach_set(NULL, 0, 1, OG_PREISACH_UP, &err), OG_E_ARG);
  ck_assert_int_eq(og_preisach_set(m, 0, 1, (og_preisach_start)3, &err), OG_E_ARG);
  ck_assert_str_eq(err.text, "start: saw 3, need -1, 0 or 1 (-)");
  ck_assert_int_eq(og_preisach_set(m, 2, 0, OG_PREISACH_UP, &err), OG_E_RANGE);
  ck_assert_int_eq(og_preisach_eval(m, 0, 1, v, NULL, &err), OG_E_ARG);
  ck_assert_str_eq(err.text, "model, volt or result: saw NULL, need all (-)");
  ck_assert_int_eq(og_preisach_apply(m, 0, 1, NULL, &r, NULL, &err), OG_E_ARG);
  ck_assert_str_eq(err.text, "model or volt: saw NULL, need both (-)");
  ck_assert(isnan(p[0]));
  p[0] = 1;
  ck_assert_int_eq(og_preisach_eval(m, 0, 2, v, &r, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "cells: saw 2 from 0 on, need at most 1 in all (-)");
  ck_assert(isnan(p[0]) && isnan(p[1]));
  ck_assert_int_eq(og_preisach_apply(m, 0, 1, (const double[]){-2e6}, &r, NULL, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "cell 0: voltage: saw -2e+06, need -1e+06 .. 1e+06 (V)");
  ck_assert_int_eq(og_preisach_eval(m, 0, 1, (const double[]){NAN}, &r, &err), OG_E_RANGE);
  ck_assert_int_eq(og_preisach_save(m, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_preisach_restore(NULL, v, 2, &err), OG_E_ARG);
  ck_assert_int_eq(og_preisach_everett(films, 0.1, 0.2, &x, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "high: saw 0.1, need at least low, 0.2 (V)");
  ck_assert(isnan(x));
  ck_assert_int_eq(og_preisach_everett(NULL, 0.1, 0, &x, &err), OG_E_ARG);
  ck_assert_int_eq(og_preisach_loop(films, 0.1, 0, NULL, &err), OG_E_ARG);
  ck_assert_str_eq(err.text, "film or result: saw NULL, need one (-)");
  ck_assert_int_eq(og_preisach_loop(films, INFINITY, 0, &x, &err), OG_E_RANGE);
  ck_assert_int_eq(og_preisach_loop(&(og_preisach_film){0}, 1, 0, &x, &err), OG_E_RANGE);
  og_preisach_free(m);
}
END_TEST

START_TEST(nothing_leaks_when_memory_runs_out) {
  size_t live = ogi_mem_live();
  og_preisach *m = NULL;
  for (size_t k = 1; k <= 4; k++) {
    ogi_mem_fail_at(k);
    ck_assert_int_eq(og_preisach_create(&m, films, 1, 5, 8, OG_PREISACH_REFUSE, &err), OG_E_NOMEM);
    ck_assert_uint_eq(ogi_mem_live(), live);
  }
  ogi_mem_fail_at(0);
  m = make(films, 4, OG_PREISACH_REFUSE, OG_PREISACH_DOWN);
  double state[7];
  ck_assert_int_eq(og_preisach_save(m, state, &err), OG_OK);
  live = ogi_mem_live();
  for (size_t k = 1; k <= 2; k++) {
    ogi_mem_fail_at(k);
    ck_assert_int_eq(og_preisach_restore(m, state, 7, &err), OG_E_NOMEM);
    ck_assert_uint_eq(ogi_mem_live(), live);
  }
  size_t before = ogi_mem_count();
  go(m, 0.5);
  ck_assert_uint_eq(ogi_mem_count(), before);
  og_preisach_free(m);
  const double v[8] = {-1, 0, 1, 2, 1, 0, -1, -2}, p[8] = {-1, -0.5, 0.5, 1, 1, 0.5, -0.5, -1};
  live = ogi_mem_live();
  for (size_t k = 1; k <= 5; k++) {
    og_preisach_film f = films[0];
    ogi_mem_fail_at(k);
    ck_assert_int_eq(k <= 3 ? og_preisach_fit(v, p, 8, &f, NULL, &err)
                            : og_preisach_fit_mirror(OG_PREISACH_DOWN, v, p, 8, &f, NULL, &err), OG_E_NOMEM);
    ogi_mem_fail_at(0);
    ck_assert_uint_eq(ogi_mem_live(), live);
  }
}
END_TEST

/* ---- fits ---- */

enum { LOOP = 240 };

/* A saturated loop, from the middle of the rising branch. */
static void record(const og_preisach_film *f, double top, double *v, double *p) {
  og_preisach *m = make(f, 8, OG_PREISACH_REFUSE, OG_PREISACH_DOWN);
  for (int k = 0; k < LOOP; k++) {
    double at = 4 * (double)k / LOOP, tri = at < 1 ? at : at < 3 ? 2 - at : at - 4; /* 0 1 0 -1 0 */
    v[k] = top * tri;
    p[k] = go(m, v[k]);
  }
  og_preisach_free(m);
}

START_TEST(fit_recovers_the_film_of_a_loop) {
  double v[LOOP], p[LOOP], noise[LOOP], rms;
  for (size_t n = 0; n < FILMS; n++) {
    const og_preisach_film *f = &films[n];
    og_preisach_film got = {.mirror = 0.11, .area_m2 = 7, .farad = 3};
    record(f, f->vc_volt + 14 * scale(f), v, p);
    ck_assert_msg(og_preisach_fit(v, p, LOOP, &got, &rms, &err) == OG_OK, "%s", err.text);
    ogt_rel(got.ps_coulomb_m2, f->ps_coulomb_m2, 1e-7);
    ogt_rel(got.pr_coulomb_m2, f->pr_coulomb_m2, 1e-7);
    ogt_rel(got.vc_volt, f->vc_volt, 1e-7);
    ogt_abs(rms, 0, 1e-8);
    ck_assert(got.mirror == 0.11 && got.area_m2 == 7 && got.farad == 3);
    /* uniform noise of 2 % of ps: rms 0.02/sqrt(3); estimates within five of their errors */
    ogt_fill(noise, LOOP, -0.02, 0.02, (uint32_t)n);
    for (size_t k = 0; k < LOOP; k++) p[k] += noise[k] * f->ps_coulomb_m2;
    ck_assert_msg(og_preisach_fit(v, p, LOOP, &got, &rms, &err) == OG_OK, "%s", err.text);
    ogt_rel(rms, 0.02 / sqrt(3) * f->ps_coulomb_m2, 0.2);
    ogt_rel(got.ps_coulomb_m2, f->ps_coulomb_m2, 0.005);
    ogt_rel(got.vc_volt, f->vc_volt, 0.03);
    ogt_rel(got.pr_coulomb_m2, f->pr_coulomb_m2, 0.05);
  }
}
END_TEST

START_TEST(fit_refuses_what_is_no_loop) {
  double v[LOOP], p[LOOP], q[LOOP] = {0};
  og_preisach_film f = films[0];
  record(&f, 3, v, p);
  ck_assert_int_eq(og_preisach_fit(NULL, p, LOOP, &f, NULL, &err), OG_E_ARG);
  ck_assert_str_eq(err.text, "volt, p or film: saw NULL, need all (-)");
  ck_assert_int_eq(og_preisach_fit(v, p, 7, &f, NULL, &err), OG_E_SHAPE);
  ck_assert_str_eq(err.text, "points: saw 7, need at least 8 (-)");
  ck_assert_int_eq(og_preisach_fit(v, q, LOOP, &f, NULL, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "loop: saw polarisations of 0 alone, need a loop (-)");
  ck_assert_int_eq(og_preisach_fit(q, p, LOOP, &f, NULL, &err), OG_E_RANGE);
  ck_assert_int_eq(og_preisach_fit(v, p, LOOP / 4, &f, NULL, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text,
                   "loop: saw a branch that misses 0, need a rising and a falling one that cross it (C/m2)");
  for (size_t k = 0; k < LOOP; k++) q[k] = saturated(&f, v[k], v[k] > (k > 0 ? v[k - 1] : -1) ? -1 : 1);
  ck_assert_int_eq(og_preisach_fit(v, q, LOOP, &f, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "need the first larger (V)");
  for (size_t k = 0; k < LOOP; k++) q[k] = 1e5 * p[k];
  ck_assert_int_eq(og_preisach_fit(v, q, LOOP, &f, NULL, &err), OG_E_NOCONV);
  ogt_has(err.text, "fit of the loop: ps: saw ");
  p[5] = NAN;
  ck_assert_int_eq(og_preisach_fit(v, p, LOOP, &f, NULL, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "point 5: polarisation: saw nan, need -1e6 .. 1e6 (C/m2)");
  v[5] = INFINITY;
  ck_assert_int_eq(og_preisach_fit(v, p, LOOP, &f, NULL, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "point 5: voltage: saw inf, need -1e+06 .. 1e+06 (V)");
  ck_assert_mem_eq(&f, &films[0], sizeof f);
}
END_TEST

START_TEST(fit_of_minor_loops_recovers_the_share_of_mirrored_relays) {
  const double corner[] = {0.9, -0.7, 0.8, -1.1, 1.3, 0.2};
  double v[180], p[180], rms, from = 0;
  og_preisach *m = make(&films[2], 12, OG_PREISACH_REFUSE, OG_PREISACH_DEPOLED);
  for (size_t k = 0; k < 180; k++) {
    double part = (double)(k % 30 + 1) / 30;
    v[k] = from + part * (corner[k / 30] - from);
    if (k % 30 == 29) from = corner[k / 30];
    p[k] = go(m, v[k]);
  }
  og_preisach_free(m);
  og_preisach_film f = films[0];
  ck_assert_msg(og_preisach_fit_mirror(OG_PREISACH_DEPOLED, v, p, 180, &f, &rms, &err) == OG_OK, "%s", err.text);
  ogt_rel(f.mirror, films[2].mirror, 1e-12);
  ogt_abs(rms, 0, 1e-14);
  ck_assert_int_eq(og_preisach_fit_mirror(OG_PREISACH_DEPOLED, v, p, 0, &f, NULL, &err), OG_E_SHAPE);
  ck_assert_str_eq(err.text, "points: saw 0, need at least 1 (-)");
  ck_assert_int_eq(og_preisach_fit_mirror(OG_PREISACH_DEPOLED, v, NULL, 3, &f, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_preisach_fit_mirror((og_preisach_start)2, v, p, 3, &f, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_preisach_fit_mirror(OG_PREISACH_DOWN, v, p, 30, &f, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "history: saw P change by ");
}
END_TEST

/* ---- against the film of eight domains with kinetics ---- */

enum { POINTS = 6000 };

typedef struct history {
  double v[POINTS], p[POINTS];
  size_t count;
} history;

/* fefet-cap driven from corner to corner in steps of 10 mV [V], at slew [V/s]. */
static void drive_domains(history *h, const double *corner, size_t corners, double slew) {
  char path[500], *text;
  size_t bytes;
  double y[OG_CELL_STATES + 8], v = 0, i = 0, ohm = 0, from, to = 0, state;
  og_compact *m;
  ck_assert_ptr_nonnull(getenv("OHMGRID_DATADIR"));
  snprintf(path, sizeof path, "%s/devices/fefet-cap/fefet-cap.lib", getenv("OHMGRID_DATADIR"));
  ck_assert_msg(ogi_file_read(&text, &bytes, path, 0, &err) == OG_OK, "%s", err.text);
  const og_cell_circuit c = {.name = "fecap", .text = text, .terminals = 2, .states = 1, .state = {"p"}};
  ck_assert_msg(og_compact_create(&m, &c, 1, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_le(og_compact_unknowns(m), sizeof y / sizeof *y);
  ck_assert_int_eq(og_compact_start(m, y, &err), OG_OK);
  h->count = 0;
  for (size_t k = 0; k < corners; k++) {
    double begin = to, steps = ceil(fabs(corner[k] - begin) / 0.01);
    for (double n = 1; n <= steps; n++) {
      from = to;
      to = begin + (corner[k] - begin) * n / steps;
      const og_compact_step s = {.dt_second = fabs(to - from) / slew, .rtol = 1e-6, .count = 1, .ohm = &ohm,
                                 .from = &from, .to = &to, .y = y, .v = &v, .i = &i};
      ck_assert_msg(og_compact_advance(m, &s, NULL, &err) == OG_OK, "%s", err.text);
      ck_assert_int_eq(og_compact_states(m, 0, 1, &to, y, &state, &err), OG_OK);
      h->v[h->count] = to;
      h->p[h->count++] = 0.25 * state; /* pr of the card */
      ck_assert_uint_lt(h->count, POINTS);
    }
  }
  og_compact_free(m);
  ogi_free(text);
}

typedef struct deviation {
  double most, rms; /* of 2 pr */
} deviation;

static deviation deviate(const history *h, const og_preisach_film *f, size_t from) {
  og_preisach *m = make(f, 32, OG_PREISACH_REFUSE, OG_PREISACH_DOWN);
  deviation d = {0};
  for (size_t k = 0; k < h->count; k++) {
    double off = (go(m, h->v[k]) - h->p[k]) / 0.5;
    if (k < from) continue;
    d.most = fmax(d.most, fabs(off));
    d.rms += off * off / (double)(h->count - from);
  }
  og_preisach_free(m);
  d.rms = sqrt(d.rms);
  return d;
}

enum { MINORS = 3 };

/* After saturation: back from vc; around between -+ vc; around between 1.05 vc and -vc/2. */
static size_t minor_corners(double corner[8], size_t which, double vc) {
  const double high[MINORS] = {1, 1, 1.05}, low[MINORS] = {0, -1, -0.5};
  corner[0] = 2.4;
  corner[1] = -2.4;
  corner[2] = high[which] * vc;
  corner[3] = which == 0 ? -2.4 : low[which] * vc;
  for (size_t k = 4; k < 7; k++) corner[k] = corner[k - 2];
  return which == 0 ? 4 : 7;
}

static void add_history(history *all, const history *h) {
  ck_assert_uint_lt(all->count + h->count, POINTS);
  memcpy(all->v + all->count, h->v, h->count * sizeof *h->v);
  memcpy(all->p + all->count, h->p, h->count * sizeof *h->p);
  all->count += h->count;
}

/* Bounds a twentieth above the figures of doc/engines-compact.md and devices/fefet-cap/model.md. */
typedef struct figures {
  double hertz; /* a triangle of 2.4 V has these ramps */
  deviation major, independent[MINORS], fitted[MINORS];
} figures;

static const figures known[] = {
    {.hertz = 10,
     .major = {0.036, 0.0066},
     .independent = {{0.179, 0.035}, {0.222, 0.114}, {0.093, 0.050}},
     .fitted = {{0.080, 0.024}, {0.106, 0.037}, {0.093, 0.050}}},
    {.hertz = 1e3,
     .major = {0.030, 0.0063},
     .independent = {{0.141, 0.043}, {0.195, 0.108}, {0.143, 0.080}},
     .fitted = {{0.098, 0.038}, {0.134, 0.055}, {0.143, 0.080}}}};

static void must_stay(const history *h, const og_preisach_film *f, deviation bound, const char *what) {
  enum { SATURATED = 720 }; /* points until the film is at -2.4 V */
  deviation d = deviate(h, f, SATURATED);
  ck_assert_msg(d.most < 1.05 * bound.most && d.rms < 1.05 * bound.rms, "%s: %g, %g rms", what, d.most, d.rms);
}

START_TEST(fitted_film_stays_near_fefet_cap_at_slow_ramps) {
  static history major, minor[MINORS], all;
  const figures *g = &known[_i];
  const double slew = 4 * 2.4 * g->hertz, saturating[] = {2.4, -2.4, 2.4, -2.4};
  double corner[8], rms;
  og_preisach_film f = {.area_m2 = 1e-12, .farad = 33e-15};
  drive_domains(&major, saturating, 4, slew);
  ck_assert_msg(og_preisach_fit(major.v + 720, major.p + 720, major.count - 720, &f, &rms, &err) == OG_OK, "%s",
                err.text);
  must_stay(&major, &f, g->major, "major");
  all.count = 0;
  for (size_t k = 0; k < MINORS; k++) {
    drive_domains(&minor[k], corner, minor_corners(corner, k, f.vc_volt), slew);
    must_stay(&minor[k], &f, g->independent[k], "minor, independent");
    add_history(&all, &minor[k]);
  }
  ck_assert_msg(og_preisach_fit_mirror(OG_PREISACH_DOWN, all.v, all.p, all.count, &f, &rms, &err) == OG_OK, "%s",
                err.text);
  ogt_abs(f.mirror, 0.7, 0.1);
  for (size_t k = 0; k < MINORS; k++) must_stay(&minor[k], &f, g->fitted[k], "minor, fitted");
}
END_TEST

int main(void) {
  Suite *s = suite_create("preisach");
  TCase *t = tcase_create("preisach");
  tcase_set_timeout(t, 120);
  tcase_add_test(t, everetts_function_is_the_closed_form_and_its_mixed_slope_is_positive);
  tcase_add_test(t, a_saturated_film_follows_the_tanh_branches_through_pr_and_vc);
  tcase_add_test(t, histories_agree_with_relays_counted_one_by_one);
  tcase_add_test(t, a_swing_that_passes_a_turning_point_wipes_it_out);
  tcase_add_test(t, a_depoled_film_forgets_its_first_swing_at_the_opposite_voltage);
  tcase_add_test(t, minor_loops_close_bit_by_bit_and_return_to_the_point_they_left);
  tcase_add_test(t, loops_between_the_same_voltages_are_congruent);
  tcase_add_test(t, slope_is_that_of_the_branch_and_trials_are_not_remembered);
  tcase_add_test(t, a_new_branch_of_independent_relays_begins_with_slope_0);
  tcase_add_test(t, extreme_films_and_voltages_stay_finite_and_monotonic);
  tcase_add_test(t, the_saturated_loop_costs_4_ps_vc);
  tcase_add_test(t, a_minor_loop_costs_the_area_that_is_driven_through);
  tcase_add_test(t, cells_have_films_of_their_own_and_ranges_move_alone);
  tcase_add_test(t, a_full_stack_refuses_a_turn_and_changes_nothing);
  tcase_add_test(t, a_full_stack_merges_the_smallest_loop_and_tells_the_jump);
  tcase_add_test(t, memory_is_saved_and_restored_bit_by_bit);
  tcase_add_test(t, a_state_without_a_history_is_refused);
  tcase_add_test(t, films_out_of_range_are_named);
  tcase_add_test(t, creation_refuses_what_makes_no_model);
  tcase_add_test(t, calls_refuse_missing_pointers_cells_and_voltages);
  tcase_add_test(t, nothing_leaks_when_memory_runs_out);
  tcase_add_test(t, fit_recovers_the_film_of_a_loop);
  tcase_add_test(t, fit_refuses_what_is_no_loop);
  tcase_add_test(t, fit_of_minor_loops_recovers_the_share_of_mirrored_relays);
  tcase_add_loop_test(t, fitted_film_stays_near_fefet_cap_at_slow_ramps, 0, sizeof known / sizeof *known);
  suite_add_tcase(s, t);
  return ogt_run(s);
}
