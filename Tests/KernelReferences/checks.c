#include "checks.h"
#include "include/KernelReferences.h"
#include <stdarg.h>
#include <stdio.h>

#define DISPATCH(result, name, parameters, arguments) const char *check_##name(uint64_t *digest);
#define DISPATCH_INTEGERS DISPATCH
#include "../../Sources/CKernels/dispatched.inc"
#undef DISPATCH

// A kernel without a comparison does not link.
#define DISPATCH(result, name, parameters, arguments) {#name, check_##name},
static const struct { const char *name; const char *(*check)(uint64_t *digest); } all[] = {
#include "../../Sources/CKernels/dispatched.inc"
};

size_t kernel_check_count(void) { return sizeof all / sizeof *all; }
const char *kernel_check_name(size_t index) { return all[index].name; }
const char *kernel_check(size_t index, uint64_t *digest) {
  start();
  *digest = 0xcbf29ce484222325u;
  const char *difference = all[index].check(digest);
  return difference ? difference : guarded() ? NULL : "wrote past the end of its memory";
}

const char *differs(const char *format, ...) {
  static _Thread_local char text[200];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

void digest_bytes(uint64_t *digest, const void *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) *digest = (*digest ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
}

// MARK: Memory

#define GUARD 64
static _Thread_local struct { uint8_t *memory; size_t bytes; } rooms[512];
static _Thread_local int count;

void start(void) {
  while (count > 0) free(rooms[--count].memory);
}

void *room(size_t bytes) {
  if (count == 512) abort();
  uint8_t *memory = aligned_alloc(64, (bytes + 63) / 64 * 64 + GUARD);
  memset(memory, 0xa5, (bytes + 63) / 64 * 64 + GUARD);
  rooms[count].memory = memory;
  rooms[count++].bytes = bytes;
  return memory;
}

int guarded(void) {
  for (int i = 0; i < count; i++)
    for (size_t at = rooms[i].bytes; at < rooms[i].bytes + GUARD; at++)
      if (rooms[i].memory[at] != 0xa5) return 0;
  return 1;
}

// MARK: Numbers

uint64_t next(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return *state >> 33;
}

float *floats(size_t count, uint64_t seed, float scale) {
  float *x = room(4 * count);
  for (size_t i = 0; i < count; i++) {
    x[i] = ((float)(next(&seed) % 65536) / 32768 - 1) * scale;
    switch (next(&seed) % 8) {
      case 0: x[i] = 0; break;
      case 1: x[i] *= 1e-3f; break;
      case 2: x[i] = rintf(x[i] * 16) / 16; break;
    }
  }
  return x;
}

uint16_t *halves(size_t count, uint64_t seed, float scale) {
  float *wide = floats(count, seed, scale);
  uint16_t *x = room(2 * count);
  for (size_t i = 0; i < count; i++) x[i] = to_bf16(wide[i]);
  return x;
}

int8_t *codes(size_t count, uint64_t seed) {
  int8_t *x = room(count);
  for (size_t i = 0; i < count; i++) {
    uint64_t step = next(&seed);
    x[i] = step % 4 == 0 ? 127 : step % 4 == 1 ? -128 : (int8_t)((int)(next(&seed) % 256) - 128);
  }
  return x;
}

double *doubles(size_t count, uint64_t seed, double scale) {
  double *x = room(8 * count);
  for (size_t i = 0; i < count; i++) x[i] = ((double)next(&seed) / 1073741824 - 1) * scale;
  return x;
}

// MARK: Roundings

float from_bf16(uint16_t x) {
  uint32_t bits = (uint32_t)x << 16;
  float wide;
  memcpy(&wide, &bits, 4);
  return wide;
}

/// The nearer of the two neighbours, of equals the even one.
uint16_t to_bf16(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  uint16_t below = (uint16_t)(bits >> 16);
  if (isnan(x)) return below | 0x40;
  if (isinf(x)) return below;
  // Past the largest number lies what would be the next one, 2¹²⁸.
  uint16_t above = below + 1;
  double down = fabs((double)from_bf16(below)), up = (above & 0x7fff) == 0x7f80 ? 0x1p128 : fabs((double)from_bf16(above));
  double lower = fabs((double)x) - down, upper = up - fabs((double)x);
  return lower < upper || (lower == upper && below % 2 == 0) ? below : above;
}

float to_half(float x) {
  if (isnan(x) || isinf(x) || x == 0) return x;
  int exponent;
  frexp((double)x, &exponent);
  double spacing = ldexp(1, (exponent - 1 < -14 ? -14 : exponent - 1) - 10);
  double rounded = rint((double)x / spacing) * spacing;
  return fabs(rounded) > 65504 ? copysignf(INFINITY, x) : (float)rounded;
}

int near(double found, double expected, double tolerance) { return found == expected || fabs(found - expected) <= tolerance; }
