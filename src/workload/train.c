/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "base/ogi_rng.h"
#include "workload/ogi_net.h"
#include "workload/ogi_train.h"

#define ADAM_BETA1 0.9   /* [-] decay of the mean gradient; this and the next two as recommended by [Kingma2015] */
#define ADAM_BETA2 0.999 /* [-] decay of the mean squared gradient                                              */
#define ADAM_EPS 1e-8    /* [-] added to its root                                                               */
#define REPORT_EVERY 64  /* [-] mini-batches between two calls of progress: some ten a second                   */

/* Numbers below this are as good as 0 here, and are made 0: near 1e-38 processors become many times slower, and the
 * moments of a weight whose input is always dark, or of a unit that died, would decay through that range. */
#define TINY 1e-30f
static inline float flush(float x) { return x > -TINY && x < TINY ? 0 : x; }

/* --- gradient ---------------------------------------------------------------------------------------------------- */

/* Softmax cross-entropy of k rows of logits; delta = d(mean loss)/d(logit) = (softmax - one-hot) / k. */
static double softmax_loss(float *delta, const float *logit, const uint8_t *label, size_t k, size_t classes) {
  double loss = 0;
  for (size_t i = 0; i < k; i++, logit += classes, delta += classes) {
    float top = logit[0];
    double sum = 0;
    for (size_t j = 1; j < classes; j++) top = logit[j] > top ? logit[j] : top;
    for (size_t j = 0; j < classes; j++) sum += delta[j] = expf(logit[j] - top); /* no overflow: all <= 1 */
    for (size_t j = 0; j < classes; j++) delta[j] = flush((float)(delta[j] / sum / (double)k));
    delta[label[i]] -= 1.0f / (float)k;
    loss += log(sum) + (double)top - (double)logit[label[i]];
  }
  return loss / (double)k;
}

/* grad b = column sums of delta (k x out). */
static void sum_columns(float *sum, const float *delta, size_t k, size_t out) {
  memset(sum, 0, out * sizeof *sum);
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < out; j++) sum[j] += delta[i * out + j];
}

double ogi_pass_gradient(ogi_net *grad, ogi_pass *pass, const ogi_net *net, const uint8_t *label, size_t k) {
  float *delta = pass->delta[0], *below = pass->delta[1];
  ogi_pass_forward(pass, net, k);
  double loss = softmax_loss(delta, pass->act[net->layers], label, k, net->extent[net->layers]);
  for (size_t l = net->layers; l-- > 0;) {
    const size_t in = net->extent[l], out = net->extent[l + 1];
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (blasint)out, (blasint)in, (blasint)k, 1, delta, (blasint)out,
                pass->act[l], (blasint)in, 0, grad->weight[l], (blasint)in); /* dL/dW = delta^T X */
    sum_columns(grad->bias[l], delta, k, out);
    if (l == 0) break;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)k, (blasint)in, (blasint)out, 1, delta,
                (blasint)out, net->weight[l], (blasint)in, 0, below, (blasint)in); /* dL/dX = delta W */
    for (size_t i = 0; i < k * in; i++)
      if (!(pass->act[l][i] > 0)) below[i] = 0; /* slope of the ReLU that made act[l] */
    float *swap = delta;
    delta = below;
    below = swap;
  }
  return loss;
}

/* --- one step of an optimizer ------------------------------------------------------------------------------------ */

/* Factors of one step, the same for all parameters. */
typedef struct step {
  float rate, keep;     /* keep = 1 - rate * weight_decay, decoupled from the gradient [Loshchilov2019, Algorithm 2] */
  float momentum;       /* SGD                                                                                        */
  float scale1, scale2; /* Adam: 1 / (1 - beta^t), the bias corrections [Kingma2015, Algorithm 1]                    */
} step;

/* v <- momentum v + g;  w <- keep w - rate v. */
OGI_HOT static void step_sgd(float *restrict w, float *restrict v, const float *restrict g, size_t count, float keep,
                             const step *s) {
  const float rate = s->rate, momentum = s->momentum;
  for (size_t i = 0; i < count; i++) {
    v[i] = flush(momentum * v[i] + g[i]);
    w[i] = keep * w[i] - rate * v[i];
  }
}

