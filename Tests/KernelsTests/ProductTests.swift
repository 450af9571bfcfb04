import KernelReferences
import Testing

@testable import Kernels

/// A small generator, so that cases are the same everywhere.
struct Steps {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
  /// Uniform in [−1, 1).
  mutating func unit() -> Float { Float(next() % 65536) / 32768 - 1 }
}

@Suite("Matrix products agree with sums in Double")
struct ProductTests {
  static let shapes = [
    (1, 1, 1), (1, 64, 64), (3, 5, 7), (128, 96, 64), (130, 1536, 640), (512, 640, 2048), (33, 257, 191),
  ]

  @Test("int8 products are exact integers", arguments: shapes, KernelChoice.engines(for: .int8))
  func int8(shape: (Int, Int, Int), engine: KernelEngine) throws {
    let (m, n, k) = shape
    // The other types have another engine where there is one: choices mix.
    let kernels = KernelChoice(bf16: .portable, f32: .portable, int8: engine)
    var steps = Steps(state: 7)
    let x = (0..<m * k).map { _ in Int8(truncatingIfNeeded: Int(steps.next() % 255) - 127) }
    let w = (0..<n * k).map { _ in Int8(truncatingIfNeeded: Int(steps.next() % 255) - 127) }
    let packed = try PackedMatrix(int8: w, rows: n, columns: k, kernels)
    var out = [Int32](repeating: -1, count: m * n)
    try x.withUnsafeBufferPointer { x in
      try Multiplier(kernels).multiply(
        Strided(x.baseAddress!, stride: k), rows: m, by: packed, into: &out, stride: n)
    }
    for i in 0..<m {
      for j in 0..<n {
        let expected = Self.rows(x, i, w, j, k, kernel_reference_dot_int8)
        guard out[i * n + j] == expected else {
          Issue.record("[\(m), \(n), \(k)] at (\(i), \(j)): \(out[i * n + j]), expected \(expected)")
          return
        }
      }
    }
  }

  @Test("bf16 products round once, from float32 sums", arguments: shapes, KernelChoice.engines(for: .bf16))
  func bf16(shape: (Int, Int, Int), engine: KernelEngine) throws {
    let (m, n, k) = shape
    let kernels = KernelChoice(bf16: engine, f32: .portable, int8: .portable)
    var steps = Steps(state: 11)
    let x = (0..<m * k).map { _ in bf16Bits(steps.unit()) }
    let w = (0..<n * k).map { _ in bf16Bits(steps.unit()) }
    let packed = try PackedMatrix(bf16: w, rows: n, columns: k, kernels)
    var rounded = [UInt16](repeating: 0, count: m * n)
    var wide = [Float](repeating: 0, count: m * n)
    var plain = [Float](repeating: 0, count: m * n)
    let multiplier = Multiplier(kernels)
    try x.withUnsafeBufferPointer { x in
      let x = Strided(x.baseAddress!, stride: k)
      try multiplier.multiply(x, rows: m, by: packed, into: &rounded, stride: n)
      try multiplier.multiply(x, rows: m, by: packed, into: &wide, stride: n)
      try w.withUnsafeBufferPointer { w in
        let room = AlignedBuffer<UInt16>(count: (n + 32) * k)
        let shared = multiplier.share(Strided(w.baseAddress!, stride: k), rows: n, columns: k, isTransposed: false) {
          #expect($0 <= room.count)
          return room.pointer
        }
        try multiplier.multiply(x, rows: m, by: shared, rows: 0..<n, columns: 0..<k, into: &plain, stride: n)
      }
    }
    var (worst, worstRounded) = (0.0, 0.0)
    for i in 0..<m {
      for j in 0..<n {
        let exact = Self.rows(x, i, w, j, k, kernel_reference_dot_bf16)
        // k float32 additions of terms below 1: error grows with the sum's size, at most k·2⁻²⁴·√k here.
        let tolerance = Double(k) * 6e-8 * Double(k).squareRoot() + 1e-12
        let spacing = max(abs(exact), 1e-30) / 128
        // NaN would pass through `max` unseen.
        func ratio(_ number: Float, _ tolerance: Double) -> Double {
          number.isFinite ? abs(Double(number) - exact) / tolerance : .infinity
        }
        worst = max(worst, ratio(wide[i * n + j], tolerance), ratio(plain[i * n + j], tolerance))
        worstRounded = max(worstRounded, ratio(BF16.float(rounded[i * n + j]), spacing / 2 + tolerance))
      }
    }
    #expect(worst <= 1, "worst error is \(worst) of the tolerance")
    #expect(worstRounded <= 1, "worst error is \(worstRounded) of half a spacing and the tolerance")
  }

  /// What `dot` gives for row `i` of x and row `j` of w, both of `count` numbers.
  private static func rows<Number, Sum>(
    _ x: [Number], _ i: Int, _ w: [Number], _ j: Int, _ count: Int,
    _ dot: (UnsafePointer<Number>?, UnsafePointer<Number>?, Int) -> Sum
  ) -> Sum {
    x[(i * count)...].withUnsafeBufferPointer { x in
      w[(j * count)...].withUnsafeBufferPointer { w in dot(x.baseAddress, w.baseAddress, count) }
    }
  }

  @Test("strided attention products read and write only their columns", arguments: KernelChoice.engines(for: .f32))
  func strided(engine: KernelEngine) throws {
    let (m, n, k, stride) = (40, 24, 16, 50)
    var steps = Steps(state: 3)
    let x = (0..<m * stride).map { _ in steps.unit() }
    let y = (0..<k * stride).map { _ in steps.unit() }
    var out = [Float](repeating: 9, count: m * stride)
    try x.withUnsafeBufferPointer { x in
      try y.withUnsafeBufferPointer { y in
        let multiplier = Multiplier(KernelChoice(engine))
        let room = AlignedBuffer<Float>(count: (n + 32) * k)
        let shared = multiplier.share(
          Strided(y.baseAddress! + 1, stride: stride), rows: n, columns: k, isTransposed: true
        ) { _ in room.pointer }
        try multiplier.multiply(
          Strided(x.baseAddress! + 2, stride: stride), rows: m, by: shared, rows: 0..<n, columns: 0..<k, into: &out,
          stride: stride)
      }
    }
    for i in 0..<m {
      for j in 0..<stride {
        let value = out[i * stride + j]
        if j >= n {
          #expect(value == 9)
        } else {
          let exact = (0..<k).reduce(0.0) { $0 + Double(x[i * stride + 2 + $1]) * Double(y[$1 * stride + 1 + j]) }
          #expect(abs(Double(value) - exact) < 1e-5)
        }
      }
    }
  }
}
