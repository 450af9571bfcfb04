import Analysis
import Plot

/// The sentences of a report's key findings, and what two reports say differently.
public struct ReportSentences: Sendable, Equatable {
  /// Each finding's heading with its sentences, in order.
  var findings: [(heading: String, sentences: [String])]

  public static func == (a: Self, b: Self) -> Bool {
    a.findings.elementsEqual(b.findings) { $0.heading == $1.heading && $0.sentences == $1.sentences }
  }

  /// - Parameters:
  ///   - all: one per model, as the report is made from them.
  ///   - reference: the numbers that the article published.
  /// - Throws: as `ReportBuilder`.
  public init(of all: [Findings], reference: PublishedReference) throws {
    findings = []
    for block in try ReportBuilder(all, reference: reference).summary().blocks {
      switch block {
      case .list(let points):
        for point in points {
          // A point begins with its name in strong letters.
          guard case .strong(let name) = point.inlines.first else {
            findings.append(("", Self.sentences(point.plain)))
            continue
          }
          findings.append((name, Self.sentences(Prose(Array(point.inlines.dropFirst())).plain)))
        }
      case .note(let note): findings.append((note.title + ".", Self.sentences(note.text.plain)))
      case .paragraph(let prose): findings.append(("In plain words.", Self.sentences(prose.plain)))
      default: break
      }
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

  /// What differs, finding by finding. Sentences that say the same of other numbers stand beside each other.
  public static func differences(_ a: ReportSentences, _ b: ReportSentences) -> [Difference] {
    var headings = a.findings.map(\.heading)
    headings += b.findings.map(\.heading).filter { !headings.contains($0) }
    var result: [Difference] = []
    for heading in headings {
      func own(_ report: ReportSentences) -> [String] { report.findings.filter { $0.heading == heading }.flatMap(\.sentences) }
      let (x, y) = (own(a), own(b))
      var pairs: [(String?, String?)] = []
      for (i, j) in Self.aligned(x.map(shape), y.map(shape)) {
        let pair = (i.map { x[$0] }, j.map { y[$0] })
        // A sentence that one side lost stands beside the one that the other has gained instead.
        if let last = pairs.last, pair.0 == nil, last.1 == nil {
          pairs[pairs.count - 1].1 = pair.1
        } else if let last = pairs.last, pair.1 == nil, last.0 == nil {
          pairs[pairs.count - 1].0 = pair.0
        } else {
          pairs.append(pair)
        }
      }
      result += pairs.filter { $0.0 != $0.1 }.map { Difference(heading: heading, a: $0.0, b: $0.1) }
    }
    return result
  }

  /// A sentence without its numbers.
  private static func shape(_ sentence: String) -> String { sentence.filter { !$0.isNumber && !"+−.,%[]".contains($0) } }

  /// Pieces of a sentence, each with whether the other sentence lacks it.
  static func words(_ sentence: String, against other: String?) -> [(text: String, isDifferent: Bool)] {
    let own = sentence.split(separator: " ").map(String.init)
    guard let other else { return [(sentence, false)] }
    let shared = aligned(own, other.split(separator: " ").map(String.init)).compactMap { $0.1 == nil ? nil : $0.0 }
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

  /// Two lists in one order, equal items beside each other: a longest common subsequence.
  private static func aligned(_ a: [String], _ b: [String]) -> [(Int?, Int?)] {
    // Length of the longest common subsequence of the ends that begin at i and j.
    var longest = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in a.indices.reversed() {
      for j in b.indices.reversed() {
        longest[i][j] = a[i] == b[j] ? longest[i + 1][j + 1] + 1 : max(longest[i + 1][j], longest[i][j + 1])
      }
    }
    var (i, j) = (0, 0)
    var pairs: [(Int?, Int?)] = []
    while i < a.count || j < b.count {
      if i < a.count, j < b.count, a[i] == b[j] {
        pairs.append((i, j))
        (i, j) = (i + 1, j + 1)
      } else if j == b.count || (i < a.count && longest[i + 1][j] >= longest[i][j + 1]) {
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
