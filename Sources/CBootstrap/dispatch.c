// The public functions: each calls its body for this machine's instruction-set level.
#include "CBootstrap.h"

#if defined(__x86_64__)
static int has_avx2(void) {
  // Several threads may find the same answer at once.
  static volatile int known = -1;
  if (known < 0) {
    __builtin_cpu_init();
    known = __builtin_cpu_supports("avx2") != 0;
  }
  return known;
}
#define DISPATCH(name, parameters, arguments)                          \
  void name##_v1 parameters;                                           \
  void name##_avx2 parameters;                                         \
  void name parameters {                                               \
    if (has_avx2()) name##_avx2 arguments; else name##_v1 arguments;   \
  }
#else
#define DISPATCH(name, parameters, arguments) \
  void name##_v1 parameters;                  \
  void name parameters { name##_v1 arguments; }
#endif

DISPATCH(clearbox_weighted_sums, (const double *weights, const double *table, size_t chunks, size_t width, double *sums), (weights, table, chunks, width, sums))
DISPATCH(clearbox_squared_norms, (const double *weights, const double *products, size_t first, size_t end, double *norms), (weights, products, first, end, norms))
DISPATCH(clearbox_gram_rows, (const double *vectors, size_t first, size_t rows, size_t dimension, double *products), (vectors, first, rows, dimension, products))
