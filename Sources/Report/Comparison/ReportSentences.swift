import Analysis
import Words

/// The sentences of a report's front page and of its experiments, and what two reports say differently.
public struct ReportSentences: Sendable, Equatable {
  /// Each finding's heading with its sentences, in order.
  var findings: [(heading: String, sentences: [String])]

  public static func == (a: Self, b: Self) -> Bool {
    a.findings.elementsEqual(b.findings) { $0.heading == $1.heading && $0.sentences == $1.sentences }
  }

  init(findings: [(heading: String, sentences: [String])]) { self.findings = findings }

  /// - Parameters:
  ///   - all: one per model, as the report is made from them.
  ///   - reference: the numbers that the article published.
  /// - Throws: as `ReportBuilder`.
  public init(of all: [Findings], reference: PublishedReference) throws {
    findings = []
    // Of the whole document: only there do references have their numbers.
    let document = try ReportBuilder.document(of: all, reference: reference)
    for section in document.sections where section.key == .summary || Self.experiments.contains(section.key) {
      for block in section.blocks {
        switch block {
        case .lead(let prose), .paragraph(let prose): add(section.title + ".", prose)
        case .list(let points): for point in points { add(section.title + ".", point) }
        case .note(let note): add(note.title + ".", note.text)
        default: break
        }
      }
    }
  }

  /// Sections that report on what was measured.
  private static var experiments: [Section.Key] {
    ReportSections.all.filter { !$0.figures.isEmpty && $0.key != MethodologySection.key }.map { $0.key }
  }

  private mutating func add(_ heading: String, _ prose: Prose) {
    let sentences = Self.sentences(prose.plain)
    if findings.last?.heading == heading {
      findings[findings.count - 1].sentences += sentences
    } else {
      findings.append((heading, sentences))
    }
  }

  /// A sentence ends at a full stop, question or exclamation mark before a space and what begins no number or lower-case word.
  static func sentences(_ text: String) -> [String] {
    var sentences: [String] = []
    var current = ""
    let characters = Array(text)
    for (index, character) in characters.enumerated() {
      if character == " ", current.isEmpty { continue }
      current.append(character)
      guard ".?!".contains(character), index + 2 < characters.count, characters[index + 1] == " ",
        !characters[index + 2].isLowercase, !characters[index + 2].isNumber
      else { continue }
      sentences.append(current)
      current = ""
    }
    return current.isEmpty ? sentences : sentences + [current]
  }

  /// A sentence that two reports do not share; nil where one has none in its place.
  public struct Difference: Sendable, Equatable {
    public var heading: String
    public var a: String?
    public var b: String?
  }

  /// What differs, finding by finding. Sentences that share half of their words or more stand beside each other.
  public static func differences(_ a: ReportSentences, _ b: ReportSentences) -> [Difference] {
    var headings = a.findings.map(\.heading)
    headings += b.findings.map(\.heading).filter { !headings.contains($0) }
    var result: [Difference] = []
    for heading in headings {
      func own(_ report: ReportSentences) -> [String] {
        report.findings.filter { $0.heading == heading }.flatMap(\.sentences)
      }
      let (x, y) = (own(a), own(b))
      let (wordsA, wordsB) = (x.map(bareWords), y.map(bareWords))
      let pairs = aligned(x.count, y.count) { similarity(wordsA[$0], wordsB[$1]) }
      result += pairs.compactMap { i, j in
        let (own, other) = (i.map { x[$0] }, j.map { y[$0] })
        return own == other ? nil : Difference(heading: heading, a: own, b: other)
      }
    }
    return result
  }

  /// A sentence's words without numbers, each as often as it stands there.
  private static func bareWords(_ sentence: String) -> [String: Int] {
    let words = sentence.split(separator: " ").map { $0.filter { !$0.isNumber && !"+−.,;:()%[]".contains($0) } }
    return Dictionary(words.filter { !$0.isEmpty }.map { ($0, 1) }, uniquingKeysWith: +)
  }

  /// The share of words that two sentences have in common, 0 to 1.
  private static func similarity(_ a: [String: Int], _ b: [String: Int]) -> Double {
    let shared = a.reduce(0) { $0 + min($1.value, b[$1.key] ?? 0) }
    let all = a.values.reduce(0, +) + b.values.reduce(0, +)
    return all == 0 ? 0 : 2 * Double(shared) / Double(all)
  }

  /// Pieces of a sentence, each with whether the other sentence lacks it.
  static func words(_ sentence: String, against other: String?) -> [(text: String, isDifferent: Bool)] {
    let own = sentence.split(separator: " ").map(String.init)
    guard let other else { return [(sentence, false)] }
    let others = other.split(separator: " ").map(String.init)
    let shared = aligned(own.count, others.count) { own[$0] == others[$1] ? 1 : 0 }.compactMap {
      $0.1 == nil ? nil : $0.0
    }
    var pieces: [(text: String, isDifferent: Bool)] = []
    for (index, word) in own.enumerated() {
      let isDifferent = !shared.contains(index)
      if let last = pieces.last, last.isDifferent == isDifferent {
        pieces[pieces.count - 1].text += " " + word
      } else {
        pieces.append((word, isDifferent))
      }
    }
    return pieces
  }

  /// Two lists in their orders, items that are alike by half or more beside each other: the pairs with the largest sum of
  /// scores. Where there are only 0 and 1, a longest common subsequence.
  private static func aligned(_ a: Int, _ b: Int, score: (Int, Int) -> Double) -> [(Int?, Int?)] {
    // The largest sum over the ends that begin at i and j.
    var best = [[Double]](repeating: [Double](repeating: 0, count: b + 1), count: a + 1)
    func paired(_ i: Int, _ j: Int) -> Double? {
      let own = score(i, j)
      return own >= 0.5 ? best[i + 1][j + 1] + own : nil
    }
    for i in (0..<a).reversed() {
      for j in (0..<b).reversed() { best[i][j] = max(best[i + 1][j], best[i][j + 1], paired(i, j) ?? 0) }
    }
    var (i, j) = (0, 0)
    var pairs: [(Int?, Int?)] = []
    while i < a || j < b {
      if i < a, j < b, paired(i, j) == best[i][j] {
        pairs.append((i, j))
        (i, j) = (i + 1, j + 1)
      } else if j == b || (i < a && best[i + 1][j] >= best[i][j + 1]) {
        pairs.append((i, nil))
        i += 1
      } else {
        pairs.append((nil, j))
        j += 1
      }
    }
    return pairs
  }
}
