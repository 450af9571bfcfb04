import Digests
import Foundation
import Kernels
import NumpyRandom
import Testing

@testable import Experiments

/// Every linear layer of decoder layers 0, 9 and 17 of the real model, against SHA-256 digests of what bitsandbytes
/// computes on the CPU (tools/golden/quantizers.py).
@Suite("Quantizers give bitsandbytes' bits")
struct QuantizerTests {
  struct Golden: Decodable {
    struct Linear: Decodable {
      struct NF4: Decodable { var codes, absmax, dequantized_bf16: String }
      struct Double: Decodable { var offset: String }
      struct Exact: Decodable { var codes8, dequantized_bf16: String }
      struct Int8: Decodable { var CB, SCB: String }
      var shape: [Int]
      var weight_bf16: String
      var nf4: NF4
      var nf4dq: Double
      var nf4dq_exact: Exact
      var int8: Int8
    }
    var linears: [String: Linear]
  }

  static let golden: Golden? = try? JSONDecoder().decode(Golden.self, from: RealModel.golden("quantizers.json"))

  static func digest<T>(_ values: [T]) -> String {
    values.withUnsafeBytes { SHA256.hash(data: $0) }.map { String(format: "%02x", $0) }.joined()
  }

  /// "model.layers.9.mlp.up_proj.weight" in this project's terms.
  static func tensor(_ name: String) throws -> Gemma3Tensor {
    try #require(Gemma3Tensor.all(layerCount: 18).first { "model." + $0.huggingFaceName == name })
  }

  @Test(
    "NF4, double quantization and int8 of a real weight matrix",
    arguments: (golden?.linears.keys.sorted() ?? ["missing"]))
  func linear(name: String) throws {
    let golden = try #require(Self.golden?.linears[name], "the golden file is missing")
    let checkpoint = try Gemma3Checkpoint(path: RealModel.path())
    let weights = try checkpoint.tensor(Self.tensor(name))
    #expect([weights.rows, weights.columns] == golden.shape)
    #expect(Self.digest(weights.bf16) == golden.weight_bf16)

    let nf4 = FourBitWeights(
      quantizing: weights.bf16, rows: weights.rows, columns: weights.columns, levels: .nf4, blockSize: 64,
      doubleQuantization: false)
    // bitsandbytes packs two codes into a byte, the first into its high half.
    let codes = nf4.codes.values
    let packed = stride(from: 0, to: codes.count, by: 2).map { codes[$0] << 4 | codes[$0 + 1] }
    #expect(Self.digest(packed) == golden.nf4.codes)
    #expect(Self.digest(nf4.absmax) == golden.nf4.absmax)
    let decoded = AlignedBuffer<UInt16>(count: codes.count)
    nf4.dequantize(into: decoded.pointer)
    #expect(Self.digest(decoded.values) == golden.nf4.dequantized_bf16)

    // The mean of all scales is a sum in an order of PyTorch's own; given it, everything else is exact.
    let offset = try #require(Float(golden.nf4dq.offset))
    let second = DoubleQuantization(nf4.absmax, offset: offset)
    #expect(Self.digest(second.codes) == golden.nf4dq_exact.codes8)
    let dequantized = AlignedBuffer<UInt16>(count: codes.count)
    Blockwise.dequantize(
      nf4.codes.pointer, count: codes.count, block: 64, levels: FourBitLevels.nf4.values, absmax: second.dequantized,
      into: dequantized.pointer)
    #expect(Self.digest(dequantized.values) == golden.nf4dq_exact.dequantized_bf16)
    let ours = DoubleQuantization(nf4.absmax).offset
    #expect(abs(ours - offset) <= offset.ulp * 4, "the mean of the scales is \(ours), PyTorch's \(offset)")

    let int8 = try LLMInt8Weights(quantizing: [BF16Weights(checkpoint, Self.tensor(name))])
    #expect(Self.digest(int8.codes.values) == golden.int8.CB)
    #expect(Self.digest(int8.absmax.values) == golden.int8.SCB)
  }

  struct Int8Golden: Decodable {
    struct Output: Decodable {
      var outlier_columns: Int
      var scales, bf16: String
    }
    var rows: Int
    var outputs: [String: Output]
  }

  @Test("LLM.int8 layers give bitsandbytes' outputs bit for bit, outlier columns included")
  func int8Forward() throws {
    let golden = try JSONDecoder().decode(Int8Golden.self, from: RealModel.golden("int8_forward.json"))
    let checkpoint = try Gemma3Checkpoint(path: RealModel.path())
    #expect(golden.outputs.count == 4)
    for (name, expected) in golden.outputs {
      let weights = try checkpoint.tensor(Self.tensor(name))
      let (rows, k) = (golden.rows, weights.columns)
      var generator = PCG64(seed: 0)
      let drawn = generator.integers(below: 1001, count: rows * k)
      let x = drawn.enumerated().map { index, value in
        bf16Bits(Float((Double(value) - 500) / 250 * ((index % k) % 37 == 0 ? 4 : 1)))
      }
      var maxima = [Float](repeating: 0, count: rows)
      var hot = [UInt8](repeating: 0, count: k)
      LLMInt8.scan(x, rows: rows, width: k, threshold: 6, rowMaximum: &maxima, outlierColumns: &hot)
      #expect(hot.reduce(0) { $0 + Int($1) } == expected.outlier_columns)
      #expect(Self.digest(maxima) == expected.scales)
      let layer = try LLMInt8Linear(
        try LLMInt8Weights(quantizing: [BF16Weights(checkpoint, Self.tensor(name))]), threshold: 6, epilogue: .cpu,
        .usual())
      var out = [UInt16](repeating: 0, count: rows * weights.rows)
      try layer.apply(x, rows: rows, into: &out, Workspace(.usual()))
      // The outlier columns' bf16 product has bitsandbytes' order of summation with bf16 instructions alone.
      if try KernelChoice.usual().bf16 == .onednn { #expect(Self.digest(out) == expected.bf16, "\(name)") }
    }
  }

  @Test("the golden file covers seven matrices in each of three layers")
  func coverage() throws {
    #expect(try #require(Self.golden).linears.count == 21)
  }
}
