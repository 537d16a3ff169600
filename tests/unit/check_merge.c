/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Port merging against closed forms, a dense long-double elimination, CHOLMOD, and what every resistor network obeys.
 *
 * TOL. Off-diagonals of the reduction are sums of one sign (merge.c), so only pivots lose digits, about one unit in the
 * last place for each of the at most a few hundred additions that each of them takes part in: 1e-10 of the largest
 * entry leaves a hundredfold margin and is far below what any wrong segment, end or cell would change.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/ogi_mem.h"
#include "ogt.h"
#include "solve/ogi_merge.h"
#include "solve/ogi_solve.h"

#define TOL 1e-10

static og_array array_of(size_t m, size_t n, double word, double bit, double source, double sense) {
  og_array a;
  og_array_init(&a, m, n);
  a.r_word_ohm = word;
  a.r_bit_ohm = bit;
  a.r_source_ohm = source;
  a.r_sense_ohm = sense;
  return a;
}

/* The three results of one reduction. */
typedef struct ports {
  double *g_eff, *source, *sense;
} ports;

static ports ports_of(size_t count, const og_array *a) {
  return (ports){calloc(count * a->m * a->n, sizeof(double)), calloc(count * a->m * a->m, sizeof(double)),
                 calloc(count * a->n * a->n, sizeof(double))};
}

static void drop(ports *p) {
  free(p->g_eff);
  free(p->source);
  free(p->sense);
}

static void reduce(const og_array *a, const ogi_wires *w, size_t count, const double *g, const ports *p) {
  ogi_merge *merge;
  og_error err = {0};
  ck_assert_msg(ogi_merge_create(&merge, a, w, &err) == OG_OK, "%s", err.text);
  ck_assert_msg(ogi_merge_reduce(merge, count, g, p->g_eff, p->source, p->sense, &err) == OG_OK, "%s", err.text);
  ogi_merge_free(merge);
}

static ports reduced(const og_array *a, const double *g) {
  ogi_wires w;
  ports p = ports_of(1, a);
  ck_assert_int_eq(ogi_wires_create(&w, a, NULL), OG_OK);
  reduce(a, &w, 1, g, &p);
  return p;
}

static void set_threads(int count) {
#ifdef _OPENMP
  omp_set_num_threads(count);
#else
  (void)count;
#endif
}

/* Every entry within TOL of the largest one. */
static void same(const double *got, const double *want, size_t count, const char *what) {
  double largest = 0;
  for (size_t k = 0; k < count; k++) largest = fmax(largest, fabs(want[k]));
  for (size_t k = 0; k < count; k++)
    ck_assert_msg(fabs(got[k] - want[k]) <= TOL * largest, "%s: entry %zu of %zu is %.17g, want %.17g", what, k, count,
                  got[k], want[k]);
}

/* ---- oracle: dense Laplacian of nodes and terminals in long double, inner nodes eliminated one by one ---- */

typedef struct network {
  size_t size;
  long double *y;
} network;

static void branch(network *net, size_t p, size_t q, long double siemens) {
  net->y[p * net->size + p] += siemens;
  net->y[q * net->size + q] += siemens;
  net->y[p * net->size + q] -= siemens;
  net->y[q * net->size + p] -= siemens;
}

static double word_segment(const og_array *a, const ogi_wires *w, size_t i, size_t j) {
  if (w->word_seg != NULL) return w->word_seg[i * (a->n + 1) + j];
  return j == 0 ? w->drive[0] : j == a->n ? w->drive[1] : w->word;
}

static double bit_segment(const og_array *a, const ogi_wires *w, size_t i, size_t j) {
  if (w->bit_seg != NULL) return w->bit_seg[i * a->n + j];
  return i == 0 ? w->sense[0] : i == a->m ? w->sense[1] : w->bit;
}

