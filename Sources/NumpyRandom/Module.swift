// NumpyRandom
