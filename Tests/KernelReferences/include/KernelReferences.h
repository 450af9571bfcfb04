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