/* Nodes: terminals (m sources, n senses), then word nodes, then bit nodes. */
static network network_of(const og_array *a, const ogi_wires *w, const double *g) {
  size_t m = a->m, n = a->n, word = m + n, bit = word + m * n;
  network net = {.size = m + n + 2 * m * n};
  net.y = calloc(net.size * net.size, sizeof *net.y);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j <= n; j++)
      branch(&net, j == 0 ? i : word + i * n + j - 1, j == n ? i : word + i * n + j, word_segment(a, w, i, j));
  for (size_t i = 0; i <= m; i++)
    for (size_t j = 0; j < n; j++)
      branch(&net, i == 0 ? m + j : bit + (i - 1) * n + j, i == m ? m + j : bit + i * n + j, bit_segment(a, w, i, j));
  for (size_t k = 0; k < m * n; k++) branch(&net, word + k, bit + k, g[k]);
  return net;
}

/* The pivot is minus the sum of its row, as it must be in a network: keeps every digit. */
static void eliminate(network *net, size_t terminals) {
  size_t size = net->size;
  for (size_t p = size; p-- > terminals;) {
    long double pivot = 0, *row = net->y + p * size;
    for (size_t q = 0; q < p; q++) pivot -= row[q];
    for (size_t q = 0; q < p; q++)
      for (size_t r = 0; row[q] != 0 && r < p; r++)
        if (r != q) net->y[q * size + r] -= row[q] * row[r] / pivot;
  }
  for (size_t q = 0; q < terminals; q++) {
    net->y[q * size + q] = 0;
    for (size_t r = 0; r < terminals; r++)
      if (r != q) net->y[q * size + q] -= net->y[q * size + r];
  }
}

static void check_dense(const og_array *a, const ogi_wires *w, const double *g) {
  size_t m = a->m, n = a->n;
  network net = network_of(a, w, g);
  ports got = ports_of(1, a), want = ports_of(1, a);
  eliminate(&net, m + n);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) want.g_eff[i * n + j] = -(double)net.y[i * net.size + m + j];
  for (size_t i = 0; i < m * m; i++) want.source[i] = (double)net.y[i / m * net.size + i % m];
  for (size_t j = 0; j < n * n; j++) want.sense[j] = (double)net.y[(m + j / n) * net.size + m + j % n];
  reduce(a, w, 1, g, &got);
  same(got.g_eff, want.g_eff, m * n, "effective matrix");
  same(got.source, want.source, m * m, "source admittance");
  same(got.sense, want.sense, n * n, "sense admittance");
  free(net.y);
  drop(&got);
  drop(&want);
}

/* ---- closed forms ---- */

START_TEST(one_cell_is_a_series_circuit) {
  const double g = 3.217e-5;
  og_array a = array_of(1, 1, 1.7, 2.3, 31.0, 17.0);
  double want = 1 / (31.0 + 1.7 + 1 / g + 2.3 + 17.0);
  ports p = reduced(&a, &g);
  ogt_rel(p.g_eff[0], want, 64 * DBL_EPSILON);
  ogt_rel(p.source[0], want, 64 * DBL_EPSILON);
  ogt_rel(p.sense[0], want, 64 * DBL_EPSILON);
  drop(&p);
}
END_TEST

/* Each cell in series with its own bit segment and sense resistance, on a ladder of word segments. */
START_TEST(one_word_line_is_a_ladder) {
  enum { N = 19 };
  double g[N], y[N], seen[N], volt = 1;
  og_array a = array_of(1, N, 3.1, 0.9, 12.0, 21.0);
  ogt_fill(g, N, 1.3e-5, 9.1e-3, 1);
  for (int j = 0; j < N; j++) y[j] = 1 / (1 / g[j] + 0.9 + 21.0);
  for (int j = N - 1; j >= 0; j--) seen[j] = y[j] + (j + 1 < N ? 1 / (3.1 + 1 / seen[j + 1]) : 0);
  ports p = reduced(&a, g);
  for (int j = 0; j < N; j++) {
    volt /= 1 + (j == 0 ? 15.1 : 3.1) * seen[j];
    ogt_rel(p.g_eff[j], volt * y[j], 1e-12); /* N steps, each a few units in the last place */
  }
  ogt_rel(p.source[0], 1 / (15.1 + 1 / seen[0]), 1e-12);
  drop(&p);
}
END_TEST

