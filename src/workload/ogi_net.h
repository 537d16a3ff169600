/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_net.h  A multilayer perceptron: ReLU between layers, the largest output wins. Weights, training, files. */
#ifndef OGI_NET_H
#define OGI_NET_H

#include <stddef.h>
#include <stdint.h>

#include <ohmgrid/status.h>

#include "base/ogi_error.h"
#include "workload/ogi_data.h"

#define OGI_NET_MAX_LAYERS 8

/** Layer l maps extent[l] inputs to extent[l+1] outputs: y = W x + b. */
typedef struct ogi_net {
  size_t layers;                          /**< [-] 1..OGI_NET_MAX_LAYERS                            */
  size_t extent[OGI_NET_MAX_LAYERS + 1];  /**< [-] inputs, hidden sizes, classes                    */
  float *weight[OGI_NET_MAX_LAYERS];      /**< extent[l+1] x extent[l], row-major, as PyTorch    */
  float *bias[OGI_NET_MAX_LAYERS];        /**< extent[l+1]                                          */
} ogi_net;

/** All weights 0. Release with ogi_net_clear. @retval OG_E_SHAPE too many layers, or an extent of 0; OG_E_NOMEM */
og_status ogi_net_create(ogi_net *out, size_t layers, const size_t *extent, og_error *err);
void ogi_net_clear(ogi_net *net);

/**
 * Load from a folder: layer0.weight.npy (out x in), layer0.bias.npy (out), layer1.weight.npy, ...
 * @retval OG_E_INPUT no layer0.weight.npy, or a file is foreign
 * @retval OG_E_SHAPE layers do not chain, or a bias does not fit; err names the file and both shapes
 * @retval OG_E_RANGE a weight is not finite as float32; err names file and index
 * @retval OG_E_NOMEM
 */
og_status ogi_net_load(ogi_net *out, const char *folder, og_error *err);
/**
 * Save in that form: into a temporary folder beside it, then renamed, so that a half-written network is never found.
 * Parents are made. A network that is already there stays as it is, and that is a success.
 * @retval OG_E_IO the folder cannot be made or written, or holds other things; nothing is left behind
 * @retval OG_E_NOMEM
 */
og_status ogi_net_save(const ogi_net *net, const char *folder, og_error *err);
/** Remove such files, and the folder if it is empty then. What cannot be removed stays. */
void ogi_net_remove(const char *folder);

/**
 * Fraction of images whose largest output is the label; NaN on failure. BLAS runs on one thread meanwhile, so that the
 * number of threads changes no bit.
 * @retval OG_E_SHAPE the data do not fit the network
 * @retval OG_E_NOMEM
 */
og_status ogi_net_accuracy(double *out, const ogi_net *net, const ogi_data *data, og_error *err);

typedef enum ogi_optimizer { OGI_SGD, OGI_ADAM } ogi_optimizer;

/** How to train: cross-entropy, mini-batches, learning rate falling as a half cosine from rate to 0. */
typedef struct ogi_train_opts {
  ogi_optimizer optimizer;
  size_t epochs, batch;
  double rate;         /**< [-] initial learning rate, > 0                  */
  double momentum;     /**< [-] SGD only, 0..1                              */
  double weight_decay; /**< [-] decoupled, per step and unit of rate, >= 0  */
  uint64_t seed;
} ogi_train_opts;

/**
 * Train from He-normal initial weights. Same options and data: same weights, bit by bit, on one type of machine.
 * @param[in,out] net       created with the wanted extents; weights are replaced
 * @param[in]     progress  may be NULL; phase "training"
 * On failure the network is as it was. BLAS runs on one thread meanwhile, which is a setting of the whole process.
 * @retval OG_E_INTERRUPT, OG_E_NOMEM
 * @retval OG_E_SHAPE  images or labels do not fit the network
 * @retval OG_E_RANGE  an option is out of range; err names it
 * @retval OG_E_NOCONV the loss is not finite (rate too large); err says at which epoch
 */
og_status ogi_net_train(ogi_net *net, const ogi_data *data, const ogi_train_opts *opts, const og_progress *progress,
                        og_error *err);

#endif
