// The few functions of the C library that numbers in print need, so that one file imports it.
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

package func log10(of value: Double) -> Double { log10(value) }
package func log2(of value: Double) -> Double { log2(value) }
package func exp10(of value: Double) -> Double { pow(10, value) }

/// eˣ and the natural logarithm: perplexity and nats.
package func exponential(of value: Double) -> Double { exp(value) }

package func logarithm(of value: Double) -> Double { log(value) }
