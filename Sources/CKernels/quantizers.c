// Quantizing weights and activations, in bitsandbytes' order of operations.
#include <math.h>
#include "CKernels.h"
#include "arithmetic.h"

// MARK: LLM.int8

MULTIVERSIONED void clearbox_int8_scan(const uint16_t *x, size_t rows, size_t width, float threshold, float *rowMaximum, uint8_t *hot) {
  for (size_t t = 0; t < rows; t++) {
    const uint16_t *row = x + t * width;
    float top[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= width; i += LANES)
      for (int l = 0; l < LANES; l++) {
        float a = fabsf(round_half(widen(row[i + l])));
        int outlier = !(a < threshold);
        hot[i + l] |= (uint8_t)outlier;
        a = outlier ? 0.0f : a;
        top[l] = a > top[l] ? a : top[l];
      }
    for (int l = 0; i < width; i++, l++) {
      float a = fabsf(round_half(widen(row[i])));
      int outlier = !(a < threshold);
      hot[i] |= (uint8_t)outlier;
      a = outlier ? 0.0f : a;
      top[l] = a > top[l] ? a : top[l];
    }
    float maximum = top[0];
    for (int l = 1; l < LANES; l++) maximum = top[l] > maximum ? top[l] : maximum;
    rowMaximum[t] = maximum;
  }
}

MULTIVERSIONED void clearbox_int8_quantize(const uint16_t *x, size_t rows, size_t width, float threshold, const float *rowMaximum, const uint8_t *hot, int8_t *codes) {
  for (size_t t = 0; t < rows; t++) {
    const uint16_t *row = x + t * width;
    int8_t *to = codes + t * width;
    // A row of zeros has no scale; its codes are zero.
    float scale = rowMaximum[t] > 0 ? 127.0f / rowMaximum[t] : 0.0f;
    for (size_t i = 0; i < width; i++) {
      float h = round_half(widen(row[i]));
      float kept = ((fabsf(h) < threshold) & !hot[i]) ? h : 0.0f;
      to[i] = (int8_t)(int32_t)round_even(kept * scale);
    }
  }
}

MULTIVERSIONED void clearbox_int8_epilogue_cpu(const int32_t *product, const float *rowScale, const float *columnScale, size_t rows, size_t width, uint16_t *out) {
  for (size_t t = 0; t < rows; t++)
    for (size_t n = 0; n < width; n++)
      out[t * width + n] = narrow(((float)product[t * width + n] * (rowScale[t] * columnScale[n])) * 6.200124e-05f);
}

MULTIVERSIONED void clearbox_int8_epilogue_cuda(const int32_t *product, const float *rowScale, const float *columnScale, size_t rows, size_t width, uint16_t *out) {
  for (size_t t = 0; t < rows; t++)
    for (size_t n = 0; n < width; n++) {
      // The kernel's fused multiply-add has no bias to add here, so it is one multiplication.
      float y = (((float)product[t * width + n] * rowScale[t]) * columnScale[n]) * 6.200012e-05f;
      out[t * width + n] = narrow(round_half(y));
    }
}

MULTIVERSIONED void clearbox_add_f32_to_bf16(uint16_t *out, const float *addend, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = narrow(widen(out[i]) + addend[i]);
}

MULTIVERSIONED void clearbox_int8_product(const int8_t *a, const int8_t *b, size_t m, size_t n, size_t k, int32_t *c) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      int32_t sum = 0;
      for (size_t p = 0; p < k; p++) sum += (int32_t)a[i * k + p] * (int32_t)b[j * k + p];
      c[i * n + j] = sum;
    }
}

MULTIVERSIONED void clearbox_int8_weight_rows(const uint16_t *w, size_t rows, size_t width, int8_t *codes, float *absmax) {
  for (size_t n = 0; n < rows; n++) {
    const uint16_t *row = w + n * width;
    float maximum = 0;
    for (size_t i = 0; i < width; i++) { float a = fabsf(round_half(widen(row[i]))); maximum = a > maximum ? a : maximum; }
    absmax[n] = maximum;
    float scale = maximum > 0 ? 127.0f / maximum : 0.0f;
    for (size_t i = 0; i < width; i++) codes[n * width + i] = (int8_t)(int32_t)round_even(round_half(widen(row[i])) * scale);
  }
}

// MARK: Block-wise 4-bit

MULTIVERSIONED void clearbox_blockwise_codes(const uint16_t *x, size_t count, size_t block, const float *thresholds, uint8_t *codes, float *absmax) {
  for (size_t b = 0; b * block < count; b++) {
    size_t start = b * block, n = count - start < block ? count - start : block;
    float maximum = 0;
    for (size_t i = 0; i < n; i++) { float a = fabsf(widen(x[start + i])); maximum = a > maximum ? a : maximum; }
    absmax[b] = maximum;
    float inverse = 1.0f / (maximum < 1e-38f ? 1e-38f : maximum);
    for (size_t i = 0; i < n; i++) {
      float v = widen(x[start + i]) * inverse;
      uint32_t code = 0;
      for (int level = 0; level < 15; level++) code += v > thresholds[level];
      codes[start + i] = (uint8_t)code;
    }
  }
}

MULTIVERSIONED void clearbox_blockwise_dequantize_bf16(const uint8_t *codes, size_t count, size_t block, const float *levels, const float *absmax, uint16_t *out) {
  for (size_t i = 0; i < count; i++) out[i] = narrow(levels[codes[i]] * absmax[i / block]);
}

MULTIVERSIONED void clearbox_blockwise_dequantize_f32(const uint8_t *codes, size_t count, size_t block, const float *levels, const float *absmax, float *out) {
  for (size_t i = 0; i < count; i++) out[i] = levels[codes[i]] * absmax[i / block];
}
