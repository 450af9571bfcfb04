// Quantizers, in bitsandbytes' order of operations: every rounding is told, so that each result is one number.
#include "checks.h"

enum { ROWS = 5, WIDTH = 333 };

static float scale_of(float absmax) { return absmax > 0 ? 1 / absmax * 127 : 0; }

/// A largest number whose half gets another code when the scale is a correctly rounded quotient.
static float delicate(void) {
  float x = 1;
  while (rintf(x / 2 * scale_of(x)) == rintf(x / 2 * (127 / x))) x += 0x1p-7f;
  return x;
}

/// Among the numbers: a row of zeros, an outlier, and a row of halves.
static uint16_t *activations(uint64_t seed) {
  uint16_t *x = halves(ROWS * WIDTH, seed, 9);
  memset(x + 2 * WIDTH, 0, 2 * WIDTH);
  x[7] = to_bf16(7e4f);
  x[WIDTH + 8] = to_bf16(-3e-6f);
  for (size_t i = 0; i < WIDTH; i++) x[3 * WIDTH + i] = to_bf16(delicate() / (i % 5 == 0 ? 1 : i % 2 == 0 ? 2 : -2));
  return x;
}

CHECK(clearbox_int8_scan) {
  uint16_t *x = activations(1);
  float *maximum = room(4 * ROWS);
  uint8_t *hot = room(WIDTH);
  memset(hot, 0, WIDTH);
  hot[5] = 1;
  clearbox_int8_scan(x, ROWS, WIDTH, 6, maximum, hot);
  for (size_t j = 0; j < WIDTH; j++) {
    int expected = j == 5;
    for (size_t t = 0; t < ROWS; t++) expected |= fabsf(to_half(from_bf16(x[t * WIDTH + j]))) >= 6;
    EXPECT(hot[j] == expected, "column %zu", j);
  }
  for (size_t t = 0; t < ROWS; t++) {
    float expected = 0;
    for (size_t j = 0; j < WIDTH; j++) {
      float a = fabsf(to_half(from_bf16(x[t * WIDTH + j])));
      if (a < 6) expected = fmaxf(expected, a);
    }
    EXPECT(maximum[t] == expected, "row %zu: %g, expected %g", t, maximum[t], expected);
  }
  digest_bytes(digest, maximum, 4 * ROWS);
  digest_bytes(digest, hot, WIDTH);
  return NULL;
}

CHECK(clearbox_int8_quantize) {
  uint16_t *x = activations(2);
  float *maximum = room(4 * ROWS);
  uint8_t *hot = room(WIDTH);
  int8_t *found = room(ROWS * WIDTH);
  for (size_t j = 0; j < WIDTH; j++) hot[j] = j % 11 == 3;
  for (size_t t = 0; t < ROWS; t++) maximum[t] = t == 2 ? 0 : t == 3 ? delicate() : 5.9f;
  clearbox_int8_quantize(x, ROWS, WIDTH, 6, maximum, hot, found);
  for (size_t i = 0; i < ROWS * WIDTH; i++) {
    float half = to_half(from_bf16(x[i]));
    int expected = fabsf(half) < 6 && !hot[i % WIDTH] ? (int8_t)(int)rintf(half * scale_of(maximum[i / WIDTH])) : 0;
    EXPECT(found[i] == expected, "at %zu: %d, expected %d", i, found[i], expected);
  }
  digest_bytes(digest, found, ROWS * WIDTH);
  return NULL;
}

static const char *epilogue(int cuda, uint64_t *digest) {
  int32_t *product = room(4 * ROWS * WIDTH);
  uint64_t state = 3;
  for (size_t i = 0; i < ROWS * WIDTH; i++) product[i] = ((int32_t)next(&state) - (1 << 30)) >> (i % 25);
  float *rows = floats(ROWS, 4, 9), *columns = floats(WIDTH, 5, 1);
  uint16_t *found = room(2 * ROWS * WIDTH);
  (cuda ? clearbox_int8_epilogue_cuda : clearbox_int8_epilogue_cpu)(product, rows, columns, ROWS, WIDTH, found);
  for (size_t i = 0; i < ROWS * WIDTH; i++) {
    float a = rows[i / WIDTH], b = columns[i % WIDTH], x = (float)product[i];
    uint16_t expected = to_bf16(cuda ? to_half(x * a * b * 6.200012e-05f) : x * (a * b) * 6.200124e-05f);
    EXPECT(found[i] == expected, "at %zu: %04x, expected %04x", i, found[i], expected);
  }
  digest_bytes(digest, found, 2 * ROWS * WIDTH);
  return NULL;
}
CHECK(clearbox_int8_epilogue_cpu) { return epilogue(0, digest); }
CHECK(clearbox_int8_epilogue_cuda) { return epilogue(1, digest); }

CHECK(clearbox_add_f32_to_bf16) {
  uint16_t *x = halves(WIDTH, 6, 9), *found = room(2 * WIDTH);
  float *addend = floats(WIDTH, 7, 3);
  memcpy(found, x, 2 * WIDTH);
  clearbox_add_f32_to_bf16(found, addend, WIDTH);
  for (size_t i = 0; i < WIDTH; i++) EXPECT(found[i] == to_bf16(from_bf16(x[i]) + addend[i]), "at %zu", i);
  digest_bytes(digest, found, 2 * WIDTH);
  return NULL;
}

static const int32_t columns[] = {0, 3, 4, 100, 331, 332};
enum { GATHERED = 6, PADDED = 32 };

