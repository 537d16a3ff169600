/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <cblas.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ohmgrid/matrix.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "workload/ogi_net.h"
#include "workload/ogi_train.h"

#define BLOCK 500 /* images a forward pass: keeps the activations of wide layers in a few megabytes */

/* --- life -------------------------------------------------------------------------------------------------------- */

og_status ogi_net_create(ogi_net *out, size_t layers, const size_t *extent, og_error *err) {
  memset(out, 0, sizeof *out);
  if (layers < 1 || layers > OGI_NET_MAX_LAYERS)
    return ogi_fail(err, OG_E_SHAPE, "network: saw %zu layers, need 1..%d", layers, OGI_NET_MAX_LAYERS);
  for (size_t l = 0; l <= layers; l++)
    if (extent[l] < 1 || extent[l] > INT32_MAX)
      return ogi_fail(err, OG_E_SHAPE, "network: layer %zu: saw extent %zu, need 1..%d", l, extent[l], INT32_MAX);
  out->layers = layers;
  memcpy(out->extent, extent, (layers + 1) * sizeof *extent);
  for (size_t l = 0; l < layers; l++) {
    out->weight[l] = ogi_alloc(extent[l] * extent[l + 1], sizeof(float));
    out->bias[l] = ogi_alloc(extent[l + 1], sizeof(float));
    if (out->weight[l] != NULL && out->bias[l] != NULL) continue;
    ogi_net_clear(out);
    return ogi_fail(err, OG_E_NOMEM, "network: layer %zu: %zu x %zu weights", l, extent[l + 1], extent[l]);
  }
  return OG_OK;
}

void ogi_net_clear(ogi_net *net) {
  if (net == NULL) return;
  for (size_t l = 0; l < net->layers; l++) {
    ogi_free(net->weight[l]);
    ogi_free(net->bias[l]);
  }
  memset(net, 0, sizeof *net);
}

int ogi_net_is_finite(const ogi_net *net) {
  for (size_t l = 0; l < net->layers; l++) {
    for (size_t i = 0; i < net->extent[l] * net->extent[l + 1]; i++)
      if (!isfinite(net->weight[l][i])) return 0;
    for (size_t j = 0; j < net->extent[l + 1]; j++)
      if (!isfinite(net->bias[l][j])) return 0;
  }
  return 1;
}

/* --- load -------------------------------------------------------------------------------------------------------- */

/* folder/layerL.KIND.npy; NULL when out of memory. */
static char *layer_path(const char *folder, size_t layer, const char *kind) {
  char name[64];
  snprintf(name, sizeof name, "layer%zu.%s.npy", layer, kind);
  return ogi_path_join(folder, name);
}

static og_status layer_exists(int *there, const char *folder, size_t layer, og_error *err) {
  char *path = layer_path(folder, layer, "weight");
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", folder);
  *there = ogi_file_exists(path);
  ogi_free(path);
  return OG_OK;
}

/* How many layers a folder holds: layer0.weight.npy and on, without a gap that would cut the network short. */
static og_status count_layers(size_t *layers, const char *folder, og_error *err) {
  og_status st = OG_OK;
  size_t end = 0;
  int there = 0;
  *layers = 0;
  for (size_t l = 0; l <= OGI_NET_MAX_LAYERS; l++) {
    OGI_TRY(st, layer_exists(&there, folder, l, err));
    *layers += there ? 1 : 0;
    if (there) end = l + 1;
    if (l == 0 && !there)
      return ogi_fail(err, OG_E_INPUT, "%s: saw no layer0.weight.npy, need layer0.weight.npy (out x in), "
                      "layer0.bias.npy (out), layer1.weight.npy, ...", folder);
  }
  if (*layers != end || end > OGI_NET_MAX_LAYERS)
    return ogi_fail(err, OG_E_INPUT, "%s: saw %zu weight files up to layer%zu.weight.npy, need layers 0, 1, ... "
                    "without a gap, at most %d", folder, *layers, end - 1, OGI_NET_MAX_LAYERS);
done:
  return st;
}

/* One file, checked to hold floats in the wanted dimensions; want_last 0 means any last extent. */
static og_status load_part(og_matrix *out, const char *path, size_t ndim, size_t want_last, og_error *err) {
  og_status st = OG_OK;
  OGI_TRY(st, og_matrix_load(out, path, err));
  if (out->ndim != ndim)
    return ogi_fail(err, OG_E_SHAPE, "%s: saw %zu dimensions, need %zu", path, out->ndim, ndim);
  size_t last = out->dim[ndim - 1];
  if (want_last > 0 && last != want_last && ndim == 1)
    return ogi_fail(err, OG_E_SHAPE, "%s: saw shape (%zu,), need (%zu,) as the weights have rows", path, last,
                    want_last);
  if (want_last > 0 && last != want_last)
    return ogi_fail(err, OG_E_SHAPE, "%s: saw shape (%zu, %zu), need (any, %zu) as the layer before has outputs", path,
                    out->dim[0], last, want_last);
  for (size_t i = 0; i < out->dim[0] * out->dim[1]; i++)
    if (!isfinite((float)out->data[i]))
      return ogi_fail(err, OG_E_RANGE, "%s: index %zu: saw %g, need a finite float32", path, i, out->data[i]);
done:
  return st;
}

