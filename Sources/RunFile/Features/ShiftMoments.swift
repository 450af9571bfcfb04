import Digests

/// What is kept of a stream's shifts Δx to say how alike they are: their sum, their squared length, and a sketch C·Ω of
/// their second moment C = Σ Δx·Δxᵀ.
///
/// Each is a sum over tokens, so that blocks and shards add up; C itself would take D² numbers. From the sketch C is
/// rebuilt as Y (ΩᵀY)⁻¹ Yᵀ, Y = C·Ω, whose largest eigenvalue is never above C's own (Tropp, Yurtsever, Udell and Cevher,
/// Fixed-Rank Approximation of a Positive-Semidefinite Matrix from Streaming Data, 2017).
public struct ShiftMoments: Sendable, Equatable {
  /// Columns of Ω.
  static let sketchWidth = 32

  /// Σ‖Δx‖².
  public private(set) var squaredLength = 0.0
  /// ΣΔx, [D]; empty before the first token.
  private(set) var sum: [Double] = []
  /// [D, 32].
  private(set) var sketch: [Double] = []

  public init() {}

  init(squaredLength: Double, sum: [Double], sketch: [Double]) {
    (self.squaredLength, self.sum, self.sketch) = (squaredLength, sum, sketch)
  }

  /// Ω, [D, 32]: signs by a hash of their place.
  public static func directions(_ d: Int) -> [Double] {
    (0..<d * sketchWidth).map { Mixing.splitmix64(UInt64($0)) & 1 == 0 ? 1 : -1 }
  }

  /// Adds a token.
  ///
  /// - Parameters:
  ///   - width: D.
  ///   - body: adds Δx to the sum, [D], and Δx·(ΩᵀΔx)ᵀ to the sketch, [D, 32]; returns ‖Δx‖².
  /// - Returns: what it returns.
  @discardableResult
  public mutating func add(
    width: Int, _ body: (_ sum: UnsafeMutablePointer<Double>, _ sketch: UnsafeMutablePointer<Double>) -> Double
  ) -> Double {
    if sum.isEmpty {
      (sum, sketch) = (Array(repeating: 0, count: width), Array(repeating: 0, count: width * Self.sketchWidth))
    }
    precondition(sum.count == width, "all of a stream's shifts are as wide")
    let squared = sum.withUnsafeMutableBufferPointer { sum in
      sketch.withUnsafeMutableBufferPointer { sketch in
        guard let sums = sum.baseAddress, let rows = sketch.baseAddress else { return 0.0 }
        return body(sums, rows)
      }
    }
    squaredLength += squared
    return squared
  }

  mutating func add(_ other: ShiftMoments) {
    if other.sum.isEmpty { return }
    if sum.isEmpty {
      self = other
      return
    }
    squaredLength += other.squaredLength
    for i in other.sum.indices { sum[i] += other.sum[i] }
    for i in other.sketch.indices { sketch[i] += other.sketch[i] }
  }

  /// ‖ΣΔx‖² ∕ (N Σ‖Δx‖²): what one shift, the same for every token, would make up of the squared shift; nil where nothing moved.
  public func meanShare(tokens: Int) -> Double? {
    guard squaredLength > 0, tokens > 0 else { return nil }
    return sum.reduce(0) { $0 + $1 * $1 } / (Double(tokens) * squaredLength)
  }

  /// What lies along the first principal direction, of Σ‖Δx‖²: at least so much; nil where nothing moved.
  public var firstDirectionShare: Double? {
    guard squaredLength > 0 else { return nil }
    let (d, k) = (sum.count, Self.sketchWidth)
    let omega = Self.directions(d)
    // A little of the identity keeps the root real; it is taken off again.
    let shift = 1e-12 * squaredLength
    func y(_ i: Int, _ j: Int) -> Double { sketch[i * k + j] + shift * omega[i * k + j] }
    var b = [Double](repeating: 0, count: k * k)
    for i in 0..<d { for p in 0..<k { for q in 0...p { b[p * k + q] += omega[i * k + p] * y(i, q) } } }
    // Cholesky: B = L·Lᵀ.
    for p in 0..<k {
      for q in 0...p {
        let rest = (0..<q).reduce(b[p * k + q]) { $0 - b[p * k + $1] * b[q * k + $1] }
        if p == q {
          guard rest > 0 else { return nil }
          b[p * k + p] = rest.squareRoot()
        } else {
          b[p * k + q] = rest / b[q * k + q]
        }
      }
    }
    // E = Y·L⁻ᵀ, and its Gram matrix.
    var gram = [Double](repeating: 0, count: k * k)
    for i in 0..<d {
      var e = [Double](repeating: 0, count: k)
      for p in 0..<k { e[p] = (0..<p).reduce(y(i, p)) { $0 - b[p * k + $1] * e[$1] } / b[p * k + p] }
      for p in 0..<k { for q in 0..<k { gram[p * k + q] += e[p] * e[q] } }
    }
    return min(1, max(0, (Self.largestEigenvalue(gram, k) - shift) / squaredLength))
  }

  /// Of a symmetric positive matrix, by squaring it: 2⁴⁰ steps of the power iteration.
  private static func largestEigenvalue(_ matrix: [Double], _ k: Int) -> Double {
    var power = matrix
    for _ in 0..<40 {
      let trace = (0..<k).reduce(0.0) { $0 + power[$1 * k + $1] }
      guard trace > 0 else { return 0 }
      var next = [Double](repeating: 0, count: k * k)
      for p in 0..<k {
        for r in 0..<k {
          let factor = power[p * k + r] / trace
          for q in 0..<k { next[p * k + q] += factor * (power[r * k + q] / trace) }
        }
      }
      power = next
    }
    // What is left is the projection onto its eigenvector.
    var (trace, product) = (0.0, 0.0)
    for p in 0..<k {
      trace += power[p * k + p]
      for q in 0..<k { product += matrix[p * k + q] * power[q * k + p] }
    }
    return trace > 0 ? product / trace : 0
  }
}
