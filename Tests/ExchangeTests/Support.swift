import FabricatedRuns
import Foundation
import RunFile
import Testing

@testable import Exchange

let program = ImportingProgram(version: "0.1.0", commit: "0123456")

func golden(_ name: String) throws -> URL {
  try #require(Bundle.module.url(forResource: "Goldens/" + name, withExtension: nil))
}

func script(_ name: String, file: String = #filePath) throws -> String {
  let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
  return try String(contentsOf: folder.appendingPathComponent("Scripts/" + name), encoding: .utf8)
}

func parsed(_ data: Data) throws -> SortedJSON { try SortedJSON.parse(data, file: "test") }

extension SortedJSON {
  subscript(path: String...) -> SortedJSON? {
    path.reduce(Optional(self)) { value, key in
      guard case .object(let members)? = value else { return nil }
      return members[key]
    }
  }

  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    default: nil
    }
  }

  var keys: Set<String> { if case .object(let members) = self { Set(members.keys) } else { [] } }

  var elements: [SortedJSON] { if case .list(let values) = self { values } else { [] } }

  /// The value with the member at `path` put in, or taken out where `value` is nil.
  func replacing(_ path: [String], by value: SortedJSON?) -> SortedJSON {
    guard let key = path.first, case .object(var members) = self else { return value ?? .null }
    if path.count == 1 {
      members[key] = value
    } else {
      members[key] = (members[key] ?? .object([:])).replacing(Array(path.dropFirst()), by: value)
    }
    return .object(members)
  }
}

/// The largest relative difference of all numbers of two JSON values; infinite where anything else differs.
func difference(_ a: SortedJSON?, _ b: SortedJSON?) -> Double {
  switch (a, b) {
  case (.object(let a)?, .object(let b)?):
    guard a.keys == b.keys else { return .infinity }
    return a.keys.map { difference(a[$0], b[$0]) }.max() ?? 0
  case (.list(let a)?, .list(let b)?):
    guard a.count == b.count else { return .infinity }
    return zip(a, b).map { difference($0, $1) }.max() ?? 0
  default:
    if let a = a?.number, let b = b?.number { return abs(a - b) / max(abs(b), 1e-9) }
    return a == b ? 0 : .infinity
  }
}