static float *to_float(const og_matrix *m) {
  size_t count = m->dim[0] * m->dim[1];
  float *x = ogi_alloc(count, sizeof *x);
  for (size_t i = 0; x != NULL && i < count; i++) x[i] = (float)m->data[i];
  return x;
}

static og_status load_layer(ogi_net *net, const char *folder, size_t l, og_error *err) {
  og_status st = OG_OK;
  og_matrix weight = {0}, bias = {0};
  char *weight_path = layer_path(folder, l, "weight"), *bias_path = layer_path(folder, l, "bias");
  if (weight_path == NULL || bias_path == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "%s", folder);
    goto done;
  }
  OGI_TRY(st, load_part(&weight, weight_path, 2, l == 0 ? 0 : net->extent[l], err));
  OGI_TRY(st, load_part(&bias, bias_path, 1, weight.dim[0], err));
  net->layers = l + 1;
  net->extent[l] = weight.dim[1];
  net->extent[l + 1] = weight.dim[0];
  net->weight[l] = to_float(&weight);
  net->bias[l] = to_float(&bias);
  if (net->weight[l] == NULL || net->bias[l] == NULL) st = ogi_fail(err, OG_E_NOMEM, "%s", weight_path);
done:
  og_matrix_clear(&weight);
  og_matrix_clear(&bias);
  ogi_free(weight_path);
  ogi_free(bias_path);
  return st;
}

og_status ogi_net_load(ogi_net *out, const char *folder, og_error *err) {
  og_status st = OG_OK;
  size_t layers;
  memset(out, 0, sizeof *out);
  OGI_TRY(st, count_layers(&layers, folder, err));
  for (size_t l = 0; l < layers; l++) OGI_TRY(st, load_layer(out, folder, l, err));
done:
  if (st != OG_OK) ogi_net_clear(out);
  return st;
}

/* --- save -------------------------------------------------------------------------------------------------------- */

static og_status save_part(const char *path, size_t ndim, const size_t *dim, const float *x, og_error *err) {
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "network save");
  size_t count = ndim == 2 ? dim[0] * dim[1] : dim[0];
  double *wide = ogi_alloc(count, sizeof *wide); /* float to double and back changes no bit */
  if (wide == NULL) return ogi_fail(err, OG_E_NOMEM, "%s: %zu values", path, count);
  for (size_t i = 0; i < count; i++) wide[i] = x[i];
  og_status st = og_matrix_save(path, ndim, dim, wide, err);
  ogi_free(wide);
  return st;
}

static og_status save_layers(const ogi_net *net, const char *folder, og_error *err) {
  og_status st = OG_OK;
  for (size_t l = 0; l < net->layers && st == OG_OK; l++) {
    const size_t dim[2] = {net->extent[l + 1], net->extent[l]};
    char *weight = layer_path(folder, l, "weight"), *bias = layer_path(folder, l, "bias");
    st = save_part(weight, 2, dim, net->weight[l], err);
    if (st == OG_OK) st = save_part(bias, 1, dim, net->bias[l], err);
    ogi_free(weight);
    ogi_free(bias);
  }
  return st;
}

/* Only what save_layers may have written, so that nothing of the user's can be hit. */
void ogi_net_remove(const char *folder) {
  for (size_t l = 0; l < OGI_NET_MAX_LAYERS; l++) {
    char *weight = layer_path(folder, l, "weight"), *bias = layer_path(folder, l, "bias");
    if (weight != NULL) unlink(weight);
    if (bias != NULL) unlink(bias);
    ogi_free(weight);
    ogi_free(bias);
  }
  rmdir(folder);
}

