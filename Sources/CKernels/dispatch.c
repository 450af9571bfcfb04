// The public functions: each calls its body for the instruction set in force.
#include "CKernels.h"
#include "instruction_sets.h"
#include <stdatomic.h>
#include <string.h>

#if defined(__x86_64__)
static const char *const names[SETS] = {"x86-64", "x86-64-v3", "x86-64-v3 with VNNI", "x86-64-v4", "x86-64-v4 with VNNI"};

static int has(int set) {
  __builtin_cpu_init();
  switch (set) {
    case V4_VNNI: return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512vnni");
    case V4: return __builtin_cpu_supports("x86-64-v4");
    case V3_VNNI: return __builtin_cpu_supports("x86-64-v3") && __builtin_cpu_supports("avxvnni");
    case V3: return __builtin_cpu_supports("x86-64-v3");
    default: return 1;
  }
}
#else
static const char *const names[SETS] = {"portable"};
static int has(int set) { return set == V1; }
#endif

static _Thread_local int tried = -1;
// Several threads may find the answer at once: it is the same.
static _Atomic int used = -1;

int clearbox_current_set(void) {
  if (tried >= 0) return tried;
  int set = atomic_load_explicit(&used, memory_order_relaxed);
  if (set < 0) {
    for (set = SETS - 1; !has(set);) set--;
    atomic_store_explicit(&used, set, memory_order_relaxed);
  }
  return set;
}

const char *clearbox_instruction_set(void) { return names[clearbox_current_set()]; }

const char *clearbox_instruction_set_at(size_t index) {
  for (int set = 0; set < SETS; set++)
    if (has(set) && index-- == 0) return names[set];
  return NULL;
}

static int named(const char *name) {
  for (int set = 0; set < SETS; set++)
    if (strcmp(names[set], name) == 0 && has(set)) return set;
  return -1;
}

int clearbox_use_instruction_set(const char *name) {
  int set = named(name);
  if (set >= 0) atomic_store_explicit(&used, set, memory_order_relaxed);
  return set >= 0;
}

int clearbox_try_instruction_set(const char *name) {
  tried = name ? named(name) : -1;
  return !name || tried >= 0;
}

#if defined(__x86_64__)
#define DISPATCH(result, name, parameters, arguments) \
  result name##_v1 parameters;                        \
  result name##_v3 parameters;                        \
  result name##_v4 parameters;                        \
  result name parameters {                            \
    switch (clearbox_current_set()) {                 \
      case V4_VNNI:                                   \
      case V4: return name##_v4 arguments;            \
      case V3_VNNI:                                   \
      case V3: return name##_v3 arguments;            \
      default: return name##_v1 arguments;            \
    }                                                 \
  }
#define DISPATCH_INTEGERS(result, name, parameters, arguments) \
  result name##_v1 parameters;                                 \
  result name##_v3 parameters;                                 \
  result name##_v3_vnni parameters;                            \
  result name##_v4 parameters;                                 \
  result name##_v4_vnni parameters;                            \
  result name parameters {                                     \
    switch (clearbox_current_set()) {                          \
      case V4_VNNI: return name##_v4_vnni arguments;           \
      case V4: return name##_v4 arguments;                     \
      case V3_VNNI: return name##_v3_vnni arguments;           \
      case V3: return name##_v3 arguments;                     \
      default: return name##_v1 arguments;                     \
    }                                                          \
  }
#else
#define DISPATCH(result, name, parameters, arguments) \
  result name##_v1 parameters;                        \
  result name parameters { return name##_v1 arguments; }
#define DISPATCH_INTEGERS DISPATCH
#endif
#include "dispatched.inc"
