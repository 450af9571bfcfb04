import Foundation
import Kernels

/// Cosines and sines of rotary position embedding, [positions, headDim ∕ 2].
///
/// angle(p, i) = p · base^(−2i∕headDim) ∕ scaling, in float32. In bf16 both are rounded, as transformers does.
struct RotaryTable: Sendable {
  let cosine: AlignedBuffer<Float>
  let sine: AlignedBuffer<Float>

  init(cosine: AlignedBuffer<Float>, sine: AlignedBuffer<Float>) {
    self.cosine = cosine
    self.sine = sine
  }

  init(positions: Int, headDim: Int, base: Double, scaling: Double, rounded: Bool) {
    let half = headDim / 2
    cosine = AlignedBuffer(count: positions * half)
    sine = AlignedBuffer(count: positions * half)
    for i in 0..<half {
      let exponent = Float(2 * i) / Float(headDim)
      let frequency = (1 / Foundation.pow(Float(base), exponent)) / Float(scaling)
      for p in 0..<positions {
        let angle = Float(p) * frequency
        let (c, s) = (Foundation.cos(angle), Foundation.sin(angle))
        cosine[p * half + i] = rounded ? bf16Rounded(c) : c
        sine[p * half + i] = rounded ? bf16Rounded(s) : s
      }
    }
  }
}
