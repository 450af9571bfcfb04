// The kernels that dot products of 8-bit integers serve, in vectors of 512 bits.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include "CKernels.h"
#include "instruction_sets.h"

#define LEVEL(name) name##_v4_vnni
#define VECTOR 16
#define TILE 12
#define VNNI
#define KERNEL __attribute__((min_vector_width(512)))
#pragma clang attribute push(__attribute__((target(V4_FEATURES ",avx512vnni"))), apply_to = function)
#include "arithmetic.h"
#include "tiles.inc"
#include "integers.inc"
#pragma clang attribute pop
#endif
