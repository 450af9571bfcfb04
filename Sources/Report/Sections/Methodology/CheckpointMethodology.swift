import Analysis
import RunFile
import Words

/// Conditions that take the model from files of their own: what tells them from conditions that the run made.
extension MethodologySection {
  /// Names of conditions of an origin, each once.
  private func names(_ origin: RunDescription.Condition.Origin) -> [String] {
    models.flatMap(\.description.conditions).filter { $0.origin == origin }.map(\.name).distinct
  }

  var hasCheckpoints: Bool { models.flatMap(\.description.conditions).contains { $0.checkpoint != nil } }

  /// Nothing where all conditions are made of the run's own weights.
  func originSentence() -> Prose {
    let (shipped, others) = (names(.shipped), names(.madeOfAnother))
    var sentences: Prose = ""
    if !shipped.isEmpty {
      sentences =
        sentences + """
           \(shipped.listed) \(shipped.count == 1 ? "is" : "are") \(strong: "shipped"): the whole model as somebody’s files have it, with \
          whatever rounding, calibration and further training they hold.
          """
    }
    if !others.isEmpty {
      sentences =
        sentences + """
           \(others.listed) \(others.count == 1 ? "is" : "are") compressed here from another checkpoint than the baseline’s.
          """
    }
    return sentences
  }

  /// Of conditions that the run made of its own weights.
  var madeNames: [String] {
    models.flatMap(\.description.conditions).filter { $0.origin == .made && !$0.isBaseline }.map(\.name).distinct
  }

  /// How much of shipped files the run's own rounding gives as well.
  func equalCodesParagraph() throws -> Prose? {
    var sentences: [Prose] = []
    for model in models {
      for condition in model.description.conditions {
        for count in condition.checkpoint?.equalCodes ?? [] where count.codes > 0 && count.scales > 0 {
          sentences.append(
            """
            Of the \(count: count.codes) codes of \(strong: condition.name), \(try Self.share(count.equal, of: count.codes)) are those \
            that the run’s own rounding, \(strong: count.condition), has there, and of its \(count: count.scales) scales \
            \(try Self.share(count.equalScales, of: count.scales)).
            """)
        }
      }
    }
    return sentences.isEmpty ? nil : sentences.dropFirst().reduce(sentences[0]) { $0 + " " + $1 }
  }

  /// "99.8731%"; "all" and "none" where that is exact.
  private static func share(_ part: Int, of whole: Int) throws -> String {
    if part == whole { return "all" }
    if part == 0 { return "none" }
    return try NumberText.fixed(100 * Double(part) / Double(whole), decimals: 4, of: "share of equal codes") + "%"
  }

  func checkpointsTable() throws -> Block? {
    guard hasCheckpoints else { return nil }
    var rows: [[Prose]] = []
    for model in models {
      for condition in model.description.conditions {
        guard let own = condition.checkpoint else { continue }
        rows.append(
          modelCell(model) + [
            "\(strong: condition.name)", Prose(condition.origin.rawValue),
            Prose(own.files.filter { $0 != "config.json" }.joined(separator: ", ")),
            Prose(own.storage + (own.reading.map { "; " + $0 } ?? "")), Prose(own.uncompressed ?? "–"),
            "\(code: String(own.sha256.prefix(12)))…",
          ])
      }
    }
    return table(
      "checkpoints", isNumbered: false,
      caption: "Conditions with a checkpoint of their own, and how its files store the weights.",
      columns: conditionColumns + [
        .init("Origin"), .init("Files"), .init("Stored as"), .init("Linear layers left alone"), .init("SHA-256"),
      ], rows: rows)
  }
}