/* The transpose of the ladder above: reciprocity makes it the same sum. */
START_TEST(one_bit_line_is_a_ladder) {
  enum { M = 11 };
  double g[M], y[M], seen[M], volt = 1;
  og_array a = array_of(M, 1, 2.7, 4.3, 9.0, 33.0);
  ogt_fill(g, M, 2.1e-5, 7.7e-3, 2);
  for (int i = 0; i < M; i++) y[i] = 1 / (1 / g[i] + 2.7 + 9.0);
  for (int i = 0; i < M; i++) seen[i] = y[i] + (i > 0 ? 1 / (4.3 + 1 / seen[i - 1]) : 0);
  ports p = reduced(&a, g);
  for (int i = M - 1; i >= 0; i--) {
    volt /= 1 + (i == M - 1 ? 37.3 : 4.3) * seen[i];
    ogt_rel(p.g_eff[i], volt * y[i], 1e-12);
  }
  ogt_rel(p.sense[0], 1 / (37.3 + 1 / seen[M - 1]), 1e-12);
  drop(&p);
}
END_TEST

/* ---- oracles ---- */

START_TEST(small_shapes_agree_with_dense_elimination_at_all_ends) {
  const size_t shape[][2] = {{5, 3}, {1, 4}, {7, 1}, {2, 11}, {13, 9}, {8, 8}};
  double g[117];
  for (size_t c = 0; c < sizeof shape / sizeof *shape; c++)
    for (int ends = 0; ends < 9; ends++) {
      og_array a = array_of(shape[c][0], shape[c][1], 1.7, 0.9, 23.0, 7.1);
      ogi_wires w;
      a.drive = (og_drive)(ends % 3);
      a.sense = (og_sense)(ends / 3);
      ogt_fill(g, a.m * a.n, 1e-6, 2e-3, (uint32_t)(10 + c));
      ck_assert_int_eq(ogi_wires_create(&w, &a, NULL), OG_OK);
      check_dense(&a, &w, g);
    }
}
END_TEST

/* Values of its own for every segment, ends included; a side without terminals has 0 S. */
static void uneven(const og_array *a, ogi_wires *w, uint32_t tag) {
  ck_assert_int_eq(ogi_wires_create(w, a, NULL), OG_OK);
  w->word_seg = calloc(a->m * (a->n + 1), sizeof(double));
  w->bit_seg = calloc((a->m + 1) * a->n, sizeof(double));
  ogt_fill(w->word_seg, a->m * (a->n + 1), 0.013, 3.1, tag);
  ogt_fill(w->bit_seg, (a->m + 1) * a->n, 0.021, 2.3, tag + 1);
  for (size_t i = 0; i < a->m; i++) {
    if (a->drive == OG_DRIVE_RIGHT) w->word_seg[i * (a->n + 1)] = 0;
    if (a->drive == OG_DRIVE_LEFT) w->word_seg[i * (a->n + 1) + a->n] = 0;
  }
  for (size_t j = 0; j < a->n; j++) {
    if (a->sense == OG_SENSE_BOTTOM) w->bit_seg[j] = 0;
    if (a->sense == OG_SENSE_TOP) w->bit_seg[a->m * a->n + j] = 0;
  }
}

START_TEST(every_segment_may_have_its_own_resistance) {
  double g[13 * 11];
  for (int ends = 0; ends < 9; ends++) {
    og_array a = array_of(ends % 2 ? 13 : 6, ends % 4 < 2 ? 11 : 9, 1, 1, 0, 0);
    ogi_wires w;
    a.drive = (og_drive)(ends % 3);
    a.sense = (og_sense)(ends / 3);
    uneven(&a, &w, (uint32_t)(30 + 2 * ends));
    ogt_fill(g, a.m * a.n, 1e-6, 2e-3, 60);
    check_dense(&a, &w, g);
    free(w.word_seg);
    free(w.bit_seg);
  }
}
END_TEST

