// zlib, libdeflate, Zstandard and Snappy, and what Swift cannot import of them: zlib's initializer is a macro.
#pragma once
#include <libdeflate.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

// Windows of any size, with a gzip or a zlib header.
static inline int ccodecs_inflate_init(z_stream *stream) { return inflateInit2(stream, 15 + 32); }
