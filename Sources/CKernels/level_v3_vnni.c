// The kernels that dot products of 8-bit integers serve, in vectors of 256 bits.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include "CKernels.h"

#define LEVEL(name) name##_v3_vnni
#define VECTOR 8
#define TILE 6
#define VNNI
#define KERNEL
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3,avxvnni"))), apply_to = function)
#include "arithmetic.h"
#include "tiles.inc"
#include "integers.inc"
#pragma clang attribute pop
#endif
