#include "CKernels.h"
int clearbox_kernels_version(void) { return 1; }
