import Foundation
import Yams

extension GateFile {
  static func lines(of text: String, path: String) throws -> [String] {
    let plain = text.split(whereSeparator: \.isNewline).map { line in
      line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
    }.filter { !$0.isEmpty }
    guard let first = plain.first, first.hasPrefix("-") || first == "gates:" || first == "---" else { return plain }
    do {
      guard let node = try Yams.compose(yaml: text), let list = node["gates"]?.sequence ?? node.sequence else {
        throw ComparisonInputError.gateFile(path, reason: "is YAML, but neither a list nor a list under gates")
      }
      return try list.map { item in
        guard let gate = item.string else {
          throw ComparisonInputError.gateFile(
            path, reason: "has an item that is no text; put gates with a colon or a # in quotes")
        }
        return gate
      }
    } catch let error as YamlError {
      throw ComparisonInputError.gateFile(path, reason: "\(error)")
    }
  }
}
