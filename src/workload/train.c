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

/* --- gradient ---------------------------------------------------------------------------------------------------- */

/* Softmax cross-entropy of k rows of logits; delta = d(mean loss)/d(logit) = (softmax - one-hot) / k. */
static double softmax_loss(float *delta, const float *logit, const uint8_t *label, size_t k, size_t classes) {
  double loss = 0;
  for (size_t i = 0; i < k; i++, logit += classes, delta += classes) {
    float top = logit[0];
    double sum = 0;
    for (size_t j = 1; j < classes; j++) top = logit[j] > top ? logit[j] : top;
    for (size_t j = 0; j < classes; j++) sum += delta[j] = expf(logit[j] - top); /* no overflow: all <= 1 */
    for (size_t j = 0; j < classes; j++) delta[j] = (float)(delta[j] / sum / (double)k);
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
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)k, (blasint)in, (blasint)out, 1, delta, (blasint)out,
                net->weight[l], (blasint)in, 0, below, (blasint)in); /* dL/dX = delta W */
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
    v[i] = momentum * v[i] + g[i];
    w[i] = keep * w[i] - rate * v[i];
  }
}

/* m <- b1 m + (1-b1) g;  v <- b2 v + (1-b2) g^2;  w <- keep w - rate (m scale1) / (sqrt(v scale2) + eps). */
OGI_HOT static void step_adam(float *restrict w, float *restrict m, float *restrict v, const float *restrict g,
                              size_t count, float keep, const step *s) {
  const float b1 = (float)ADAM_BETA1, b2 = (float)ADAM_BETA2, eps = (float)ADAM_EPS;
  const float rate = s->rate * s->scale1, scale2 = s->scale2;
  for (size_t i = 0; i < count; i++) {
    m[i] = b1 * m[i] + (1 - b1) * g[i];
    v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
    w[i] = keep * w[i] - rate * m[i] / (sqrtf(v[i] * scale2) + eps);
  }
}

/* --- training ---------------------------------------------------------------------------------------------------- */

/* Everything a training owns. first and second are the optimizer's moments, shaped like the network. */
typedef struct trainer {
  ogi_net net, grad, first, second; /* net: trained apart, handed over at the end                  */
  ogi_pass pass;
  uint8_t *label;  /* of the batch              */
  uint32_t *order; /* permutation of the images */
  ogi_rng *rng;
  const ogi_data *data;
  const ogi_train_opts *opts;
  size_t batches, done; /* mini-batches an epoch; steps so far */
} trainer;

