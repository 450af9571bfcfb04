/// What a checkpoint holds, for reports: format, files, how many parameters are stored as what.
public struct CheckpointSummary: Sendable {
  public let format: Gemma3Checkpoint.Format
  public let fileNames: [String]
  public let fileBytes: Int
  /// Per number format, in the order of `TensorElement.allCases`; formats of several tensors, which are none of these, first.
  public let types: [(element: TensorElement?, format: String, share: Share)]
  /// The linear layers, and everything.
  public let linear: Share
  public let whole: Share
  /// Linear layers that are stored without loss where others are not, in words.
  public let uncompressed: String?

  public var parameterCount: Int { whole.parameters }

  public struct Share: Sendable, Equatable {
    public private(set) var tensors = 0
    public private(set) var parameters = 0
    /// Scales counted.
    public private(set) var bytes = 0

    mutating func add(_ tensor: StoredWeight) {
      tensors += 1
      parameters += tensor.count
      bytes += tensor.storedBytes
    }

    /// Scales counted.
    public var bitsPerParameter: Double { Double(8 * bytes) / Double(max(parameters, 1)) }
  }

  init(format: Gemma3Checkpoint.Format, files: [MappedFile], _ stored: [Gemma3Tensor: StoredWeight]) {
    self.format = format
    fileNames = files.map(\.name)
    fileBytes = files.reduce(0) { $0 + $1.count }
    var (types, packed) = ([TensorElement: Share](), [String: Share]())
    var (linear, whole) = (Share(), Share())
    for (tensor, found) in stored {
      if let element = found.element {
        types[element, default: .init()].add(found)
      } else {
        packed[found.format, default: .init()].add(found)
      }
      whole.add(found)
      if tensor.isLinear { linear.add(found) }
    }
    self.types =
      packed.sorted { $0.key < $1.key }.map { (nil, $0.key, $0.value) }
      + TensorElement.allCases.compactMap { type in types[type].map { (type, type.rawValue, $0) } }
    (self.linear, self.whole) = (linear, whole)
    uncompressed = Self.uncompressed(stored.filter { $0.key.isLinear })
  }

  /// "q_proj of layers 0, 1 and 5; down_proj of layer 3".
  private static func uncompressed(_ linear: [Gemma3Tensor: StoredWeight]) -> String? {
    let plain = linear.filter { !$0.value.isLossy }
    if plain.isEmpty || plain.count == linear.count { return nil }
    var layers: [Gemma3LayerTensor: [Int]] = [:]
    for case .layer(let layer, let part) in plain.keys { layers[part, default: []].append(layer) }
    let parts = Gemma3LayerTensor.allCases.compactMap { part -> String? in
      guard let places = layers[part]?.sorted() else { return nil }
      let name = Gemma3Tensor.layer(0, part).huggingFaceName.split(separator: ".").dropLast().last ?? ""
      return "\(name) of layer\(places.count == 1 ? "" : "s") \(places.map(String.init).joined(separator: ", "))"
    }
    return parts.joined(separator: "; ")
  }

  /// Bits the file spends on a parameter of the model.
  public var storedBitsPerParameter: Double { whole.bitsPerParameter }

  /// "GGUF gemma-3-270m-q4_k_m.gguf: 268,098,176 parameters in F32 (109 tensors, …), …"
  public var description: String {
    let parts = types.map { "\($0.format) (\($0.share.tensors) tensors, \($0.share.parameters) parameters)" }
    return
      "\(format.rawValue) \(fileNames.joined(separator: ", ")): \(parameterCount) parameters in \(parts.joined(separator: ", "))"
  }
}
