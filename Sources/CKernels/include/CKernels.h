#pragma once
int clearbox_kernels_version(void);
