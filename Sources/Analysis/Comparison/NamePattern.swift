/// A name with `*` for any characters, none included, and `?` for one.
public struct NamePattern: Sendable, Equatable {
  public let text: String
  private let pattern: [Character]

  public init(_ text: String) {
    self.text = text
    pattern = Array(text)
  }

  public var isWildcard: Bool { pattern.contains("*") || pattern.contains("?") }

  public func matches(_ name: String) -> Bool {
    let name = Array(name)
    var (p, n) = (0, 0)
    // Where to go on from when what follows the last star does not fit.
    var star: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == "*" {
        star = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == name[n] {
        (p, n) = (p + 1, n + 1)
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        (p, n) = (last.pattern + 1, last.name + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}
