/// A number as it stands in the report, bound to where it comes from.
public struct BoundNumber: Sendable, Equatable {
  /// As printed, by the one formatter.
  public var text: String
  public var value: Double
  /// What it is, as `NumberAddress` reads it: `cross_entropy@1/nf4/all/percent`; behind the model's name where a report
  /// has several.
  public var id: String
  /// What a reader who points at it learns: definition, interval, sample.
  public var detail: String
  /// A share of 1, printed in percent.
  public var isShare: Bool
  /// Printed in thousandths, where all beside it are.
  public var isInThousandths = false

  public init(text: String, value: Double, id: String, detail: String, isShare: Bool = false) {
    self.text = text
    self.value = value
    self.id = id
    self.detail = detail
    self.isShare = isShare
  }
}

/// An interval as it stands in the report: of the number with this id.
public struct BoundInterval: Sendable, Equatable {
  /// As printed, `[+0.17%, +0.31%]`.
  public var text: String
  /// In the unit of the number's value.
  public var low: Double
  public var high: Double
  public var id: String

  public init(text: String, low: Double, high: Double, id: String) {
    self.text = text
    self.low = low
    self.high = high
    self.id = id
  }
}

/// Words with numbers in them.
public enum Inline: Sendable, Equatable {
  case text(String)
  case strong(String)
  case emphasis(String)
  case code(String)
  case number(BoundNumber)
  /// The ends of a number's interval, in brackets.
  case interval(BoundInterval)
  /// A table, figure or section of this report.
  case reference(anchor: String, text: String)
  case link(url: String, text: String)
  /// Words that a reader is to see at a glance.
  case marked(Role, String)

  /// What marked words say; formats choose how it looks.
  public enum Role: String, Sendable, CaseIterable {
    case better, worse
    /// Neither better nor worse, and to be looked at.
    case notable
    /// Nothing to be looked at.
    case calm
    /// Not in the text that this one is set against.
    case changed
  }
}

/// A sentence or more. Written as a string literal whose numbers are bound:
///
///     "Cross-entropy rises by \(percent) under \(strong: name)."
public struct Prose: Sendable, Equatable, ExpressibleByStringInterpolation {
  public var inlines: [Inline]

  public init(_ inlines: [Inline]) { self.inlines = inlines }
  public init(_ text: String) { inlines = [.text(text)] }
  public init(_ number: BoundNumber) { inlines = [.number(number)] }
  public init(stringLiteral value: String) { inlines = value.isEmpty ? [] : [.text(value)] }
  public init(stringInterpolation: Interpolation) { inlines = stringInterpolation.inlines }

  public struct Interpolation: StringInterpolationProtocol {
    var inlines: [Inline] = []

    public init(literalCapacity: Int, interpolationCount: Int) {}
    public mutating func appendLiteral(_ literal: String) { if !literal.isEmpty { inlines.append(.text(literal)) } }
    public mutating func appendInterpolation(_ text: String) { inlines.append(.text(text)) }
    public mutating func appendInterpolation(_ number: BoundNumber) { inlines.append(.number(number)) }
    public mutating func appendInterpolation(_ prose: Prose) { inlines += prose.inlines }
    public mutating func appendInterpolation(count: Int) { inlines.append(.text(NumberText.integer(count))) }
    public mutating func appendInterpolation(strong text: String) { inlines.append(.strong(text)) }
    public mutating func appendInterpolation(emphasis text: String) { inlines.append(.emphasis(text)) }
    public mutating func appendInterpolation(_ interval: BoundInterval) { inlines.append(.interval(interval)) }
    public mutating func appendInterpolation(_ role: Inline.Role, _ text: String) {
      inlines.append(.marked(role, text))
    }
    public mutating func appendInterpolation(code text: String) { inlines.append(.code(text)) }
    public mutating func appendInterpolation(to anchor: String, _ text: String) {
      inlines.append(.reference(anchor: anchor, text: text))
    }
    public mutating func appendInterpolation(link url: String, _ text: String) {
      inlines.append(.link(url: url, text: text))
    }
  }

  /// Words alone, for titles, metadata and the terminal.
  public var plain: String {
    inlines.map { inline in
      switch inline {
      case .text(let text), .strong(let text), .emphasis(let text), .code(let text): text
      case .interval(let interval): interval.text
      case .number(let number): number.text
      case .reference(_, let text), .link(_, let text), .marked(_, let text): text
      }
    }.joined()
  }

  /// Ids of its numbers, each once, in order.
  public var numberIDs: [String] {
    inlines.compactMap { if case .number(let number) = $0 { number.id } else { nil } }.distinct
  }

  public static func + (a: Prose, b: Prose) -> Prose { Prose(a.inlines + b.inlines) }
  public static func += (a: inout Prose, b: Prose) { a.inlines += b.inlines }

  /// Items as in a sentence: "a, b and c".
  public static func list(_ items: [Prose], last: String = "and") -> Prose {
    var result = Prose([])
    for (index, item) in items.enumerated() {
      if index > 0 { result += Prose(index < items.count - 1 ? ", " : last.hasPrefix(",") ? "\(last) " : " \(last) ") }
      result += item
    }
    return result
  }
}

extension [Prose] {
  /// Not `joined`, which would make arrays of string literals Prose.
  package func prose(separator: String) -> Prose {
    var result = Prose([])
    for (index, prose) in enumerated() { result += index > 0 && !separator.isEmpty ? Prose(separator) + prose : prose }
    return result
  }
}

extension DefaultStringInterpolation {
  /// Prose and numbers lose their bindings in a plain string, where Swift would print their insides.
  @available(*, unavailable, message: "say .plain, or make the literal a Prose")
  mutating func appendInterpolation(_ prose: Prose) {}

  @available(*, unavailable, message: "say .text, or make the literal a Prose")
  mutating func appendInterpolation(_ number: BoundNumber) {}

  @available(*, unavailable, message: "say .text, or make the literal a Prose")
  mutating func appendInterpolation(_ interval: BoundInterval) {}
}
