import Yams

/// A study file as a list of keys and values, in the file's order: `packing.length` → `512`,
/// `models.gemma-3-270m.layer` → `9`, `conditions.nf4.double_quantization` → `true`.
struct StudyKeys {
  private(set) var entries: [(key: String, value: String)] = []

  /// - Returns: nil for a text that is no YAML mapping.
  init?(_ text: String) {
    guard let node = try? Yams.compose(yaml: text), case .mapping = node else { return nil }
    add(node, at: "")
  }

  private mutating func add(_ node: Node, at place: String) {
    func below(_ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping { add(value, at: below(key.string ?? "?")) }
    case .sequence(let sequence):
      entries.append((place, "[" + sequence.map(Self.label).joined(separator: ", ") + "]"))
      for item in sequence {
        guard case .mapping(let mapping) = item else { continue }
        if let name = item["name"]?.string {
          for (key, value) in mapping where key.string != "name" { add(value, at: below(name) + "." + (key.string ?? "?")) }
        } else if mapping.count == 1, let (key, value) = mapping.first, case .mapping = value {
          add(value, at: below(key.string ?? "?"))
        }
      }
    default: entries.append((place, node.string ?? ""))
    }
  }

  /// What an item of a list is called: itself, its `name`, or its only key.
  private static func label(_ node: Node) -> String {
    if let text = node.string { return text }
    if let name = node["name"]?.string { return name }
    if case .mapping(let mapping) = node { return mapping.map { $0.key.string ?? "?" }.joined(separator: " ") }
    return "[…]"
  }
}