/* m <- b1 m + (1-b1) g;  v <- b2 v + (1-b2) g^2;  w <- keep w - rate (m scale1) / (sqrt(v scale2) + eps). */
OGI_HOT static void step_adam(float *restrict w, float *restrict m, float *restrict v, const float *restrict g,
                              size_t count, float keep, const step *s) {
  const float b1 = (float)ADAM_BETA1, b2 = (float)ADAM_BETA2, eps = (float)ADAM_EPS;
  const float rate = s->rate * s->scale1, scale2 = s->scale2;
  for (size_t i = 0; i < count; i++) {
    m[i] = flush(b1 * m[i] + (1 - b1) * g[i]);
    v[i] = flush(b2 * v[i] + (1 - b2) * g[i] * g[i]);
    w[i] = keep * w[i] - rate * m[i] / (sqrtf(v[i] * scale2) + eps);
  }
}

/* --- training ---------------------------------------------------------------------------------------------------- */

/* Everything a training owns. first and second are the optimizer's moments, shaped like the network. */
typedef struct trainer {
  ogi_net net, grad, first, second;
  ogi_pass pass;
  uint8_t *label; /* of the batch              */
  uint32_t *order; /* permutation of the images */
  ogi_rng *rng;
  const ogi_data *data;
  const ogi_train_opts *opts;
  size_t batches, done; /* mini-batches an epoch; steps so far */
} trainer;

static og_status check_opts(const ogi_train_opts *o, const ogi_data *data, og_error *err) {
  if (o->epochs < 1 || o->batch < 1 || o->batch > INT32_MAX || data->count > UINT32_MAX)
    return ogi_fail(err, OG_E_RANGE, "training: saw %zu epochs, batch %zu, %zu images, need >= 1 of each and < 2^31",
                    o->epochs, o->batch, data->count);
  if (!isfinite(o->rate) || !(o->rate > 0) || !(o->momentum >= 0 && o->momentum < 1) || !(o->weight_decay >= 0) ||
      !(o->rate * o->weight_decay < 1))
    return ogi_fail(err, OG_E_RANGE,
                    "training: saw rate %g, momentum %g, weight decay %g, need rate > 0, momentum in 0..1 (below 1), "
                    "decay >= 0, rate * decay < 1",
                    o->rate, o->momentum, o->weight_decay);
  return OG_OK;
}

static void trainer_clear(trainer *t) {
  ogi_net_clear(&t->net);
  ogi_net_clear(&t->grad);
  ogi_net_clear(&t->first);
  ogi_net_clear(&t->second);
  ogi_pass_clear(&t->pass);
  ogi_free(t->label);
  ogi_free(t->order);
  ogi_rng_free(t->rng);
}

static og_status trainer_init(trainer *t, const ogi_net *net, og_error *err) {
  og_status st = OG_OK;
  const size_t batch = ogi_min_size(t->opts->batch, t->data->count);
  OGI_TRY(st, ogi_net_create(&t->net, net->layers, net->extent, err));
  OGI_TRY(st, ogi_net_create(&t->grad, net->layers, net->extent, err));
  OGI_TRY(st, ogi_net_create(&t->first, net->layers, net->extent, err));
  if (t->opts->optimizer == OGI_ADAM) OGI_TRY(st, ogi_net_create(&t->second, net->layers, net->extent, err));
  OGI_TRY(st, ogi_pass_create(&t->pass, net, batch, 1, err));
  t->label = ogi_alloc(batch, sizeof *t->label);
  t->order = ogi_alloc(t->data->count, sizeof *t->order);
  t->rng = ogi_rng_create((ogi_stream){.seed = t->opts->seed, .source = OGI_SOURCE_INIT});
  t->batches = ogi_ceil_div(t->data->count, batch);
  if (t->label == NULL || t->order == NULL || t->rng == NULL)
    st = ogi_fail(err, OG_E_NOMEM, "training: order of %zu images", t->data->count);
done:
  return st;
}

/* Weights normal with standard deviation sqrt(2 / inputs), which keeps the power of ReLU layers [He2015, eq. 10]. */
static void init_weights(trainer *t) {
  for (size_t l = 0; l < t->net.layers; l++) {
    const size_t in = t->net.extent[l], count = in * t->net.extent[l + 1];
    const double sigma = sqrt(2.0 / (double)in);
    ogi_rng_restart(t->rng, (ogi_stream){.seed = t->opts->seed, .source = OGI_SOURCE_INIT, .layer = (uint32_t)l});
    for (size_t i = 0; i < count; i++) t->net.weight[l][i] = (float)(sigma * ogi_rng_normal(t->rng));
  }
}

/* A fresh permutation (Fisher-Yates), a function of seed and epoch alone. */
static void shuffle(trainer *t, size_t epoch) {
  const size_t count = t->data->count;
  ogi_rng_restart(t->rng,
                  (ogi_stream){.seed = t->opts->seed, .source = OGI_SOURCE_SHUFFLE, .trial = (uint32_t)epoch});
  for (size_t i = 0; i < count; i++) t->order[i] = (uint32_t)i;
  for (size_t i = count; i > 1; i--) {
    size_t j = ogi_rng_below(t->rng, i);
    uint32_t swap = t->order[i - 1];
    t->order[i - 1] = t->order[j];
    t->order[j] = swap;
  }
}

