import Kernels

/// How long the same products took each engine that this machine has.
package struct KernelTimes: Sendable {
  package struct Entry: Sendable {
    package var shape: ProductShape
    package var engine: KernelEngine
    /// Processor time of one product on one thread while all threads do the same; one number per repeat.
    package var seconds: [Double]
  }
  package var entries: [Entry] = []

  /// A calibration overrules the table where an engine is so much faster in each of so many repeats.
  static let gain = 1.1
  package static let repeats = 3

  /// Products of Gemma 3 270M: a deep one (down), a wide one (gate and up), and a tile of the head.
  package static func shapes(_ precision: ProductPrecision, rows: Int) -> [ProductShape] {
    [(640, 2048), (4096, 640), (2048, 640)].map {
      ProductShape(precision, rows: rows, columns: $0.0, depth: $0.1)
    }
  }

  /// Times the engines in turns, for all precisions that several can multiply.
  ///
  /// - Parameters:
  ///   - window: seconds that one of them multiplies, or three products if that takes longer: the best third counts.
  ///   - limit: nothing is begun after so many seconds; what is missing then decides nothing.
  package static func measure(
    threads: Int, rows: Int, window: Double, repeats: Int = repeats, limit: Double = .infinity,
    precisions: [ProductPrecision] = ProductPrecision.allCases
  ) throws -> KernelTimes {
    let start = ContinuousClock.now
    var times = KernelTimes()
    for precision in precisions {
      let engines = KernelChoice.engines(for: precision)
      for shape in shapes(precision, rows: rows) where engines.count > 1 {
        times.entries += engines.map { Entry(shape: shape, engine: $0, seconds: []) }
      }
    }
    for _ in 0..<repeats {
      for index in times.entries.indices where (ContinuousClock.now - start) / .seconds(1) < limit {
        let entry = times.entries[index]
        times.entries[index].seconds.append(
          try ProductPeak.seconds(
            entry.shape, KernelChoice(entry.engine), threads: threads, window: window / 3, windows: 3,
            clock: .processor))
      }
    }
    return times
  }

  var isComplete: Bool { entries.allSatisfy { $0.seconds.count >= Self.repeats } }

  /// What an engine needed for all shapes of a precision in one repeat; nil where one is missing.
  package func seconds(_ precision: ProductPrecision, _ engine: KernelEngine, repeat index: Int) -> Double? {
    let mine = entries.filter { $0.shape.precision == precision && $0.engine == engine }
    guard !mine.isEmpty, mine.allSatisfy({ index < $0.seconds.count }) else { return nil }
    return mine.reduce(0) { $0 + $1.seconds[index] }
  }

  /// The given choice, with another engine for each precision in which that was faster by a tenth in every repeat.
  package func improving(_ choice: KernelChoice) -> KernelChoice {
    ProductPrecision.allCases.reduce(into: choice) { result, precision in
      for other in KernelEngine.allCases where other != choice[precision] {
        let isFaster = (0..<Self.repeats).allSatisfy { index in
          guard let usual = seconds(precision, choice[precision], repeat: index),
            let new = seconds(precision, other, repeat: index)
          else { return false }
          return usual >= Self.gain * new
        }
        if isFaster { result[precision] = other }
      }
    }
  }
}
