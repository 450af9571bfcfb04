import Foundation
import Testing

@testable import Analysis

/// Reports on simulated runs of 51,200 tokens (docs/validation.md has the table).
///
///     CLEARBOX_SIMULATED_REPORTS=1000 swift test -c release -Xswiftc -enable-testing --filter SimulatedReportTests
@Suite("Verdicts on simulated runs")
struct SimulatedReportTests {
  private let asked = ProcessInfo.processInfo.environment["CLEARBOX_SIMULATED_REPORTS"].flatMap(Int.init)
  private var studies: Int { asked ?? 60 }

  private func outcomes(rise: Double) -> [[String: Verdict.Outcome]] {
    concurrently(studies) { study in
      var chance = Chance(seed: 4000 + UInt64(study))
      return SimulatedReport(tokens: 51_200, rise: rise, &chance)
        .outcomes(replicates: asked == nil ? 399 : 2000, seed: UInt64(study))
    }
  }

  private func tell(_ title: String, _ all: [[String: Verdict.Outcome]]) {
    guard asked != nil, let names = all.first?.keys.sorted() else { return }
    for name in names {
      let words = Verdict.Outcome.allCases.compactMap { word in
        let count = all.count { $0[name] == word }
        return count > 0 ? "\(word.rawValue) \(count)" : nil
      }
      print("| \(title) | \(name) | \(words.joined(separator: ", ")) |")
    }
  }

  @Test("Where rounding alone tells two conditions apart, at most 5 % of reports claim any change")
  func roundingAlone() {
    let all = outcomes(rise: 0)
    tell("rounding alone", all)
    let claims = all.count { $0.values.contains { $0.direction != 0 } }
    if asked != nil { print("reports with a claim: \(claims) of \(all.count)") }
    let slack = asked == nil ? 3 * (0.05 * 0.95 / Double(studies)).squareRoot() : 0
    #expect(Double(claims) <= (0.05 + slack) * Double(studies))
  }

  @Test("A rise of cross-entropy by twice its margin gets its word in at least 80 % of reports")
  func plantedRise() {
    let all = outcomes(rise: 0.01)
    tell("cross-entropy +1 %", all)
    let right = all.count { $0["cross-entropy"] == .smallRise }
    if asked != nil { print("right: \(right) of \(all.count)") }
    let slack = asked == nil ? 3 * (0.8 * 0.2 / Double(studies)).squareRoot() : 0
    #expect(Double(right) >= (0.8 - slack) * Double(studies))
  }
}
