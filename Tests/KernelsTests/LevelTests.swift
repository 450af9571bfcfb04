import CKernels
import Foundation
import KernelLevels
import Testing

@testable import Kernels

#if arch(x86_64)
  /// Each kernel is compiled for several instruction-set levels; here those that this machine has are run one by one.
  @Suite("All instruction-set levels give equal bits")
  struct LevelTests {
    /// Levels that this machine can run, lowest first.
    static let levels: [Int] = {
      switch String(cString: clearbox_instruction_set()) {
      case "x86-64-v4", "x86-64-v4 with VNNI": [1, 3, 4]
      case "x86-64-v3", "x86-64-v3 with VNNI": [1, 3]
      default: [1]
      }
    }()

    static func at<F>(_ level: Int, _ v1: F, _ v3: F, _ v4: F) -> F { level == 4 ? v4 : level == 3 ? v3 : v1 }

    /// Numbers of many magnitudes, zeros and repeated values among them.
    static func numbers(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
      var steps = Steps(state: seed)
      return (0..<count).map { _ in
        let x = steps.unit() * scale
        switch steps.next() % 8 {
        case 0: return 0
        case 1: return x * 1e-3
        case 2: return (x * 16).rounded() / 16
        default: return x
        }
      }
    }

    /// Runs `body` at every level and expects what the lowest gave.
    static func expectEqual<R: Equatable>(_ what: String, _ body: (Int) -> R) {
      let first = body(levels[0])
      for level in levels.dropFirst() {
        #expect(body(level) == first, "\(what): level \(level) differs from level \(levels[0])")
      }
    }

    @Test("RMSNorm, softmax and GELU, of widths that no vector divides")
    func decoderLayer() {
      for width in [1, 7, 16, 100, 640, 641] {
        let x = Self.numbers(3 * 2 * width, seed: UInt64(width), scale: 9).map { bf16Bits($0) }
        let gain = Self.numbers(width, seed: 5)
        Self.expectEqual("RMSNorm \(width)") { level in
          var out = [UInt16](repeating: 0, count: 3 * width)
          Self.at(level, clearbox_rms_norm_bf16_v1, clearbox_rms_norm_bf16_v3, clearbox_rms_norm_bf16_v4)(
            x, gain, 1e-6, 3, width, &out)
          return out
        }
        let scores = Self.numbers(width, seed: 77, scale: 40)
        Self.expectEqual("softmax \(width)") { level in
          var out = [UInt16](repeating: 0, count: width)
          let sum = Self.at(
            level, clearbox_softmax_row_bf16_v1, clearbox_softmax_row_bf16_v3, clearbox_softmax_row_bf16_v4)(
              scores, 0.0625, width / 3, width, width, &out)
          return out + [UInt16(truncatingIfNeeded: sum.bitPattern), UInt16(sum.bitPattern >> 16)]
        }
        Self.expectEqual("GELU \(width)") { level in
          var out = [UInt16](repeating: 0, count: 3 * width)
          Self.at(level, clearbox_gelu_mul_bf16_v1, clearbox_gelu_mul_bf16_v3, clearbox_gelu_mul_bf16_v4)(
            x, 3, width, &out)
          return out
        }
      }
    }

    @Test("the bootstrap's sums, of counts that no vector divides")
    func bootstrap() {
      for (chunks, width) in [(1, 1), (5, 3), (13, 9), (40, 17)] {
        let weights = Self.numbers(8 * chunks, seed: 21).map { Double($0 * $0) * 1.1 }
        let table = Self.numbers(chunks * width, seed: 22, scale: 7).map { Double($0) / 3 }
        Self.expectEqual("weighted sums \(chunks) × \(width)") { level in
          var sums = [Double](repeating: 0, count: 8 * width)
          Self.at(level, clearbox_weighted_sums_v1, clearbox_weighted_sums_v3, clearbox_weighted_sums_v4)(
            weights, table, chunks, width, &sums)
          return sums.map(\.bitPattern)
        }
        Self.expectEqual("inner products \(chunks) × \(width), and norms") { level in
          var products = [Double](repeating: 0, count: chunks * (chunks + 1) / 2)
          for first in stride(from: 0, to: chunks, by: 4) {
            Self.at(level, clearbox_gram_rows_v1, clearbox_gram_rows_v3, clearbox_gram_rows_v4)(
              table, first, min(4, chunks - first), width, &products)
          }
          var norms = [Double](repeating: 0, count: 8)
          Self.at(level, clearbox_squared_norms_v1, clearbox_squared_norms_v3, clearbox_squared_norms_v4)(
            weights, products, 0, chunks, &norms)
          return (products + norms).map(\.bitPattern)
        }
      }
    }

    @Test("sums over logits")
    func head() {
      for width in [1, 15, 2048, 2049] {
        let logits = Self.numbers(width, seed: 9, scale: 20).map { bf16Bits($0) }
        let others = Self.numbers(width, seed: 10, scale: 20).map { bf16Bits($0) }
        Self.expectEqual("logits \(width)") { level in
          var state = LogitState(maximum: 3, argmax: 1, sum: 2, weighted: -1, target: .nan)
          var exponentials = [Float](repeating: 0, count: width)
          let factor = Self.at(
            level, clearbox_logit_row_bf16_v1, clearbox_logit_row_bf16_v3, clearbox_logit_row_bf16_v4)(
              logits, width, 100, 100, &state, &exponentials)
          let divergence = Self.at(
            level, clearbox_divergence_row_bf16_v1, clearbox_divergence_row_bf16_v3, clearbox_divergence_row_bf16_v4)(
              logits, others, exponentials, width)
          return exponentials.map(\.bitPattern) + [
            factor.bitPattern, state.maximum.bitPattern, state.target.bitPattern,
          ]
            + [state.sum, state.weighted, divergence].map {
              UInt32(truncatingIfNeeded: $0.bitPattern ^ $0.bitPattern >> 32)
            }
        }
      }
    }

    @Test("the entropy of tiles whose maximum rises, against the plain sum over all logits")
    func entropy() {
      for (scale, tiles) in [(3.0, 1), (3.0, 5), (40.0, 7)] {
        let logits = Self.numbers(tiles * 300, seed: 12, scale: Float(scale))
        var state = LogitState.empty
        var exponentials = [Float](repeating: 0, count: 300)
        for tile in 0..<tiles {
          let part = Array(logits[tile * 300..<(tile + 1) * 300])
          _ = F32.addLogits(
            part, width: 300, firstID: Int32(tile * 300), target: -1, to: &state, exponentials: &exponentials)
        }
        let maximum = Double(logits.max() ?? 0)
        let sum = logits.reduce(0.0) { $0 + exp(Double($1) - maximum) }
        let expected = logits.reduce(0.0) { entropy, logit in
          let p = exp(Double(logit) - maximum) / sum
          return p > 0 ? entropy - p * log(p) : entropy
        }
        #expect(abs(log(state.sum) - state.weighted / state.sum - expected) < 2e-6, "\(scale), \(tiles) tiles")
      }
    }

    @Test("codes of LLM.int8 and of blocks of four bits")
    func quantizers() {
      let (rows, width) = (5, 333)
      let w = Self.numbers(rows * width, seed: 21, scale: 0.3).map { bf16Bits($0) }
      Self.expectEqual("int8 rows") { level in
        var codes = [Int8](repeating: 0, count: rows * width)
        var absmax = [Float](repeating: 0, count: rows)
        Self.at(level, clearbox_int8_weight_rows_v1, clearbox_int8_weight_rows_v3, clearbox_int8_weight_rows_v4)(
          w, rows, width, &codes, &absmax)
        return codes.map(Int.init) + absmax.map { Int($0.bitPattern) }
      }
      let thresholds = (0..<15).map { Float($0) / 7.5 - 0.93 }
      Self.expectEqual("four-bit codes") { level in
        var codes = [UInt8](repeating: 0, count: rows * width)
        var absmax = [Float](repeating: 0, count: rows * width / 64 + 1)
        Self.at(level, clearbox_blockwise_codes_v1, clearbox_blockwise_codes_v3, clearbox_blockwise_codes_v4)(
          w, rows * width, 64, thresholds, &codes, &absmax)
        return codes.map(Int.init) + absmax.map { Int($0.bitPattern) }
      }
    }

    @Test(
      "float products are chains of fused multiply-adds in order of K",
      arguments: [
        (1, 1, 1), (7, 33, 5), (97, 40, 769), (200, 70, 1600),
      ])
    func floatProducts(m: Int, n: Int, k: Int) {
      let x = Self.numbers(m * k, seed: 1).map { bf16Bits($0) }
      let w = Self.numbers(n * k, seed: 2).map { bf16Bits($0) }
      var expected = [Float](repeating: 0, count: m * n)
      for i in 0..<m {
        for j in 0..<n {
          var sum: Float = 0
          for p in 0..<k { sum.addProduct(BF16.float(x[i * k + p]), BF16.float(w[j * k + p])) }
          expected[i * n + j] = sum
        }
      }
      for level in Self.levels {
        let panel = Self.at(level, clearbox_panel_v1, clearbox_panel_v3, clearbox_panel_v4)()
        var panels = [UInt16](repeating: 0, count: (n + panel - 1) / panel * panel * k)
        var transposedPanels = panels
        let transposed = (0..<k * n).map { w[$0 % n * k + $0 / n] }
        Self.at(level, clearbox_pack_bf16_v1, clearbox_pack_bf16_v3, clearbox_pack_bf16_v4)(
          transposed, n, k, 1, n, &transposedPanels)
        Self.at(level, clearbox_pack_bf16_v1, clearbox_pack_bf16_v3, clearbox_pack_bf16_v4)(w, n, k, k, 1, &panels)
        var out = [Float](repeating: .nan, count: m * n)
        var rounded = [UInt16](repeating: 0, count: m * n)
        var scratch = [Float](
          repeating: 0,
          count: Self.at(level, clearbox_product_scratch_v1, clearbox_product_scratch_v3, clearbox_product_scratch_v4)(
            n, k))
        let product = Self.at(level, clearbox_product_v1, clearbox_product_v3, clearbox_product_v4)
        product(x, CLEARBOX_BF16, k, m, panels, CLEARBOX_BF16, k, n, k, &out, CLEARBOX_F32, n, &scratch)
        product(x, CLEARBOX_BF16, k, m, panels, CLEARBOX_BF16, k, n, k, &rounded, CLEARBOX_BF16, n, &scratch)
        #expect(transposedPanels == panels, "level \(level)")
        #expect(rounded == out.map { bf16Bits($0) }, "level \(level)")
        if level > 1 {
          #expect(out == expected, "level \(level)")
        } else {
          // The oldest level has no fused multiply-add and rounds twice; terms are below 1.
          let tolerance = Float(k) * 1.2e-7 * Float(k).squareRoot() + 1e-7
          #expect(zip(out, expected).allSatisfy { abs($0 - $1) <= tolerance }, "level \(level)")
        }
      }
    }

    @Test("integer products", arguments: [(1, 1, 1), (7, 33, 5), (97, 40, 1027), (200, 70, 2600)])
    func integerProducts(m: Int, n: Int, k: Int) {
      var steps = Steps(state: 4)
      // The largest magnitudes are the ones that could overflow: every other number is one of them.
      func codes(_ count: Int) -> [Int8] {
        (0..<count).map { _ in
          let step = steps.next()
          return step % 4 == 0 ? 127 : step % 4 == 1 ? -127 : Int8(truncatingIfNeeded: Int(step % 255) - 127)
        }
      }
      let (x, w) = (codes(m * k), codes(n * k))
      var expected = [Int32](repeating: 0, count: m * n)
      for i in 0..<m {
        for j in 0..<n { for p in 0..<k { expected[i * n + j] += Int32(x[i * k + p]) * Int32(w[j * k + p]) } }
      }
      for level in Self.levels {
        var panels = [Int8](
          repeating: 0,
          count: Self.at(
            level, clearbox_int8_packed_v1, clearbox_int8_packed_v3, clearbox_int8_packed_v4)(n, k))
        Self.at(level, clearbox_pack_int8_v1, clearbox_pack_int8_v3, clearbox_pack_int8_v4)(w, n, k, k, &panels)
        var out = [Int32](repeating: -1, count: m * n)
        var scratch = [Int32](
          repeating: 0,
          count: Self.at(
            level, clearbox_int8_product_scratch_v1, clearbox_int8_product_scratch_v3, clearbox_int8_product_scratch_v4)(
              k))
        Self.at(level, clearbox_int8_product_v1, clearbox_int8_product_v3, clearbox_int8_product_v4)(
          x, k, m, panels, n, k, &out, n, &scratch)
        #expect(out == expected, "level \(level)")
      }
    }
  }
#endif
