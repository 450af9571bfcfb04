// All kernels for one instruction-set level.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include "CKernels.h"
#include "instruction_sets.h"

#define JOIN(name, level) name##_##level
#define EXPAND(name, level) JOIN(name, level)
#define LEVEL(name) EXPAND(name, v4)
// Lanes of a vector, and rows of x that meet a panel in registers.
#define VECTOR 16
#define TILE 12
// Without this the compiler prefers 256-bit vectors.
#define KERNEL __attribute__((min_vector_width(512)))
#pragma clang attribute push(__attribute__((target(V4_FEATURES))), apply_to = function)
#include "kernels.inc"
#pragma clang attribute pop
#endif
