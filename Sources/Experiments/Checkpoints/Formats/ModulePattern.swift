import Foundation

/// A regular expression of a file that names layers, in the part of Python's syntax that POSIX has as well, so that the C
/// library matches it in time that grows with its length, whatever it is: patterns come from strangers.
struct ModulePattern {
  private let expression: String

  private static let longest = 500

  /// - Returns: nil where a pattern is longer than 500 bytes, or has what POSIX lacks: counted repeats, groups other than
  ///   `(?:…)`, backward references, a backslash in brackets.
  init?(python pattern: String) {
    guard pattern.utf8.count <= Self.longest, pattern.utf8.allSatisfy({ 32..<127 ~= $0 }) else { return nil }
    var posix = ""
    var rest = Substring(pattern)
    var isInBrackets = false
    while let first = rest.popFirst() {
      switch first {
      case "\\":
        guard !isInBrackets, let escaped = rest.popFirst() else { return nil }
        switch escaped {
        case "d": posix += "[0-9]"
        case "w": posix += "[A-Za-z0-9_]"
        case _ where escaped.isLetter || escaped.isNumber: return nil
        default: posix += "\\\(escaped)"
        }
        continue
      case "{" where !isInBrackets: return nil
      case "(" where !isInBrackets && rest.first == "?":
        guard rest.hasPrefix("?:") else { return nil }
        rest = rest.dropFirst(2)
      case "[" where !isInBrackets:
        isInBrackets = true
        // Here a closing bracket would be one of the characters; a class like [:alpha:] is none of Python's.
        if rest.hasPrefix("]") || rest.hasPrefix("^]") { return nil }
      case "[", "&", "~": if isInBrackets { return nil }
      case "]": isInBrackets = false
      default: break
      }
      posix.append(first)
    }
    expression = "^(\(posix))"
    guard withCompiled({ _ in true }) != nil else { return nil }
  }

  /// As Python's `re.match`: whether the name begins with what the pattern describes.
  func matches(_ name: String) -> Bool {
    withCompiled { compiled in regexec(&compiled, name, 0, nil, 0) == 0 } ?? false
  }

  private func withCompiled<Result>(_ body: (inout regex_t) -> Result) -> Result? {
    var compiled = regex_t()
    guard regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB) == 0 else { return nil }
    defer { regfree(&compiled) }
    return body(&compiled)
  }
}