/* Some lines have no second terminal, one has no terminal at all and floats on its cells. */
START_TEST(single_ends_may_be_missing) {
  double g[5 * 7];
  og_array a = array_of(5, 7, 1, 1, 0, 0);
  ogi_wires w;
  a.drive = OG_DRIVE_BOTH;
  a.sense = OG_SENSE_BOTH;
  uneven(&a, &w, 70);
  ogt_fill(g, a.m * a.n, 1e-5, 2e-3, 72);
  w.word_seg[2 * 8] = w.word_seg[2 * 8 + 7] = 0;
  w.word_seg[4 * 8 + 7] = 0;
  w.bit_seg[3] = w.bit_seg[5 * 7 + 6] = 0;
  check_dense(&a, &w, g);
  free(w.word_seg);
  free(w.bit_seg);
}
END_TEST

START_TEST(hard_circuits_agree_with_dense_elimination) {
  const struct hard {
    double word, bit, g_low, g_high;
  } hard[] = {{1, 1.3, 0.3, 0.7},            /* heavy IR drop: cells of 2 ohm                    */
              {1e-3, 1.1e-3, 1e-6, 1e-4},    /* light wires: conductances seven orders apart     */
              {20, 1e-3, 1e-6, 1e-3},        /* lines that differ by four orders                 */
              {300, 450, 1e-3, 1e-2}};       /* wires that dominate                              */
  double g[11 * 9];
  for (size_t c = 0; c < sizeof hard / sizeof *hard; c++)
    for (int both = 0; both < 2; both++) {
      og_array a = array_of(11, 9, hard[c].word, hard[c].bit, both * 0.7, both * 1.9);
      ogi_wires w;
      if (both) a.drive = OG_DRIVE_BOTH, a.sense = OG_SENSE_BOTH;
      ogt_fill(g, 11 * 9, hard[c].g_low, hard[c].g_high, (uint32_t)(80 + c));
      ck_assert_int_eq(ogi_wires_create(&w, &a, NULL), OG_OK);
      check_dense(&a, &w, g);
    }
}
END_TEST

/* The rounding of the other side counts too: CHOLMOD's Y_source is a difference of conductances 1e4 times larger. */
static void check_cholesky(const og_array *a, const double *g) {
  ogi_wires w;
  ogi_chol *chol;
  ogi_cells cells = {.g = g};
  ports got = ports_of(1, a), want = ports_of(1, a);
  ck_assert_int_eq(ogi_wires_create(&w, a, NULL), OG_OK);
  ck_assert_int_eq(ogi_chol_create(&chol, a, &w, 1, NULL), OG_OK);
  ck_assert_int_eq(ogi_chol_set_cells(chol, &cells, NULL), OG_OK);
  ogi_chol_reduce(chol, want.g_eff, want.source);
  reduce(a, &w, 1, g, &got);
  same(got.g_eff, want.g_eff, a->m * a->n, "effective matrix");
  same(got.source, want.source, a->m * a->m, "source admittance");
  ogi_chol_free(chol);
  drop(&got);
  drop(&want);
}

START_TEST(all_shapes_up_to_40_agree_with_cholesky) {
  double g[40 * 40];
  for (size_t m = 1; m <= 40; m += 3)
    for (size_t n = 1 + m % 2; n <= 40; n += 4) {
      og_array a = array_of(m, n, 2.9, 1.3, 15.0, 41.0);
      a.drive = (og_drive)((m + n / 4) % 3);
      a.sense = (og_sense)((m / 3 + n) % 3);
      ogt_fill(g, m * n, 1e-6, 1e-3, (uint32_t)(m * 50 + n));
      check_cholesky(&a, g);
    }
}
END_TEST

/* Larger than a region of 64 x 64 cells, in both directions, at all ends. */
START_TEST(large_arrays_agree_with_cholesky) {
  const size_t shape[][2] = {{75, 203}, {141, 67}, {150, 130}};
  double *g = calloc(150 * 203, sizeof *g);
  for (int ends = 0; ends < 9; ends++) {
    const size_t *s = shape[ends % 3];
    og_array a = array_of(s[0], s[1], 2.9, 1.3, 15.0, 41.0);
    a.drive = (og_drive)(ends / 3);
    a.sense = (og_sense)(ends % 3);
    ogt_fill(g, s[0] * s[1], 1e-6, 1e-3, (uint32_t)(5000 + ends));
    check_cholesky(&a, g);
  }
  free(g);
}
END_TEST

