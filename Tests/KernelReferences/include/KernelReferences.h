/// Plain references of all kernels that have a body per instruction set, and comparisons with them.
///
/// Each comparison runs the kernel as the calling thread would, on the same numbers everywhere.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Comparisons: one for each function of dispatched.inc.
size_t kernel_check_count(void);
/// The function that a comparison is of.
const char *kernel_check_name(size_t index);
/// NULL where the kernel agrees with its reference, else what differs. `digest`: a hash of what the kernel gave, the same
/// under all instruction sets that have to agree in every bit.
const char *kernel_check(size_t index, uint64_t *digest);

/// The sum of products of two rows of `count` numbers, exact for int8, in double for bf16. Tests written in Swift take these:
/// a loop over hundreds of millions of products takes minutes there where nothing is optimized.
int32_t kernel_reference_dot_int8(const int8_t *x, const int8_t *y, size_t count);
double kernel_reference_dot_bf16(const uint16_t *x, const uint16_t *y, size_t count);
