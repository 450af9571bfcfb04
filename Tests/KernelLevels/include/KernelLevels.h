/// The kernels' bodies for each x86-64 level, which the dispatcher chooses from: tests run them one by one.
#pragma once
#include "CKernels.h"

#if defined(__x86_64__)
#define LEVELS(result, name, parameters) \
  result name##_v1 parameters;           \
  result name##_v3 parameters;           \
  result name##_v4 parameters;

LEVELS(void, clearbox_rms_norm_bf16, (const uint16_t *x, const float *gain, float eps, size_t rows, size_t width, uint16_t *out))
LEVELS(float, clearbox_softmax_row_bf16, (const float *scores, float scale, size_t first, size_t end, size_t width, uint16_t *p))
LEVELS(void, clearbox_gelu_mul_bf16, (const uint16_t *gateUp, size_t rows, size_t n, uint16_t *out))
LEVELS(float, clearbox_logit_row_bf16, (const uint16_t *logits, size_t width, int32_t firstId, int32_t target, clearbox_logit_state *state, float *exponentials))
LEVELS(double, clearbox_divergence_row_bf16, (const uint16_t *baseline, const uint16_t *condition, const float *exponentials, size_t width))
LEVELS(void, clearbox_int8_weight_rows, (const uint16_t *w, size_t rows, size_t width, int8_t *codes, float *absmax))
LEVELS(void, clearbox_blockwise_codes, (const uint16_t *x, size_t count, size_t block, const float *thresholds, uint8_t *codes, float *absmax))
LEVELS(void, clearbox_weighted_sums, (const double *weights, const double *table, size_t chunks, size_t width, double *sums))
LEVELS(void, clearbox_squared_norms, (const double *weights, const double *products, size_t first, size_t end, double *norms))
LEVELS(void, clearbox_gram_rows, (const double *vectors, size_t first, size_t rows, size_t dimension, double *products))
LEVELS(size_t, clearbox_panel, (void))
LEVELS(void, clearbox_pack_bf16, (const uint16_t *w, size_t n, size_t k, size_t rowStride, size_t columnStride, uint16_t *panels))
LEVELS(void, clearbox_pack_f32, (const float *w, size_t n, size_t k, size_t rowStride, size_t columnStride, float *panels))
LEVELS(size_t, clearbox_int8_packed, (size_t n, size_t k))
LEVELS(void, clearbox_pack_int8, (const int8_t *w, size_t n, size_t k, size_t stride, int8_t *panels))
LEVELS(size_t, clearbox_product_scratch, (size_t n, size_t k))
LEVELS(size_t, clearbox_int8_product_scratch, (size_t k))
LEVELS(void, clearbox_product, (const void *x, clearbox_float_type xType, size_t xStride, size_t m, const void *panels, clearbox_float_type type, size_t depth, size_t n, size_t k, void *out, clearbox_float_type outType, size_t outStride, float *scratch))
LEVELS(void, clearbox_int8_product, (const int8_t *x, size_t xStride, size_t m, const int8_t *panels, size_t n, size_t k, int32_t *out, size_t outStride, int32_t *scratch))
#endif
