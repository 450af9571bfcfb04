import Experiments
import Foundation
import Kernels
import Synchronization

/// 10⁹ operations per second of one core at best, nothing in memory, while every other core does the same.
struct Peaks: Codable, Equatable {
  var f32: Double
  /// 0 where the CPU has no such instruction, as for int8.
  var bf16: Double
  var int8: Double

  /// - Parameter seconds: that each of the three is measured.
  static func measure(threads: Int, seconds: Double) -> Peaks {
    func rate(_ precision: ProductPrecision) -> Double {
      let found = Mutex<[Double]>([])
      DispatchQueue.concurrentPerform(iterations: threads) { _ in
        let rate = CPUPeak.gigaOperations(precision, seconds: seconds)
        found.withLock { $0.append(rate) }
      }
      return found.withLock { $0.reduce(0, +) / Double($0.count) }
    }
    return Peaks(f32: rate(.f32), bf16: rate(.bf16), int8: rate(.int8))
  }

  /// The best instruction that a product of this precision may use.
  subscript(precision: ProductPrecision) -> Double {
    switch precision {
    case .f32: f32
    case .bf16: max(f32, bf16)
    case .int8: max(f32, int8)
    }
  }

  var line: String {
    "one core at best: float32 multiply-add \(Measure.number(f32)) GFLOP/s, bf16 dot "
      + (bf16 > 0 ? "\(Measure.number(bf16)) GFLOP/s" : "none") + ", int8 dot "
      + (int8 > 0 ? "\(Measure.number(int8)) GOP/s" : "none")
  }
}

extension CommandRun {
  /// What the products of the pass would take at the CPU's peak, as a share of threads × wall time.
  func shareOfPeak(_ peaks: Peaks) -> Double {
    let seconds = profile.products.reduce(0.0) { sum, product in
      guard let precision = ProductPrecision(rawValue: product.precision) else { return sum }
      return sum + 2 * product.multiplyAdds * Double(product.count) / (1e9 * peaks[precision])
    }
    return seconds / budget
  }
}

extension Group {
  /// The measurement behind the table of CPUs: each engine in shapes of the 270M's pass, against the machine's peaks.
  func kernels(_ setting: Setting) throws -> GroupResults {
    let peaks = setting.peaks
    let times = try KernelTimes.measure(
      threads: setting.threads, rows: setting.isSmoke ? 32 : 512, window: setting.isSmoke ? 0.001 : 0.3,
      repeats: max(KernelTimes.repeats, setting.repeats))
    var results = GroupResults()
    results.measures = [
      Measure("float32 multiply-add, one core", [peaks.f32], "GFLOP/s", note: "registers alone, every core at once"),
      Measure("bf16 dot, one core", [peaks.bf16], "GFLOP/s", note: "likewise; 0: the CPU has no such instruction"),
      Measure("int8 dot, one core", [peaks.int8], "GOP/s", note: "likewise"),
    ]
    for precision in ProductPrecision.allCases {
      for engine in KernelChoice.engines(for: precision) {
        results.measures.append(rate(of: times, precision, engine, peaks))
      }
    }
    if setting.peers != nil { results.measures += try Peers(setting).products(peaks) }
    let row = KernelTable.row()
    let found = times.improving(row.choice)
    say("   the table gives \(row.choice.name), for \(row.cpu); a calibration from these numbers \(found.name)")
    return results
  }

  private func rate(
    of times: KernelTimes, _ precision: ProductPrecision, _ engine: KernelEngine, _ peaks: Peaks
  ) -> Measure {
    let mine = times.entries.filter { $0.shape.precision == precision && $0.engine == engine }
    let work = mine.reduce(0) { $0 + 2 * $1.shape.multiplyAdds }
    let rates = (mine.first?.seconds.indices ?? 0..<0).compactMap { index in
      times.seconds(precision, engine, repeat: index).map { work / $0 / 1e9 }
    }
    let shapes = mine.map { entry in
      let rate = 2 * entry.shape.multiplyAdds / Measure.median(entry.seconds) / 1e9
      return "\(entry.shape.columns)×\(entry.shape.depth) \(Measure.number(rate))"
    }
    let share = Measure.number(Measure.median(rates) / peaks[precision])
    return Measure(
      "\(precision.rawValue) by \(engine.rawValue)", rates, precision == .int8 ? "GOP/s" : "GFLOP/s",
      note:
        "\(share) of the peak; one thread's processor time while all do the same, 512 rows: \(shapes.joined(separator: ", "))"
    )
  }
}

/// What is asked of this kind of CPU.
struct Goals {
  var pass = 0.80
  var python = 3.3
  /// Against Python's float32, three times; nil where Python's bf16 is the faster.
  var pythonFloat32: Double?
  var llama = 1.8
  var int8 = 1.0
  var int8In4B = 1.2

  init(_ peaks: Peaks) {
    let has512 = CPU.current.flags.contains("avx512f")
    if peaks.bf16 > 1.2 * peaks.f32 { return }
    if has512 {
      (pass, python, pythonFloat32, int8, int8In4B) = (0.74, 3.2, 2.4, 1.15, 2)
    } else {
      (pythonFloat32, llama, int8In4B) = (1.8, 1.4, 1.25)
    }
  }
}
