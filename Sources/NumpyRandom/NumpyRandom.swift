// numpy's random numbers, bit for bit: `default_rng(seed)` (`SeedSequence`, `PCG64`) and the buffered shuffle of the
// `datasets` library, so that another program draws the same text and the same bootstrap resamples.
//
// May import: nothing.