/* A new folder beside the destination: FOLDER.PID.TRY.tmp; its name goes to the caller. */
static og_status make_sibling(char **out, const char *folder, og_error *err) {
  size_t room = strlen(folder) + 64;
  char *name = ogi_alloc(room, 1);
  if (name == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", folder);
  int why = EEXIST;
  for (unsigned attempt = 0; attempt < 1000 && why == EEXIST; attempt++) {
    snprintf(name, room, "%s.%ld.%u.tmp", folder, (long)getpid(), attempt);
    why = mkdir(name, 0777) == 0 ? 0 : errno;
  }
  if (why == 0) {
    *out = name;
    return OG_OK;
  }
  ogi_free(name);
  return ogi_fail(err, OG_E_IO, "%s: folder cannot be made beside it: %s", folder, strerror(why));
}

/* A network already there stays: two runs that train the same one at the same time both end well. */
og_status ogi_net_save(const ogi_net *net, const char *folder, og_error *err) {
  og_status st = OG_OK;
  char *temporary = NULL, *target = ogi_strdup(folder);
  if (target == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", folder);
  for (size_t end = strlen(target); end > 1 && target[end - 1] == '/'; end--) target[end - 1] = '\0';
  OGI_TRY(st, ogi_make_parent(target, err));
  OGI_TRY(st, make_sibling(&temporary, target, err));
  OGI_TRY(st, save_layers(net, temporary, err));
  if (rename(temporary, target) == 0) {
    ogi_free(temporary);
    temporary = NULL;
  } else {
    int why = errno, there = 0;
    OGI_TRY(st, layer_exists(&there, target, 0, err));
    if (!there) st = ogi_fail(err, OG_E_IO, "%s: cannot be written: %s", target, strerror(why));
  }
done:
  if (temporary != NULL) ogi_net_remove(temporary);
  ogi_free(temporary);
  ogi_free(target);
  return st;
}

/* --- forward pass ------------------------------------------------------------------------------------------------ */

int ogi_blas_begin(void) {
  int before = openblas_get_num_threads();
  openblas_set_num_threads(1);
  return before;
}

void ogi_blas_end(int before) { openblas_set_num_threads(before); }

og_status ogi_pass_create(ogi_pass *out, const ogi_net *net, size_t room, int backward, og_error *err) {
  size_t widest = 0;
  int short_of_memory = 0;
  memset(out, 0, sizeof *out);
  out->room = room;
  for (size_t l = 0; l <= net->layers; l++) {
    size_t values = room > SIZE_MAX / net->extent[l] ? SIZE_MAX : room * net->extent[l];
    widest = ogi_max_size(widest, values);
    out->act[l] = ogi_alloc(values, sizeof(float));
    short_of_memory |= out->act[l] == NULL;
  }
  for (int k = 0; k < 2 && backward; k++) {
    out->delta[k] = ogi_alloc(widest, sizeof(float));
    short_of_memory |= out->delta[k] == NULL;
  }
  if (!short_of_memory) return OG_OK;
  ogi_pass_clear(out);
  return ogi_fail(err, OG_E_NOMEM, "network: activations of %zu images", room);
}

void ogi_pass_clear(ogi_pass *pass) {
  for (size_t l = 0; l <= OGI_NET_MAX_LAYERS; l++) ogi_free(pass->act[l]);
  for (int k = 0; k < 2; k++) ogi_free(pass->delta[k]);
  memset(pass, 0, sizeof *pass);
}

void ogi_pass_forward(ogi_pass *pass, const ogi_net *net, size_t k) {
  for (size_t l = 0; l < net->layers; l++) {
    const size_t in = net->extent[l], out = net->extent[l + 1];
    float *y = pass->act[l + 1];
    for (size_t i = 0; i < k; i++) memcpy(y + i * out, net->bias[l], out * sizeof *y);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)k, (blasint)out, (blasint)in, 1, pass->act[l],
                (blasint)in, net->weight[l], (blasint)in, 1, y, (blasint)out); /* Y = X W^T + b */
    if (l + 1 == net->layers) break;
    for (size_t i = 0; i < k * out; i++) y[i] = y[i] > 0 ? y[i] : 0;
  }
}

og_status ogi_net_fits(const ogi_net *net, const ogi_data *data, og_error *err) {
  if (data->width != net->extent[0])
    return ogi_fail(err, OG_E_SHAPE, "network: saw images of %zu values, need %zu as the first layer has inputs",
                    data->width, net->extent[0]);
  if (data->classes > net->extent[net->layers])
    return ogi_fail(err, OG_E_SHAPE, "network: saw %zu classes, need <= %zu as the last layer has outputs",
                    data->classes, net->extent[net->layers]);
  if (data->count == 0) return ogi_fail(err, OG_E_SHAPE, "network: saw no images, need >= 1");
  return OG_OK;
}

/* Index of the largest value, the first of equals. */
static size_t largest(const float *y, size_t count) {
  size_t best = 0;
  for (size_t j = 1; j < count; j++)
    if (y[j] > y[best]) best = j;
  return best;
}

og_status ogi_net_accuracy(double *out, const ogi_net *net, const ogi_data *data, og_error *err) {
  og_status st = OG_OK;
  ogi_pass pass = {0};
  const size_t width = net->extent[0], classes = net->extent[net->layers];
  size_t right = 0;
  *out = NAN;
  OGI_TRY(st, ogi_net_fits(net, data, err));
  OGI_TRY(st, ogi_pass_create(&pass, net, ogi_min_size(BLOCK, data->count), 0, err));
  int before = ogi_blas_begin();
  for (size_t first = 0; first < data->count; first += BLOCK) {
    size_t k = ogi_min_size(BLOCK, data->count - first);
    memcpy(pass.act[0], data->image + first * width, k * width * sizeof(float));
    ogi_pass_forward(&pass, net, k);
    for (size_t i = 0; i < k; i++)
      right += largest(pass.act[net->layers] + i * classes, classes) == data->label[first + i];
  }
  ogi_blas_end(before);
  *out = (double)right / (double)data->count;
done:
  ogi_pass_clear(&pass);
  return st;
}
