import Mustache

/// How `{{name}}` is escaped: by the format whose folder the template lies in.
struct TemplateEscaping: MustacheContentType {
  let escape: @Sendable (String) -> String

  func escapeText(_ text: String) -> String { escape(text) }

  private static let markdown = [MarkdownFlavour.gitHub, .hugo, .lessWrong()]
  private static let formats: [String: TemplateEscaping] = {
    var formats = ["latex": TemplateEscaping { LaTeXText.escaped($0) }]
    for flavour in markdown { formats[flavour.folder] = TemplateEscaping { MarkdownText(flavour).escaped($0) } }
    return formats
  }()

  static let register: Void = {
    for (folder, escaping) in formats { MustacheContentTypes.register(escaping, named: folder.uppercased()) }
  }()

  /// What Mustache reads before a template's text; HTML is its own default.
  static func pragma(forPath path: String) -> String {
    let folder = path.prefix { $0 != "/" }
    return formats[String(folder)] == nil ? "" : "{{% CONTENT_TYPE: \(folder.uppercased())}}\n"
  }
}
