// Compression by the libraries that everyone uses: zlib and libdeflate, Zstandard, Snappy; and bytes as text.
//
// May import: those libraries (nobody else does). Each codec takes bytes and returns bytes, and refuses what is damaged or
// larger than it says. `Codec` is the list of them.