/* ---- properties ---- */

START_TEST(admittances_are_those_of_a_resistor_network) {
  enum { M = 21, N = 34 };
  double *g = calloc(M * N, sizeof *g);
  og_array a = array_of(M, N, 1.1, 0.6, 3.0, 8.0);
  a.sense = OG_SENSE_BOTH;
  ogt_fill(g, M * N, 1e-6, 1e-2, 100);
  ports p = reduced(&a, g);
  for (size_t i = 0; i < M; i++) {
    double sum = 0;
    for (size_t q = 0; q < M; q++) {
      sum += p.source[i * M + q];
      ck_assert(p.source[i * M + q] == p.source[q * M + i]);
      ck_assert(i == q ? p.source[i * M + q] > 0 : p.source[i * M + q] <= 0);
    }
    for (size_t j = 0; j < N; j++) {
      sum -= p.g_eff[i * N + j];
      ck_assert(p.g_eff[i * N + j] > 0);
    }
    ogt_abs(sum, 0, 2 * (M + N) * DBL_EPSILON * p.source[i * M + i]); /* all terminals at 1 V: no current */
  }
  for (size_t j = 0; j < N; j++) {
    double sum = 0;
    for (size_t q = 0; q < N; q++) {
      sum += p.sense[j * N + q];
      ck_assert(p.sense[j * N + q] == p.sense[q * N + j]);
    }
    for (size_t i = 0; i < M; i++) sum -= p.g_eff[i * N + j];
    ogt_abs(sum, 0, 2 * (M + N) * DBL_EPSILON * p.sense[j * N + j]);
  }
  drop(&p);
  free(g);
}
END_TEST

/* Swap word and bit lines and turn the array over: the same network, its ends exchanged. */
START_TEST(reduction_is_reciprocal) {
  enum { M = 14, N = 27 };
  double g[M * N], turned[N * M], back[M * N];
  og_array a = array_of(M, N, 1.9, 0.7, 4.0, 9.0), b = array_of(N, M, 0.7, 1.9, 9.0, 4.0);
  ogt_fill(g, M * N, 1e-5, 3e-3, 110);
  for (size_t i = 0; i < M; i++)
    for (size_t j = 0; j < N; j++) turned[(N - 1 - j) * M + M - 1 - i] = g[i * N + j];
  ports p = reduced(&a, g), q = reduced(&b, turned);
  for (size_t i = 0; i < M; i++)
    for (size_t j = 0; j < N; j++) back[i * N + j] = q.g_eff[(N - 1 - j) * M + M - 1 - i];
  same(back, p.g_eff, M * N, "effective matrix");
  drop(&p);
  drop(&q);
}
END_TEST

START_TEST(open_cells_carry_no_current) {
  enum { M = 10, N = 17 };
  double g[M * N] = {0};
  og_array a = array_of(M, N, 1.9, 0.7, 4.0, 9.0);
  ports p = reduced(&a, g);
  for (size_t k = 0; k < M * N; k++) ck_assert(p.g_eff[k] == 0 && !signbit(p.g_eff[k]));
  for (size_t k = 0; k < M * M; k++) ck_assert(p.source[k] == 0);
  drop(&p);
  g[3 * N + 5] = 2.3e-4; /* one path: 6 word segments, 7 bit segments, ends */
  p = reduced(&a, g);
  ogt_rel(p.g_eff[3 * N + 5], 1 / (1 / 2.3e-4 + 6 * 1.9 + 7 * 0.7 + 4.0 + 9.0), 1e-12);
  for (size_t k = 0; k < M * N; k++) ck_assert(k == 3 * N + 5 || p.g_eff[k] == 0);
  drop(&p);
}
END_TEST

