// All kernels for one instruction-set level.
#include <math.h>
#include "CKernels.h"

#define JOIN(name, level) name##_##level
#define EXPAND(name, level) JOIN(name, level)
#define LEVEL(name) EXPAND(name, v1)
#define KERNEL
#include "kernels.inc"
