// Compares every kernel with its reference and prints its digest: the tests' comparisons for machines other than this.
#include "../include/KernelReferences.h"
#include <stdio.h>

int main(void) {
  int failures = 0;
  for (size_t i = 0; i < kernel_check_count(); i++) {
    uint64_t digest;
    const char *difference = kernel_check(i, &digest);
    printf("%s %016llx %s\n", kernel_check_name(i), (unsigned long long)digest, difference ? difference : "agrees");
    failures += difference != NULL;
  }
  return failures > 0;
}
