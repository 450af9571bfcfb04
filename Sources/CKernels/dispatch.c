// The public functions: each calls its body for the best instruction-set level of this machine.
#include "CKernels.h"
#include <stdatomic.h>

#if defined(__x86_64__)
static int level(void) {
  // Several threads may find the answer at once: it is the same.
  static _Atomic int known = -1;
  int found = atomic_load_explicit(&known, memory_order_relaxed);
  if (found < 0) {
    __builtin_cpu_init();
    found = __builtin_cpu_supports("x86-64-v4") ? 2 : __builtin_cpu_supports("x86-64-v3") ? 1 : 0;
    atomic_store_explicit(&known, found, memory_order_relaxed);
  }
  return found;
}
#define DISPATCH(result, name, parameters, arguments)                  \
  result name##_v1 parameters;                                         \
  result name##_v3 parameters;                                         \
  result name##_v4 parameters;                                         \
  result name parameters {                                             \
    switch (level()) {                                                 \
      case 2: return name##_v4 arguments;                              \
      case 1: return name##_v3 arguments;                              \
      default: return name##_v1 arguments;                             \
    }                                                                  \
  }
const char *clearbox_instruction_set(void) {
  return level() == 2 ? "x86-64-v4" : level() == 1 ? "x86-64-v3" : "x86-64";
}
#else
#define DISPATCH(result, name, parameters, arguments) \
  result name##_v1 parameters;                        \
  result name parameters { return name##_v1 arguments; }
const char *clearbox_instruction_set(void) { return "portable"; }
#endif

DISPATCH(size_t, clearbox_panel, (void), ())
DISPATCH(void, clearbox_pack_bf16, (const uint16_t *w, size_t n, size_t k, size_t rowStride, size_t columnStride, uint16_t *panels), (w, n, k, rowStride, columnStride, panels))
DISPATCH(void, clearbox_pack_f32, (const float *w, size_t n, size_t k, size_t rowStride, size_t columnStride, float *panels), (w, n, k, rowStride, columnStride, panels))
DISPATCH(void, clearbox_pack_int8, (const int8_t *w, size_t n, size_t k, size_t stride, int8_t *panels), (w, n, k, stride, panels))
DISPATCH(size_t, clearbox_product_scratch, (size_t n, size_t k), (n, k))
DISPATCH(size_t, clearbox_int8_product_scratch, (size_t k), (k))
DISPATCH(void, clearbox_product, (const void *x, clearbox_float_type xType, size_t xStride, size_t m, const void *panels, clearbox_float_type type, size_t depth, size_t n, size_t k, void *out, clearbox_float_type outType, size_t outStride, float *scratch), (x, xType, xStride, m, panels, type, depth, n, k, out, outType, outStride, scratch))
DISPATCH(void, clearbox_int8_product, (const int8_t *x, size_t xStride, size_t m, const int8_t *panels, size_t n, size_t k, int32_t *out, size_t outStride, int32_t *scratch), (x, xStride, m, panels, n, k, out, outStride, scratch))
DISPATCH(void, clearbox_bf16_to_f32, (const uint16_t *x, float *out, size_t count), (x, out, count))
DISPATCH(void, clearbox_f32_to_bf16, (const float *x, uint16_t *out, size_t count), (x, out, count))
DISPATCH(void, clearbox_rms_norm_bf16, (const uint16_t *x, const float *gain, float eps, size_t rows, size_t width, uint16_t *out), (x, gain, eps, rows, width, out))
DISPATCH(void, clearbox_rms_norm_f32, (const float *x, const float *gain, float eps, size_t rows, size_t width, float *out), (x, gain, eps, rows, width, out))
DISPATCH(void, clearbox_add_rms_norm_bf16, (uint16_t *x, const uint16_t *branch, const float *gain, float eps, size_t rows, size_t width), (x, branch, gain, eps, rows, width))
DISPATCH(void, clearbox_add_rms_norm_f32, (float *x, const float *branch, const float *gain, float eps, size_t rows, size_t width), (x, branch, gain, eps, rows, width))
DISPATCH(void, clearbox_head_norm_rope_bf16, (uint16_t *x, size_t rows, size_t stride, size_t heads, size_t d, const float *gain, float eps, const float *cosine, const float *sine), (x, rows, stride, heads, d, gain, eps, cosine, sine))
DISPATCH(void, clearbox_head_norm_rope_f32, (float *x, size_t rows, size_t stride, size_t heads, size_t d, const float *gain, float eps, const float *cosine, const float *sine), (x, rows, stride, heads, d, gain, eps, cosine, sine))
DISPATCH(float, clearbox_softmax_row_bf16, (const float *scores, float scale, size_t first, size_t end, size_t width, uint16_t *p), (scores, scale, first, end, width, p))
DISPATCH(float, clearbox_softmax_row_f32, (const float *scores, float scale, size_t first, size_t end, size_t width, float *p), (scores, scale, first, end, width, p))
DISPATCH(void, clearbox_scale_row_bf16, (const float *x, float factor, size_t count, uint16_t *out), (x, factor, count, out))
DISPATCH(void, clearbox_scale_row_f32, (const float *x, float factor, size_t count, float *out), (x, factor, count, out))
DISPATCH(void, clearbox_gelu_mul_bf16, (const uint16_t *gateUp, size_t rows, size_t n, uint16_t *out), (gateUp, rows, n, out))
DISPATCH(void, clearbox_gelu_mul_f32, (const float *gateUp, size_t rows, size_t n, float *out), (gateUp, rows, n, out))
DISPATCH(float, clearbox_logit_row_bf16, (const uint16_t *logits, size_t width, int32_t firstId, int32_t target, clearbox_logit_state *state, float *exponentials), (logits, width, firstId, target, state, exponentials))
DISPATCH(float, clearbox_logit_row_f32, (const float *logits, size_t width, int32_t firstId, int32_t target, clearbox_logit_state *state, float *exponentials), (logits, width, firstId, target, state, exponentials))
DISPATCH(double, clearbox_divergence_row_bf16, (const uint16_t *baseline, const uint16_t *condition, const float *exponentials, size_t width), (baseline, condition, exponentials, width))
DISPATCH(double, clearbox_divergence_row_f32, (const float *baseline, const float *condition, const float *exponentials, size_t width), (baseline, condition, exponentials, width))
DISPATCH(void, clearbox_int8_scan, (const uint16_t *x, size_t rows, size_t width, float threshold, float *rowMaximum, uint8_t *hot), (x, rows, width, threshold, rowMaximum, hot))
DISPATCH(void, clearbox_int8_quantize, (const uint16_t *x, size_t rows, size_t width, float threshold, const float *rowMaximum, const uint8_t *hot, int8_t *codes), (x, rows, width, threshold, rowMaximum, hot, codes))
DISPATCH(void, clearbox_int8_epilogue_cpu, (const int32_t *product, const float *rowScale, const float *columnScale, size_t rows, size_t width, uint16_t *out), (product, rowScale, columnScale, rows, width, out))
DISPATCH(void, clearbox_int8_epilogue_cuda, (const int32_t *product, const float *rowScale, const float *columnScale, size_t rows, size_t width, uint16_t *out), (product, rowScale, columnScale, rows, width, out))
DISPATCH(void, clearbox_add_f32_to_bf16, (uint16_t *out, const float *addend, size_t count), (out, addend, count))
DISPATCH(void, clearbox_gather_columns, (const uint16_t *x, size_t rows, size_t width, const int32_t *index, size_t count, size_t padded, uint16_t *out), (x, rows, width, index, count, padded, out))
DISPATCH(void, clearbox_gather_int8_columns, (const int8_t *codes, const float *absmax, size_t rows, size_t width, const int32_t *index, size_t count, size_t padded, uint16_t *out), (codes, absmax, rows, width, index, count, padded, out))
DISPATCH(void, clearbox_blockwise_codes, (const uint16_t *x, size_t count, size_t block, const float *thresholds, uint8_t *codes, float *absmax), (x, count, block, thresholds, codes, absmax))
DISPATCH(void, clearbox_blockwise_dequantize_bf16, (const uint8_t *codes, size_t count, size_t block, const float *levels, const float *absmax, uint16_t *out), (codes, count, block, levels, absmax, out))
DISPATCH(void, clearbox_blockwise_dequantize_f32, (const uint8_t *codes, size_t count, size_t block, const float *levels, const float *absmax, float *out), (codes, count, block, levels, absmax, out))
DISPATCH(void, clearbox_int8_weight_rows, (const uint16_t *w, size_t rows, size_t width, int8_t *codes, float *absmax), (w, rows, width, codes, absmax))
DISPATCH(int32_t, clearbox_jump_relu_row, (const float *pre, const float *bias, const float *threshold, size_t count, int32_t *index, float *value), (pre, bias, threshold, count, index, value))
DISPATCH(int32_t, clearbox_gated_row, (const float *pre, const float *gateBias, const float *scale, const float *magnitudeBias, size_t count, int32_t *index, float *value), (pre, gateBias, scale, magnitudeBias, count, index, value))
DISPATCH(int32_t, clearbox_top_k_row, (const float *pre, const float *bias, const float *scale, size_t count, int32_t first, int32_t magnitude, int32_t k, int32_t size, int32_t *index, float *value), (pre, bias, scale, count, first, magnitude, k, size, index, value))
DISPATCH(void, clearbox_sparse_add_row, (const int32_t *index, const float *value, int32_t active, const void *decoder, clearbox_float_type type, size_t width, float *out), (index, value, active, decoder, type, width, out))
DISPATCH(clearbox_row_sums, clearbox_compare_rows, (const float *x, const float *y, size_t width), (x, y, width))
DISPATCH(void, clearbox_weighted_sums, (const double *weights, const double *table, size_t chunks, size_t width, double *sums), (weights, table, chunks, width, sums))
DISPATCH(void, clearbox_squared_norms, (const double *weights, const double *products, size_t first, size_t end, double *norms), (weights, products, first, end, norms))
DISPATCH(void, clearbox_gram_rows, (const double *vectors, size_t first, size_t rows, size_t dimension, double *products), (vectors, first, rows, dimension, products))
