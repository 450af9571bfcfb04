import Foundation
import Kernels
import Testing

@testable import Experiments

/// Tiny checkpoints in the forms they are published and saved in, and what transformers computes from each
/// (tools/golden/checkpoint_forms.py).
struct GoldenForms: Decodable {
  struct Entry: Decodable {
    /// Folder of the weights under forms/; empty where a formula makes them.
    var weights: String
    /// The residual stream is kept after this layer.
    var layer: Int
    var resolved: Dimensions
  }
  struct Published: Decodable {
    var resolved: Dimensions
  }
  /// The text model's dimensions as transformers has them.
  struct Dimensions: Decodable, Equatable {
    var dModel, layerCount, headCount, keyValueHeadCount, headDim, intermediateSize, vocabularySize, slidingWindow: Int
    var queryPreAttentionScalar, rmsNormEpsilon, ropeBaseGlobal, ropeBaseLocal, ropeScalingFactorGlobal: Double
    var isGlobal: [Bool]
    var maxPositions: Int

    init(_ c: Gemma3Configuration) {
      (dModel, layerCount, headCount, keyValueHeadCount) = (c.dModel, c.layerCount, c.headCount, c.keyValueHeadCount)
      (headDim, intermediateSize, vocabularySize) = (c.headDim, c.intermediateSize, c.vocabularySize)
      (slidingWindow, queryPreAttentionScalar) = (c.slidingWindow, c.queryPreAttentionScalar)
      (rmsNormEpsilon, ropeBaseGlobal, ropeBaseLocal) = (c.rmsNormEpsilon, c.ropeBaseGlobal, c.ropeBaseLocal)
      (ropeScalingFactorGlobal, isGlobal, maxPositions) = (c.ropeScalingFactorGlobal, c.isGlobal, c.maxPositions)
    }
  }

  var ids: [Int32]
  var wide_ids: [Int32]
  var entries: [String: Entry]

  static let shared = Result {
    try JSONDecoder().decode(
      GoldenForms.self, from: Data(contentsOf: URL(fileURLWithPath: Goldens.path("forms/forms.json"))))
  }

  /// Written by save_pretrained of the version in the name.
  static let saved = [
    "text-5", "text-4.57", "multimodal-5", "multimodal-4.57", "multimodal-4.50", "bare-text-5", "bare-multimodal-4.57",
  ]
  /// Another config.json for the weights of one of these.
  static let variants = [
    "hub-4b", "hub-27b", "hub-no-window", "flat-pattern", "flat-layer-types", "flat-type-linear", "flat-sparse",
    "new-without-bases", "new-bases", "new-over-old",
  ]

  static func entry(_ name: String) throws -> Entry { try #require(shared.get().entries[name]) }

  /// The form's folder, or the variant's configuration and the form's weights joined in `scratch`.
  static func folder(_ name: String, in scratch: ScratchFolder) throws -> String {
    if saved.contains(name) { return Goldens.path("forms/" + name) }
    let target = try scratch.copy("forms/" + entry(name).weights, as: name)
    try scratch.write(Goldens.bytes("forms/variants/\(name)/config.json"), as: name + "/config.json")
    return target
  }

  static func values(_ name: String) throws -> [Float] {
    let tensor = try #require(try SafetensorsFile(path: Goldens.path("forms/forms.safetensors")).tensor(name))
    var values = [Float](repeating: 0, count: tensor.count)
    values.withUnsafeMutableBufferPointer {
      TensorReader.readFloat32(tensor, rows: 0..<tensor.rows, offset: .none, into: $0)
    }
    return values
  }

  // MARK: Weights by formula

  /// The weights of `formula` at the published 4B configuration's heads and vocabulary, as checkpoint_forms.py makes them.
  static func writeFormula(in scratch: ScratchFolder) throws -> String {
    let configuration = try Goldens.bytes("forms/variants/formula/config.json")
    try scratch.write(configuration, as: "config.json")
    let tree = try configuration.withUnsafeBytes { try JSONValue.parse($0) }
    let c = try Gemma3Configuration(huggingFace: tree, path: "config.json")
    let tensors = Gemma3Tensor.all(layerCount: c.layerCount).map { tensor in
      let (name, shape) = (tensor.huggingFaceName, tensor.shape(c))
      let seed = crc32(name)
      let step: Float = name.contains("norm") || name.contains("embed") ? 512 : 1024
      let count = shape.reduce(1, *)
      let bytes = [UInt8](unsafeUninitializedCapacity: 2 * count) { out, written in
        for index in 0..<count {
          var x = UInt32(truncatingIfNeeded: index) &* 2_654_435_761 &+ seed
          x ^= x >> 15
          x = x &* 2_246_822_519
          x ^= x >> 13
          let bits = BF16.element((Float(x >> 24) - 128) / step)
          out[2 * index] = UInt8(truncatingIfNeeded: bits)
          out[2 * index + 1] = UInt8(truncatingIfNeeded: bits >> 8)
        }
        written = 2 * count
      }
      return SafetensorsWriting.Tensor(name: "language_model.model." + name, type: "BF16", shape: shape, bytes: bytes)
    }
    try scratch.write(SafetensorsWriting(tensors).file, as: "model.safetensors")
    return scratch.path
  }

  private static func crc32(_ text: String) -> UInt32 {
    ~text.utf8.reduce(UInt32.max) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
  }
}
