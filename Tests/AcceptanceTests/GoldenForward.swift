import Foundation
import Testing

/// Forward passes of transformers, bitsandbytes and SAELens over 16 chunks of the study's text
/// (tools/golden/forward.py): per-token losses, the residual stream of 256 tokens, and scalars.
struct GoldenForward {
  struct Scalars: Decodable {
    struct Condition: Decodable {
      struct SAE: Decodable { var fvu_article, fvu, l0, mse, relative_residual: Double }
      var cross_entropy: Double
      var residual_relative_l2: Double?
      var kl_from_bf16: Double?
      var top1_agreement: Double?
      var sae: SAE
    }
    var median_norm: Double
    var massive_tokens: Int
    var conditions: [String: Condition]
  }

  let scalars: Scalars
  /// [16, 512]
  let ids: [Int32]
  /// Rows, of the 8,192 tokens, whose residual stream is kept.
  let tokens: [Int32]
  private let bytes: Data
  private let places: [String: Range<Int>]

  init() throws {
    scalars = try JSONDecoder().decode(Scalars.self, from: RealModel.golden("forward.json"))
    bytes = try RealModel.golden("forward.safetensors")
    let length = Int(bytes.prefix(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    let header = try JSONSerialization.jsonObject(with: bytes[8..<8 + length])
    let tensors = try #require(header as? [String: [String: Any]])
    places = tensors.compactMapValues { entry in
      (entry["data_offsets"] as? [Int]).map { 8 + length + $0[0]..<8 + length + $0[1] }
    }
    ids = try Self.values("ids", bytes, places)
    tokens = try Self.values("tokens", bytes, places)
  }

  private static func values<T>(_ name: String, _ bytes: Data, _ places: [String: Range<Int>]) throws -> [T] {
    let place = try #require(places[name], "the golden file lacks \(name)")
    return [T](unsafeUninitializedCapacity: place.count / MemoryLayout<T>.stride) { buffer, count in
      _ = bytes[place].copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
      count = place.count / MemoryLayout<T>.stride
    }
  }

  /// [16, 511]
  func losses(_ condition: String) throws -> [Float] { try Self.values(condition + ".nll", bytes, places) }
  /// [256, 640]
  func residual(_ condition: String) throws -> [Float] { try Self.values(condition + ".residual", bytes, places) }
}

/// ‖a − b‖ ∕ ‖b‖ over all elements.
func relativeDistance(_ a: [Float], _ b: [Float]) -> Double {
  var (difference, norm) = (0.0, 0.0)
  for (x, y) in zip(a, b) {
    difference += (Double(x) - Double(y)) * (Double(x) - Double(y))
    norm += Double(y) * Double(y)
  }
  return (difference / norm).squareRoot()
}
