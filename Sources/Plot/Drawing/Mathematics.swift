// The few functions of the C library that Plot needs, so that one file imports it.
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
func log10(of value: Double) -> Double { log10(value) }
func log2(of value: Double) -> Double { log2(value) }
func exp10(of value: Double) -> Double { pow(10, value) }
func sine(degrees: Double) -> Double { sin(degrees * .pi / 180) }
func cosine(degrees: Double) -> Double { cos(degrees * .pi / 180) }
