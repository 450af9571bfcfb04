// Blocks of llama.cpp's formats from float32 numbers, bit for bit as llama-quantize writes them without an importance matrix.
//
// Source: llama.cpp, ggml-quants.c (quantize_row_*_ref), MIT licence, Georgi Gerganov and others.
#include <math.h>
#include "CKernels.h"
#include "ggml_fits.h"

enum { SUPER = 256 };

/// The bits of the nearest half.
static uint16_t half_bits(float x) {
  float h = round_half(x);
  uint32_t b = bits_of(h), m = b & 0x7fffffff;
  uint32_t magnitude = m >= 0x7f800000u ? 0x7c00u : m < 0x38800000u ? (uint32_t)(float_of(m) * 0x1p24f) : (m >> 13) - (112u << 10);
  return (uint16_t)((b >> 16 & 0x8000u) | magnitude);
}

/// Stores the half and gives back what it stands for.
static float put_half(uint8_t *to, float x) {
  uint16_t bits = half_bits(x);
  memcpy(to, &bits, 2);
  return round_half(x);
}

static int clamped(int32_t x, int least, int most) { return x < least ? least : x > most ? most : x; }

// MARK: Blocks of 32

/// The number of largest magnitude, with its sign.
static float farthest(const float *x) {
  float most = 0, largest = 0;
  for (int i = 0; i < 32; i++)
    if (most < fabsf(x[i])) { most = fabsf(x[i]); largest = x[i]; }
  return largest;
}

static void q4_0(const float *x, uint8_t *to) {
  const float d = farthest(x) / -8, inverse = d != 0 ? 1.0f / d : 0.0f;
  put_half(to, d);
  for (int j = 0; j < 16; j++) {
    int a = (int8_t)(x[j] * inverse + 8.5f), b = (int8_t)(x[j + 16] * inverse + 8.5f);
    to[2 + j] = (uint8_t)(clamped(a, 0, 15) | clamped(b, 0, 15) << 4);
  }
}

/// The low four bits of 32 codes two a byte, and their fifth bits before them.
static void put_five_bits(const int *codes, uint8_t *to) {
  uint32_t high = 0;
  for (int j = 0; j < 32; j++) high |= (uint32_t)(codes[j] >> 4) << j;
  memcpy(to, &high, 4);
  for (int j = 0; j < 16; j++) to[4 + j] = (uint8_t)((codes[j] & 15) | (codes[j + 16] & 15) << 4);
}

static void q5_0(const float *x, uint8_t *to) {
  const float d = farthest(x) / -16, inverse = d != 0 ? 1.0f / d : 0.0f;
  int codes[32];
  put_half(to, d);
  for (int j = 0; j < 32; j++) codes[j] = clamped((int8_t)(x[j] * inverse + 16.5f), 0, 31);
  put_five_bits(codes, to + 2);
}

static void q5_1(const float *x, uint8_t *to) {
  float least = x[0], largest = x[0];
  for (int i = 1; i < 32; i++) {
    if (x[i] < least) least = x[i];
    if (x[i] > largest) largest = x[i];
  }
  const float d = (largest - least) / 31, inverse = d != 0 ? 1.0f / d : 0.0f;
  int codes[32];
  put_half(to, d);
  put_half(to + 2, least);
  for (int j = 0; j < 32; j++) codes[j] = clamped((int)((x[j] - least) * inverse + 0.5f), 0, 31);
  put_five_bits(codes, to + 4);
}

static void q8_0(const float *x, uint8_t *to) {
  float most = 0;
  for (int i = 0; i < 32; i++) most = fabsf(x[i]) > most ? fabsf(x[i]) : most;
  const float d = most / 127, inverse = d != 0 ? 1.0f / d : 0.0f;
  put_half(to, d);
  for (int j = 0; j < 32; j++) to[2 + j] = (uint8_t)(int8_t)roundf(x[j] * inverse);
}

// MARK: Super-blocks of 256

/// Eight sub-blocks of `n` numbers side by side: number i of each.
static void side_by_side(const float *x, int n, eight *to) {
  for (int i = 0; i < n; i++)
    for (int l = 0; l < 8; l++) to[i][l] = x[n * l + i];
}

static void keep_codes(const eight_whole *codes, int n, uint8_t *to) {
  for (int i = 0; i < n; i++)
    for (int l = 0; l < 8; l++) to[n * l + i] = (uint8_t)codes[i][l];
}

/// Codes of `count` numbers anew for the scale that was stored; they stay where that is zero.
static void round_again(const float *x, int count, float d, float minimum, int offset, int most, uint8_t *codes) {
  if (d == 0) return;
  for (int i = 0; i < count; i++) codes[i] = (uint8_t)(clamped(nearest_whole((x[i] + minimum) / d), -offset, most - offset) + offset);
}

