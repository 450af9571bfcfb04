import Foundation

/// A regular expression of a file that names layers, in the part of Python's syntax that POSIX has as well, so that the C
/// library matches it in time that grows with its length, whatever it is: patterns come from strangers.
struct ModulePattern {
  private let expression: String

  private static let longest = 500
  private static let special = Set(".[](){}*+?^$|\\")

  /// - Returns: nil where a pattern is longer than 500 bytes, or has what POSIX lacks: counted or possessive repeats, groups
  ///   other than `(?:…)`, backward references, a backslash in brackets.
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
        // Before other characters a backslash means something else to the C library.
        case _ where Self.special.contains(escaped): posix += "\\\(escaped)"
        default: posix.append(escaped)
        }
        continue
      case "{" where !isInBrackets: return nil
      case "*", "+", "?": if !isInBrackets, rest.first == "+" { return nil }
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
    // By itself as well: "a)|(b" is no pattern, and would become one between parentheses.
    guard Self.compiled(posix, { _ in true }) != nil, Self.compiled(expression, { _ in true }) != nil else {
      return nil
    }
  }

  /// As Python's `re.match`: whether the name begins with what the pattern describes.
  func matches(_ name: String) -> Bool {
    Self.compiled(expression) { regexec(&$0, name, 0, nil, 0) == 0 } ?? false
  }

  private static func compiled<Result>(_ expression: String, _ body: (inout regex_t) -> Result) -> Result? {
    var compiled = regex_t()
    guard regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB) == 0 else { return nil }
    defer { regfree(&compiled) }
    return body(&compiled)
  }
}
