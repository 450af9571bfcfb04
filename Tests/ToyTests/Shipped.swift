import Analysis
import Foundation

/// The repository's own files, found from this one.
enum Shipped {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let templates = root.appendingPathComponent("templates")
  static func reference() throws -> PublishedReference {
    try PublishedReference.article(in: root.appendingPathComponent("assets/references"))
  }
}
