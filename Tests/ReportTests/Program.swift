import Foundation

/// A program that a test compares with, where it is installed.
struct Program {
  let path: String

  /// - Returns: nil where the program is not on this machine.
  init?(_ name: String) {
    let places = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/Library/TeX/texbin"].map { "\($0)/\(name)" }
    guard let path = places.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else { return nil }
    self.path = path
  }

  static let cmark = Program("cmark-gfm")
  static let hugo = Program("hugo")
  static let pdflatex = Program("pdflatex")
  static let bibtex = Program("bibtex")
  static var hasTeX: Bool { pdflatex != nil && bibtex != nil }

  /// What the program prints, its errors included, and its exit status.
  func run(_ arguments: [String], input: String = "", in folder: URL? = nil) throws -> (text: String, status: Int32) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = folder }
    let (inputs, outputs) = (Pipe(), Pipe())
    process.standardInput = inputs
    process.standardOutput = outputs
    process.standardError = outputs
    try process.run()
    let data = Data(input.utf8)
    DispatchQueue.global().async {
      inputs.fileHandleForWriting.write(data)
      try? inputs.fileHandleForWriting.close()
    }
    let text = outputs.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: text, as: UTF8.self), process.terminationStatus)
  }
}

/// HTML that a Markdown parser made, taken apart.
struct ParsedHTML {
  let html: String

  /// Cell texts, table by table and row by row.
  var tables: [[[String]]] {
    html.matches(of: /<table>(.*?)<\/table>/.dotMatchesNewlines()).map { table in
      String(table.1).matches(of: /<tr>(.*?)<\/tr>/.dotMatchesNewlines()).map { row in
        String(row.1).matches(of: /<t[dh][^>]*>(.*?)<\/t[dh]>/.dotMatchesNewlines()).map { Self.words(String($0.1)) }
      }
    }
  }

  /// Texts of paragraphs and list items.
  var paragraphs: [String] {
    html.matches(of: /<(?:p|li)>(.*?)<\/(?:p|li)>/.dotMatchesNewlines()).map { Self.words(String($0.1)) }
  }

  /// Code blocks, character for character.
  var code: [String] {
    html.matches(of: /<pre[^>]*><code[^>]*>(.*?)<\/code><\/pre>/.dotMatchesNewlines()).map { Self.words(String($0.1)) }
  }

  /// Text of a piece of HTML.
  static func words(_ html: String) -> String {
    var text = html.replacing(/<[^>]+>/, with: "")
    for (entity, character) in [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&nbsp;", "\u{a0}"),
      ("&#43;", "+"),
      ("&amp;", "&"),
    ] {
      text = text.replacing(entity, with: character)
    }
    return text
  }
}
