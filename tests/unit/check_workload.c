/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <ohmgrid/matrix.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_rng.h"
#include "ogt.h"
#include "workload/ogi_net.h"
#include "workload/ogi_train.h"

/* --- data -------------------------------------------------------------------------------------------------------- */

static const char *write_bytes(const char *name, const void *bytes, size_t length) {
  const char *path = ogt_scratch(name);
  FILE *stream = fopen(path, "wb");
  ck_assert_ptr_nonnull(stream);
  ck_assert_uint_eq(fwrite(bytes, 1, length, stream), length);
  ck_assert_int_eq(fclose(stream), 0);
  return path;
}

/* 3 images of 2 x 4 pixels, labels 5 0 7. */
static const unsigned char images[16 + 24] = {
    0,  0,  8,   3,  0,  0,   0, 3, 0, 0,  0,  2,   0,  0,  0,   4,  /* magic, extents */
    17, 0,  255, 3,  91, 128, 1, 2, 7, 11, 13, 200, 33, 44, 55,  66, /* image 0, 1     */
    77, 88, 99,  10, 21, 32,  43, 54};
static const unsigned char labels[8 + 3] = {0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 7};

/* CRC-32 bit by bit, polynomial 0xEDB88320 reflected (ISO 3309): independent of zlib. */
static uint32_t crc_by_bits(uint32_t crc, const unsigned char *byte, size_t count) {
  crc = ~crc;
  for (size_t i = 0; i < count; i++) {
    crc ^= byte[i];
    for (int b = 0; b < 8; b++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  return ~crc;
}

static void expect_three_images(const char *image_path, const char *label_path) {
  ogi_data d;
  og_error err = {0};
  ck_assert_msg(ogi_data_load(&d, image_path, label_path, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(d.count, 3);
  ck_assert_uint_eq(d.width, 8);
  ck_assert_uint_eq(d.classes, 8);
  ck_assert_mem_eq(d.label, labels + 8, 3);
  for (int i = 0; i < 24; i++) ogt_rel(d.image[i], images[16 + i] / 255.0, FLT_EPSILON);
  ck_assert_uint_eq(d.crc, crc_by_bits(crc_by_bits(0, images + 16, 24), labels + 8, 3));
  ogi_data_clear(&d);
  ck_assert_ptr_null(d.image);
  ogi_data_clear(NULL);
}

START_TEST(idx_files_are_read_plain_and_gzipped) {
  const char *image_path = write_bytes("images.idx", images, sizeof images);
  const char *label_path = write_bytes("labels.idx", labels, sizeof labels);
  expect_three_images(image_path, label_path);
  const char *packed = ogt_scratch("images.idx.gz");
  gzFile gz = gzopen(packed, "wb");
  ck_assert_int_eq(gzwrite(gz, images, sizeof images), sizeof images);
  ck_assert_int_eq(gzclose(gz), Z_OK);
  expect_three_images(packed, label_path);
}
END_TEST

START_TEST(rows_of_values_are_taken_for_images) {
  unsigned char flat[12 + 24] = {0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 8};
  memcpy(flat + 12, images + 16, 24);
  expect_three_images(write_bytes("flat.idx", flat, sizeof flat), write_bytes("labels.idx", labels, sizeof labels));
}
END_TEST

static void refuse_data(const char *image_path, const char *label_path, const char *place, const char *say) {
  ogi_data d;
  og_error err = {0};
  size_t live = ogi_mem_live();
  og_status st = ogi_data_load(&d, image_path, label_path, &err);
  ck_assert_msg(st == OG_E_INPUT, "want \"%s\", saw \"%s\"", say, err.text);
  ogt_has(err.text, place);
  ogt_has(err.text, say);
  ck_assert_ptr_null(d.image);
  ck_assert_uint_eq(d.count, 0);
  ck_assert_uint_eq(ogi_mem_live(), live);
}

START_TEST(damaged_idx_files_are_refused_with_a_reason) {
  unsigned char bad[sizeof images + 1];
  char good[512], image[512]; /* names that outlive the four of ogt_scratch */
  snprintf(good, sizeof good, "%s", write_bytes("labels.idx", labels, sizeof labels));
  snprintf(image, sizeof image, "%s", write_bytes("images.idx", images, sizeof images));
  for (size_t cut = 0; cut < sizeof images; cut++)
    refuse_data(write_bytes("bad.idx", images, cut), good, "bad.idx", "truncated");
  memcpy(bad, images, sizeof images);
  refuse_data(write_bytes("bad.idx", bad, sizeof bad), good, "bad.idx", "saw 25 bytes of data, need 24");
  bad[11] = 0;
  refuse_data(write_bytes("bad.idx", bad, sizeof images), good, "bad.idx", "empty: saw extent 0 in dimension 1");
  memset(bad + 4, 0xff, 12);
  refuse_data(write_bytes("bad.idx", bad, sizeof images), good, "bad.idx", "more values than this machine");
  bad[2] = 0x0d;
  refuse_data(write_bytes("bad.idx", bad, sizeof images), good, "bad.idx", "saw magic 0x00000d03, need 0x00000803");
  refuse_data(good, good, "labels.idx", "saw magic 0x00000801, need 0x00000803 or 0x00000802");
  refuse_data(image, image, "images.idx", "saw magic 0x00000803, need 0x00000801");
  const unsigned char two[10] = {0, 0, 8, 1, 0, 0, 0, 2, 5, 0};
  refuse_data(image, write_bytes("two.idx", two, sizeof two), "two.idx", "saw 2 labels, need 3");
}
END_TEST

START_TEST(missing_data_name_the_package_that_has_them) {
  refuse_data("/nowhere/fashion-mnist/train.gz", "x", "/nowhere/fashion-mnist/train.gz",
              "install the Debian package dataset-fashion-mnist (apt-get install dataset-fashion-mnist), or set "
              "data.train_images");
  refuse_data("/nowhere/mine.idx", "x", "/nowhere/mine.idx", "No such file");
}
END_TEST

/* --- networks ---------------------------------------------------------------------------------------------------- */

static void fill_net(ogi_net *net, double scale) {
  double x[64];
  for (size_t l = 0; l < net->layers; l++) {
    const size_t count = net->extent[l] * net->extent[l + 1];
    ck_assert_uint_le(count, 64);
    ogt_fill(x, count, -scale, scale, (uint32_t)(40 + 2 * l));
    for (size_t i = 0; i < count; i++) net->weight[l][i] = (float)x[i];
    ogt_fill(x, net->extent[l + 1], -scale, scale, (uint32_t)(41 + 2 * l));
    for (size_t j = 0; j < net->extent[l + 1]; j++) net->bias[l][j] = (float)x[j];
  }
}

static int same_bits(const ogi_net *a, const ogi_net *b) {
  for (size_t l = 0; l < a->layers; l++)
    if (memcmp(a->weight[l], b->weight[l], a->extent[l] * a->extent[l + 1] * sizeof(float)) != 0 ||
        memcmp(a->bias[l], b->bias[l], a->extent[l + 1] * sizeof(float)) != 0)
      return 0;
  return 1;
}

static const size_t small_extent[4] = {5, 4, 6, 3};

static void small_net(ogi_net *net) {
  ck_assert_int_eq(ogi_net_create(net, 3, small_extent, NULL), OG_OK);
  fill_net(net, 0.9);
}

/* The oracle in double: loss of a block by the definition, loops only. x is k x in. */
static double loss_by_definition(const ogi_net *net, const float *x, const uint8_t *label, size_t k, size_t *right) {
  double loss = 0;
  *right = 0;
  for (size_t i = 0; i < k; i++) {
    double a[16] = {0}, y[16] = {0};
    for (size_t j = 0; j < net->extent[0]; j++) a[j] = x[i * net->extent[0] + j];
    for (size_t l = 0; l < net->layers; l++) {
      for (size_t o = 0; o < net->extent[l + 1]; o++) {
        y[o] = net->bias[l][o];
        for (size_t j = 0; j < net->extent[l]; j++) y[o] += (double)net->weight[l][o * net->extent[l] + j] * a[j];
      }
      for (size_t o = 0; o < net->extent[l + 1]; o++) a[o] = y[o] > 0 ? y[o] : 0;
    }
    double sum = 0;
    size_t best = 0, classes = net->extent[net->layers];
    for (size_t o = 0; o < classes; o++) sum += exp(y[o]);
    for (size_t o = 0; o < classes; o++) best = y[o] > y[best] ? o : best;
    loss -= y[label[i]] - log(sum);
    *right += best == label[i];
  }
  return loss / (double)k;
}

/* Central differences of the double loss; what the float weight really became is what it is divided by. */
static void expect_slope(ogi_net *net, float *w, float got, const float *x, const uint8_t *label, size_t k) {
  const float before = *w, step = 0x1p-10f;
  size_t right;
  *w = before + step;
  double up = loss_by_definition(net, x, label, k, &right), top = *w;
  *w = before - step;
  double down = loss_by_definition(net, x, label, k, &right), bottom = *w;
  *w = before;
  ogt_abs(got, (up - down) / (top - bottom), 4e-6); /* step^2 / 6 * third derivative, and float sums of a few terms */
}

START_TEST(gradient_is_the_slope_of_the_loss) {
  enum { K = 7 };
  ogi_net net, grad;
  ogi_pass pass;
  double x[K * 5];
  const uint8_t label[K] = {2, 0, 1, 1, 2, 0, 2};
  small_net(&net);
  ck_assert_int_eq(ogi_net_create(&grad, 3, small_extent, NULL), OG_OK);
  ck_assert_int_eq(ogi_pass_create(&pass, &net, K + 4, 1, NULL), OG_OK);
  ogt_fill(x, K * 5, 0, 1, 90);
  for (int i = 0; i < K * 5; i++) pass.act[0][i] = (float)x[i];
  double loss = ogi_pass_gradient(&grad, &pass, &net, label, K);
  size_t right;
  ogt_rel(loss, loss_by_definition(&net, pass.act[0], label, K, &right), 16 * FLT_EPSILON);
  for (size_t l = 0; l < 3; l++) {
    for (size_t i = 0; i < small_extent[l] * small_extent[l + 1]; i++)
      expect_slope(&net, &net.weight[l][i], grad.weight[l][i], pass.act[0], label, K);
    for (size_t j = 0; j < small_extent[l + 1]; j++)
      expect_slope(&net, &net.bias[l][j], grad.bias[l][j], pass.act[0], label, K);
  }
  ogi_pass_clear(&pass);
  ogi_net_clear(&grad);
  ogi_net_clear(&net);
}
END_TEST

/* Points on two sides of bent borders: class by the angle of (x0, x1) around the middle, other inputs are noise. */
static void toy_data(ogi_data *d, size_t count, size_t width, uint32_t tag) {
  *d = (ogi_data){.count = count, .width = width, .classes = 3};
  d->image = ogi_alloc(count * width, sizeof(float));
  d->label = ogi_alloc(count, 1);
  double *x = ogi_alloc(count * width, sizeof(double));
  ogt_fill(x, count * width, 0, 1, tag);
  for (size_t i = 0; i < count * width; i++) d->image[i] = (float)x[i];
  for (size_t i = 0; i < count; i++) {
    double turn = atan2(x[i * width] - 0.5, x[i * width + 1] - 0.5) / (2 * M_PI) + 0.5;
    size_t class = (size_t)(turn * 3);
    d->label[i] = (uint8_t)(class < 3 ? class : 2);
  }
  ogi_free(x);
}

START_TEST(accuracy_counts_what_the_definition_counts) {
  ogi_net net;
  ogi_data d;
  double got;
  size_t right;
  toy_data(&d, 1237, 5, 7); /* three blocks of the forward pass, the last one partial */
  small_net(&net);
  ck_assert_int_eq(ogi_net_accuracy(&got, &net, &d, NULL), OG_OK);
  loss_by_definition(&net, d.image, d.label, d.count, &right);
  ck_assert(right > 100 && right < 1137);
  ogt_abs(got, (double)right / 1237, 0);
  ogi_net_clear(&net);
  ogi_data_clear(&d);
}
END_TEST

START_TEST(data_that_do_not_fit_are_refused) {
  ogi_net net;
  ogi_data d;
  og_error err;
  double got = 1;
  const ogi_train_opts opts = {.optimizer = OGI_SGD, .epochs = 1, .batch = 9, .rate = 0.1};
  small_net(&net);
  toy_data(&d, 40, 5, 8);
  d.width = 4;
  ck_assert_int_eq(ogi_net_accuracy(&got, &net, &d, &err), OG_E_SHAPE);
  ogt_has(err.text, "saw images of 4 values, need 5");
  ck_assert(isnan(got));
  d.width = 5;
  d.classes = 4;
  ck_assert_int_eq(ogi_net_train(&net, &d, &opts, NULL, &err), OG_E_SHAPE);
  ogt_has(err.text, "saw 4 classes, need <= 3");
  d.classes = 3;
  d.count = 0;
  ck_assert_int_eq(ogi_net_accuracy(&got, &net, &d, &err), OG_E_SHAPE);
  ogt_has(err.text, "saw no images");
  ogi_data_clear(&d);
  ogi_net_clear(&net);
  const size_t zero[2] = {5, 0};
  ck_assert_int_eq(ogi_net_create(&net, 0, zero, &err), OG_E_SHAPE);
  ck_assert_int_eq(ogi_net_create(&net, 9, zero, &err), OG_E_SHAPE);
  ogt_has(err.text, "saw 9 layers, need 1..8");
  ck_assert_int_eq(ogi_net_create(&net, 1, zero, &err), OG_E_SHAPE);
  ogt_has(err.text, "saw extent 0");
  ogi_net_clear(NULL);
}
END_TEST

/* --- files of networks ------------------------------------------------------------------------------------------- */

static void remove_net(const char *folder) {
  static const char *const kinds[2] = {"weight", "bias"};
  for (int l = 0; l < 10; l++)
    for (int k = 0; k < 2; k++) {
      char path[600];
      snprintf(path, sizeof path, "%s/layer%d.%s.npy", folder, l, kinds[k]);
      unlink(path);
    }
  rmdir(folder);
}

/* Number of names in the scratch folder that hold this text. */
static size_t leftovers(const char *text) {
  char command[256];
  size_t count = 0;
  snprintf(command, sizeof command, "ls scratch scratch/deep 2>/dev/null | grep -c -- '%s'", text);
  FILE *pipe = popen(command, "r");
  ck_assert_int_eq(fscanf(pipe, "%zu", &count), 1);
  pclose(pipe);
  return count;
}

START_TEST(saved_network_comes_back_bit_by_bit) {
  ogi_net net, back;
  const char *folder = ogt_scratch("deep/net/");
  remove_net(folder);
  small_net(&net);
  ck_assert_int_eq(ogi_net_save(&net, folder, NULL), OG_OK);
  ck_assert_int_eq(ogi_net_load(&back, folder, NULL), OG_OK);
  ck_assert_uint_eq(back.layers, 3);
  ck_assert_mem_eq(back.extent, small_extent, sizeof small_extent);
  ck_assert(same_bits(&net, &back));
  ck_assert_uint_eq(leftovers("tmp"), 0);
  ogi_net_clear(&back);
  ogi_net_clear(&net);
  remove_net(folder);
}
END_TEST

START_TEST(a_network_already_there_stays) {
  ogi_net net, other, back;
  const char *folder = ogt_scratch("first");
  remove_net(folder);
  small_net(&net);
  small_net(&other);
  other.weight[0][0] += 1;
  ck_assert_int_eq(ogi_net_save(&net, folder, NULL), OG_OK);
  ck_assert_int_eq(ogi_net_save(&other, folder, NULL), OG_OK);
  ck_assert_int_eq(ogi_net_load(&back, folder, NULL), OG_OK);
  ck_assert(same_bits(&net, &back));
  ck_assert_uint_eq(leftovers("tmp"), 0);
  ogi_net_clear(&back);
  ogi_net_clear(&other);
  ogi_net_clear(&net);
  remove_net(folder);
}
END_TEST

START_TEST(unwritable_places_leave_nothing_behind) {
  ogi_net net;
  og_error err;
  small_net(&net);
  const char *file = write_bytes("plain-file", "x", 1);
  ck_assert_int_eq(ogi_net_save(&net, file, &err), OG_E_IO);
  ogt_has(err.text, "plain-file");
  char below[600];
  snprintf(below, sizeof below, "%s/net", file);
  ck_assert_int_eq(ogi_net_save(&net, below, &err), OG_E_IO);
  const char *folder = ogt_scratch("other-things");
  mkdir(folder, 0777);
  write_bytes("other-things/notes.txt", "x", 1);
  ck_assert_int_eq(ogi_net_save(&net, folder, &err), OG_E_IO);
  ogt_has(err.text, "other-things");
  ck_assert_uint_eq(leftovers("tmp"), 0);
  ogi_net_clear(&net);
}
END_TEST

static void put(const char *folder, const char *name, size_t rows, size_t columns, double first) {
  char path[600];
  double x[64];
  const size_t dim[2] = {rows == 0 ? columns : rows, columns};
  snprintf(path, sizeof path, "%s/%s", folder, name);
  ogt_fill(x, 64, -1, 1, 60);
  x[3] = first;
  ck_assert_int_eq(og_matrix_save(path, rows == 0 ? 1 : 2, dim, x, NULL), OG_OK);
}

static void refuse_net(const char *folder, og_status status, const char *say) {
  ogi_net net;
  og_error err = {0};
  size_t live = ogi_mem_live();
  ck_assert_msg(ogi_net_load(&net, folder, &err) == status, "want \"%s\", saw \"%s\"", say, err.text);
  ogt_has(err.text, say);
  ck_assert_uint_eq(net.layers, 0);
  ck_assert_uint_eq(ogi_mem_live(), live);
}

START_TEST(networks_that_do_not_chain_are_refused_with_both_shapes) {
  char folder[512];
  snprintf(folder, sizeof folder, "%s", ogt_scratch("wrong"));
  remove_net(folder);
  mkdir(folder, 0777);
  refuse_net(folder, OG_E_INPUT, "saw no layer0.weight.npy, need layer0.weight.npy (out x in)");
  put(folder, "layer0.weight.npy", 4, 5, 0.5);
  refuse_net(folder, OG_E_INPUT, "layer0.bias.npy");
  put(folder, "layer0.bias.npy", 0, 5, 0.5);
  refuse_net(folder, OG_E_SHAPE, "layer0.bias.npy: saw shape (5,), need (4,)");
  put(folder, "layer0.bias.npy", 2, 2, 0.5);
  refuse_net(folder, OG_E_SHAPE, "layer0.bias.npy: saw 2 dimensions, need 1");
  put(folder, "layer0.bias.npy", 0, 4, NAN);
  refuse_net(folder, OG_E_RANGE, "layer0.bias.npy: index 3: saw nan, need a finite float32");
  put(folder, "layer0.bias.npy", 0, 4, -1e39);
  refuse_net(folder, OG_E_RANGE, "layer0.bias.npy: index 3: saw -1e+39");
  put(folder, "layer0.bias.npy", 0, 4, 0.25);
  put(folder, "layer1.weight.npy", 3, 6, 0.5);
  put(folder, "layer1.bias.npy", 0, 3, 0.5);
  refuse_net(folder, OG_E_SHAPE, "layer1.weight.npy: saw shape (3, 6), need (any, 4)");
  put(folder, "layer1.weight.npy", 3, 4, 0.5);
  put(folder, "layer3.weight.npy", 3, 3, 0.5);
  refuse_net(folder, OG_E_INPUT, "without a gap");
  remove_net(folder);
}
END_TEST

/* --- training ---------------------------------------------------------------------------------------------------- */

static const size_t toy_extent[3] = {4, 16, 3};

static void train_toy(ogi_net *net, double *accuracy, const ogi_train_opts *opts) {
  ogi_data d, fresh;
  og_error err = {0};
  toy_data(&d, 3001, 4, 21); /* not a multiple of the batch */
  toy_data(&fresh, 2003, 4, 22);
  ck_assert_int_eq(ogi_net_create(net, 2, toy_extent, NULL), OG_OK);
  ck_assert_msg(ogi_net_train(net, &d, opts, NULL, &err) == OG_OK, "%s", err.text);
  ck_assert_int_eq(ogi_net_accuracy(accuracy, net, &fresh, NULL), OG_OK);
  ogi_data_clear(&fresh);
  ogi_data_clear(&d);
}

static const ogi_train_opts toy_sgd = {.optimizer = OGI_SGD, .epochs = 40, .batch = 32, .rate = 0.1, .momentum = 0.9,
                                       .weight_decay = 1e-5, .seed = 5};
static const ogi_train_opts toy_adam = {.optimizer = OGI_ADAM, .epochs = 40, .batch = 32, .rate = 0.02,
                                        .weight_decay = 1e-4, .seed = 5};

START_TEST(both_optimizers_learn_a_separable_problem) {
  const ogi_train_opts *all[2] = {&toy_sgd, &toy_adam};
  for (int k = 0; k < 2; k++) {
    ogi_net net;
    double accuracy;
    train_toy(&net, &accuracy, all[k]);
    ck_assert_msg(accuracy > 0.97, "optimizer %d: %g of fresh points", k, accuracy);
    ogi_net_clear(&net);
  }
}
END_TEST

START_TEST(same_seed_same_bits_other_seed_other_bits) {
  ogi_net a, b, c;
  double accuracy[3];
  ogi_train_opts opts = toy_adam;
  opts.epochs = 2;
  train_toy(&a, &accuracy[0], &opts);
  train_toy(&b, &accuracy[1], &opts);
  opts.seed = 6;
  train_toy(&c, &accuracy[2], &opts);
  ck_assert(same_bits(&a, &b));
  ck_assert(!same_bits(&a, &c));
  ogi_net_clear(&a);
  ogi_net_clear(&b);
  ogi_net_clear(&c);
}
END_TEST

/* One step on one image. With v = g and Adam's corrections the first step is closed: every weight moves by rate, up to
 * eps / |g|, against the sign of its gradient [Kingma2015, section 2.1]; SGD moves by rate * g. */
START_TEST(first_step_is_the_closed_form_one) {
  enum { ONE = 1 };
  ogi_net net, start, grad;
  ogi_pass pass;
  ogi_data d;
  toy_data(&d, ONE, 4, 23);
  d.label[0] = 2;
  ck_assert_int_eq(ogi_net_create(&net, 2, toy_extent, NULL), OG_OK);
  ck_assert_int_eq(ogi_net_create(&start, 2, toy_extent, NULL), OG_OK);
  ck_assert_int_eq(ogi_net_create(&grad, 2, toy_extent, NULL), OG_OK);
  ogi_train_opts opts = {.optimizer = OGI_SGD, .epochs = 1, .batch = 8, .rate = 1e-30, .momentum = 0.5, .seed = 9};
  ck_assert_int_eq(ogi_net_train(&start, &d, &opts, NULL, NULL), OG_OK); /* a rate of nothing: the initial weights */
  ck_assert_int_eq(ogi_pass_create(&pass, &start, ONE, 1, NULL), OG_OK);
  memcpy(pass.act[0], d.image, 4 * sizeof(float));
  ogi_pass_gradient(&grad, &pass, &start, d.label, ONE);
  opts.rate = 0.125;
  opts.weight_decay = 0.5;
  for (int adam = 0; adam < 2; adam++) {
    opts.optimizer = adam ? OGI_ADAM : OGI_SGD;
    ck_assert_int_eq(ogi_net_train(&net, &d, &opts, NULL, NULL), OG_OK);
    for (size_t l = 0; l < 2; l++)
      for (size_t i = 0; i < toy_extent[l] * toy_extent[l + 1]; i++) {
        double g = grad.weight[l][i], move = adam ? g / (fabs(g) + 1e-8) : g;
        ogt_abs(net.weight[l][i], start.weight[l][i] * (1 - 0.125 * 0.5) - 0.125 * move, 1e-6);
      }
    for (size_t j = 0; j < 3; j++) { /* biases start at 0 and do not decay */
      double g = grad.bias[1][j];
      ogt_abs(net.bias[1][j], -0.125 * (adam ? g / (fabs(g) + 1e-8) : g), 1e-6);
    }
  }
  ogi_pass_clear(&pass);
  ogi_net_clear(&grad);
  ogi_net_clear(&start);
  ogi_net_clear(&net);
  ogi_data_clear(&d);
}
END_TEST

/* Oracle: variance 2 / inputs, its standard error sqrt(2 / count); five of them. */
START_TEST(initial_weights_have_the_variance_of_he) {
  const size_t extent[2] = {97, 211};
  ogi_net net;
  ogi_data d;
  ogi_train_opts opts = {.optimizer = OGI_SGD, .epochs = 1, .batch = 3, .rate = 1e-30, .seed = 77};
  toy_data(&d, 3, 97, 24);
  ck_assert_int_eq(ogi_net_create(&net, 1, extent, NULL), OG_OK);
  ck_assert_int_eq(ogi_net_train(&net, &d, &opts, NULL, NULL), OG_OK);
  double sum = 0, count = 97 * 211;
  for (size_t i = 0; i < 97 * 211; i++) sum += (double)net.weight[0][i] * net.weight[0][i];
  ogt_rel(sum / count, 2.0 / 97, 5 * sqrt(2 / count));
  ogi_net_clear(&net);
  ogi_data_clear(&d);
}
END_TEST

START_TEST(a_rate_too_large_is_reported_and_changes_nothing) {
  ogi_net net, before;
  ogi_data d;
  og_error err;
  const size_t extent[2] = {5, 3}; /* no ReLU, which could hide the overflow behind units that died */
  toy_data(&d, 500, 5, 25);
  ck_assert_int_eq(ogi_net_create(&net, 1, extent, NULL), OG_OK);
  ck_assert_int_eq(ogi_net_create(&before, 1, extent, NULL), OG_OK);
  fill_net(&net, 0.9);
  fill_net(&before, 0.9);
  ogi_train_opts opts = toy_sgd;
  opts.weight_decay = 0;
  opts.rate = 1e38;
  ck_assert_int_eq(ogi_net_train(&net, &d, &opts, NULL, &err), OG_E_NOCONV);
  ogt_has(err.text, "training: epoch 1: saw ");
  ogt_has(err.text, "lower the rate of 1e+38");
  ck_assert(same_bits(&net, &before));
  ogi_net_clear(&before);
  ogi_net_clear(&net);
  ogi_data_clear(&d);
}
END_TEST

typedef struct listener {
  int calls, stop_at;
  double last;
} listener;

static int listen(void *user, const char *phase, double fraction) {
  listener *l = user;
  ck_assert_str_eq(phase, "training");
  ck_assert(fraction >= l->last && fraction <= 1);
  l->last = fraction;
  return ++l->calls == l->stop_at;
}

START_TEST(progress_rises_to_one_and_can_stop_the_training) {
  ogi_net net, before;
  ogi_data d;
  og_error err;
  listener l = {.stop_at = 3};
  const og_progress progress = {.report = listen, .user = &l};
  ogi_train_opts opts = toy_sgd;
  opts.epochs = 3;
  toy_data(&d, 3001, 5, 26);
  small_net(&net);
  small_net(&before);
  ck_assert_int_eq(ogi_net_train(&net, &d, &opts, &progress, &err), OG_E_INTERRUPT);
  ogt_has(err.text, "interrupted after 128 of 282 mini-batches");
  ck_assert(same_bits(&net, &before));
  l = (listener){0};
  ck_assert_int_eq(ogi_net_train(&net, &d, &opts, &progress, &err), OG_OK);
  ck_assert(l.last == 1 && l.calls > 3);
  ck_assert(!same_bits(&net, &before));
  ogi_net_clear(&before);
  ogi_net_clear(&net);
  ogi_data_clear(&d);
}
END_TEST

START_TEST(options_out_of_range_are_refused) {
  static const ogi_train_opts bad[] = {
      {.epochs = 0, .batch = 8, .rate = 0.1},
      {.epochs = 1, .batch = 0, .rate = 0.1},
      {.epochs = 1, .batch = 8, .rate = 0},
      {.epochs = 1, .batch = 8, .rate = INFINITY},
      {.epochs = 1, .batch = 8, .rate = NAN},
      {.epochs = 1, .batch = 8, .rate = 0.1, .momentum = 1},
      {.epochs = 1, .batch = 8, .rate = 0.1, .weight_decay = -1},
      {.epochs = 1, .batch = 8, .rate = 0.1, .weight_decay = 10},
  };
  ogi_net net;
  ogi_data d;
  og_error err;
  toy_data(&d, 40, 5, 27);
  small_net(&net);
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    ck_assert_int_eq(ogi_net_train(&net, &d, &bad[k], NULL, &err), OG_E_RANGE);
    ogt_has(err.text, k < 2 ? "need >= 1 of each" : "need rate > 0");
  }
  ogi_net_clear(&net);
  ogi_data_clear(&d);
}
END_TEST

/* --- memory ------------------------------------------------------------------------------------------------------ */

/* Every step that allocates, once around; the first failure is handed back. */
static og_status once_around(const char *image_path, const char *label_path, const char *folder) {
  og_status st = OG_OK;
  ogi_data d = {0};
  ogi_net net = {0}, back = {0};
  const size_t extent[3] = {8, 4, 8};
  const ogi_train_opts opts = {.optimizer = OGI_ADAM, .epochs = 1, .batch = 2, .rate = 0.1};
  double accuracy;
  OGI_TRY(st, ogi_data_load(&d, image_path, label_path, NULL));
  OGI_TRY(st, ogi_net_create(&net, 2, extent, NULL));
  OGI_TRY(st, ogi_net_train(&net, &d, &opts, NULL, NULL));
  OGI_TRY(st, ogi_net_accuracy(&accuracy, &net, &d, NULL));
  OGI_TRY(st, ogi_net_save(&net, folder, NULL));
  OGI_TRY(st, ogi_net_load(&back, folder, NULL));
  ck_assert(same_bits(&net, &back));
done:
  ogi_mem_fail_at(0);
  ogi_net_clear(&back);
  ogi_net_clear(&net);
  ogi_data_clear(&d);
  remove_net(folder);
  return st;
}

START_TEST(every_failing_allocation_is_reported_and_leaks_nothing) {
  char image_path[512], label_path[512], folder[512];
  snprintf(image_path, sizeof image_path, "%s", write_bytes("images.idx", images, sizeof images));
  snprintf(label_path, sizeof label_path, "%s", write_bytes("labels.idx", labels, sizeof labels));
  snprintf(folder, sizeof folder, "%s", ogt_scratch("alloc-net"));
  size_t live = ogi_mem_live(), k = 0;
  og_status st;
  do {
    ogi_mem_fail_at(++k);
    st = once_around(image_path, label_path, folder);
    ck_assert_msg(st == OG_OK || st == OG_E_NOMEM, "allocation %zu: %s", k, og_status_name(st));
    ck_assert_uint_eq(ogi_mem_live(), live);
  } while (st != OG_OK && k < 1000);
  ck_assert_uint_gt(k, 40);
  ck_assert_int_eq(st, OG_OK);
  ck_assert_uint_eq(leftovers("alloc-net"), 0);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("workload");
  TCase *data = tcase_create("data"), *net = tcase_create("net"), *train = tcase_create("train");
  tcase_set_timeout(train, 120);
  tcase_add_test(data, idx_files_are_read_plain_and_gzipped);
  tcase_add_test(data, rows_of_values_are_taken_for_images);
  tcase_add_test(data, damaged_idx_files_are_refused_with_a_reason);
  tcase_add_test(data, missing_data_name_the_package_that_has_them);
  tcase_add_test(net, accuracy_counts_what_the_definition_counts);
  tcase_add_test(net, data_that_do_not_fit_are_refused);
  tcase_add_test(net, saved_network_comes_back_bit_by_bit);
  tcase_add_test(net, a_network_already_there_stays);
  tcase_add_test(net, unwritable_places_leave_nothing_behind);
  tcase_add_test(net, networks_that_do_not_chain_are_refused_with_both_shapes);
  tcase_add_test(train, gradient_is_the_slope_of_the_loss);
  tcase_add_test(train, both_optimizers_learn_a_separable_problem);
  tcase_add_test(train, same_seed_same_bits_other_seed_other_bits);
  tcase_add_test(train, first_step_is_the_closed_form_one);
  tcase_add_test(train, initial_weights_have_the_variance_of_he);
  tcase_add_test(train, a_rate_too_large_is_reported_and_changes_nothing);
  tcase_add_test(train, progress_rises_to_one_and_can_stop_the_training);
  tcase_add_test(train, options_out_of_range_are_refused);
  tcase_add_test(train, every_failing_allocation_is_reported_and_leaks_nothing);
  suite_add_tcase(suite, data);
  suite_add_tcase(suite, net);
  suite_add_tcase(suite, train);
  return ogt_run(suite);
}
