// For any machine.
#include "CBootstrap.h"
#define LEVEL(name) name##_v1
#include "bootstrap.inc"
