// The decoder layer and the language-model head, once per element type.
#include <math.h>
#include "CKernels.h"
#include "arithmetic.h"

#define IDENTITY(x) (x)

#define NAME(x) x##_bf16
#define ELEMENT uint16_t
#define LOAD widen
#define STORE narrow
#define ROUND round_bf16
#include "decoder_layer.inc"
#include "head.inc"
#undef NAME
#undef ELEMENT
#undef LOAD
#undef STORE
#undef ROUND

#define NAME(x) x##_f32
#define ELEMENT float
#define LOAD IDENTITY
#define STORE IDENTITY
#define ROUND IDENTITY
#include "decoder_layer.inc"
#include "head.inc"

MULTIVERSIONED void clearbox_bf16_to_f32(const uint16_t *x, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = widen(x[i]);
}

MULTIVERSIONED void clearbox_f32_to_bf16(const float *x, uint16_t *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = narrow(x[i]);
}

const char *clearbox_instruction_set(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
  return "x86-64";
#else
  return "portable";
#endif
}
