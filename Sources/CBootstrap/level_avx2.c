// For machines with 256-bit vectors.
#if defined(__x86_64__)
#include "CBootstrap.h"
#define LEVEL(name) name##_avx2
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#include "bootstrap.inc"
#pragma clang attribute pop
#endif
