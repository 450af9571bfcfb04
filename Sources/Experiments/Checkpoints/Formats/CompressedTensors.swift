/// Weights that compressed-tensors wrote, by what lies there: `weight_packed` of integers or FP4, or `weight` in FP8.
///
/// Source: compressed-tensors 0.20, compressors/ (PackedQuantizationCompressor, NaiveQuantizationCompressor,
/// NVFP4PackedCompressor, MXFP4PackedCompressor: decompress).
enum CompressedTensors {
  static func weight(_ module: String, shape: [Int], in folder: HuggingFaceFolder) throws -> (any PackedWeight)? {
    if let packed = try folder.raw(module + ".weight_packed") {
      let scheme = try Scheme(of: module, in: folder)
      return packed.type == .u8
        ? try FP4Groups(module, shape: shape, scheme, in: folder)
        : try integers(module, shape: shape, scheme, in: folder)
    }
    guard let weight = try folder.raw(module + ".weight"), try folder.raw(module + ".weight_scale") != nil,
      weight.type == .f8_E4M3 || weight.type == .i8
    else { return nil }
    return try ScaledBytes(module, shape: shape, Scheme(of: module, in: folder), in: folder)
  }

  private static func integers(
    _ module: String, shape: [Int], _ scheme: Scheme, in folder: HuggingFaceFolder
  ) throws -> any PackedWeight {
    let tensors = PackedTensors(module, folder)
    let (rows, columns) = (shape[0], shape[1])
    let bits = scheme.bits
    let stated = try tensors.need(".weight_shape", [.i64, .i32])
    let numbers = (0..<stated.count).map(stated.integer)
    guard numbers == shape else { throw tensors.mismatch(stated.name, found: numbers, expected: shape) }
    let codes = try tensors.need(".weight_packed", [.i32], shape: [rows, (columns * bits + 31) / 32])
    let scales = try tensors.need(".weight_scale", [.bf16, .f16, .f32])
    let groupCount = try Self.groupCount(scales, rows: rows, columns: columns, tensors)
    let zeros =
      scheme.isSymmetric
      ? nil : try tensors.need(".weight_zero_point", [.i32], shape: [(rows * bits + 31) / 32, groupCount])
    var weight = try IntegerGroups(
      name: module + ".weight", shape: shape, format: "compressed-tensors", layout: .byRow, bits: bits, codes: codes,
      scales: scales, zeros: zeros, groups: try tensors.optional(".weight_g_idx", [.i32, .i64]), groupCount: groupCount,
      others: [stated])
    weight.arithmetic = scheme.arithmetic
    return weight
  }

  /// Of scales [rows, groups], [rows] or one for all.
  static func groupCount(_ scales: RawTensor, rows: Int, columns: Int, _ tensors: PackedTensors) throws -> Int {
    if scales.count == 1 { return 1 }
    let count = scales.count / max(rows, 1)
    guard count > 0, scales.count == count * rows, columns % count == 0, scales.shape.first == rows else {
      throw tensors.mismatch(scales.name, found: scales.shape, expected: [rows, columns])
    }
    return count
  }

  /// What `config.json` says of a layer's weights and activations.
  struct Scheme {
    let bits: Int
    let isSymmetric: Bool
    /// [rows, columns] of a block that shares a scale.
    let block: [Int]?
    let arithmetic: ShippedArithmetic

    /// Each is looked at for every layer.
    private static let (mostGroups, mostTargets, mostPatterns) = (1000, 10_000, 100)

    init(of module: String, in folder: HuggingFaceFolder) throws {
      let path = folder.configurationPath
      let groups = folder.quantization?["config_groups"]?.object ?? [:]
      func targets(_ group: JSONValue) -> [String] { group["targets"]?.array?.compactMap(\.string) ?? [] }
      try Self.checkCounts(groups.values.map(targets), path)
      let named = groups.keys.sorted().compactMap { groups[$0] }
      // A layer's own name goes before the class of all layers.
      let found =
        try named.first { try targets($0).contains { try Self.names(module, $0, path) } }
        ?? named.first { targets($0).contains("Linear") } ?? (named.count == 1 ? named[0] : nil)
      guard let group = found, let weights = group["weights"], weights.object != nil else {
        throw CheckpointError.missingKey(path: path, key: "quantization_config.config_groups for \(module)")
      }
      guard let bits = weights["num_bits"]?.integer, 1...8 ~= bits else {
        throw CheckpointError.invalidValue(
          path: path, key: "num_bits", value: weights["num_bits"]?.summary ?? "missing", needed: "a number from 1 to 8")
      }
      self.bits = bits
      isSymmetric = weights["symmetric"]?.bool ?? true
      block = weights["block_structure"]?.integers
      arithmetic = Self.arithmetic(group)
    }

    private static func checkCounts(_ targets: [[String]], _ path: String) throws {
      let all = targets.joined()
      for (what, count, most) in [
        ("groups", targets.count, mostGroups), ("targets", all.count, mostTargets),
        ("patterns", all.count { $0.hasPrefix("re:") }, mostPatterns),
      ] where count > most {
        throw CheckpointError.unsupportedFeature(
          path: path, key: "quantization_config.config_groups", value: "\(count) \(what) long (at most \(most))")
      }
    }

    private static func arithmetic(_ group: JSONValue) -> ShippedArithmetic {
      if let output = group["output_activations"], output != .null { return .other("rounds the layers' outputs") }
      guard let input = group["input_activations"], input != .null else { return .weightsAlone }
      let (bits, type) = (input["num_bits"]?.integer ?? 8, input["type"]?.string ?? "int")
      let strategy = input["strategy"]?.string ?? "tensor"
      if bits == 8, strategy == "token", input["dynamic"]?.bool == true, input["symmetric"]?.bool ?? true {
        return .byToken(type == "float" ? .fp8 : .int8)
      }
      return .other(
        "rounds activations to \(bits)-bit \(type) by \(strategy)\(input["dynamic"]?.bool == true ? "" : ", with scales of the file")"
      )
    }

    /// Whether a target names a module: in full, its end, or by a regular expression after `re:`.
    private static func names(_ module: String, _ target: String, _ path: String) throws -> Bool {
      guard target.hasPrefix("re:") else { return module == target || module.hasSuffix("." + target) }
      guard let pattern = ModulePattern(python: String(target.dropFirst(3))) else {
        throw CheckpointError.unsupportedFeature(
          path: path, key: "quantization_config.config_groups.targets", value: "the pattern “\(target.prefix(80))”")
      }
      return pattern.matches(module)
    }
  }
}
