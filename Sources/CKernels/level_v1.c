// All kernels for one instruction-set level.
#include <math.h>
#include "CKernels.h"

#define JOIN(name, level) name##_##level
#define EXPAND(name, level) JOIN(name, level)
#define LEVEL(name) EXPAND(name, v1)
// Lanes of a vector, and rows of x that meet a panel in registers.
#define VECTOR 4
#define TILE 6
#if defined(__x86_64__)
#define NO_FUSED_MULTIPLY_ADD
#endif
#define KERNEL
#include "kernels.inc"
