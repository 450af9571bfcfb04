// libdeflate: inflates whole buffers, some three times as fast as zlib.
#pragma once
#include <libdeflate.h>
