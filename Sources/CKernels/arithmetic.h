// Scalar building blocks, all inlined into vector loops. Included once per instruction-set level.
#include <stdint.h>
#include <string.h>
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))

/// Sums run over this many lanes, so that the order of additions does not depend on the vector width.
#define LANES 16

/// Values that a chain of dependent steps takes side by side.
#define BATCH (4 * LANES)

/// Length of the blocks that `k` is cut into, all nearly equal.
INLINE size_t k_block(size_t k, size_t most) {
  if (k == 0) return 2;
  size_t blocks = (k + most - 1) / most;
  size_t length = (k + blocks - 1) / blocks;
  return (length + 1) & ~(size_t)1;
}

INLINE float float_of(uint32_t bits) { float x; memcpy(&x, &bits, 4); return x; }
INLINE uint32_t bits_of(float x) { uint32_t b; memcpy(&b, &x, 4); return b; }

INLINE float widen(uint16_t x) { return float_of((uint32_t)x << 16); }

/// Round to nearest even. NaN keeps its sign and stays NaN.
INLINE uint16_t narrow(float x) {
  uint32_t b = bits_of(x);
  uint32_t rounded = (b + 0x7fff + ((b >> 16) & 1)) >> 16;
  uint32_t nan = (b >> 16) | 0x40;
  return (uint16_t)((b & 0x7fffffff) > 0x7f800000 ? nan : rounded);
}
INLINE float round_bf16(float x) { return widen(narrow(x)); }

/// Nearest integer, ties to even, for |x| < 2²².
INLINE float round_even(float x) { const float magic = 12582912.0f; return (x + magic) - magic; }

/// e = exp(x) within 2 ulp for x ≤ 88; 0 below −87.3. Range reduction by ln 2 in two parts, then a polynomial of degree 6
/// (Cephes' expf). One exponential is a chain of thirty dependent steps: a few vectors of them, step by step side by
/// side, keep the processor busy.
INLINE void exponential_each(const float *x, float *e, int count) {
  const float least = -87.33654f;
  float n[count], r[count], p[count];
#define EACH for (int l = 0; l < count; l++)
  EACH r[l] = x[l] < least ? least : x[l];
  // NaN goes on in r alone: it has no integer.
  EACH n[l] = round_even((r[l] > least ? r[l] : least) * 1.44269504088896341f);
  EACH r[l] = r[l] - n[l] * 0.693359375f;
  EACH r[l] = r[l] - n[l] * -2.12194440e-4f;
  EACH p[l] = 1.9875691500e-4f * r[l] + 1.3981999507e-3f;
  EACH p[l] = p[l] * r[l] + 8.3334519073e-3f;
  EACH p[l] = p[l] * r[l] + 4.1665795894e-2f;
  EACH p[l] = p[l] * r[l] + 1.6666665459e-1f;
  EACH p[l] = p[l] * r[l] + 5.0000001201e-1f;
  EACH p[l] = (p[l] * (r[l] * r[l]) + r[l]) + 1.0f;
  EACH p[l] = p[l] * float_of((uint32_t)((int32_t)n[l] + 127) << 23);
  EACH e[l] = x[l] < least ? 0.0f : p[l];
#undef EACH
}
INLINE float exponential(float x) {
  float e;
  exponential_each(&x, &e, 1);
  return e;
}

/// exp(x) for x ≤ 0 within a relative 1.2e-4, as PyTorch's attention computes it for bf16 on the CPU: 2^x by a cubic in
/// the fraction, subtracted before the result is assembled as bits. Half a unit of bf16 is sixteen times larger; with
/// the exact exponential, though, one probability in twenty would round to the other side.
/// NaN stays NaN; it has no integer, and is clamped before the conversion.
/// Source: Malossi et al., Fast Exponential Computation on SIMD Architectures (2015); PyTorch's Vectorized::fexp_u20.
INLINE float attention_exponential(float x) {
  float scaled = x * 1.44269504f;
  float clamped = scaled > -126.0f ? scaled : -126.0f;
  float whole = round_even(clamped);
  whole = whole > clamped ? whole - 1.0f : whole;
  float fraction = clamped - whole;
  float p = fmaf(fraction, -0.079204240219773236f, -0.22433836478672356f);
  p = fmaf(fraction, p, 0.30354260500649682f);
  p = fmaf(fraction, p, 0.00010703434948458272f);
  float bits = 8388608.0f * (clamped - p) + 1065353216.0f;
  float power = scaled < -126.0f ? 0.0f : float_of((uint32_t)(int32_t)bits);
  return x != x ? x : power;
}

/// gelu_tanh(x) = ½x(1 + tanh u), u = √(2∕π)(x + 0.044715x³), in PyTorch's order: where 1 + tanh u cancels it loses the
/// digits that PyTorch loses.
INLINE float gelu_tanh(float x) {
  float u = 0.7978845608028654f * (x + 0.044715f * ((x * x) * x));
  float e = exponential(-2.0f * fabsf(u));
  float t = (1.0f - e) / (1.0f + e);
  return (0.5f * x) * (1.0f + (u < 0 ? -t : t));
}

/// fp16 nearest to x, as float: what a conversion to half and back gives. Values past the range become infinite.
INLINE float round_half(float x) {
  uint32_t b = bits_of(x), sign = b & 0x80000000u, magnitude = b & 0x7fffffffu;
  // Normal range: round the mantissa to 10 bits. Below 2⁻¹⁴ the spacing is fixed at 2⁻²⁴: adding 0.5 aligns it.
  uint32_t normal = (magnitude + 0x0fff + ((magnitude >> 13) & 1)) & ~0x1fffu;
  float tiny = (float_of(magnitude) + 0.5f) - 0.5f;
  uint32_t result = magnitude < 0x38800000u ? bits_of(tiny) : normal;
  result = normal >= 0x47800000u ? 0x7f800000u : result;
  result = magnitude > 0x7f800000u ? 0x7fc00000u : result;
  return float_of(sign | result);
}
