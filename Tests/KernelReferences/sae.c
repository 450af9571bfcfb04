// An autoencoder's sparse half, sums over rows, and the bootstrap's sums.
#include "checks.h"

static const size_t counts[] = {1, 63, 64, 200, 1000};
#define COUNTS (sizeof counts / sizeof *counts)

/// Mostly inactive features, some blocks of them without any active one.
static float *activations(size_t count, uint64_t seed) {
  float *pre = floats(count, seed, 2);
  for (size_t i = 0; i < count; i++) if (i % 128 >= 64) pre[i] = -fabsf(pre[i]) - 4;
  return pre;
}

/// What one row keeps, ascending.
typedef struct { int32_t count, *index; float *value; } code;
static code empty(size_t count) { return (code){0, room(4 * count), room(4 * count)}; }
static void keep(code *c, size_t index, float value) {
  c->index[c->count] = (int32_t)index;
  c->value[c->count++] = value;
}
static const char *same(code found, code expected, uint64_t *digest) {
  EXPECT(found.count == expected.count, "%d features, expected %d", found.count, expected.count);
  for (int32_t i = 0; i < found.count; i++) {
    EXPECT(found.index[i] == expected.index[i], "feature %d, expected %d", found.index[i], expected.index[i]);
    EXPECT(found.value[i] == expected.value[i], "feature %d: %g, expected %g", found.index[i], found.value[i], expected.value[i]);
  }
  digest_bytes(digest, found.index, 4 * (size_t)found.count);
  digest_bytes(digest, found.value, 4 * (size_t)found.count);
  return NULL;
}

CHECK(clearbox_jump_relu_row) {
  for (size_t c = 0; c < COUNTS; c++) {
    size_t count = counts[c];
    float *pre = activations(count, 1), *bias = floats(count, 2, 0.5f), *threshold = floats(count, 3, 1);
    for (size_t i = 0; i < count; i += 7) threshold[i] = pre[i] + bias[i];
    code found = empty(count), expected = empty(count);
    found.count = clearbox_jump_relu_row(pre, bias, threshold, count, found.index, found.value);
    for (size_t i = 0; i < count; i++) {
      float z = pre[i] + bias[i];
      if (z > threshold[i] && z > 0) keep(&expected, i, z);
    }
    const char *difference = same(found, expected, digest);
    if (difference) return difference;
  }
  return NULL;
}

CHECK(clearbox_gated_row) {
  for (size_t c = 0; c < COUNTS; c++) {
    size_t count = counts[c];
    float *pre = activations(count, 4), *gate = floats(count, 5, 0.5f), *scale = floats(count, 6, 2), *bias = floats(count, 7, 1);
    code found = empty(count), expected = empty(count);
    found.count = clearbox_gated_row(pre, gate, scale, bias, count, found.index, found.value);
    for (size_t i = 0; i < count; i++) {
      float magnitude = pre[i] * scale[i] + bias[i];
      if (pre[i] + gate[i] > 0 && magnitude > 0) keep(&expected, i, magnitude);
    }
    const char *difference = same(found, expected, digest);
    if (difference) return difference;
  }
  return NULL;
}

/// Two tiles of features; the plain form takes the best one k times.
static const char *top_k(size_t count, int32_t k, int32_t magnitude, int scaled, uint64_t *digest) {
  float *pre = activations(2 * count, 8), *bias = floats(2 * count, 9, 0.5f), *scale = scaled ? floats(2 * count, 10, 2) : NULL;
  // Unscaled, there are ties.
  for (size_t i = 0; i < 2 * count && !scaled; i++) { pre[i] = rintf(4 * pre[i]) / 4; bias[i] = 0; }
  code found = empty((size_t)k), ordered = empty((size_t)k), expected = empty((size_t)k);
  for (size_t tile = 0; tile < 2; tile++) {
    size_t at = tile * count;
    found.count = clearbox_top_k_row(pre + at, bias + at, scale ? scale + at : NULL, count, (int32_t)at, magnitude, k, found.count, found.index, found.value);
  }
  uint8_t *taken = room(2 * count);
  memset(taken, 0, 2 * count);
#define Z(i) ((pre[i] + bias[i]) * (scale ? scale[i] : 1))
#define RANK(i) (magnitude ? fabsf(Z(i)) : Z(i))
  for (int32_t place = 0; place < k; place++) {
    size_t best = 2 * count;
    for (size_t i = 0; i < 2 * count; i++)
      if (!taken[i] && RANK(i) > 0 && (best == 2 * count || RANK(i) > RANK(best))) best = i;
    if (best == 2 * count) break;
    taken[best] = 1;
  }
  for (size_t i = 0; i < 2 * count; i++) {
    if (taken[i]) keep(&expected, i, Z(i));
    for (int32_t j = 0; j < found.count; j++) if (found.index[j] == (int32_t)i) keep(&ordered, i, found.value[j]);
  }
  EXPECT(ordered.count == found.count, "a feature twice, or none of the row");
  return same(ordered, expected, digest);
}

