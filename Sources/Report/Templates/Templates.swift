import Foundation
import Mustache

/// The Mustache templates of a folder, rendered strictly: a key that does not exist is an error with file and line,
/// never an empty place in a report.
public struct Templates {
  private let library: MustacheLibrary
  private let tags: [String: TemplateTags]
  private let styleText: String
  /// `html/script.js`, for the page's script element; nil where the folder has none.
  let script: String?

  /// Reads every `.mustache` file under `folder`; a template's name is its path without the ending, `html/page`.
  ///
  /// - Parameter own: the user's folder: a file there stands in for the one of the same path in `folder`, and what it lacks
  ///   comes from `folder`.
  /// - Throws: `TemplateError` for unreadable files, broken tags, and files of `own` that no page uses.
  public init(folder: URL, own: URL? = nil) throws {
    TemplateEscaping.register
    var sources = try TemplateFolder.files(in: folder)
    let shipped = sources
    if let own {
      let files = try TemplateFolder.files(in: own)
      if files.isEmpty { throw TemplateError.noTemplates(path: own.path) }
      sources.merge(files) { _, own in own }
    }
    var library = MustacheLibrary()
    var tags: [String: TemplateTags] = [:]
    var style: String?
    var script: String?
    for (path, url) in sources.sorted(by: { $0.key < $1.key }) {
      let text = try Self.text(of: url)
      guard path.hasSuffix(".mustache") else {
        if path == "html/style.css" { style = text }
        if path == "html/script.js" { script = text }
        continue
      }
      let name = String(path.dropLast(".mustache".count))
      tags[name] = try TemplateTags(text, file: path)
      do {
        try library.register(TemplateEscaping.pragma(forPath: path) + text, named: name)
      } catch {
        throw TemplateError.unreadable(path: path, reason: "\(error)")
      }
    }
    guard let style else {
      throw TemplateError.unreadable(
        path: folder.appendingPathComponent("html/style.css").path, reason: "cannot be read")
    }
    let included = tags.values.reduce(into: Set<String>()) { $0.formUnion($1.partials) }.map { $0 + ".mustache" }
    for path in sources.keys.sorted() where shipped[path] == nil && !included.contains(path) {
      throw TemplateError.unused(file: path, nearest: Self.nearest(path, included + shipped.keys))
    }
    self.library = library
    self.tags = tags
    styleText = style
    self.script = script
  }

  /// `html/style.css`, for the page's style element.
  var style: String { styleText }

  /// - Throws: `TemplateError`, before anything is rendered.
  package func render(_ name: String, _ context: TemplateValue) throws -> String {
    guard tags[name] != nil else {
      throw TemplateError.missingPartial(file: "the templates folder", line: 0, name: name)
    }
    var steps = Self.mostSteps
    try check(name, stack: [context], depth: 0, &steps)
    guard let text = library.render(context.mustache, withTemplate: name) else {
      throw TemplateError.missingPartial(file: "the templates folder", line: 0, name: name)
    }
    return text
  }

  private static func text(of url: URL) throws -> String {
    do {
      return try String(contentsOf: url, encoding: .utf8)
    } catch {
      throw TemplateError.unreadable(path: url.path, reason: "cannot be read")
    }
  }

  // MARK: Strictness

  /// Tags that the rendering of one page may pass: some hundred times what the shipped templates take for a large report,
  /// and soon reached where partials include one another twice each.
  private static let mostSteps = 5_000_000

  /// Walks a template as rendering would, and refuses what rendering would swallow.
  private func check(_ name: String, stack: [TemplateValue], depth: Int, _ steps: inout Int) throws {
    guard let template = tags[name] else { return }
    guard depth < 50 else { throw TemplateError.endlessPartial(file: template.file, name: name) }
    try check(template.nodes, in: template.file, stack: stack, depth: depth, &steps)
  }

  private func check(
    _ nodes: [TemplateTags.Node], in file: String, stack: [TemplateValue], depth: Int, _ steps: inout Int
  ) throws {
    for node in nodes {
      steps -= 1
      guard steps > 0 else { throw TemplateError.tooLong(file: file, most: Self.mostSteps) }
      switch node {
      case .variable(let key, let line):
        let value = try resolve(key, stack, file, line)
        guard case .text = value else { throw TemplateError.notText(file: file, line: line, key: key) }
      case .partial(let name, let line):
        guard tags[name] != nil else { throw TemplateError.missingPartial(file: file, line: line, name: name) }
        try check(name, stack: stack, depth: depth + 1, &steps)
      case .section(let key, let line, let isInverted, let body):
        switch (try resolve(key, stack, file, line), isInverted) {
        case (.flag(let flag), _):
          if flag != isInverted { try check(body, in: file, stack: stack, depth: depth, &steps) }
        case (.list(let items), true):
          if items.isEmpty { try check(body, in: file, stack: stack, depth: depth, &steps) }
        case (.list(let items), false):
          for item in items { try check(body, in: file, stack: stack + [item], depth: depth, &steps) }
        case (_, true): break
        case (let value, false):
          try check(body, in: file, stack: stack + [value], depth: depth, &steps)
        }
      }
    }
  }

  /// The value of a dotted name: its first part from the innermost section outwards, the rest inside that.
  private func resolve(_ key: String, _ stack: [TemplateValue], _ file: String, _ line: Int) throws -> TemplateValue {
    if key == ".", let top = stack.last { return top }
    let parts = key.split(separator: ".").map(String.init)
    guard let first = parts.first, let start = stack.reversed().lazy.compactMap({ $0[first] }).first else {
      let known = stack.flatMap(\.keys)
      throw TemplateError.unknownKey(file: file, line: line, key: key, nearest: Self.nearest(parts.first ?? key, known))
    }
    var value = start
    for part in parts.dropFirst() {
      guard let next = value[part] else {
        throw TemplateError.unknownKey(file: file, line: line, key: key, nearest: Self.nearest(part, value.keys))
      }
      value = next
    }
    return value
  }

  private static func nearest(_ word: String, _ known: [String]) -> String? {
    let ranked = known.sorted().map { ($0, distance(word, $0)) }.min { $0.1 < $1.1 }
    return ranked.flatMap { $0.1 <= max(2, word.count / 2) ? $0.0 : nil }
  }

  /// Levenshtein distance.
  private static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let cost = min(row[j] + 1, row[j + 1] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = cost
      }
    }
    return row[b.count]
  }
}