/* Images order[first ..] into the pass; returns how many. */
static size_t gather(trainer *t, size_t first) {
  const size_t k = ogi_min_size(t->pass.room, t->data->count - first), width = t->data->width;
  for (size_t i = 0; i < k; i++) {
    size_t image = t->order[first + i];
    memcpy(t->pass.act[0] + i * width, t->data->image + image * width, width * sizeof(float));
    t->label[i] = t->data->label[image];
  }
  return k;
}

static void apply(trainer *t, const step *s, float *w, float *first, float *second, const float *g, size_t count,
                  float keep) {
  if (t->opts->optimizer == OGI_ADAM)
    step_adam(w, first, second, g, count, keep, s);
  else
    step_sgd(w, first, g, count, keep, s);
}

/* Biases do not decay: they set thresholds and are not mapped to cells. */
static void take_step(trainer *t) {
  const double done = (double)t->done, all = (double)(t->opts->epochs * t->batches);
  const double rate = t->opts->rate * 0.5 * (1 + cos(M_PI * done / all)); /* half cosine [Loshchilov2017, eq. 5] */
  const step s = {.rate = (float)rate,
                  .keep = (float)(1 - rate * t->opts->weight_decay),
                  .momentum = (float)t->opts->momentum,
                  .scale1 = (float)(1 / (1 - pow(ADAM_BETA1, done + 1))),
                  .scale2 = (float)(1 / (1 - pow(ADAM_BETA2, done + 1)))};
  for (size_t l = 0; l < t->net.layers; l++) {
    const size_t out = t->net.extent[l + 1];
    apply(t, &s, t->net.weight[l], t->first.weight[l], t->second.weight[l], t->grad.weight[l], t->net.extent[l] * out,
          s.keep);
    apply(t, &s, t->net.bias[l], t->first.bias[l], t->second.bias[l], t->grad.bias[l], out, 1);
  }
  t->done++;
}

static og_status tell(const trainer *t, const og_progress *progress, og_error *err) {
  const size_t all = t->opts->epochs * t->batches;
  if (progress == NULL || progress->report == NULL || (t->done % REPORT_EVERY != 0 && t->done < all)) return OG_OK;
  if (progress->report(progress->user, "training", (double)t->done / (double)all) == 0) return OG_OK;
  return ogi_fail(err, OG_E_INTERRUPT, "training: interrupted after %zu of %zu mini-batches", t->done, all);
}

static og_status train_epoch(trainer *t, size_t epoch, const og_progress *progress, og_error *err) {
  og_status st = OG_OK;
  shuffle(t, epoch);
  for (size_t first = 0; first < t->data->count; first += t->pass.room) {
    OGI_TRY(st, tell(t, progress, err));
    size_t k = gather(t, first);
    double loss = ogi_pass_gradient(&t->grad, &t->pass, &t->net, t->label, k);
    if (!isfinite(loss))
      return ogi_fail(err, OG_E_NOCONV, "training: epoch %zu: saw loss %g, need a finite one: lower the rate of %g",
                      epoch + 1, loss, t->opts->rate);
    take_step(t);
  }
  /* A ReLU turns NaN into 0, so a finite loss alone does not prove finite weights. */
  if (!ogi_net_is_finite(&t->net))
    st = ogi_fail(err, OG_E_NOCONV, "training: epoch %zu: saw weights that are not finite: lower the rate of %g",
                  epoch + 1, t->opts->rate);
done:
  return st;
}

og_status ogi_net_train(ogi_net *net, const ogi_data *data, const ogi_train_opts *opts, const og_progress *progress,
                        og_error *err) {
  og_status st = OG_OK;
  trainer t = {.data = data, .opts = opts};
  const int before = ogi_blas_begin();
  OGI_TRY(st, ogi_net_fits(net, data, err));
  OGI_TRY(st, check_opts(opts, data, err));
  OGI_TRY(st, trainer_init(&t, net, err));
  init_weights(&t);
  for (size_t epoch = 0; epoch < opts->epochs; epoch++) OGI_TRY(st, train_epoch(&t, epoch, progress, err));
  OGI_TRY(st, tell(&t, progress, err));
  const ogi_net untrained = *net; /* the caller's network changes hands whole, or not at all */
  *net = t.net;
  t.net = untrained;
done:
  ogi_blas_end(before);
  trainer_clear(&t);
  return st;
}
