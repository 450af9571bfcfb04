// A decoder layer's kernels and the head's, in bf16 and in float32, against formulas in double.
#include "checks.h"

static const size_t widths[] = {1, 7, 16, 100, 641};
#define WIDTHS (sizeof widths / sizeof *widths)

static double gelu(double x) { return 0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))); }

#define NAME(x) x##_bf16
#define ELEMENT uint16_t
#define LOAD from_bf16
#define STORE to_bf16
#define MAKE halves
// One rounding of a number, relative, and a little for float32 before it; and the exponential's error.
#define UNIT (0x1p-8 * 1.001)
#define EXPONENTIAL 1.2e-4
#include "decoder_checks.inc"
#undef NAME
#undef ELEMENT
#undef LOAD
#undef STORE
#undef MAKE
#undef UNIT
#undef EXPONENTIAL

#define IDENTITY(x) (x)
#define NAME(x) x##_f32
#define ELEMENT float
#define LOAD IDENTITY
#define STORE IDENTITY
#define MAKE floats
#define UNIT 1e-6
#define EXPONENTIAL 1e-6
#include "decoder_checks.inc"

CHECK(clearbox_bf16_to_f32) {
  uint16_t *x = room(2 * 65536);
  float *out = room(4 * 65536);
  for (size_t i = 0; i < 65536; i++) x[i] = (uint16_t)i;
  clearbox_bf16_to_f32(x, out, 65536);
  for (size_t i = 0; i < 65536; i++) {
    float expected = from_bf16((uint16_t)i);
    EXPECT(memcmp(&out[i], &expected, 4) == 0, "%zx", i);
  }
  digest_bytes(digest, out, 4 * 65536);
  return NULL;
}

CHECK(clearbox_f32_to_bf16) {
  // Every exponent and sign, with fractions that lie halfway, just beside, and anywhere.
  static const uint32_t fractions[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0x17fff, 0x18000, 0x18001, 0x7fffff, 0x7f8000, 0x345678};
  size_t count = 512 * 11;
  float *x = room(4 * count);
  uint16_t *out = room(2 * count);
  for (size_t i = 0; i < count; i++) {
    uint32_t bits = (uint32_t)(i / 11) << 23 | fractions[i % 11];
    memcpy(&x[i], &bits, 4);
  }
  clearbox_f32_to_bf16(x, out, count);
  for (size_t i = 0; i < count; i++) {
    uint16_t expected = to_bf16(x[i]);
    EXPECT(out[i] == expected, "%a: %04x, expected %04x", x[i], out[i], expected);
  }
  digest_bytes(digest, out, 2 * count);
  return NULL;
}
