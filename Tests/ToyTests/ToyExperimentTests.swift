import Analysis
import FabricatedRuns
import Foundation
import Measures
import RunFile
import Testing

@testable import Experiments
@testable import Report

/// An experiment is its measurement file, its measure file and its section file, and a place in one list each: the three
/// lists below. It is measured on the real model, and reaches everything that tells of a measure.
@Suite("A toy experiment reaches everything, with no change elsewhere")
struct ToyExperimentTests {
  private let measures: [Measure] = .all + [.largest]
  private let catalog = ExperimentCatalog.all.adding(.largest) { _ in Largest() }
  private let sections = ReportSections.all + [LargestSection.self]

  private func run(_ tokens: Int, order seed: Int, in folder: TemporaryFolder) throws -> RunReader {
    let study = """
      title: A toy
      models:
        - name: gemma-3-270m
          checkpoint: ${CLEARBOX_CACHE}/gemma-3-270m-q4_k_m.gguf
          layer: 9
      corpus: { path: \(Shipped.root.path)/assets/corpus/study.jsonl, text: text, source: source, order: { shuffle: numpy, seed: \(seed), buffer: 10000 } }
      packing: { style: article, length: 128, batch: 4 }
      experiments: [accuracy, largest]
      conditions: [bf16, int8]
      tokens: { headline: \(tokens), snapshots: [] }
      """
    try Data(study.utf8).write(to: URL(fileURLWithPath: folder.file("study.yaml")))
    let plans = try ModelRun.plans(
      of: StudyFile(path: folder.file("study.yaml")), only: nil, tokens: nil, catalog: catalog)
    let file = folder.file("toy-\(seed).h5")
    try ModelRun(plans[0], threads: 2, commit: "unknown", catalog: catalog).measure(to: file) { _ in }
    return try RunReader(file)
  }

  @Test("run file, explain, diff, gate, report's section with table and figure, CSV, metric reference")
  func everything() throws {
    let folder = TemporaryFolder()
    // Texts enough for an interval, and other ones.
    let (short, long) = (try run(4096, order: 0, in: folder), try run(4096, order: 1, in: folder))

    let column = try #require(try short.values(Column.largest.key("int8")).float64s)
    #expect(column.count == 4096 && column.allSatisfy { $0 > 0 })
    #expect(short.definition(of: Column.largest.key("bf16"))?.meaning == Column.largest.meaning)

    let findings = try Findings(of: short, measures: measures)
    let finding = try #require(findings.finding(.largest, condition: "int8"))
    #expect(abs(finding.estimate.value - column.reduce(0, +) / 4096) < 1e-9 * finding.estimate.value)
    #expect(finding.change?.interval != nil && findings.finding(.largest, condition: "bf16", stratum: .ordinary) != nil)
    #expect(findings.verdict(.largestChange, condition: "int8") != nil)
    #expect(try Findings(of: short).finding(.largest, condition: "int8") == nil)

    let derivation = try Derivation(of: "largest@1/int8/all/change", in: short, findings)
    #expect(derivation.agrees && derivation.steps.contains { $0.text.contains("/measurements/int8/largest/largest") })
    #expect(Derivation.source(of: derivation.address, findings).rows.contains("{int8, bf16}/largest: largest"))

    var options = RunComparison.Options()
    options.measures = measures
    options.replicates = 200
    let comparison = try RunComparison([short], [long], options)
    let row = try #require(comparison.differences.first { $0.metric == .largest && $0.conditionA == "int8" })
    #expect(row.interval != nil && row.margin == .percent(1))
    let gates = try ["largest int8 <= +1000%", "largest int8 identical"].map { try Gate($0, metrics: measures.metrics) }
    let outcomes = try GateResults(gates, comparison).judgements.map(\.outcome)
    #expect(outcomes == [.passed, .failed])
    #expect(throws: ComparisonInputError.self) { try Gate("largest int8 identical") }

    let builder = try ReportBuilder([findings], reference: try Shipped.reference(), sections: sections)
    let document = try builder.document(author: nil)
    let printed = try NumberFormats(findings).value(finding.estimate, .largest)
    let table = try #require(document.tables.first { $0.key == "largest" })
    #expect(table.rows.last?[1].plain == printed && TableData(table).csv.contains("\(finding.estimate.value)"))
    #expect(document.figures.contains { $0.figure.key == "largest" })
    let page = try MarkdownWriter(templates: try Templates(folder: Shipped.templates), creator: "clearbox").write(
      document)
    #expect(page.contains("## Largest activation") && page.contains("The largest activation, "))

    #expect(MetricReference.metrics(of: .largest).contains("| `largest@1` | Σ max|x| ∕ N | 1 | – |"))
    #expect(MetricReference.columns(of: [.largest]).contains("`largest/largest`"))
  }
}
