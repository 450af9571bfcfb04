// CBLAS and OpenBLAS's own control functions.
#pragma once
#include <cblas.h>
