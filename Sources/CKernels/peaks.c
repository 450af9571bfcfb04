// What one core's arithmetic does at best: independent accumulators, nothing in memory.
#include "CKernels.h"
#include "instruction_sets.h"
#include <time.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/// Steps of each accumulator between two looks at the clock: about a millisecond.
#define STEPS 100000

/// NAME: 10⁹ operations per second in the best of all millisecond slices. STEP(acc) is `operations` operations; `held`
/// is the register class that keeps the compiler from dropping or merging steps.
#define PEAK(name, target, vector, count, STEP, operations, held)                            \
  target static double name(double seconds) {                                                \
    vector acc[count] = {0};                                                                 \
    double best = 0, first = now();                                                          \
    for (double start = first; start - first < seconds;) {                                   \
      for (int step = 0; step < STEPS; step++)                                               \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < count; i++) {                 \
          acc[i] = STEP(acc[i]);                                                             \
          __asm__ volatile("" : held(acc[i]));                                               \
        }                                                                                    \
      double end = now(), rate = 1e-9 * STEPS * count * (operations) / (end - start);        \
      best = rate > best ? rate : best;                                                      \
      start = end;                                                                           \
    }                                                                                        \
    return best;                                                                             \
  }

#if defined(__x86_64__)
#define FOR(cpu) __attribute__((target(cpu)))
#define WIDE(more) FOR("arch=x86-64-v4" more) __attribute__((min_vector_width(512)))
#define SMALL_PS(bits) _mm##bits##_set1_ps(0x1p-20f)
#define FUSED_512(acc) _mm512_fmadd_ps(SMALL_PS(512), SMALL_PS(512), acc)
#define FUSED_256(acc) _mm256_fmadd_ps(SMALL_PS(256), SMALL_PS(256), acc)
#define TWICE_128(acc) _mm_add_ps(_mm_mul_ps(acc, _mm_set1_ps(0.5f)), _mm_set1_ps(1.0f))
#define PAIRS_512(acc) _mm512_dpbf16_ps(acc, (__m512bh)SMALL_PS(512), (__m512bh)SMALL_PS(512))
#define FOURS_512(acc) _mm512_dpbusd_epi32(acc, _mm512_set1_epi8(3), _mm512_set1_epi8(5))
#define FOURS_256(acc) _mm256_dpbusd_avx_epi32(acc, _mm256_set1_epi8(3), _mm256_set1_epi8(5))

PEAK(fused_512, WIDE(""), __m512, 24, FUSED_512, 32, "+v")
PEAK(fused_256, FOR("arch=x86-64-v3"), __m256, 12, FUSED_256, 16, "+x")
PEAK(twice_128, , __m128, 12, TWICE_128, 8, "+x")
PEAK(pairs_512, WIDE(",avx512bf16"), __m512, 24, PAIRS_512, 64, "+v")
PEAK(fours_512, WIDE(",avx512vnni"), __m512i, 24, FOURS_512, 128, "+v")
PEAK(fours_256, FOR("arch=x86-64-v3,avxvnni"), __m256i, 12, FOURS_256, 64, "+x")

double clearbox_peak_f32(double seconds) {
  int set = clearbox_current_set();
  return set >= V4 ? fused_512(seconds) : set >= V3 ? fused_256(seconds) : twice_128(seconds);
}

double clearbox_peak_bf16(double seconds) {
  return clearbox_current_set() >= V4 && __builtin_cpu_supports("avx512bf16") ? pairs_512(seconds) : 0;
}

double clearbox_peak_int8(double seconds) {
  int set = clearbox_current_set();
  return set == V4_VNNI ? fours_512(seconds) : set == V3_VNNI ? fours_256(seconds) : 0;
}
#else
typedef float floats __attribute__((vector_size(16)));
#define FUSED_128(acc) __builtin_elementwise_fma((floats){1, 1, 1, 1} * 0x1p-20f, (floats){1, 1, 1, 1} * 0x1p-20f, acc)
PEAK(fused_128, , floats, 12, FUSED_128, 8, "+w")

double clearbox_peak_f32(double seconds) { return fused_128(seconds); }
double clearbox_peak_bf16(double seconds) { (void)seconds; return 0; }
double clearbox_peak_int8(double seconds) { (void)seconds; return 0; }
#endif
