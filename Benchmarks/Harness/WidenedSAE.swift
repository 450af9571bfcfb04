import ArgumentParser
import Foundation

extension Setting {
  /// The committed autoencoder with another number of features, as SAELens stores it: the first ones, or all of them and
  /// copies whose threshold is never reached, so that the work of the encoder grows and the result stays.
  ///
  /// - Parameter layer: which it then says it was trained after.
  func widenedSAE(features: Int, layer: Int = 9) throws -> URL {
    let source = home.appendingPathComponent("assets/sae/gemma-3-270m-layer9-8192")
    let folder = scratch.appendingPathComponent("sae-\(features)-\(layer)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    guard
      var configuration = try JSONSerialization.jsonObject(
        with: Data(contentsOf: source.appendingPathComponent("cfg.json"))) as? [String: Any],
      let own = configuration["d_sae"] as? Int
    else { throw ValidationError("The committed autoencoder's cfg.json has no d_sae.") }
    configuration["d_sae"] = features
    var metadata = configuration["metadata"] as? [String: Any] ?? [:]
    metadata["hook_name"] = "blocks.\(layer).hook_resid_post"
    metadata["hf_hook_name"] = "model.layers.\(layer).output"
    configuration["metadata"] = metadata
    try JSONSerialization.data(withJSONObject: configuration, options: .sortedKeys)
      .write(to: folder.appendingPathComponent("cfg.json"))

    let file = try Data(contentsOf: source.appendingPathComponent("sae_weights.safetensors"))
    let length = Int(file.prefix(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    let base = 8 + length
    guard let header = try JSONSerialization.jsonObject(with: file.subdata(in: 8..<base)) as? [String: [String: Any]]
    else {
      throw ValidationError("The committed autoencoder's header is not understood.")
    }
    var body = Data()
    var newHeader: [String: Any] = [:]
    for name in header.keys.sorted() {
      guard let entry = header[name], var shape = entry["shape"] as? [Int],
        let offsets = entry["data_offsets"] as? [Int]
      else { continue }
      let bytes = file.subdata(in: base + offsets[0]..<base + offsets[1])
      let size = bytes.count / shape.reduce(1, *)
      let start = body.count
      switch name {
      case "b_dec": body += bytes
      case "W_enc":
        let row = own * size
        for index in 0..<shape[0] {
          body += Self.repeated(bytes.subdata(in: index * row..<(index + 1) * row), to: features * size)
        }
      case "threshold":
        // The copies' threshold is the largest float32.
        body += bytes.prefix(features * size)
        for _ in 0..<max(0, features - own) { withUnsafeBytes(of: Float.greatestFiniteMagnitude) { body += Data($0) } }
      default: body += Self.repeated(bytes, to: bytes.count / own * features)
      }
      shape = shape.map { $0 == own ? features : $0 }
      newHeader[name] = ["dtype": entry["dtype"]!, "shape": shape, "data_offsets": [start, body.count]]
    }
    var text = try JSONSerialization.data(withJSONObject: newHeader, options: .sortedKeys)
    text += Data(repeating: 0x20, count: (8 - text.count % 8) % 8)
    var out = withUnsafeBytes(of: UInt64(text.count)) { Data($0) }
    out += text + body
    try out.write(to: folder.appendingPathComponent("sae_weights.safetensors"))
    return folder
  }

  private static func repeated(_ data: Data, to count: Int) -> Data {
    var out = Data(capacity: count)
    while out.count < count { out += data.prefix(count - out.count) }
    return out
  }
}
