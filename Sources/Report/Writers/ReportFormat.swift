import Foundation

/// What a report can be written as. docs/formats.md says what each is for.
public enum ReportFormat: String, Sendable, CaseIterable {
  /// One page that needs nothing else.
  case html
  /// GitHub-flavoured Markdown with figures beside it.
  case gfm
  /// A page bundle for Hugo.
  case hugo
  /// A post for LessWrong's Markdown editor.
  case lesswrong
  /// An article, and tables and figures to include in a paper.
  case latex
  /// The article, typeset.
  case pdf
  /// Every table as CSV and JSON.
  case tables

  /// What is written of a report: a blog's post is short unless it is asked for in full.
  func length(_ asked: ReportLength?) -> ReportLength { asked ?? (self == .lesswrong ? .short : .full) }

  /// Written where nothing else is asked for.
  public static let usual: [ReportFormat] = [.html, .gfm]

  /// The formats of a comma list such as `html,hugo`, each once.
  /// - Throws: `ReportFormatError.unknown` for a name that is none.
  public static func list(_ text: String) throws(ReportFormatError) -> [ReportFormat] {
    var formats: [ReportFormat] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let name = word.trimmingCharacters(in: .whitespaces)
      guard let format = ReportFormat(rawValue: name) else { throw .unknown(name: name) }
      if !formats.contains(format) { formats.append(format) }
    }
    return formats
  }
}

/// The address under which a post's images lie, `https://example.org/fvu-post`, without a slash at its end.
public struct ImageBase: Sendable, Equatable {
  let address: String

  /// - Throws: `ReportFormatError.imageBase` for what is no http or https address, or would end a Markdown link.
  public init(_ text: String) throws(ReportFormatError) {
    let allowed = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._~:/?#@!$&'*+,;=%".contains($0)) }
    guard allowed, let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host() != nil else {
      throw .imageBase(text)
    }
    address = text.hasSuffix("/") ? String(text.dropLast()) : text
  }
}

/// What is wrong with the formats that were asked for.
public enum ReportFormatError: Error, Sendable, Equatable, CustomStringConvertible {
  case unknown(name: String)
  case imageBase(String)

  public var description: String {
    switch self {
    case .unknown(let name):
      """
      There is no format “\(name)”. Give one or more of \(ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")), \
      with commas between them.
      """
    case .imageBase(let text):
      "“\(text)” is no address of a web folder. Give the one that the images will have, e.g. https://example.org/images."
    }
  }
}