/* Nothing depends on how many threads there are, on neighbours in a batch, or on which results are asked for. */
START_TEST(results_are_the_same_bits_for_any_number_of_threads) {
  const size_t shape[][3] = {{150, 133, 1}, {67, 260, 3}, {23, 41, 9}};
  for (size_t c = 0; c < 3; c++)
    for (int both = 0; both < 2; both++) {
      size_t count = shape[c][2];
      og_array a = array_of(shape[c][0], shape[c][1], 2.9, 1.3, 15.0, 41.0);
      size_t cells = a.m * a.n;
      double *g = calloc(count * cells, sizeof *g);
      ogi_wires w;
      if (both) a.drive = OG_DRIVE_BOTH, a.sense = OG_SENSE_BOTH;
      ck_assert_int_eq(ogi_wires_create(&w, &a, NULL), OG_OK);
      ports one = ports_of(count, &a), two = ports_of(count, &a), alone = ports_of(1, &a);
      ogt_fill(g, count * cells, 1e-6, 1e-3, (uint32_t)(120 + c));
      set_threads(1);
      reduce(&a, &w, count, g, &one);
      reduce(&a, &w, 1, g + (count - 1) * cells, &(ports){alone.g_eff, NULL, NULL});
      set_threads(2);
      reduce(&a, &w, count, g, &two);
      ck_assert(memcmp(one.g_eff, two.g_eff, count * cells * sizeof *g) == 0);
      ck_assert(memcmp(one.source, two.source, count * a.m * a.m * sizeof *g) == 0);
      ck_assert(memcmp(one.sense, two.sense, count * a.n * a.n * sizeof *g) == 0);
      ck_assert(memcmp(one.g_eff + (count - 1) * cells, alone.g_eff, cells * sizeof *g) == 0);
      drop(&one);
      drop(&two);
      drop(&alone);
      free(g);
    }
}
END_TEST

static size_t kernels_here(const ogi_kernels *list[3]) {
  size_t count = 0;
  list[count++] = &ogi_kernels_plain;
#ifdef OGI_MERGE_X86
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) list[count++] = &ogi_kernels_avx2;
  if (__builtin_cpu_supports("avx512f")) list[count++] = &ogi_kernels_avx512;
#endif
  return count;
}

START_TEST(every_vector_width_gives_the_same_result) {
  enum { M = 77, N = 93 };
  const ogi_kernels *list[3];
  size_t kinds = kernels_here(list);
  double *g = calloc(M * N, sizeof *g);
  og_array a = array_of(M, N, 2.3, 1.9, 5.0, 7.0);
  ogi_wires w;
  a.drive = OG_DRIVE_BOTH;
  ck_assert_int_eq(ogi_wires_create(&w, &a, NULL), OG_OK);
  ogt_fill(g, M * N, 1e-6, 1e-3, 150);
  ports want = reduced(&a, g), got = ports_of(1, &a);
  for (size_t k = 0; k < kinds; k++) {
    ogi_merge *merge;
    ck_assert_int_eq(ogi_merge_create(&merge, &a, &w, NULL), OG_OK);
    ogi_merge_use(merge, list[k]);
    ck_assert_int_eq(ogi_merge_reduce(merge, 1, g, got.g_eff, got.source, got.sense, NULL), OG_OK);
    ogi_merge_free(merge);
    same(got.g_eff, want.g_eff, M * N, "effective matrix");
    same(got.source, want.source, M * M, "source admittance");
    same(got.sense, want.sense, N * N, "sense admittance");
  }
  drop(&want);
  drop(&got);
  free(g);
}
END_TEST

/* ---- memory ---- */

