// Products and what packs for them. Packing has no layout of its own here: what matters is what a product makes of it.
#include "checks.h"

typedef struct { size_t m, n, k; } shape;
static const shape shapes[] = {{1, 1, 1}, {7, 33, 5}, {13, 32, 64}, {97, 40, 769}, {12, 300, 96}, {50, 70, 2100}};
#define SHAPES (sizeof shapes / sizeof *shapes)

static size_t padded(size_t n) { return (n + clearbox_panel() - 1) / clearbox_panel() * clearbox_panel(); }

/// The oldest x86-64 has no fused multiply-add and rounds twice.
static int rounds_twice(void) { return strcmp(clearbox_instruction_set(), "x86-64") == 0; }

static float widened(const void *x, clearbox_float_type type, size_t i) {
  return type == CLEARBOX_BF16 ? from_bf16(((const uint16_t *)x)[i]) : ((const float *)x)[i];
}

static void *packed(const void *w, clearbox_float_type type, size_t n, size_t k, size_t rowStride, size_t columnStride) {
  void *panels = room(padded(n) * k * (type == CLEARBOX_BF16 ? 2 : 4));
  if (type == CLEARBOX_BF16) clearbox_pack_bf16(w, n, k, rowStride, columnStride, panels);
  else clearbox_pack_f32(w, n, k, rowStride, columnStride, panels);
  return panels;
}

CHECK(clearbox_panel) {
  (void)digest;
  size_t panel = clearbox_panel();
  EXPECT(panel > 0 && 32 % panel == 0, "%zu rows do not divide 32", panel);
  return NULL;
}

/// W comes back when the unit matrix is multiplied by it, whether it was packed by rows or by columns.
static const char *comes_back(clearbox_float_type type, uint64_t *digest) {
  size_t n = 45, k = 37;
  void *w = type == CLEARBOX_BF16 ? (void *)halves(n * k, 1, 3) : (void *)floats(n * k, 1, 3);
  float *unit = room(4 * k * k), *out = room(4 * n * k), *scratch = room(4 * clearbox_product_scratch(n, k));
  for (size_t i = 0; i < k * k; i++) unit[i] = i / k == i % k;
  for (int transposed = 0; transposed < 2; transposed++) {
    void *panels = packed(w, type, n, k, transposed ? 1 : k, transposed ? n : 1);
    clearbox_product(unit, CLEARBOX_F32, k, k, panels, type, k, n, k, out, CLEARBOX_F32, n, scratch);
    digest_bytes(digest, out, 4 * n * k);
    for (size_t p = 0; p < k; p++)
      for (size_t j = 0; j < n; j++)
        EXPECT(out[p * n + j] == widened(w, type, transposed ? p * n + j : j * k + p), "[%zu, %zu], transposed %d", j, p, transposed);
  }
  return NULL;
}
CHECK(clearbox_pack_bf16) { return comes_back(CLEARBOX_BF16, digest); }
CHECK(clearbox_pack_f32) { return comes_back(CLEARBOX_F32, digest); }

/// Rows `from` and on of W, columns `left` and on, against chains of fused multiply-adds in order of K.
static const char *product(shape s, clearbox_float_type xType, clearbox_float_type type, clearbox_float_type outType, size_t from, size_t left, uint64_t *digest) {
  size_t m = s.m, n = s.n, k = s.k, xStride = k + 3, outStride = n + 5, depth = left + k + 2;
  void *x = xType == CLEARBOX_BF16 ? (void *)halves(m * xStride, 2, 1) : (void *)floats(m * xStride, 2, 1);
  void *w = type == CLEARBOX_BF16 ? (void *)halves((from + n) * depth, 3, 1) : (void *)floats((from + n) * depth, 3, 1);
  size_t width = type == CLEARBOX_BF16 ? 2 : 4, outWidth = outType == CLEARBOX_BF16 ? 2 : 4;
  char *panels = packed(w, type, from + n, depth, depth, 1), *out = room(m * outStride * outWidth);
  float *scratch = room(4 * clearbox_product_scratch(n, k));
  clearbox_product(x, xType, xStride, m, panels + (from * depth + left * clearbox_panel()) * width, type, depth, n, k, out, outType, outStride, scratch);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < outStride; j++) {
      const char *at = out + (i * outStride + j) * outWidth;
      if (j >= n) {
        EXPECT(memcmp(at, "\xa5\xa5\xa5\xa5", outWidth) == 0, "wrote beside its columns");
        continue;
      }
      float sum = 0, magnitude = 0;
      for (size_t p = 0; p < k; p++) {
        float a = widened(x, xType, i * xStride + p), b = widened(w, type, (from + j) * depth + left + p);
        sum = fmaf(a, b, sum);
        magnitude += fabsf(a * b);
      }
      float found = widened(out, outType, i * outStride + j), expected = outType == CLEARBOX_BF16 ? from_bf16(to_bf16(sum)) : sum;
      double tolerance = rounds_twice() ? (double)k * 0x1p-23 * magnitude + (outType == CLEARBOX_BF16 ? 0x1p-7 * fabs(sum) : 0) : 0;
      EXPECT(near(found, expected, tolerance), "[%zu, %zu, %zu] at (%zu, %zu): %g, expected %g", m, n, k, i, j, found, expected);
      digest_bytes(digest, at, outWidth);
    }
  }
  return NULL;
}

