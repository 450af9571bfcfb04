/// What a template can name: text, yes or no, a list, or a group of named values.
public indirect enum TemplateValue: Sendable, Equatable {
  case text(String)
  case flag(Bool)
  case list([TemplateValue])
  case object([String: TemplateValue])

  /// For swift-mustache, which looks into Swift's own collections.
  var mustache: Any {
    switch self {
    case .text(let text): text
    case .flag(let flag): flag
    case .list(let list): list.map(\.mustache)
    case .object(let object): object.mapValues(\.mustache)
    }
  }

  /// Names inside a group, sorted.
  var keys: [String] {
    if case .object(let object) = self { object.keys.sorted() } else { [] }
  }

  subscript(key: String) -> TemplateValue? {
    if case .object(let object) = self { object[key] } else { nil }
  }
}

/// What is wrong with a template, with file and line.
public enum TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case noTemplates(path: String)
  /// A file that no template uses: its name is probably mistaken.
  case unused(file: String, nearest: String?)
  /// Files that copying would have replaced.
  case wouldOverwrite(folder: String, files: [String])
  case unclosedTag(file: String, line: Int)
  case wrongClose(file: String, line: Int, found: String, expected: String?)
  case unclosedSection(file: String, line: Int, name: String)
  case unsupportedTag(file: String, line: Int, tag: String)
  case unknownKey(file: String, line: Int, key: String, nearest: String?)
  case notText(file: String, line: Int, key: String)
  case missingPartial(file: String, line: Int, name: String)
  case endlessPartial(file: String, name: String)
  case tooDeep(file: String, line: Int, most: Int)
  case tooLong(file: String, most: Int)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): \(reason). Point to a folder with the templates html/page.mustache and markdown/page.mustache."
    case .noTemplates(let path):
      """
      \(path): there is no template in this folder. Name one that has html/page.mustache or any other of the shipped \
      templates; “clearbox template init” makes one with all of them.
      """
    case .unused(let file, let nearest):
      "\(file): no page uses this template." + (nearest.map { " The nearest that one uses is “\($0)”." } ?? "")
        + " Name it as a shipped template is named, or include it in one with {{> …}}."
    case .wouldOverwrite(let folder, let files):
      """
      \(folder) has \(files.count == 1 ? "a file" : "\(files.count) files") of these names already, the first \
      \(files.first ?? ""). Name another folder, or replace them with --force.
      """
    case .unclosedTag(let file, let line):
      "\(file), line \(line): a tag opens with {{ and never closes with }}."
    case .wrongClose(let file, let line, let found, let expected):
      expected.map { "\(file), line \(line): {{/\(found)}} closes nothing; the open section is {{#\($0)}}." }
        ?? "\(file), line \(line): {{/\(found)}} closes a section that was never opened."
    case .unclosedSection(let file, let line, let name):
      "\(file), line \(line): the section {{#\(name)}} is never closed."
    case .unsupportedTag(let file, let line, let tag):
      """
      \(file), line \(line): the tag {{\(tag)}} is not supported; templates use variables, sections, inverted \
      sections, partials and comments.
      """
    case .unknownKey(let file, let line, let key, let nearest):
      "\(file), line \(line): there is no “\(key)” here." + (nearest.map { " The nearest is “\($0)”." } ?? "")
        + " docs/templates.md lists all keys."
    case .notText(let file, let line, let key):
      "\(file), line \(line): “\(key)” is a group or a list, not a text; use it as a section: {{#\(key)}} … {{/\(key)}}."
    case .missingPartial(let file, let line, let name):
      "\(file), line \(line): there is no template “\(name).mustache” in the folder."
    case .endlessPartial(let file, let name):
      "\(file): the template “\(name)” includes itself without end."
    case .tooDeep(let file, let line, let most):
      "\(file), line \(line): this section lies inside \(most) others, which is as many as may be."
    case .tooLong(let file, let most):
      "\(file): rendering passes more than \(most) tags. Does a template include another twice, and that one the next?"
    }
  }
}
