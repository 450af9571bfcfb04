import Analysis
import FabricatedRuns
import Foundation
import Measures
import RunFile
import Testing

@testable import Exchange

@Suite("The article's JSON becomes summary runs")
struct ArticleImportTests {
  private let folder = TemporaryFolder()
  private let small = "google/gemma-3-4b-pt"
  private let large = "google/gemma-3-12b-pt"

  private func source() throws -> SortedJSON { try parsed(Data(contentsOf: golden("article.json"))) }

  private func imported() throws -> [RunReader] {
    try Import.file(golden("article.json").path, to: folder.path, program: program).map { try RunReader($0) }
  }

  @Test("Every value is found again, with its count of tokens and without an interval")
  func values() throws {
    let source = try source()
    let runs = try imported()
    #expect(runs.map(\.description.model.name) == [small, large])
    #expect(folder.names() == ["gemma-3-12b-pt.h5", "gemma-3-4b-pt.h5"])
    let keys: [(part: String, key: String, metric: Metric)] = [
      ("sae", "fvu", .fvuArticle), ("sae", "l0", .l0), ("sae", "mse", .mse),
      ("noise_floor", "pert_rel_l2", .perturbation), ("noise_floor", "ratio", .noiseFloorArticle),
      ("noise_floor", "sae_residual_rel", .relativeResidual), ("performance", "cross_entropy", .crossEntropy),
      ("performance", "perplexity", .perplexity),
    ]
    var checked = 0
    for run in runs {
      let findings = try Findings(of: run)
      for (bits, condition) in [("bf16", "bf16"), ("8bit", "int8"), ("4bit", "nf4")] {
        let entry = try #require(source["conditions", run.description.model.name, bits])
        for (part, key, metric) in keys {
          let finding = findings.finding(metric, condition: condition)
          #expect(finding?.estimate.value == entry[part, key]?.number, "\(bits) \(part).\(key)")
          guard let finding else { continue }
          #expect(finding.estimate.interval == nil)
          #expect(Double(finding.estimate.tokenCount) == entry[part, "tokens"]?.number)
          checked += 1
        }
        let snapshots = findings.snapshots.filter { $0.condition == condition }
        let stability = entry["sae", "stability"]?.elements ?? []
        #expect(snapshots.map { $0.estimate.value } == stability.compactMap { $0["fvu"]?.number })
        #expect(snapshots.map(\.tokens) == [6144, 20480, 51200, 100_352, 200_704, 500_224])
        #expect(snapshots.map(\.requestedTokens) == [5000, 20000, 50000, 100_000, 200_000, 500_000])
      }
    }
    // 2 models × (3 + 5 + 5 bf16…): all but what failed: noise floor of one, accuracy of another.
    #expect(checked == 2 * (3 * 3 + 2 * 3 + 3 * 2) - 3 - 2)
  }

  @Test("Differences are plain, and verdicts that need an interval are inconclusive")
  func differencesAndVerdicts() throws {
    let findings = try imported().map { try Findings(of: $0) }
    let loss = try #require(findings[0].finding(.crossEntropy, condition: "nf4"))
    #expect(loss.change?.value == 2.3641 - 2.3172)
    #expect(loss.percentChange?.value == 100 * (2.3641 - 2.3172) / 2.3172)
    #expect(loss.change?.interval == nil && loss.percentChange?.interval == nil)
    #expect(findings[0].finding(.perturbation, condition: "nf4")?.change == nil)
    for question in Verdict.Question.allCases {
      let outcomes = findings[0].verdicts.filter { $0.question == question }.map(\.outcome)
      switch question {
      case .crossEntropyChange, .fvuArticleChange:
        #expect(outcomes == [.undecided, .undecided], "\(question)")
      case .fvuOrdinaryChange, .errorOrdinaryChange, .divergence, .disagreement, .fvuChangeStable, .featuresChanged,
        .spliceRiseChange:
        #expect(outcomes == [.notMeasured, .notMeasured], "\(question)")
      case .noiseFloor: #expect(outcomes == [.interpretWithCare, .interpretWithCare])
      case .fvuStable: #expect(outcomes == [.stable, .stable, .stable])
      default: Issue.record("\(question) is not expected")
      }
    }
    #expect(findings[1].verdict(.crossEntropyChange, condition: "int8") == .notMeasured)
    #expect(findings[1].verdict(.noiseFloor, condition: "nf4") == .notMeasured)
    #expect(findings[0].measured.tokens == 51200)
    #expect(findings[0].measured.predictions == 51100)
    #expect(findings[0].measured.chunks == 100)
    #expect(findings[0].cells == [] && findings[0].sources == [])
  }

