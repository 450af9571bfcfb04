import Foundation
import Testing

@testable import Parquet

enum Golden {
  private static func url(_ file: String) -> URL {
    URL(fileURLWithPath: Bundle.module.resourcePath ?? "").appendingPathComponent("Goldens/\(file)")
  }

  static var expected: Any? { try? JSONSerialization.jsonObject(with: Data(contentsOf: url("expected.json"))) }

  static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url(name + ".parquet"))) }

  static func with(_ name: String, _ body: (ParquetFile) throws -> Void) throws {
    try bytes(name).withUnsafeBytes { try body(ParquetFile($0, path: name)) }
  }

  /// Every column of texts, to the last row.
  static func readAll(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { bytes in
      let file = try ParquetFile(bytes, path: "damaged")
      for column in file.columns where column.content == Column.texts {
        try file.forEach(column) { _ in }
      }
    }
  }

  static func place(of needle: [UInt8], in bytes: [UInt8]) throws -> Int {
    try #require(bytes.indices.first { bytes[$0...].starts(with: needle) })
  }

  static func message(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }
}
