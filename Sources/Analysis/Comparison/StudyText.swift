import RunFile
import Yams

/// The study of a run file from before studies were stored key by key: its text, which nothing else reads after a run.
enum StudyText {
  /// Keys and values in the text's order; nil for a text that is no YAML mapping.
  static func keys(_ text: String) -> [RunDescription.Parameter]? {
    guard let node = try? Yams.compose(yaml: text), case .mapping = node else { return nil }
    return keys(node, at: "")
  }

  private static func keys(_ node: Node, at place: String) -> [RunDescription.Parameter] {
    func below(_ key: Node) -> String { (place.isEmpty ? "" : place + ".") + (key.string ?? "?") }
    switch node {
    case .mapping(let mapping): return mapping.flatMap { keys($0.value, at: below($0.key)) }
    case .sequence(let sequence):
      let list = RunDescription.Parameter(key: place, value: "[" + sequence.map(label).joined(separator: ", ") + "]")
      return [list]
        + sequence.flatMap { item -> [RunDescription.Parameter] in
          guard case .mapping(let mapping) = item else { return [] }
          if let name = item["name"], name.string != nil {
            return mapping.filter { $0.key.string != "name" }
              .flatMap { keys($0.value, at: below(name) + "." + ($0.key.string ?? "?")) }
          }
          guard mapping.count == 1, let (key, value) = mapping.first, case .mapping = value else { return [] }
          return keys(value, at: below(key))
        }
    default: return [.init(key: place, value: node.string ?? "")]
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
