import Digests
import FabricatedRuns
import Foundation
import Testing

/// A study's folder, rendered from a made-up run, and what `clearbox verify --json` says of it.
struct RenderedStudy {
  let folder = TemporaryFolder()
  var path: String { folder.file("study") }

  init(_ options: [String] = [], environment: [String: String] = [:]) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try FabricatedRun().write(to: path + "/run.h5")
    let result = try Command.run(["render", path + "/run.h5"] + options, environment: environment)
    try #require(result.status == 0, "\(result.errors)")
  }

  struct Found: Decodable {
    struct Entry: Decodable {
      var step, subject, outcome: String
      var details: [String]
    }
    var good: Bool
    var entries: [Entry]

    func entry(_ step: String, _ subject: String) -> Entry? {
      entries.first { $0.step == step && $0.subject == subject }
    }
    func has(_ step: String, _ subject: String, _ outcome: String, saying words: String...) -> Bool {
      guard let entry = entry(step, subject) else { return false }
      let text = entry.details.joined(separator: "\n")
      return entry.outcome == outcome && words.allSatisfy(text.contains)
    }
    var failures: [String] {
      entries.filter { ["differs", "missing", "unlisted"].contains($0.outcome) }.map { "\($0.step) \($0.subject)" }
    }
  }

  /// - Returns: exit status and findings.
  func verify(
    _ options: [String] = [], at place: String? = nil, environment: [String: String] = [:]
  ) throws -> (status: Int32, found: Found) {
    let result = try Command.run(["verify", place ?? path, "--json"] + options, environment: environment)
    let json = try #require(result.output.data(using: .utf8))
    return (result.status, try JSONDecoder().decode(Found.self, from: json))
  }

  func change(_ file: String, _ edit: (inout Data) -> Void) throws {
    var data = try bytes(of: path + "/" + file)
    edit(&data)
    try put(data, at: path + "/" + file)
  }

  func replace(_ old: String, by new: String, in file: String) throws {
    let text = String(decoding: try bytes(of: path + "/" + file), as: UTF8.self)
    let place = try #require(text.range(of: old), "\(file) has no “\(old)”")
    try put(Data(text.replacingCharacters(in: place, with: new).utf8), at: path + "/" + file)
  }

  static func sha256(_ data: Data) -> String {
    SHA256.hash(data: data).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
