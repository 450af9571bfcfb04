import RunFile
import Yams

extension StudyReader {
  /// - Parameter models: names of the study's models.
  static func conditions(_ node: StudyNode, models: [String]) throws -> [Study.Condition] {
    var conditions: [Study.Condition] = []
    for entry in try node.list() {
      let condition = try condition(entry, after: conditions, models: models)
      guard !conditions.contains(where: { $0.name == condition.name }) else {
        throw entry.impossible(
          "the condition \(condition.name) is listed twice"
            + (condition.checkpoint == nil ? "" : "; give its checkpoint another name"))
      }
      if let other = conditions.first(where: { RunDescription.Condition.rerunName(of: $0.name) == condition.name }) {
        throw entry.impossible("\(condition.name) is what a rerun of \(other.name) is called; give it another name")
      }
      if conditions.isEmpty, !condition.isPlain {
        throw entry.impossible("the first condition is what the others are compared with; put bf16 (or f32) first")
      }
      conditions.append(condition)
    }
    guard !conditions.isEmpty else { throw node.impossible("a study needs at least the baseline, bf16") }
    return conditions
  }

  /// A method, or keys: `{ weights: nf4, reference: int8 }`, `{ checkpoint: model.gguf }`.
  private static func condition(
    _ node: StudyNode, after earlier: [Study.Condition], models: [String]
  ) throws -> Study.Condition {
    let known = ["checkpoint", "weights", "cache", "reference"]
    guard let mapping = node.node.mapping, mapping.keys.contains(where: { known.contains($0.string ?? "") }) else {
      return Study.Condition(try method(node))
    }
    let keys = try node.keys(known)
    if let cache = keys["cache"] {
      throw cache.impossible("keys and values cannot be compressed yet; leave the key out")
    }
    let checkpoint = try keys["checkpoint"].map { try Self.checkpoint($0, models: models) }
    var weights: any CompressionMethod = AsStored()
    if let entry = keys["weights"] {
      weights = try method(entry)
    } else if checkpoint == nil {
      weights = try method(keys.require("weights", example: "weights: nf4"))
    }
    let condition = Study.Condition(
      weights, checkpoint: checkpoint,
      reference: try keys["reference"].flatMap { try reference($0, among: earlier) })
    if let name = condition.reference, let other = earlier.first(where: { $0.name == name }),
      let entry = keys["reference"],
      let model = models.first(where: { condition.applies(to: $0) && !other.applies(to: $0) })
    {
      throw entry.impossible("\(model) has \(condition.name), but no \(name) that it could be compared with")
    }
    return condition
  }

  /// Nil for the baseline, which a condition is compared with unless it says otherwise.
  private static func reference(_ node: StudyNode, among earlier: [Study.Condition]) throws -> String? {
    let (name, known) = (try node.string(), earlier.map(\.name))
    guard let place = known.firstIndex(of: name) else {
      if known.isEmpty { throw node.impossible("the baseline is compared with nothing; leave the key out") }
      guard let nearest = Spelling.nearest(to: name, in: known) else {
        throw node.impossible("a condition that stands before it is needed: \(known.joined(separator: ", "))")
      }
      throw node.error(.unknownName(key: node.key, found: name, nearest: nearest, known: known))
    }
    return place == 0 ? nil : name
  }

  /// A bare name, or a name with options: `nf4`, `{ nf4: { double_quantization: true } }`.
  static func method(_ node: StudyNode) throws -> any CompressionMethod {
    let kind: String
    var options: StudyNode?
    if let mapping = node.node.mapping {
      guard mapping.count == 1, let (name, value) = mapping.first.map({ ($0.key, $0.value) }) else {
        throw node.wrongType("one condition with its options, such as { nf4: { double_quantization: true } },")
      }
      kind = name.string ?? ""
      options = StudyNode(node: value, key: "\(node.key).\(kind)", file: node.file)
    } else {
      guard node.node.scalar != nil else { throw node.wrongType("a condition's name, or a name with options,") }
      kind = try node.string()
    }
    let methods = CompressionMethods.all
    guard let method = methods.first(where: { $0.kind == kind }) else {
      let kinds = methods.map(\.kind)
      throw node.error(
        .unknownName(key: node.key, found: kind, nearest: Spelling.nearest(to: kind, in: kinds), known: kinds))
    }
    if method.needsOptions, options == nil {
      options = StudyNode(node: .mapping(Node.Mapping([])), key: "\(node.key).\(kind)", file: node.file)
    }
    return try options.map(method.with) ?? method
  }
}