/// Two bits each: four numbers, 32 apart, a byte.
static void put_two_bits(const uint8_t *codes, uint8_t *to) {
  for (int j = 0; j < SUPER; j += 128)
    for (int l = 0; l < 32; l++)
      to[j / 4 + l] = (uint8_t)((codes[j + l] & 3) | (codes[j + l + 32] & 3) << 2 | (codes[j + l + 64] & 3) << 4 | (codes[j + l + 96] & 3) << 6);
}

static float largest_of(const float *x, int count) {
  float most = 0;
  for (int i = 0; i < count; i++) most = x[i] > most ? x[i] : most;
  return most;
}

/// Scales and minima of 4 bits each (16 bytes), codes (64), d, dmin.
static void q2_K(const float *x, uint8_t *to) {
  uint8_t codes[SUPER];
  float scales[16], minima[16];
  for (int part = 0; part < 2; part++) {
    eight numbers[16], weights[16], scale, minimum;
    eight_whole found[16];
    side_by_side(x + 128 * part, 16, numbers);
    for (int i = 0; i < 16; i++) weights[i] = magnitude(numbers[i]);
    fit_with_minimum(numbers, weights, 16, 3, -0.5f, 0.1f, 15, 1, found, &scale, &minimum);
    keep_codes(found, 16, codes + 128 * part);
    memcpy(scales + 8 * part, &scale, sizeof scale);
    memcpy(minima + 8 * part, &minimum, sizeof minimum);
  }
  const float scale = largest_of(scales, 16), minimum = largest_of(minima, 16);
  for (int j = 0; j < 16; j++) {
    uint8_t s = scale > 0 ? (uint8_t)nearest_whole(15.0f / scale * scales[j]) : 0;
    uint8_t m = minimum > 0 ? (uint8_t)(nearest_whole(15.0f / minimum * minima[j]) << 4) : 0;
    to[j] = s | m;
  }
  const float d = put_half(to + 80, scale > 0 ? scale / 15.0f : 0), dmin = put_half(to + 82, minimum > 0 ? minimum / 15.0f : 0);
  for (int j = 0; j < 16; j++)
    round_again(x + 16 * j, 16, d * (float)(to[j] & 15), dmin * (float)(to[j] >> 4), 0, 3, codes + 16 * j);
  put_two_bits(codes, to + 16);
}

/// Place of the number of largest magnitude, the first of equals; −1 where all are zero.
static int farthest_place(const float *x, int count) {
  int place = -1;
  float most = 0;
  for (int i = 0; i < count; i++)
    if (fabsf(x[i]) > most) { most = fabsf(x[i]); place = i; }
  return place;
}

/// Third bits (32 bytes), codes (64), scales of 6 bits (12), d.
static void q3_K(const float *x, uint8_t *to) {
  uint8_t codes[SUPER];
  float scales[16];
  for (int part = 0; part < 2; part++) {
    eight numbers[16];
    eight_whole found[16];
    side_by_side(x + 128 * part, 16, numbers);
    eight scale = fit_three_bits(numbers, found);
    keep_codes(found, 16, codes + 128 * part);
    memcpy(scales + 8 * part, &scale, sizeof scale);
  }
  memset(to, 0, 110);
  const int place = farthest_place(scales, 16);
  int whole[16];
  const float inverse = place < 0 ? 0 : -32.0f / scales[place];
  for (int j = 0; j < 16; j++) {
    whole[j] = place < 0 ? -32 : clamped((int8_t)nearest_whole(inverse * scales[j]), -32, 31);
    if (place < 0) continue;
    int l = whole[j] + 32;
    to[96 + j % 8] |= (uint8_t)((l & 15) << (j < 8 ? 0 : 4));
    to[104 + j % 4] |= (uint8_t)(l >> 4 << 2 * (j / 4));
  }
  const float d = put_half(to + 108, place < 0 ? 0 : 1 / inverse);
  for (int j = 0; j < 16; j++) round_again(x + 16 * j, 16, d * (float)whole[j], 0, 4, 7, codes + 16 * j);
  for (int j = 0; j < SUPER; j++) to[j % 32] |= (uint8_t)((codes[j] > 3) << j / 32);
  put_two_bits(codes, to + 32);
}

