// What the comparisons share: numbers, plain roundings, and how they say what differs.
#pragma once
#include "CKernels.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

#define CHECK(name) CHECK_OF(name)
#define CHECK_OF(name) const char *check_##name(uint64_t *digest)

/// What differs, for a person; kept until the thread's next one.
const char *differs(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define EXPECT(condition, ...) do { if (!(condition)) return differs(__VA_ARGS__); } while (0)

/// Continues the hash.
void digest_bytes(uint64_t *digest, const void *bytes, size_t count);

/// Memory that is freed at the thread's next `start`, filled with 0xA5; `guarded` is false once someone wrote past an end.
void start(void);
void *room(size_t bytes);
int guarded(void);

/// Numbers of many magnitudes, zeros and repeated values among them, up to `scale`; the same for a seed.
float *floats(size_t count, uint64_t seed, float scale);
/// The same rounded to bf16.
uint16_t *halves(size_t count, uint64_t seed, float scale);
/// All codes, the extremes often.
int8_t *codes(size_t count, uint64_t seed);
double *doubles(size_t count, uint64_t seed, double scale);
uint64_t next(uint64_t *state);

/// Plain forms of the kernels' roundings.
float from_bf16(uint16_t x);
uint16_t to_bf16(float x);
float to_half(float x);

/// |found − expected| ≤ tolerance, or both the same infinity.
int near(double found, double expected, double tolerance);
