// All kernels for one instruction-set level.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include "CKernels.h"

#define JOIN(name, level) name##_##level
#define EXPAND(name, level) JOIN(name, level)
#define LEVEL(name) EXPAND(name, v3)
// Lanes of a vector, and rows of x that meet a panel in registers.
#define VECTOR 8
#define TILE 6
#define KERNEL
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "kernels.inc"
#pragma clang attribute pop
#endif
