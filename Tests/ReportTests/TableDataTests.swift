import FabricatedFindings
import Foundation
import Plot
import Testing
import Words

@testable import Report

@Suite("Tables as data")
struct TableDataTests {
  private func number(_ text: String, _ value: Double, _ id: String) -> BoundNumber {
    BoundNumber(text: text, value: value, id: id, detail: "", isShare: text.hasSuffix("%") && !id.hasSuffix("percent"))
  }

  private func interval(_ text: String, _ low: Double, _ high: Double) -> BoundInterval {
    BoundInterval(text: text, low: low, high: high, id: "")
  }

  private func table(_ rows: [[Prose]]) -> TableData {
    TableData(
      TableBlock(
        key: "k", label: "Table 1", caption: "C", columns: [.init("Name"), .init("A", .right), .init("B", .right)],
        rows: rows, groups: []))
  }

  @Test("A number with its interval is three columns, an interval alone two, words stay words")
  func csv() {
    let share = number("89.4%", 0.8938, "top1_agreement@1/nf4/all")
    let change = number("+0.97%", 0.9712, "cross_entropy@1/nf4/all/percent")
    let data = table([
      ["a", "\(share) \(interval("[88.9%, 89.9%]", 0.889, 0.899))", "\(interval("[−0.1%, +1.2%]", -0.1, 1.2))†"],
      ["b", "\(change)†", "–"], ["c, d", "–", "not measured"],
    ])
    #expect(
      data.csv
        == "Name,A,\"A, low\",\"A, high\",\"B, low\",\"B, high\"\na,0.8938,0.889,0.899,-0.1,1.2\nb,0.9712,,,,\n\"c, d\",,,,,\n"
    )
    let mixed = table([["a", "\(change) \(interval("[0.1%, 1.2%]", 0.1, 1.2))", "6,258"], ["b", "about 1", "12"]])
    #expect(mixed.csv == "Name,A,B\na,\"'+0.97% [0.1%, 1.2%]\",6258\nb,about 1,12\n")
  }

  @Test("Numbers are read as they are printed")
  func printed() {
    #expect(TableData.printed("−1,234.5%") == -1234.5)
    #expect(TableData.printed("2.1 × 10⁻⁵") == 2.1e-5)
    #expect(TableData.printed("many") == nil)
  }

  @Test("In every table, value and printed text are one number, and an interval stands around its value")
  func consistent() throws {
    var checked = 0
    for runs in [[Fabricated()], Fabricated.article] {
      for table in try runs.document().tables {
        let data = TableData(table)
        for (cells, row) in zip(data.cells, table.rows) {
          for (cell, prose) in zip(cells, row) {
            guard case .number(let number) = cell, number.id != nil else { continue }
            guard case .number(let bound) = prose.inlines.first else { continue }
            let digits = bound.text.split(separator: ".").dropFirst().first?.filter(\.isNumber).count ?? 0
            let shown = try #require(TableData.printed(bound.text))
            #expect(
              abs(shown - bound.value * TableData.scale(of: bound)) <= 0.5000001 * pow(10, -Double(digits)),
              "\(bound.text)")
            if let low = number.low, let high = number.high {
              let step = pow(10, -Double(digits)) / TableData.scale(of: bound)
              #expect(low - step <= number.value && number.value <= high + step, "\(bound.text)")
              checked += 1
            }
          }
        }
      }
    }
    #expect(checked > 100)
  }

  @Test("The columns' units are the metrics', percent for changes in percent")
  func units() throws {
    let table = try #require(try Fabricated().document().tables.first { $0.key == "performance" })
    let data = TableData(table)
    let units = Dictionary(
      uniqueKeysWithValues: table.columns.indices.map { (table.columns[$0].title, data.unit(ofColumn: $0)) })
    #expect(units["Condition"] == .some(nil) && units["Top-1"] == "1")
    let nats = units["Cross-entropy"].flatMap { $0 }
    #expect(nats?.contains("nats") == true)
  }
}