CHECK(clearbox_top_k_row) {
  for (size_t c = 0; c < COUNTS; c++) {
    for (int form = 0; form < 4; form++) {
      const char *difference = top_k(counts[c], 1 + (int32_t)counts[c] / 9, form & 1, form & 2, digest);
      if (difference) return difference;
    }
  }
  return NULL;
}

/// fp16's bits of a number that it holds exactly.
static uint16_t half_bits(float x) {
  int exponent;
  float fraction = frexpf(fabsf(x), &exponent);
  uint16_t sign = signbit(x) ? 0x8000 : 0;
  if (x == 0) return sign;
  if (exponent - 1 < -14) return sign | (uint16_t)ldexpf(fabsf(x), 24);
  return sign | (uint16_t)((exponent - 1 + 15) << 10 | (int)((2 * fraction - 1) * 1024));
}

/// The decoder starts at an odd address.
CHECK(clearbox_sparse_add_row) {
  enum { FEATURES = 9, WIDTH = 67, ACTIVE = 4 };
  static const int32_t index[ACTIVE] = {0, 3, 4, 8};
  for (clearbox_float_type type = CLEARBOX_F32; type <= CLEARBOX_F16; type++) {
    size_t size = type == CLEARBOX_F32 ? 4 : 2;
    float *decoder = floats(FEATURES * WIDTH, 11, 2), *value = floats(ACTIVE, 12, 3), *found = floats(WIDTH, 13, 1), *expected = room(4 * WIDTH);
    char *stored = (char *)room(size * FEATURES * WIDTH + 1) + 1;
    for (size_t i = 0; i < FEATURES * WIDTH; i++) {
      if (i % 50 == 3) decoder[i] = 3e-6f;
      decoder[i] = type == CLEARBOX_F32 ? decoder[i] : type == CLEARBOX_BF16 ? from_bf16(to_bf16(decoder[i])) : to_half(decoder[i]);
      uint16_t bits = type == CLEARBOX_BF16 ? to_bf16(decoder[i]) : half_bits(decoder[i]);
      memcpy(stored + size * i, size == 4 ? (void *)&decoder[i] : (void *)&bits, size);
    }
    memcpy(expected, found, 4 * WIDTH);
    clearbox_sparse_add_row(index, value, ACTIVE, stored, type, WIDTH, found);
    for (int j = 0; j < ACTIVE; j++)
      for (size_t i = 0; i < WIDTH; i++) expected[i] += value[j] * decoder[(size_t)index[j] * WIDTH + i];
    for (size_t i = 0; i < WIDTH; i++) EXPECT(found[i] == expected[i], "type %d at %zu: %g, expected %g", type, i, found[i], expected[i]);
    digest_bytes(digest, found, 4 * WIDTH);
  }
  return NULL;
}

CHECK(clearbox_compare_rows) {
  for (size_t c = 0; c < COUNTS; c++) {
    size_t width = counts[c];
    float *x = floats(width, 14, 9), *y = floats(width, 15, 9);
    double error = 0, norm = 0, sum = 0, dot = 0, magnitude = 0;
    for (size_t i = 0; i < width; i++) {
      double a = x[i], b = y[i], e = (double)(x[i] - y[i]);
      error += e * e, norm += a * a, sum += a, dot += a * b, magnitude += a * a + b * b + fabs(a);
    }
    clearbox_row_sums found = clearbox_compare_rows(x, y, width);
    double bound = 1e-13 * magnitude;
    EXPECT(near(found.squaredError, error, 2 * bound), "width %zu: squared error %g, expected %g", width, found.squaredError, error);
    EXPECT(near(found.squaredNorm, norm, bound), "width %zu: squared norm %g, expected %g", width, found.squaredNorm, norm);
    EXPECT(near(found.sum, sum, bound), "width %zu: sum %g, expected %g", width, found.sum, sum);
    EXPECT(near(found.dot, dot, bound), "width %zu: dot %g, expected %g", width, found.dot, dot);
    digest_bytes(digest, &found, sizeof found);
  }
  return NULL;
}

