// Which instruction set the calling thread computes with.
#pragma once

#if defined(__x86_64__)
enum { V1, V3, V3_VNNI, V4, V4_VNNI, SETS };
#else
enum { V1, SETS };
#endif

/// Features of x86-64-v4. Named by the level, vectors of 256 bits would be preferred.
#define V4_FEATURES "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,bmi,bmi2,f16c,lzcnt,movbe,popcnt"

/// One of the above.
int clearbox_current_set(void);