  @Test("A difference of exactly zero is no proof that nothing changed")
  func zeroDifference() throws {
    let path = folder.file("same.json")
    let loss = try #require(try source()["conditions", small, "bf16", "performance"])
    try put(source().replacing(["conditions", small, "8bit", "performance"], by: loss).data(), at: path)
    let files = try Import.file(path, to: folder.file("out"), program: program)
    #expect(try Findings(of: RunReader(files[0])).verdict(.crossEntropyChange, condition: "int8") == .undecided)
  }

  @Test("What the results do not say is filled in from the model's name, or not recorded")
  func description() throws {
    let run = try imported()[0].description
    #expect(run.origin?.file == "article.json")
    #expect(run.origin?.format == .articleJSON)
    #expect(run.origin?.sha256.count == 64)
    #expect(run.origin?.notMeasured == [])
    #expect(
      try imported()[1].description.origin?.notMeasured == [
        .init(condition: "int8", part: "performance", status: "N/A (OOM)"),
        .init(condition: "nf4", part: "noise_floor", status: "FAIL"),
      ])
    #expect(run.model.dModel == 2560 && run.model.layerCount == 34 && run.model.layer == 17)
    #expect(run.model.parameterCount == 3_880_263_168)
    #expect(run.model.checkpointSHA256 == "not recorded")
    #expect(run.provenance.kernels == "not recorded")
    #expect(run.provenance.startTime == "2026-06-24T12:01:02")
    #expect(run.provenance.cpu.hasPrefix("Fabricated GPU"))
    #expect(run.corpus.name == "NeelNanda/pile-10k")
    #expect(run.corpus.order == "shuffled as numpy does, seed 0, buffer 10000")
    #expect(run.corpus.chunkLength == 512)
    #expect(run.experiments == ["accuracy", "sae", "stabilization", "noise_floor"])
    #expect(run.conditions.map(\.name) == ["bf16", "int8", "nf4"])
    #expect(run.budget.headline == 50000)
  }

  @Test("A model of unknown shape has unknown width and bits")
  func unknownModel() throws {
    let path = folder.file("other.json")
    let entry = try #require(try source()["conditions", small])
    try put(source().replacing(["conditions"], by: .object(["acme/other-7b": entry])).data(), at: path)
    let run = try RunReader(Import.file(path, to: folder.file("out"), program: program)[0])
    #expect(run.description.model.dModel == 0 && run.description.model.layer == -1)
    #expect(run.description.conditions.map(\.effectiveBitsPerParameter) == [16, 0, 0])
    #expect(run.description.sae?.name == "not recorded")
    #expect(try Findings(of: run).finding(.fvuArticle, condition: "nf4")?.estimate.value == 0.00841)
  }

  @Test("The same source gives the same bytes, its content hash holds, and h5py reads it")
  func runFile() throws {
    let first = try Import.file(golden("article.json").path, to: folder.file("a"), program: program)
    let second = try Import.file(golden("article.json").path, to: folder.file("b"), program: program)
    #expect(try bytes(of: first[0]) == bytes(of: second[0]))
    let run = try RunReader(first[0])
    try run.verify()
    #expect(run.tokenCount == 0 && run.columns == [])
    #expect(try run.tokens().id == [])
    let summary = try #require(run.summary)
    let printed = try Python.run(
      """
      import sys, h5py
      with h5py.File(sys.argv[1]) as run:
          table = run["summary"]
          names = table["metric"].asstr()[:]
          rows = [i for i, name in enumerate(names) if name == "fvu_article@1" and table["requested_tokens"][i] == 0]
          print(run.attrs["schema_version"], len(table["value"]), len(run["tokens/id"]), table["value"].dims[0][0].name,
                *[table["condition"].asstr()[i] for i in rows], *[table["value"][i] for i in rows])
      """, [first[0]])
    #expect(printed == "2 \(summary.count) 0 /summary/row bf16 int8 nf4 0.00813 0.00815 0.00841\n")
  }

  @Test(
    "A summary with a column missing, short or of another kind is refused",
    arguments: [
      ("del f['summary/value']", "value is missing"),
      ("del f['summary/tokens']; f['summary/tokens'] = np.zeros(3, 'i4')", "tokens is not 72 numbers of int32"),
      ("del f['summary/metric']; f['summary/metric'] = np.zeros(72)", "metric is not 72 texts of fixed length"),
    ])
  func damagedSummary(change: String, words: String) throws {
    let file = try Import.file(golden("article.json").path, to: folder.path, program: program)[0]
    _ = try Python.run("import sys, h5py, numpy as np\nwith h5py.File(sys.argv[1], 'r+') as f: \(change)", [file])
    let error = #expect(throws: RunFileError.self) { try RunReader(file) }
    #expect(error?.description.contains("\(file): /summary: \(words)") == true, "\(error?.description ?? "")")
  }

  @Test(
    "Errors name the file, the place and what is expected",
    arguments: [
      Damage(
        "conditions.google/gemma-3-4b-pt.8bit.sae.fvu", .text("high"),
        "is the text \"high\", where a number is expected"),
      Damage("conditions.google/gemma-3-4b-pt.bf16.sae.l0", nil, "is missing"),
      Damage(
        "conditions.google/gemma-3-4b-pt.bf16.sae.tokens", .real(51200.5),
        "where a whole number, zero or more is expected"),
      Damage("conditions.google/gemma-3-4b-pt.bf16.sae.stability", .text("none"), "where a list is expected"),
      Damage(
        "conditions.google/gemma-3-4b-pt.3bit", .object([:]), "no bit width that is known; known are bf16, 8bit, 4bit"),
      Damage("conditions.google/gemma-3-4b-pt.bf16.behavior", .object([:]), "known are sae, noise_floor, performance"),
      Damage("conditions.google/gemma-3-4b-pt.bf16", nil, "has no bf16", at: "conditions.google/gemma-3-4b-pt"),
      Damage("conditions.google/gemma-3-4b-pt", .list([]), "is a list of 0, where an object is expected"),
      Damage("conditions", nil, "is missing"),
      Damage("metadata", nil, "is missing"),
      Damage("metadata.timestamp", .integer(5), "is 5, where a text is expected"),
      Damage("conditions.google/gemma-3-4b-pt.8bit.performance.status", .integer(3), "is 3, where a text is expected"),
    ])
  func damaged(_ damage: Damage) throws {
    let path = folder.file("damaged.json")
    try put(source().replacing(damage.steps, by: damage.value).data(), at: path)
    let error = #expect(throws: ExchangeError.self) { try Import.file(path, to: folder.file("out"), program: program) }
    let message = error.map(\.description) ?? ""
    #expect(message.hasPrefix("\(path): \(damage.place): "), "\(message)")
    #expect(message.contains(damage.words), "\(message)")
    #expect(folder.names("out").isEmpty, "nothing is written when something is wrong")
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    var place: String
    var steps: [String]
    var value: SortedJSON?
    var words: String

    init(_ path: String, _ value: SortedJSON?, _ words: String, at place: String? = nil) {
      steps = path.split(separator: ".").map(String.init)
      self.place = place ?? path
      self.value = value
      self.words = words
    }

    var testDescription: String { "\(place): \(words)" }
  }

  @Test("A file that is neither JSON nor HDF5, an absent one, and a model of which nothing was measured")
  func otherFiles() throws {
    try put(Data("fvu: 3".utf8), at: folder.file("text.json"))
    let error = #expect(throws: ExchangeError.self) {
      try Import.file(folder.file("text.json"), to: folder.file("out"), program: program)
    }
    #expect(error?.description.contains("neither a run file nor JSON") == true)
    #expect(throws: RunFileError.missing(path: folder.file("none.json"))) {
      try Import.file(folder.file("none.json"), to: folder.file("out"), program: program)
    }
    let empty = try source().replacing(
      ["conditions"], by: .object(["m": .object(["bf16": .object(["status": .text("FAIL")])])]))
    try put(empty.data(), at: folder.file("empty.json"))
    #expect(throws: ExchangeError.nothingMeasured(file: folder.file("empty.json"), model: "m")) {
      try Import.file(folder.file("empty.json"), to: folder.file("out"), program: program)
    }
  }
}

@Suite("Shapes of Gemma 3")
struct Gemma3ShapeTests {
  /// Parameter counts as transformers counts them; 4B without its vision tower and projector.
  @Test(
    "Parameters",
    arguments: [
      ("gemma-3-270m", 268_098_176), ("google/gemma-3-1b-it", 999_885_952), ("google/gemma-3-4b-pt", 3_880_263_168),
    ])
  func parameters(name: String, count: Int) {
    #expect(Gemma3Shape.named(name)?.parameterCount == count)
  }

  @Test("Bits per parameter count scales and what stays uncompressed")
  func bits() throws {
    let shape = try #require(Gemma3Shape.named("gemma-3-270m"))
    let nf4 = try #require(shape.bits(kind: "nf4", block: 64, doubleQuantization: true))
    #expect(abs(nf4.compressed - 4.127) < 0.001)
    #expect(abs(nf4.effective - 11.56) < 0.01)
    let int8 = try #require(shape.bits(kind: "int8", block: 64, doubleQuantization: false))
    #expect(abs(int8.effective - 13.02) < 0.01)
    #expect(Gemma3Shape.named("google/gemma-3n-E4B") == nil)
    #expect(Gemma3Shape.named("gemma-2-2b") == nil)
  }
}