CHECK(clearbox_sketch_row) {
  enum { K = CLEARBOX_SKETCH_WIDTH };
  for (size_t c = 0; c < COUNTS; c++) {
    size_t width = counts[c];
    float *x = floats(width, 14, 9), *y = floats(width, 15, 9);
    double *directions = doubles(width * K, 16, 2), *sum = doubles(width, 17, 3), *sketch = doubles(width * K, 18, 5);
    double *expectedSum = room(8 * width), *expected = room(8 * width * K), onto[K] = {0}, squared = 0;
    memcpy(expectedSum, sum, 8 * width);
    memcpy(expected, sketch, 8 * width * K);
    for (size_t i = 0; i < width; i++) {
      double shift = (double)y[i] - x[i];
      squared += shift * shift;
      expectedSum[i] += shift;
      for (int j = 0; j < K; j++) onto[j] += shift * directions[i * K + j];
    }
    for (size_t i = 0; i < width * K; i++) expected[i] += ((double)y[i / K] - x[i / K]) * onto[i % K];
    double found = clearbox_sketch_row(x, y, directions, width, sum, sketch);
    EXPECT(found == squared, "width %zu: squared length %g, expected %g", width, found, squared);
    for (size_t i = 0; i < width; i++) EXPECT(sum[i] == expectedSum[i], "sum of width %zu at %zu: %g, expected %g", width, i, sum[i], expectedSum[i]);
    for (size_t i = 0; i < width * K; i++) EXPECT(sketch[i] == expected[i], "width %zu at %zu: %g, expected %g", width, i, sketch[i], expected[i]);
    digest_bytes(digest, sketch, 8 * width * K);
  }
  return NULL;
}

// MARK: The bootstrap

static const size_t chunks[] = {1, 4, 5, 13, 40}, dimensions[] = {1, 3, 4, 9, 17};
#define CASES (sizeof chunks / sizeof *chunks)

CHECK(clearbox_weighted_sums) {
  for (size_t c = 0; c < CASES; c++) {
    size_t width = dimensions[c];
    double *weights = doubles(8 * chunks[c], 16, 2), *table = doubles(chunks[c] * width, 17, 7), *found = room(64 * width);
    clearbox_weighted_sums(weights, table, chunks[c], width, found);
    for (size_t i = 0; i < 8 * width; i++) {
      double expected = 0;
      for (size_t chunk = 0; chunk < chunks[c]; chunk++) expected += weights[8 * chunk + i % 8] * table[chunk * width + i / 8];
      EXPECT(found[i] == expected, "%zu × %zu at %zu: %g, expected %g", chunks[c], width, i, found[i], expected);
    }
    digest_bytes(digest, found, 64 * width);
  }
  return NULL;
}

/// Inner products of all vectors, and what they should be.
static const char *triangle(size_t count, size_t dimension, double *products, const double *vectors) {
  for (size_t first = 0; first < count; first += 4)
    clearbox_gram_rows(vectors, first, count - first < 4 ? count - first : 4, dimension, products + first * (first + 1) / 2);
  for (size_t a = 0; a < count; a++) {
    for (size_t b = 0; b <= a; b++) {
      double expected = 0, magnitude = 0, found = products[a * (a + 1) / 2 + b];
      for (size_t d = 0; d < dimension; d++) {
        double term = vectors[a * dimension + d] * vectors[b * dimension + d];
        expected += term;
        magnitude += fabs(term);
      }
      EXPECT(near(found, expected, 1e-14 * magnitude), "(%zu, %zu) of %zu: %g, expected %g", a, b, dimension, found, expected);
    }
  }
  return NULL;
}

CHECK(clearbox_gram_rows) {
  for (size_t c = 0; c < CASES; c++) {
    size_t count = chunks[c], pairs = count * (count + 1) / 2;
    double *products = room(8 * pairs);
    const char *difference = triangle(count, dimensions[c], products, doubles(count * dimensions[c], 18, 3));
    if (difference) return difference;
    digest_bytes(digest, products, 8 * pairs);
  }
  return NULL;
}

CHECK(clearbox_squared_norms) {
  for (size_t c = 0; c < CASES; c++) {
    size_t count = chunks[c], dimension = dimensions[c], middle = count / 2;
    double *weights = doubles(8 * count, 19, 2), *vectors = doubles(count * dimension, 20, 3), *products = room(4 * count * (count + 1)), found[8] = {0};
    triangle(count, dimension, products, vectors);
    clearbox_squared_norms(weights, products, 0, middle, found);
    clearbox_squared_norms(weights, products + middle * (middle + 1) / 2, middle, count, found);
    for (size_t lane = 0; lane < 8; lane++) {
      double expected = 0, magnitude = 0;
      for (size_t d = 0; d < dimension; d++) {
        double sum = 0, size = 0;
        for (size_t a = 0; a < count; a++) {
          sum += weights[8 * a + lane] * vectors[a * dimension + d];
          size += fabs(weights[8 * a + lane] * vectors[a * dimension + d]);
        }
        expected += sum * sum;
        magnitude += size * size;
      }
      EXPECT(near(found[lane], expected, 1e-13 * magnitude), "%zu × %zu, lane %zu: %g, expected %g", count, dimension, lane, found[lane], expected);
    }
    digest_bytes(digest, found, sizeof found);
  }
  return NULL;
}
