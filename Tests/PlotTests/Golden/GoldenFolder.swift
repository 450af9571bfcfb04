import Foundation

/// The accepted figures: pictures, the SHA-256 of each drawing's dump, and the words of figures that are none.
struct GoldenFolder {
  let folder: URL
  /// By case name.
  var digests: [String: String]
  var refusals: [String: String]

  private var digestFile: URL { folder.appendingPathComponent("drawings.txt") }
  private var refusalFile: URL { folder.appendingPathComponent("errors.txt") }

  init(_ folder: URL) {
    self.folder = folder
    (digests, refusals) = ([:], [:])
    digests = Self.read(digestFile)
    refusals = Self.read(refusalFile)
  }

  /// Lines of a name and a text.
  private static func read(_ file: URL) -> [String: String] {
    let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
    return Dictionary(
      lines.compactMap { line in
        guard let space = line.firstIndex(of: " ") else { return nil }
        return (String(line[..<space]), String(line[line.index(after: space)...]))
      }, uniquingKeysWith: { $1 })
  }

  func url(_ name: String) -> URL { folder.appendingPathComponent(name + ".png") }

  /// Nil where there is none.
  func picture(_ name: String) throws -> Picture? {
    guard let data = try? Data(contentsOf: url(name)) else { return nil }
    return try Picture(png: [UInt8](data))
  }

  /// Names of all that is accepted.
  var names: Set<String> {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return Set(files.filter { $0.hasSuffix(".png") }.map { String($0.dropLast(4)) })
      .union(digests.keys).union(refusals.keys)
  }

  mutating func accept(_ name: String, _ outcome: GoldenCase.Outcome) throws {
    remove(name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    switch outcome {
    case .refused(let text): refusals[name] = text
    case .drawn(let list, let picture):
      digests[name] = list.digest
      try Data(picture.png).write(to: url(name))
    }
  }

  mutating func remove(_ name: String) {
    digests[name] = nil
    refusals[name] = nil
    try? FileManager.default.removeItem(at: url(name))
  }

  /// Writes both lists, in the order of names.
  func save() throws {
    for (file, entries) in [(digestFile, digests), (refusalFile, refusals)] {
      let lines = entries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
      try Data(lines.joined().utf8).write(to: file)
    }
  }
}
