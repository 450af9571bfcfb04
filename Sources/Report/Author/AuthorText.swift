import Foundation
import Yams

/// What an author adds to a report: title, names, abstract, commentary, and numbers to be checked. It lies in a file of its
/// own, `author.yaml`, which clearbox reads and never writes; docs/author-text.md has its keys.
public struct AuthorText: Sendable, Equatable {
  /// Instead of the study's title.
  public var title: String?
  public var authors: [String] = []
  /// Under which the folder may be used, for its manifest: an SPDX identifier such as `CC-BY-4.0`, or an address.
  public var license: String?
  /// Markdown, before the key findings.
  public var abstract: String?
  /// Markdown at the end of sections.
  public var commentary: [Section.Key: String] = [:]
  /// Numbers written by hand, each with the id of the number that it must be.
  public var checks: [Check] = []

  public struct Check: Sendable, Equatable {
    /// As written, `12.5%`.
    public var says: String
    public var id: String
  }

  /// - Throws: `AuthorTextError`, with file and line.
  public static func read(_ url: URL) throws -> AuthorText {
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      throw AuthorTextError(file: url.path, line: nil, problem: "the file cannot be read as UTF-8 text.")
    }
    return try parse(text, file: url.path)
  }

  static func parse(_ text: String, file: String) throws -> AuthorText {
    let root: Node?
    // Programs on Windows put a byte order mark first.
    let text = text.unicodeScalars.first == "\u{feff}" ? String(text.dropFirst()) : text
    do { root = try Yams.compose(yaml: text) } catch {
      throw AuthorTextError(file: file, line: nil, problem: "this is not YAML: \(error)")
    }
    var result = AuthorText()
    guard let root else { return result }
    let reader = AuthorTextReader(file: file)
    for (key, node) in try reader.entries(
      root, known: ["title", "authors", "license", "abstract", "commentary", "checks"])
    {
      switch key {
      case "title": result.title = try reader.text(node, key)
      case "authors": result.authors = try reader.list(node, key).map { try reader.text($0, "an author") }
      case "license":
        let license = try reader.text(node, key)
        guard LicenseReference(license) != nil else {
          throw reader.error(
            node, "“\(license)” is neither an SPDX identifier such as CC-BY-4.0 nor an address beginning with https://."
          )
        }
        result.license = license
      case "abstract": result.abstract = try reader.text(node, key)
      case "commentary":
        for (name, node) in try reader.entries(node, known: Section.Key.ofReport.map(\.rawValue)) {
          result.commentary[Section.Key(rawValue: name)] = try reader.text(node, name)
        }
      default:
        for item in try reader.list(node, key) {
          var check = Check(says: "", id: "")
          for (name, node) in try reader.entries(item, known: ["says", "of"]) {
            if name == "says" {
              check.says = try reader.text(node, name)
            } else {
              check.id = try reader.text(node, name)
            }
          }
          guard !check.says.isEmpty, !check.id.isEmpty else {
            throw reader.error(item, "a check needs both: what it `says`, and the id of the number it is `of`.")
          }
          result.checks.append(check)
        }
      }
    }
    return result
  }
}

/// What is wrong with an author's text, and where.
public struct AuthorTextError: Error, Sendable, Equatable, CustomStringConvertible {
  public var file: String
  public var line: Int?
  public var problem: String

  public var description: String { "\(file)\(line.map { ", line \($0)" } ?? ""): \(problem)" }
}

/// YAML nodes as what a key must hold.
private struct AuthorTextReader {
  let file: String

  func error(_ node: Node, _ problem: String) -> AuthorTextError {
    AuthorTextError(file: file, line: node.mark?.line, problem: problem)
  }

  func entries(_ node: Node, known: [String]) throws -> [(String, Node)] {
    guard let mapping = node.mapping else {
      throw error(node, "here keys are expected: \(known.joined(separator: ", ")).")
    }
    return try mapping.map { key, value in
      guard let name = key.string, known.contains(name) else {
        throw error(key, "there is no key “\(key.string ?? "")” here; known are \(known.joined(separator: ", ")).")
      }
      return (name, value)
    }
  }

  func text(_ node: Node, _ key: String) throws -> String {
    guard let text = node.scalar?.string, !text.isEmpty else { throw error(node, "\(key) must be a text.") }
    return text
  }

  func list(_ node: Node, _ key: String) throws -> [Node] {
    guard let sequence = node.sequence else { throw error(node, "\(key) must be a list.") }
    return Array(sequence)
  }
}
