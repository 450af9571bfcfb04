import Foundation
import Kernels

/// Gaussian noise on the residual stream, on each token as long as the condition's shift of it: a control that has the
/// perturbation's size and nothing of its direction.
///
/// A pure function of seed, condition, token and dimension: blocks, threads and resuming give the same numbers.
struct TokenNoise {
  private let key: UInt64

  /// - Parameter name: of a condition or a matrix: each has noise of its own.
  init(seed: UInt64, name: String) {
    // FNV-1a over the name.
    let name = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    key = Self.mixed(seed) ^ name
  }

  /// splitmix64's finalizer.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Standard normal numbers, two at a time by Box and Muller.
  func normals(token: Int, count: Int) -> [Double] {
    let start = Self.mixed(key ^ UInt64(token) &* 0xD1B5_4A32_D192_ED03)
    var normals: [Double] = []
    normals.reserveCapacity(count + 1)
    for pair in 0..<UInt64((count + 1) / 2) {
      let (u, v) = (Self.mixed(start &+ 2 &* pair), Self.mixed(start &+ 2 &* pair &+ 1))
      // In (0, 1].
      let radius = (-2 * log((Double(u >> 11) + 1) * 0x1p-53)).squareRoot()
      let angle = 2 * Double.pi * Double(v >> 11) * 0x1p-53
      normals.append(radius * cos(angle))
      normals.append(radius * sin(angle))
    }
    return Array(normals.prefix(count))
  }

  /// [T, D]: reference + noise of the length ‖condition − reference‖, token by token.
  func stream(
    _ reference: UnsafeBufferPointer<Float>, movedLike condition: UnsafeBufferPointer<Float>,
    _ residual: ResidualObservation
  ) -> AlignedBuffer<Float> {
    let (count, d) = (residual.tokenCount, residual.dModel)
    let out = AlignedBuffer<Float>(count: count * d)
    for row in 0..<count {
      var shift = 0.0
      for i in row * d..<(row + 1) * d {
        let change = Double(condition[i]) - Double(reference[i])
        shift += change * change
      }
      let noise = normals(token: residual.chunk.index * count + row, count: d)
      let length = noise.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let scale = length > 0 ? shift.squareRoot() / length : 0
      for i in 0..<d { out[row * d + i] = Float(Double(reference[row * d + i]) + scale * noise[i]) }
    }
    return out
  }
}
