// The sparse autoencoder's sparse half, and sums over rows in double.
#include <math.h>
#include "CKernels.h"
#include "arithmetic.h"

MULTIVERSIONED int32_t clearbox_jump_relu_row(const float *pre, const float *bias, const float *threshold, size_t count, int32_t *index, float *value) {
  int32_t active = 0;
  for (size_t block = 0; block < count; block += 64) {
    size_t end = block + 64 < count ? block + 64 : count;
    // Most blocks of 64 hold no active feature: a vector test first, then the few scalar stores.
    uint32_t any = 0;
    for (size_t i = block; i < end; i++) {
      float z = pre[i] + bias[i];
      any |= (z > threshold[i]) & (z > 0.0f);
    }
    if (!any) continue;
    for (size_t i = block; i < end; i++) {
      float z = pre[i] + bias[i];
      if (z > threshold[i] && z > 0.0f) { index[active] = (int32_t)i; value[active] = z; active++; }
    }
  }
  return active;
}

MULTIVERSIONED void clearbox_sparse_decode_row(const int32_t *index, const float *value, int32_t active, const float *decoder, const float *bias, size_t width, float *out) {
  for (size_t i = 0; i < width; i++) out[i] = 0;
  for (int32_t j = 0; j < active; j++) {
    const float *row = decoder + (size_t)index[j] * width;
    float a = value[j];
    for (size_t i = 0; i < width; i++) out[i] += a * row[i];
  }
  for (size_t i = 0; i < width; i++) out[i] += bias[i];
}

#define WIDE 8
#define FOLD(lane) \
  for (int half = WIDE / 2; half > 0; half /= 2) \
    for (int l = 0; l < half; l++) lane[l] += lane[l + half];

MULTIVERSIONED clearbox_row_sums clearbox_compare_rows(const float *x, const float *y, size_t width) {
  double error[WIDE] = {0}, norm[WIDE] = {0}, sum[WIDE] = {0}, dot[WIDE] = {0};
  size_t i = 0;
  for (; i + WIDE <= width; i += WIDE)
    for (int l = 0; l < WIDE; l++) {
      double a = x[i + l], b = y[i + l], e = (double)(x[i + l] - y[i + l]);
      error[l] += e * e; norm[l] += a * a; sum[l] += a; dot[l] += a * b;
    }
  for (int l = 0; i < width; i++, l++) {
    double a = x[i], b = y[i], e = (double)(x[i] - y[i]);
    error[l] += e * e; norm[l] += a * a; sum[l] += a; dot[l] += a * b;
  }
  FOLD(error) FOLD(norm) FOLD(sum) FOLD(dot)
  return (clearbox_row_sums){error[0], norm[0], sum[0], dot[0]};
}

MULTIVERSIONED double clearbox_squared_distance_bf16(const uint16_t *x, const uint16_t *y, size_t width) {
  double lane[WIDE] = {0};
  size_t i = 0;
  for (; i + WIDE <= width; i += WIDE)
    for (int l = 0; l < WIDE; l++) { double e = (double)widen(x[i + l]) - (double)widen(y[i + l]); lane[l] += e * e; }
  for (int l = 0; i < width; i++, l++) { double e = (double)widen(x[i]) - (double)widen(y[i]); lane[l] += e * e; }
  FOLD(lane)
  return lane[0];
}

MULTIVERSIONED void clearbox_accumulate_row_bf16(const uint16_t *x, size_t width, double *total) {
  for (size_t i = 0; i < width; i++) total[i] += (double)widen(x[i]);
}
