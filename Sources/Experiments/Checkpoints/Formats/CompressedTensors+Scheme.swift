extension CompressedTensors {
  /// What `config.json` says of a layer's weights and activations. Where it is silent, compressed-tensors' defaults hold.
  ///
  /// Source: compressed-tensors 0.20, quantization/quant_args.py (QuantizationArgs), quant_scheme.py.
  struct Scheme {
    let bits: Int
    let isSymmetric: Bool
    /// Whether groups are of inputs in an order of the file's.
    let isOrdered: Bool
    /// [rows, columns] of a block that shares a scale.
    let block: [Int]?
    let arithmetic: ShippedArithmetic
    private let weights: QuantizationFields
    private let type: String
    private let groupSize: Int?
    /// What is said of the layer's group and of all.
    private let formats: [(fields: QuantizationFields, name: String)]

    private static let types = ["int", "float"]
    /// Only the first two, or true, put inputs in other groups than their neighbours'.
    private static let orders = ["group", "dynamic", "weight", "static"]
    private static let strategies = ["tensor", "channel", "group", "block", "token", "tensor_group", "attn_head"]
    /// Each is looked at for every layer.
    private static let (mostGroups, mostTargets, mostPatterns) = (1000, 10_000, 100)

    init(of module: String, in folder: HuggingFaceFolder) throws {
      guard let note = try folder.quantization() else {
        throw CheckpointError.packedWithoutNote(
          path: folder.configurationPath, tensor: module, format: "compressed-tensors")
      }
      if let method = try note.text("quant_method"), method != "compressed-tensors" {
        throw note.contradiction("quant_method", "the tensors of \(module) are those of compressed-tensors")
      }
      let group = try Self.group(module, note)
      guard let weights = try group.inner("weights") else {
        throw group.invalid("weights", needed: "an object, as \(module) is packed,")
      }
      guard let bits = try weights.integer("num_bits", from: 1...8) else {
        throw weights.invalid("num_bits", needed: "a whole number from 1 to 8")
      }
      self.bits = bits
      self.weights = weights
      isSymmetric = try weights.bool("symmetric") ?? true
      let type = try weights.text("type", of: Self.types) ?? "int"
      self.type = type
      let groupSize = try weights.integer("group_size", from: -1...1 << 30)
      if groupSize == 0 { throw weights.invalid("group_size", needed: "-1 or a positive number") }
      self.groupSize = groupSize
      isOrdered =
        try weights["actorder"]?.bool
        ?? (weights.text("actorder", of: Self.orders).map { $0 == "group" || $0 == "dynamic" } ?? false)
      block = try Self.block(weights)
      arithmetic = try Self.arithmetic(group, weights: type)
      formats = try [group, note].compactMap { fields in try fields.text("format").map { (fields, $0) } }
    }

    private static func group(_ module: String, _ note: QuantizationFields) throws -> QuantizationFields {
      guard let groups = try note.inner("config_groups") else {
        throw CheckpointError.missingKey(path: note.path, key: note.name("config_groups"))
      }
      let named = try groups.object.keys.sorted().prefix(mostGroups + 1).compactMap { key in
        try groups.inner(key).map { (fields: $0, targets: try $0.texts("targets") ?? []) }
      }
      try checkCounts(named.map(\.targets), note, groupCount: groups.object.count)
      // A layer's own name goes before the class of all layers.
      let found =
        try named.first { try $0.targets.contains { try names(module, $0, note) } }
        ?? named.first { $0.targets.contains("Linear") } ?? (named.count == 1 ? named[0] : nil)
      guard let found else { throw note.invalid("config_groups", needed: "a group with weights for \(module)") }
      return found.fields
    }

    private static func checkCounts(_ targets: [[String]], _ note: QuantizationFields, groupCount: Int) throws {
      let all = targets.joined()
      for (what, count, most) in [
        ("groups", groupCount, mostGroups), ("targets", all.count, mostTargets),
        ("patterns", all.count { $0.hasPrefix("re:") }, mostPatterns),
      ] where count > most {
        throw CheckpointError.unsupportedFeature(
          path: note.path, key: note.name("config_groups"), value: "\(count) \(what) long (at most \(most))")
      }
    }

    /// Rows and columns: [128, 128], or "128x128" as older versions wrote it.
    private static func block(_ weights: QuantizationFields) throws -> [Int]? {
      let isByBlock = try weights.text("strategy", of: strategies) == "block"
      guard let value = weights["block_structure"] else {
        if isByBlock {
          throw weights.invalid("block_structure", needed: "a pair of whole numbers, as strategy is block,")
        }
        return nil
      }
      let size = value.integers ?? value.string?.split(separator: "x").compactMap { Int($0) } ?? []
      guard size.count == 2, size.allSatisfy({ 1...1 << 20 ~= $0 }) else {
        throw weights.invalid("block_structure", needed: "a pair of whole numbers")
      }
      return size
    }

    private static func arithmetic(_ group: QuantizationFields, weights: String) throws -> ShippedArithmetic {
      if group["output_activations"] != nil { return .other("rounds the layers' outputs") }
      guard let input = try group.inner("input_activations") else { return .weightsAlone }
      let stated = try input.text("type", of: types)
      // As int, the default, it would be no format that anybody ships.
      if stated == nil, weights == "float" { throw input.invalid("type", needed: "int or float") }
      let (bits, type) = (try input.integer("num_bits", from: 1...32) ?? 8, stated ?? "int")
      let size = try input.integer("group_size", from: -1...1 << 30)
      let strategy =
        try input.text("strategy", of: strategies) ?? size.map { $0 > 0 ? "group" : "channel" } ?? "tensor"
      let isLocal = input["dynamic"]?.string?.lowercased() == "local"
      let isDynamic = try !isLocal && input.bool("dynamic") == true
      let isSymmetric = try input.bool("symmetric") ?? true
      if bits == 8, strategy == "token", isDynamic, isSymmetric { return .byToken(type == "float" ? .fp8 : .int8) }
      return .other(
        "rounds activations to \(bits)-bit \(type) by \(strategy)\(isSymmetric ? "" : ", with zero points")"
          + (isDynamic ? "" : ", with scales of the file"))
    }

    /// Whether a target names a module: in full, its end, or by a regular expression after `re:`.
    private static func names(_ module: String, _ target: String, _ note: QuantizationFields) throws -> Bool {
      guard target.hasPrefix("re:") else { return module == target || module.hasSuffix("." + target) }
      guard let pattern = ModulePattern(python: String(target.dropFirst(3))) else {
        throw CheckpointError.unsupportedFeature(
          path: note.path, key: note.name("config_groups.targets"), value: "the pattern “\(target.prefix(80))”")
      }
      return pattern.matches(module)
    }

    // MARK: Held to the tensors

    /// - Parameter kind: what `codes` holds, in words.
    func check(
      _ codes: RawTensor, _ kind: String, type: String, bits: ClosedRange<Int>, formats: [Format]
    ) throws {
      let holds = "\(codes.name) holds \(kind)"
      guard self.type == type else { throw weights.contradiction("type", holds) }
      guard bits.contains(self.bits) else { throw weights.contradiction("num_bits", holds) }
      let allowed = (formats + [.mixed, .dense]).map(\.rawValue)
      if let other = self.formats.first(where: { !allowed.contains($0.name) }) {
        throw other.fields.contradiction("format", holds)
      }
    }

    /// - Parameter count: groups of inputs that `tensor` tells.
    func checkGroups(_ count: Int, columns: Int, _ tensor: RawTensor) throws {
      guard let groupSize, count != (groupSize < 0 ? 1 : (columns + groupSize - 1) / groupSize) else { return }
      throw weights.contradiction("group_size", "\(tensor.name) has groups of \(columns / count)")
    }

    /// What to say of a format that has no zero points.
    var asymmetric: CheckpointError {
      .unsupportedFeature(path: weights.path, key: weights.name("symmetric"), value: "false")
    }

    /// Symmetric weights may have zero points of zero, as older versions wrote them.
    func checkZeros(_ zeros: RawTensor?) throws {
      guard isSymmetric, let zeros, !zeros.isZero else { return }
      throw weights.contradiction("symmetric", "\(zeros.name) is not zero")
    }
  }
}
