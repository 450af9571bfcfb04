// Which instruction set the calling thread computes with.
#pragma once

#if defined(__x86_64__)
enum { V1, V3, V3_VNNI, V4, V4_VNNI, SETS };
#else
enum { V1, SETS };
#endif

/// One of the above.
int clearbox_current_set(void);
