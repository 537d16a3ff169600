/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_train.h  Forward and backward passes of a network over a block of images; shared by net.c and train.c. */
#ifndef OGI_TRAIN_H
#define OGI_TRAIN_H

#include "workload/ogi_net.h"

/** Workspace for blocks of up to room images. Release with ogi_pass_clear. */
typedef struct ogi_pass {
  size_t room;                          /**< [-] most images in a block                                            */
  float *act[OGI_NET_MAX_LAYERS + 1];   /**< act[l]: room x extent[l]; act[0] inputs, act[layers] outputs (logits) */
  float *delta[2];                      /**< room x largest extent, each; NULL in a forward-only workspace         */
} ogi_pass;

/** @param[in] backward  0: for ogi_pass_forward only. @retval OG_E_NOMEM */
og_status ogi_pass_create(ogi_pass *out, const ogi_net *net, size_t room, int backward, og_error *err);
void ogi_pass_clear(ogi_pass *pass);

/** Outputs act[net->layers] of the first k images, whose inputs the caller has put into act[0]; 1 <= k <= room. */
void ogi_pass_forward(ogi_pass *pass, const ogi_net *net, size_t k);

/**
 * Forward pass, then the gradient of the mean cross-entropy over the k images in act[0].
 * @param[out] grad   a network of the same extents; its weights and biases become the derivatives
 * @param[in]  label  k labels, each below the last extent
 * @return the mean cross-entropy (natural logarithm) before any step
 */
double ogi_pass_gradient(ogi_net *grad, ogi_pass *pass, const ogi_net *net, const uint8_t *label, size_t k);

/** 1 if every weight and bias is finite. */
int ogi_net_is_finite(const ogi_net *net);

/** E_SHAPE unless images and labels fit the network. */
og_status ogi_net_fits(const ogi_net *net, const ogi_data *data, og_error *err);

/**
 * Between these two, BLAS runs on one thread: products then have the same bits whatever the number of threads.
 * The setting belongs to the process, so calls of BLAS from other threads are slowed down, not changed. Pairs.
 * @return what ogi_blas_end wants
 */
int ogi_blas_begin(void);
void ogi_blas_end(int before);

#endif