START_TEST(every_failing_allocation_is_survived) {
  enum { M = 9, N = 70, COUNT = 2 };
  double *g = calloc(COUNT * M * N, sizeof *g);
  og_array a = array_of(M, N, 1, 2, 3, 4);
  og_error err = {0};
  ogi_wires w;
  ck_assert_int_eq(ogi_wires_create(&w, &a, NULL), OG_OK);
  ogt_fill(g, COUNT * M * N, 1e-5, 1e-3, 130);
  for (int threads = 1; threads <= 2; threads++) {
    ports p = ports_of(COUNT, &a);
    int failures = 0;
    set_threads(threads);
    for (size_t k = 1;; k++) {
      size_t live = ogi_mem_live();
      ogi_merge *merge;
      ogi_mem_fail_at(k);
      og_status st = ogi_merge_create(&merge, &a, &w, &err);
      if (st == OG_OK) st = ogi_merge_reduce(merge, COUNT, g, p.g_eff, p.source, p.sense, &err);
      ogi_mem_fail_at(0);
      ck_assert(st == OG_OK || st == OG_E_NOMEM);
      if (merge != NULL) ck_assert_int_eq(ogi_merge_reduce(merge, COUNT, g, p.g_eff, NULL, NULL, NULL), OG_OK);
      ogi_merge_free(merge);
      ck_assert_uint_eq(ogi_mem_live(), live);
      if (st == OG_OK) break;
      ogt_has(err.text, "reduction: ");
      failures++;
    }
    ck_assert_int_ge(failures, 10);
    drop(&p);
  }
  free(g);
}
END_TEST

START_TEST(a_second_batch_of_the_same_shape_allocates_nothing) {
  enum { M = 70, N = 12, COUNT = 5 };
  double *g = calloc(COUNT * M * N, sizeof *g);
  og_array a = array_of(M, N, 1, 2, 3, 4);
  ogi_wires w;
  ogi_merge *merge;
  ports p = ports_of(COUNT, &a);
  ck_assert_int_eq(ogi_wires_create(&w, &a, NULL), OG_OK);
  ogt_fill(g, COUNT * M * N, 1e-5, 1e-3, 140);
  set_threads(2);
  ck_assert_int_eq(ogi_merge_create(&merge, &a, &w, NULL), OG_OK);
  ck_assert_int_eq(ogi_merge_reduce(merge, COUNT, g, p.g_eff, p.source, p.sense, NULL), OG_OK);
  size_t before = ogi_mem_count();
  ck_assert_int_eq(ogi_merge_reduce(merge, COUNT, g, p.g_eff, p.source, p.sense, NULL), OG_OK);
  ck_assert_int_eq(ogi_merge_reduce(merge, COUNT, g, p.g_eff, NULL, NULL, NULL), OG_OK);
  ck_assert_uint_eq(ogi_mem_count(), before);
  ogi_merge_free(merge);
  drop(&p);
  free(g);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("merge");
  TCase *closed = tcase_create("closed forms"), *oracle = tcase_create("oracles");
  TCase *property = tcase_create("properties"), *memory = tcase_create("memory");
  tcase_add_test(closed, one_cell_is_a_series_circuit);
  tcase_add_test(closed, one_word_line_is_a_ladder);
  tcase_add_test(closed, one_bit_line_is_a_ladder);
  tcase_add_test(oracle, small_shapes_agree_with_dense_elimination_at_all_ends);
  tcase_add_test(oracle, every_segment_may_have_its_own_resistance);
  tcase_add_test(oracle, single_ends_may_be_missing);
  tcase_add_test(oracle, hard_circuits_agree_with_dense_elimination);
  tcase_add_test(oracle, all_shapes_up_to_40_agree_with_cholesky);
  tcase_add_test(oracle, large_arrays_agree_with_cholesky);
  tcase_add_test(property, admittances_are_those_of_a_resistor_network);
  tcase_add_test(property, reduction_is_reciprocal);
  tcase_add_test(property, open_cells_carry_no_current);
  tcase_add_test(property, results_are_the_same_bits_for_any_number_of_threads);
  tcase_add_test(property, every_vector_width_gives_the_same_result);
  tcase_add_test(memory, every_failing_allocation_is_survived);
  tcase_add_test(memory, a_second_batch_of_the_same_shape_allocates_nothing);
  tcase_set_timeout(oracle, 120); /* sanitizers and valgrind are slow */
  tcase_set_timeout(property, 60);
  suite_add_tcase(suite, closed);
  suite_add_tcase(suite, oracle);
  suite_add_tcase(suite, property);
  suite_add_tcase(suite, memory);
  return ogt_run(suite);
}
