#include "KernelLevels.h"
