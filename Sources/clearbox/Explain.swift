import Analysis
import ArgumentParser
import Foundation
import Report
import Words

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Derive a number of the report from the raw measurements, step by step.",
    discussion: """
      Point at a number in report.html to see its id, for example fvu@1/nf4/all/percent. Without an id, all ids of the \
      run are listed with their values. The sums are made anew, row by row, and compared with the report's: exit code 1 \
      when they differ by more than rounding.
      """)

  @Argument(help: ArgumentHelp("Run file, or folder of parts.", valueName: "run"))
  var path: String

  @Argument(help: ArgumentHelp("A number's id; an id that begins with the model's name will do.", valueName: "id"))
  var id: String?

  func run() throws {
    let reader = try Render.open(path)
    let findings = try Findings(of: reader)
    let formats = NumberFormats(findings)
    guard let id else {
      for id in findings.numberIDs {
        guard let address = NumberAddress(id), let estimate = findings.estimate(at: address) else { continue }
        Terminal.say("\(id)  \(try Self.shown(estimate, address, formats))")
      }
      return
    }
    let prefix = findings.description.model.name + "/"
    let derivation = try Derivation(
      of: id.hasPrefix(prefix) ? String(id.dropFirst(prefix.count)) : id, in: reader, findings)
    for line in try Self.lines(derivation, findings, formats) { Terminal.say(line) }
    guard derivation.agrees else { throw ExitCode(1) }
  }

  /// As the report prints it, with its interval.
  private static func shown(_ estimate: Estimate, _ address: NumberAddress, _ formats: NumberFormats) throws -> String {
    try formats.text(estimate, at: address) + (try formats.interval(estimate, at: address).map { " \($0)" } ?? "")
  }

  static func lines(_ derivation: Derivation, _ findings: Findings, _ formats: NumberFormats) throws -> [String] {
    let reported = derivation.reported
    let bootstrap = findings.description.bootstrap
    var lines = [
      "\(derivation.address.id) = \(try shown(reported, derivation.address, formats))", "",
      derivation.definition.typeset, derivation.explanation.typeset, "",
    ]
    for (index, step) in derivation.steps.enumerated() {
      lines.append("\(index + 1). \(step.text.typeset)")
      lines.append("   \(step.value)")
    }
    lines += ["", "   derived   \(derivation.value)", "   reported  \(reported.value)"]
    lines.append(
      derivation.agrees
        ? "   The same up to rounding (the order of summing differs)."
        : "   THEY DIFFER: the report's number does not follow from the raw rows.")
    var unit = findings.unit.rawValue + "s"
    var method =
      "symmetric studentized bootstrap, \(NumberText.integer(bootstrap.replicates)) replicates over \(unit), seed \(findings.description.seed)"
    if case .feature = derivation.address {
      unit = "groups of documents"
      method = "by the jackknife over \(unit), Student's t"
    }
    if reported.tokenCount > 0 {
      lines.append(
        "   \(NumberText.integer(reported.tokenCount)) tokens in \(NumberText.integer(reported.clusterCount)) \(unit)"
      )
    }
    if let interval = reported.interval {
      lines += [
        "",
        "Interval [\(interval.low), \(interval.high)]:",
        "   \(try NumberText.fixed(interval.level * 100, decimals: 0))% \(method)"
          + (derivation.isDifference ? ", both conditions resampled together" : ""),
      ]
    }
    return lines
  }
}
