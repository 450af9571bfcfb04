#include "include/KernelReferences.h"

#include <string.h>

static double widened(uint16_t bf16) {
  const uint32_t bits = (uint32_t)bf16 << 16;
  float number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

int32_t kernel_reference_dot_int8(const int8_t *x, const int8_t *y, size_t count) {
  int32_t sum = 0;
  for (size_t i = 0; i < count; i++) sum += (int32_t)x[i] * y[i];
  return sum;
}

double kernel_reference_dot_bf16(const uint16_t *x, const uint16_t *y, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += widened(x[i]) * widened(y[i]);
  return sum;
}
