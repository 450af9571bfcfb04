import Digests
import Kernels
import NumpyRandom

/// Gaussian noise on the residual stream, on each token as long as the condition's shift of it: a control that has the
/// perturbation's size and nothing of its direction.
///
/// A pure function of seed, condition, token and dimension: blocks, threads and resuming give the same numbers.
struct TokenNoise {
  private let key: UInt64

  /// - Parameter name: of a condition or a matrix: each has noise of its own.
  init(seed: UInt64, name: String) {
    key = Mixing.splitmix64(seed) ^ Mixing.fnv1a(name)
  }

  /// Standard normal numbers.
  func normals(token: Int, count: Int) -> [Double] {
    let start = Mixing.splitmix64(key ^ UInt64(token) &* 0xD1B5_4A32_D192_ED03)
    var normals: [Double] = []
    normals.reserveCapacity(count + 1)
    for pair in 0..<UInt64((count + 1) / 2) {
      let (x, y) = normalPair(Mixing.splitmix64(start &+ 2 &* pair), Mixing.splitmix64(start &+ 2 &* pair &+ 1))
      normals.append(x)
      normals.append(y)
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
