import Analysis
import Measures
import Plot
import Words

@testable import Report

/// The section of a toy experiment: all that it needs in the report, its figure included.
struct LargestSection: ReportSection {
  static let key: Section.Key = "largest"
  static let title = "Largest activation"
  static let figures: [StudyFigure] = [.largest]
  static let measure: Measure? = .largest
  let report: ReportBuilder

  var isMeasured: Bool { models.contains { $0.numbers.has(.largest) } }

  func blocks() throws -> [Block] {
    let rows = try rows(conditions, measured: { $0.numbers.has(.largest, $1) }) { model, name in
      [Prose(try model.numbers.value(.largest, name)), try model.numbers.changeWithInterval(.largest, name) ?? "–"]
    }
    return try blocks(.largestChange, .largest) + [
      table(
        "largest", caption: "Largest activations by condition.",
        columns: conditionColumns + [.init("Largest", .right), .init("Change", .right)], rows: rows)
    ]
  }

  func aspect() -> Prose? { "how large its activations are" }

  func frontFindings(atMost: Int) throws -> [FrontFinding] {
    [try report.changeFinding(.largestChange, .largest, .all, "The largest activation", atMost: atMost)].compactMap(
      \.self)
  }

  func tests() -> [TestKind: [TestRow]] {
    [.primary: [("Largest activation", "Mean of the largest of each token", { $0.numbers.has(.largest) })]]
  }

  func results() throws -> [TestKind: [ResultRow]] {
    [
      .primary: [
        resultRow(
          "Largest activation", .largestChange, .largest, start: "Activations ",
          Self.words("grow much", "grow a little", "stay as they are", fall: "shrink"))
      ]
    ]
  }

  func conclusion(_ condition: String, _ model: ReportModel) -> Prose? {
    model.outcome(.largestChange, condition)?.direction == 1 ? "its activations grow" : nil
  }

  func limitations() throws -> [Concern: [Prose]] {
    [.measure: ["A mean of largest activations hides the largest of all."]]
  }

  func glossary() -> [String: Prose] { ["activation": "A number of the residual stream."] }
  func headline(_ model: ReportModel) throws -> String? { "Activations: measured." }
}

extension StudyFigure {
  static let largest: StudyFigure = StudyFigure("largest") { all in
    let models = all.filter { $0.numbers.has(.largest) }
    guard let model = models.first else { return .absent(reason: "The run did not measure the largest activation.") }
    let marks = model.conditions.entries.flatMap { entry -> [Mark] in
      guard let finding = model.findings.finding(.largest, condition: entry.name) else { return [] }
      return .vertical(
        finding.estimate.value, finding.estimate.interval, at: entry.bits, dodge: entry.dodge, entry.style,
        series: entry.name)
    }
    let panel = Panel(
      x: model.conditions.axis, y: Axis("Largest activation", unit: "1", .linear(fromZero: true)), marks: marks)
    return .figure(
      Figure(
        key: "largest", title: "Largest activation", caption: "\(try models.sample()).",
        altText: "Dot plot.", table: models.table(words: ["condition"], numbers: []) { _ in [] },
        content: .panels([panel], columns: 1, key: [])))
  }
}