CHECK(clearbox_product) {
  for (size_t s = 0; s < SHAPES; s++) {
    for (int types = 0; types < 8; types++) {
      clearbox_float_type x = types & 1 ? CLEARBOX_BF16 : CLEARBOX_F32, w = types & 2 ? CLEARBOX_BF16 : CLEARBOX_F32;
      const char *difference = product(shapes[s], x, w, types & 4 ? CLEARBOX_BF16 : CLEARBOX_F32, types == 7 ? 32 : 0, types == 7 ? 9 : 0, digest);
      if (difference) return difference;
    }
    if (!guarded()) return "wrote past the end of its memory";
    start();
  }
  return NULL;
}

/// That it is enough is seen by its guard when a product runs.
CHECK(clearbox_product_scratch) { return product((shape){97, 40, 1100}, CLEARBOX_F32, CLEARBOX_F32, CLEARBOX_F32, 0, 0, digest); }

static const char *integer_product(shape s, const int8_t *x, const int8_t *w, uint64_t *digest) {
  size_t m = s.m, n = s.n, k = s.k, outStride = n + 5;
  int8_t *panels = room(clearbox_int8_packed(n, k));
  clearbox_pack_int8(w, n, k, k, panels);
  int32_t *out = room(4 * m * outStride), *scratch = room(4 * clearbox_int8_product_scratch(k)), untouched;
  memset(&untouched, 0xa5, 4);
  clearbox_int8_product(x, k, m, panels, n, k, out, outStride, scratch);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < outStride; j++) {
      int64_t sum = 0;
      for (size_t p = 0; p < k && j < n; p++) sum += x[i * k + p] * w[j * k + p];
      int64_t expected = j < n ? sum : untouched, found = out[i * outStride + j];
      EXPECT(found == expected, "[%zu, %zu, %zu] at (%zu, %zu): %d, expected %d", m, n, k, i, j, (int)found, (int)expected);
    }
  }
  digest_bytes(digest, out, 4 * m * outStride);
  return NULL;
}

CHECK(clearbox_int8_product) {
  for (size_t s = 0; s <= SHAPES; s++) {
    shape each = s < SHAPES ? shapes[s] : (shape){14, 35, 5300};
    const char *difference = integer_product(each, codes(each.m * each.k, 4), codes(each.n * each.k, 5), digest);
    if (difference) return difference;
  }
  return NULL;
}

/// The extremes of both sides, −128 among them, as far as they add up.
CHECK(clearbox_pack_int8) {
  shape s = {12, 32, 4099};
  for (int signs = 0; signs < 4; signs++) {
    int8_t *x = room(s.m * s.k), *w = room(s.n * s.k);
    memset(x, signs & 1 ? -128 : 127, s.m * s.k);
    memset(w, signs & 2 ? -128 : 127, s.n * s.k);
    const char *difference = integer_product(s, x, w, digest);
    if (difference) return difference;
  }
  return NULL;
}

/// Seen by their guards.
CHECK(clearbox_int8_packed) { return integer_product((shape){1, 17, 3}, codes(3, 6), codes(51, 7), digest); }
CHECK(clearbox_int8_product_scratch) { return integer_product((shape){97, 40, 3000}, codes(97 * 3000, 6), codes(40 * 3000, 7), digest); }