CHECK(clearbox_gather_columns) {
  uint16_t *x = activations(8), *found = room(2 * ROWS * PADDED);
  clearbox_gather_columns(x, ROWS, WIDTH, columns, GATHERED, PADDED, found);
  for (size_t i = 0; i < ROWS * PADDED; i++) {
    uint16_t expected = i % PADDED < GATHERED ? x[i / PADDED * WIDTH + (size_t)columns[i % PADDED]] : 0;
    EXPECT(found[i] == expected, "at %zu", i);
  }
  digest_bytes(digest, found, 2 * ROWS * PADDED);
  return NULL;
}

CHECK(clearbox_gather_int8_columns) {
  int8_t *x = codes(ROWS * WIDTH, 9);
  float *absmax = floats(ROWS, 10, 3);
  uint16_t *found = room(2 * ROWS * PADDED);
  clearbox_gather_int8_columns(x, absmax, ROWS, WIDTH, columns, GATHERED, PADDED, found);
  for (size_t i = 0; i < ROWS * PADDED; i++) {
    int whole = i % PADDED < GATHERED;
    // PyTorch divides by a number by multiplying with its reciprocal.
    float product = whole ? (float)x[i / PADDED * WIDTH + (size_t)columns[i % PADDED]] * absmax[i / PADDED] : 0;
    EXPECT(found[i] == to_bf16(product * (1.0f / 127)), "at %zu", i);
  }
  digest_bytes(digest, found, 2 * ROWS * PADDED);
  return NULL;
}

CHECK(clearbox_int8_weight_rows) {
  uint16_t *w = activations(11);
  w[7] = 0;
  int8_t *found = room(ROWS * WIDTH);
  float *absmax = room(4 * ROWS);
  clearbox_int8_weight_rows(w, ROWS, WIDTH, found, absmax);
  for (size_t n = 0; n < ROWS; n++) {
    float maximum = 0;
    for (size_t i = 0; i < WIDTH; i++) maximum = fmaxf(maximum, fabsf(to_half(from_bf16(w[n * WIDTH + i]))));
    EXPECT(absmax[n] == maximum, "row %zu: %g, expected %g", n, absmax[n], maximum);
    for (size_t i = 0; i < WIDTH; i++) {
      int expected = (int)rintf(to_half(from_bf16(w[n * WIDTH + i])) * scale_of(maximum));
      EXPECT(found[n * WIDTH + i] == expected, "(%zu, %zu): %d, expected %d", n, i, found[n * WIDTH + i], expected);
    }
  }
  digest_bytes(digest, found, ROWS * WIDTH);
  return NULL;
}

// MARK: Blocks of four bits

enum { COUNT = ROWS * WIDTH, BLOCK = 64, BLOCKS = (COUNT + BLOCK - 1) / BLOCK };

CHECK(clearbox_blockwise_codes) {
  uint16_t *x = activations(12);
  memset(x + BLOCK, 0, 2 * BLOCK);
  // Numbers that equal a threshold.
  for (size_t i = 0; i < BLOCK; i++) x[2 * BLOCK + i] = to_bf16((float)(i % 9) - (i > 9 ? 8 : 0));
  float thresholds[15], *absmax = room(4 * BLOCKS);
  for (int i = 0; i < 15; i++) thresholds[i] = (float)(i - 7) / 8;
  uint8_t *found = room(COUNT);
  clearbox_blockwise_codes(x, COUNT, BLOCK, thresholds, found, absmax);
  for (size_t i = 0; i < COUNT; i++) {
    float maximum = 0;
    for (size_t j = i / BLOCK * BLOCK; j < COUNT && j / BLOCK == i / BLOCK; j++) maximum = fmaxf(maximum, fabsf(from_bf16(x[j])));
    EXPECT(absmax[i / BLOCK] == maximum, "block %zu: %g, expected %g", i / BLOCK, absmax[i / BLOCK], maximum);
    float v = maximum > 0 ? from_bf16(x[i]) * (1 / maximum) : 0;
    int expected = 0;
    for (int level = 0; level < 15; level++) expected += thresholds[level] < v;
    EXPECT(found[i] == expected, "at %zu: %d, expected %d", i, found[i], expected);
  }
  digest_bytes(digest, found, COUNT);
  return NULL;
}

static const char *dequantize(int bf16, uint64_t *digest) {
  uint8_t *x = room(COUNT);
  float *levels = floats(16, 13, 1), *absmax = floats(BLOCKS, 14, 3), *wide = room(4 * COUNT);
  uint16_t *narrow = room(2 * COUNT);
  uint64_t state = 15;
  for (size_t i = 0; i < COUNT; i++) x[i] = next(&state) % 16;
  if (bf16) clearbox_blockwise_dequantize_bf16(x, COUNT, BLOCK, levels, absmax, narrow);
  else clearbox_blockwise_dequantize_f32(x, COUNT, BLOCK, levels, absmax, wide);
  for (size_t i = 0; i < COUNT; i++) {
    float expected = levels[x[i]] * absmax[i / BLOCK];
    EXPECT(bf16 ? narrow[i] == to_bf16(expected) : wide[i] == expected, "at %zu", i);
  }
  digest_bytes(digest, bf16 ? (void *)narrow : (void *)wide, bf16 ? 2 * COUNT : 4 * COUNT);
  return NULL;
}
CHECK(clearbox_blockwise_dequantize_bf16) { return dequantize(1, digest); }
CHECK(clearbox_blockwise_dequantize_f32) { return dequantize(0, digest); }