static og_status check_opts(const ogi_train_opts *o, const ogi_data *data, og_error *err) {
  if (o->epochs < 1 || o->batch < 1 || data->count < 1 || data->count > UINT32_MAX)
    return ogi_fail(err, OG_E_RANGE, "training: saw %zu epochs, batch %zu, %zu images, need >= 1 of each", o->epochs,
                    o->batch, data->count);
  if (!(o->rate > 0 && isfinite(o->rate)) || !(o->momentum >= 0 && o->momentum < 1) || !(o->weight_decay >= 0) ||
      !(o->rate * o->weight_decay < 1))
    return ogi_fail(err, OG_E_RANGE, "training: saw rate %g, momentum %g, weight decay %g, need > 0, 0..1, >= 0 and "
                    "rate * decay < 1", o->rate, o->momentum, o->weight_decay);
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

static og_status trainer_create(trainer *t, const ogi_net *net, og_error *err) {
  og_status st;
  size_t batch = ogi_min_size(t->opts->batch, t->data->count);
  ogi_net *nets[] = {&t->net, &t->grad, &t->first, &t->second};
  for (size_t k = 0; k < sizeof nets / sizeof *nets; k++)
    OGI_TRY(st, ogi_net_create(nets[k], net->layers, net->extent, err));
  OGI_TRY(st, ogi_pass_create(&t->pass, net, batch, 1, err));
  t->label = ogi_alloc(batch, 1);
  t->order = ogi_alloc(t->data->count, sizeof *t->order);
  t->rng = ogi_rng_create((ogi_stream){.seed = t->opts->seed, .source = OGI_SOURCE_INIT});
  if (t->label == NULL || t->order == NULL || t->rng == NULL)
    st = ogi_fail(err, OG_E_NOMEM, "training: %zu images", t->data->count);
  t->batches = ogi_ceil_div(t->data->count, batch);
done:
  return st;
}

/* Normal with variance 2 / inputs keeps the scale of activations through ReLU layers [He2015, equation 10]. */
static void start_weights(trainer *t) {
  for (size_t l = 0; l < t->net.layers; l++) {
    size_t in = t->net.extent[l], out = t->net.extent[l + 1];
    double scale = sqrt(2 / (double)in);
    ogi_rng_restart(t->rng, (ogi_stream){.seed = t->opts->seed, .source = OGI_SOURCE_INIT, .layer = (uint32_t)l});
    for (size_t k = 0; k < in * out; k++) t->net.weight[l][k] = (float)(scale * ogi_rng_normal(t->rng));
  }
}

/* Fisher-Yates, a new stream each epoch. */
static void shuffle(trainer *t, size_t epoch) {
  ogi_rng_restart(t->rng,
                  (ogi_stream){.seed = t->opts->seed, .source = OGI_SOURCE_SHUFFLE, .trial = (uint32_t)epoch});
  for (size_t k = 0; k < t->data->count; k++) t->order[k] = (uint32_t)k;
  for (size_t k = t->data->count; k-- > 1;) {
    size_t other = ogi_rng_below(t->rng, k + 1);
    uint32_t kept = t->order[k];
    t->order[k] = t->order[other];
    t->order[other] = kept;
  }
}

/* Copies batch b of the epoch into the workspace. @return its images */
static size_t load_batch(trainer *t, size_t b) {
  size_t width = t->data->width, first = b * t->pass.room, k = ogi_min_size(t->pass.room, t->data->count - first);
  for (size_t i = 0; i < k; i++) {
    size_t image = t->order[first + i];
    memcpy(t->pass.act[0] + i * width, t->data->image + image * width, width * sizeof(float));
    t->label[i] = t->data->label[image];
  }
  return k;
}

/* The rate falls as half a cosine from its first value to 0 over the whole training [Loshchilov2017]. */
static step next_step(trainer *t) {
  double progress = (double)t->done / (double)(t->batches * t->opts->epochs);
  double rate = t->opts->rate * 0.5 * (1 + cos(3.14159265358979323846 * progress));
  t->done++;
  return (step){.rate = (float)rate, .keep = (float)(1 - rate * t->opts->weight_decay),
                .momentum = (float)t->opts->momentum,
                .scale1 = (float)(1 / (1 - pow(ADAM_BETA1, (double)t->done))),
                .scale2 = (float)(1 / (1 - pow(ADAM_BETA2, (double)t->done)))};
}

static void update(const trainer *t, float *w, float *m, float *v, const float *g, size_t count, float keep,
                   const step *s) {
  if (t->opts->optimizer == OGI_ADAM) step_adam(w, m, v, g, count, keep, s);
  else step_sgd(w, m, g, count, keep, s);
}

/* Weights decay, biases do not. */
static void apply(trainer *t, const step *s) {
  for (size_t l = 0; l < t->net.layers; l++) {
    size_t in = t->net.extent[l], out = t->net.extent[l + 1];
    update(t, t->net.weight[l], t->first.weight[l], t->second.weight[l], t->grad.weight[l], in * out, s->keep, s);
    update(t, t->net.bias[l], t->first.bias[l], t->second.bias[l], t->grad.bias[l], out, 1, s);
  }
}

static og_status epoch(trainer *t, size_t number, const og_progress *progress, og_error *err) {
  double loss = 0;
  shuffle(t, number);
  for (size_t b = 0; b < t->batches; b++) {
    size_t k = load_batch(t, b);
    loss += ogi_pass_gradient(&t->grad, &t->pass, &t->net, t->label, k);
    step s = next_step(t);
    apply(t, &s);
    double share = (double)t->done / (double)(t->batches * t->opts->epochs);
    if (b % REPORT_EVERY == 0 && progress != NULL && progress->report != NULL &&
        progress->report(progress->user, "training", share) != 0)
      return ogi_fail(err, OG_E_INTERRUPT, "interrupted during training");
  }
  if (isfinite(loss) && ogi_net_is_finite(&t->net)) return OG_OK;
  return ogi_fail(err, OG_E_NOCONV, "training: loss: saw %g in epoch %zu, need a finite value (lower train.rate)", loss,
                  number + 1);
}

og_status ogi_net_train(ogi_net *net, const ogi_data *data, const ogi_train_opts *opts, const og_progress *progress,
                        og_error *err) {
  og_status st;
  trainer t = {.data = data, .opts = opts};
  int threads = ogi_blas_begin();
  OGI_TRY(st, check_opts(opts, data, err));
  OGI_TRY(st, ogi_net_fits(net, data, err));
  OGI_TRY(st, trainer_create(&t, net, err));
  start_weights(&t);
  for (size_t e = 0; e < opts->epochs; e++) OGI_TRY(st, epoch(&t, e, progress, err));
  ogi_net trained = t.net; /* only a finished training touches the caller's network */
  t.net = *net;
  *net = trained;
done:
  ogi_blas_end(threads);
  trainer_clear(&t);
  return st;
}
