import Analysis
import FabricatedRuns
import Measures
import RunFile
import Testing

@testable import Plot
@testable import Report

@Suite("Figures of compared runs")
struct ComparisonFigureTests {
  private let folder = TemporaryFolder()

  private func run(_ name: String, _ change: (inout FabricatedRun) -> Void = { _ in }) throws -> RunReader {
    var run = FabricatedRun()
    (run.documentLength, run.replicates) = (40, 300)
    // So little noise that no loss falls below 0, whatever the seed.
    run.effects[1].lossNoise = 0.05
    change(&run)
    try run.write(to: folder.file(name))
    return try RunReader(folder.file(name))
  }

  private func compared(_ a: RunReader, _ b: RunReader) throws -> (comparison: RunComparison, figures: [Figure]) {
    var options = RunComparison.Options()
    options.replicates = 400
    let comparison = try RunComparison([a], [b], options)
    return (comparison, try DifferenceFigures.make(comparison, a: [Findings(of: a)], b: [Findings(of: b)]))
  }

  /// Words apart from each other and inside, as in every figure of the study.
  private func expectLegible(_ figure: Figure) throws {
    let fonts = try Shipped.fonts()
    for width in [Points.singleColumn, .doubleColumn] {
      let list = try figure.drawing(width: width, fonts: fonts)
      let page = Box(left: 0, top: 0, width: list.width, height: list.height)
      for (index, a) in list.texts.enumerated() {
        #expect(a.style.size >= 7 && page.contains(a.box), "“\(a.text)” leaves \(figure.key)")
        for b in list.texts[(index + 1)...] {
          #expect(!a.box.intersects(b.box), "“\(a.text)” and “\(b.text)” overlap in \(figure.key)")
        }
      }
    }
  }

  @Test(
    "a difference is drawn in percent of A with its interval on its margin, filled where the verdict is a difference")
  func forest() throws {
    let (comparison, figures) = try compared(run("a.h5"), run("b.h5") { $0.effects[1].lossChange = 0.16 })
    #expect(figures.map(\.key) == ["values", "differences"])
    for figure in figures { try expectLegible(figure) }
    let list = try figures[1].drawing(width: .doubleColumn, fonts: Shipped.fonts())
    var drawn = 0
    for row in comparison.differences
    where row.quantity == .value && row.stratum == .all && row.metric.id == Metric.crossEntropy.id {
      let point = try #require(list.commands(.point).first { $0.series == row.id })
      #expect(point.data[0] == row.relative)
      guard case .path(_, let fill, _) = point.shape else { continue }
      #expect((fill?.role == .ground) == !row.verdict.isDifferent)
      if let interval = row.relativeInterval {
        let bar = try #require(list.commands(.interval).first { $0.series == row.id })
        #expect(Array(bar.data.dropFirst()) == [interval.low, interval.high])
        #expect(
          list.commands(.region).contains {
            $0.panel == point.panel && Array($0.data.dropFirst()) == [-row.margin.size, row.margin.size]
          })
      }
      drawn += 1
    }
    #expect(drawn == 3)
    let nf4 = try #require(comparison.differences.first { $0.id == "cross_entropy@1/nf4/all" })
    #expect(nf4.verdict == .worse && figures[1].altText.plain.contains("(worse)"))
    #expect(figures[1].altText.numberIDs.contains("cross_entropy@1/nf4/all/relative"))
  }

  @Test("identical runs and runs that cannot be compared have no figures")
  func none() throws {
    let a = try run("a.h5")
    #expect(try compared(a, a).figures.isEmpty)
    #expect(try compared(a, run("b.h5") { $0.checkpointSHA256 = String(repeating: "f", count: 64) }).figures.isEmpty)
  }

  @Test("many runs stand in lanes, and means of replicates under them", arguments: [nil, "seed", "model"])
  func lanes(pivot: String?) throws {
    var readers: [RunReader] = []
    for seed in 1...4 as ClosedRange<UInt64> {
      readers.append(
        try run("\(seed).h5") { run in
          run.seed = seed
          run.tokensSHA256 = String(repeating: String(seed), count: 64)
          if seed == 4 { run.modelName = "another" }
        })
    }
    var options = RunTable.Options()
    options.pivot = pivot
    let table = try RunTable(readers, options)
    let figure = try #require(try RunTableFigure.make(table))
    try expectLegible(figure)
    let list = try figure.drawing(width: .doubleColumn, fonts: Shipped.fonts())
    let row = try #require(
      table.rows.first { $0.metric.id == Metric.crossEntropy.id && $0.condition == "nf4" && $0.quantity == .value })
    let mean = try #require(table.spread(row, over: [0, 1, 2])).mean
    let values = row.values.compactMap { $0?.value }
    let drawn = Set(list.commands(.point).filter { $0.panel == 0 && $0.data[1] == 2 }.map { $0.data[0] })
    switch pivot {
    case nil: #expect(drawn == Set(values + [mean]))
    case "seed": #expect(drawn == Set(values))
    default: #expect(drawn == [mean, values[3]])
    }
  }
}