/// d, dmin, scales and minima of 6 bits (12 bytes): what Q4_K and Q5_K have in common, with the codes that they keep.
static void scales_of_six_bits(const float *x, int most, float first, int steps, uint8_t *to, uint8_t *codes) {
  eight numbers[32], weights[32], sum = ALL(0), scale, minimum;
  eight_whole found[32];
  side_by_side(x, 32, numbers);
  for (int i = 0; i < 32; i++) sum += numbers[i] * numbers[i];
  sum /= 32.0f;
  for (int l = 0; l < 8; l++) sum[l] = sqrtf(sum[l]);
  for (int i = 0; i < 32; i++) weights[i] = sum + magnitude(numbers[i]);
  fit_with_minimum(numbers, weights, 32, most, first, 0.1f, steps, 0, found, &scale, &minimum);
  keep_codes(found, 32, codes);
  float scales[8], minima[8];
  memcpy(scales, &scale, sizeof scale);
  memcpy(minima, &minimum, sizeof minimum);
  const float largest = largest_of(scales, 8), deepest = largest_of(minima, 8);
  const float inverse = largest > 0 ? 63.0f / largest : 0, inverseMinimum = deepest > 0 ? 63.0f / deepest : 0;
  const float d = put_half(to, largest / 63.0f), dmin = put_half(to + 2, deepest / 63.0f);
  uint8_t *packed = to + 4;
  for (int j = 0; j < 8; j++) {
    int s = (uint8_t)nearest_whole(inverse * scales[j]), m = (uint8_t)nearest_whole(inverseMinimum * minima[j]);
    s = s > 63 ? 63 : s;
    m = m > 63 ? 63 : m;
    if (j < 4) {
      packed[j] = (uint8_t)s;
      packed[j + 4] = (uint8_t)m;
    } else {
      packed[j + 4] = (uint8_t)((s & 15) | (m & 15) << 4);
      packed[j - 4] |= (uint8_t)(s >> 4 << 6);
      packed[j] |= (uint8_t)(m >> 4 << 6);
    }
    round_again(x + 32 * j, 32, d * (float)s, dmin * (float)m, 0, most, codes + 32 * j);
  }
}

static void put_nibbles(const uint8_t *codes, uint8_t *to) {
  for (int j = 0; j < SUPER; j += 64)
    for (int l = 0; l < 32; l++) to[j / 2 + l] = (uint8_t)((codes[j + l] & 15) | codes[j + l + 32] << 4);
}

static void q4_K(const float *x, uint8_t *to) {
  uint8_t codes[SUPER];
  scales_of_six_bits(x, 15, -1.0f, 20, to, codes);
  put_nibbles(codes, to + 16);
}

static void q5_K(const float *x, uint8_t *to) {
  uint8_t codes[SUPER];
  scales_of_six_bits(x, 31, -0.5f, 15, to, codes);
  memset(to + 16, 0, 32);
  for (int j = 0; j < SUPER; j++) to[16 + j % 32] |= (uint8_t)(codes[j] >> 4 << j / 32);
  put_nibbles(codes, to + 48);
}

/// Low four bits (128 bytes), high two (64), sixteen signed scales, d.
static void q6_K(const float *x, uint8_t *to) {
  uint8_t codes[SUPER];
  float scales[16];
  for (int part = 0; part < 2; part++) {
    eight numbers[16];
    eight_whole found[16];
    side_by_side(x + 128 * part, 16, numbers);
    eight scale = fit_six_bits(numbers, found);
    keep_codes(found, 16, codes + 128 * part);
    memcpy(scales + 8 * part, &scale, sizeof scale);
  }
  memset(to, 0, 210);
  const int place = farthest_place(scales, 16);
  if (place < 0 || fabsf(scales[place]) < 1e-15f) return;
  const float inverse = -128.0f / scales[place], d = put_half(to + 208, 1 / inverse);
  for (int j = 0; j < 16; j++) {
    int32_t s = nearest_whole(inverse * scales[j]);
    int8_t kept = (int8_t)(s > 127 ? 127 : s);
    to[192 + j] = (uint8_t)kept;
    round_again(x + 16 * j, 16, d * (float)kept, 0, 32, 63, codes + 16 * j);
  }
  for (int j = 0; j < SUPER; j += 128)
    for (int l = 0; l < 32; l++) {
      const uint8_t *c = codes + j + l;
      to[j / 2 + l] = (uint8_t)((c[0] & 15) | c[64] << 4);
      to[j / 2 + l + 32] = (uint8_t)((c[32] & 15) | c[96] << 4);
      to[128 + j / 4 + l] = (uint8_t)(c[0] >> 4 | c[32] >> 4 << 2 | c[64] >> 4 << 4 | c[96] >> 4 << 6);
    }
}

// MARK: Rows

int clearbox_ggml_encode(int32_t type, const float *x, size_t count, uint8_t *blocks) {
#define BLOCKS(number, length, bytes, block)                                               \
  case number:                                                                             \
    for (size_t i = 0; i < count / length; i++) block(x + length * i, blocks + bytes * i); \
    return 1;
  switch (type) {
    BLOCKS(2, 32, 18, q4_0)
    BLOCKS(6, 32, 22, q5_0)
    BLOCKS(7, 32, 24, q5_1)
    BLOCKS(8, 32, 34, q8_0)
    BLOCKS(10, 256, 84, q2_K)
    BLOCKS(11, 256, 110, q3_K)
    BLOCKS(12, 256, 144, q4_K)
    BLOCKS(13, 256, 176, q5_K)
    BLOCKS(14, 256, 210, q6_K)
    default: return 0;
  }
#undef BLOCKS
}
