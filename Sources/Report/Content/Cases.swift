import Analysis
import Measures
import Words

/// A compressed condition on one model.
struct Case: Equatable {
  var condition: String
  var model: String
}

/// All compressed conditions of all models of a report, and how some of them are named in a sentence.
struct Cases {
  let findings: [Findings]

  var all: [Case] {
    let conditions = findings.flatMap(\.compressed).map(\.name).distinct
    return conditions.flatMap { condition in
      findings.filter { $0.compressed.contains { $0.name == condition } }
        .map { Case(condition: condition, model: $0.description.model.name) }
    }
  }

  private var areSeveral: Bool { findings.count > 1 }

  func findings(_ one: Case) -> Findings? { findings.first { $0.description.model.name == one.model } }

  func outcome(_ question: Verdict.Question, _ one: Case) -> Verdict.Outcome? {
    findings(one)?.verdict(question, condition: one.condition).flatMap { $0 == .notMeasured ? nil : $0 }
  }

  /// Cases of one outcome together, the worst first.
  func groups(_ question: Verdict.Question) -> [(outcome: Verdict.Outcome, cases: [Case])] {
    all.compactMap { one in outcome(question, one).map { (one, $0) } }.grouped { $0.1 }
      .map { (outcome: $0.key, cases: $0.elements.map(\.0)) }.sorted { $0.outcome.concern > $1.outcome.concern }
  }

  /// How far a verdict's number is from zero, in margins.
  func margins(_ metric: Metric, _ stratum: Stratum, _ one: Case) -> Double? {
    findings(one)?.finding(metric, condition: one.condition, stratum: stratum)?.judged.map {
      $0.value.magnitude / metric.margin.size
    }
  }

  // MARK: Names

  /// Cases as a sentence names them: each by itself up to a number of them, else all as one, by how many they are.
  func pieces(_ cases: [Case], atMost: Int = 3) -> [(name: Prose, cases: [Case])] {
    let conditions = cases.map(\.condition).distinct
    var pieces = conditions.flatMap { condition -> [(name: Prose, cases: [Case])] in
      let own = cases.filter { $0.condition == condition }
      if !areSeveral { return [("\(strong: condition)", own)] }
      if own.count == findings.count {
        return [("\(strong: condition) on \(own.count == 2 ? "both" : "all \(CountWord.of(own.count))") models", own)]
      }
      return own.map { ("\(strong: condition) on \($0.model)", [$0]) }
    }
    guard pieces.count > atMost else { return pieces }
    let kind = areSeveral ? "compressions" : "conditions"
    let count =
      cases.count == all.count
      ? "all \(CountWord.of(all.count)) \(kind)" : "\(CountWord.of(cases.count)) of \(CountWord.of(all.count)) \(kind)"
    pieces = [(Prose(count), cases)]
    return pieces
  }

  /// "int8 and nf4", "seven of eleven conditions".
  func phrase(_ cases: [Case], atMost: Int = 3) -> String {
    let names = pieces(cases, atMost: atMost).map(\.name.plain)
    // "int8 and nf4 on both models"
    let all = " on \(findings.count == 2 ? "both" : "all \(CountWord.of(findings.count))") models"
    let everywhere = names.filter { $0.hasSuffix(all) }
    guard everywhere.count > 1 else { return names.listed }
    return ([everywhere.map { String($0.dropLast(all.count)) }.listed + all] + names.filter { !$0.hasSuffix(all) })
      .listed
  }
}

/// Counts in words where they are small.
enum CountWord {
  static func of(_ count: Int) -> String {
    let words = [
      "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ]
    return words.indices.contains(count) ? words[count] : NumberText.integer(count)
  }
}

extension Verdict.Outcome {
  /// Of numbers that are better when they are lower: the worse, the higher.
  var concern: Int {
    switch self {
    case .largeRise: 8
    case .smallRise: 7
    case .openRise: 6
    case .undecided: 5
    case .negligible: 4
    case .identical: 3
    case .openFall: 2
    case .smallFall: 1
    case .largeFall: 0
    default: -1
    }
  }

  /// How much there is to say: large, small, undecided, nothing.
  var weight: Int {
    switch self {
    case .largeRise, .largeFall: 3
    case .smallRise, .smallFall: 2
    case .undecided, .openRise, .openFall: 1
    default: 0
    }
  }
}
