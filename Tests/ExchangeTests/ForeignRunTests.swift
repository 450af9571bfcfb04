import Analysis
import FabricatedRuns
import Foundation
import Measures
import RunFile
import Testing

@testable import Exchange

@Suite("Run files that another program wrote")
struct ForeignRunTests {
  private let folder = TemporaryFolder()
  private var source: String { folder.file("example.h5") }

  /// Another program's run file, then changed by a line of Python over `f`, its h5py file.
  private func writeExample(_ change: String? = nil) throws {
    _ = try Python.run(try script("foreign_run.py"), [source])
    if let change { try edit(change) }
  }

  private func edit(_ change: String) throws {
    _ = try Python.run(
      """
      import json, sys, h5py, numpy as np
      def put(name, values):
          del f[name]
          f[name] = values
      def describe(change):
          d = json.loads(f.attrs["description"])
          change(d)
          f.attrs["description"] = json.dumps(d)
      with h5py.File(sys.argv[1], "r+") as f:
          \(change)
      """, [source])
  }

  private func imported(to name: String = "out") throws -> RunReader {
    try RunReader(Import.file(source, to: folder.file(name), program: program)[0])
  }

  @Test(
    "Attributes are read as MATLAB, R, Julia and numpy store them",
    arguments: [
      // Fixed length, padded with zeros, with spaces, in ASCII and UTF-8.
      "keep(lambda v: np.bytes_(v.encode())) ",
      "keep(lambda v: np.array(v.encode(), dtype=h5py.string_dtype('utf-8', len(v.encode()) + 7)))",
      // Arrays of one element, numbers as doubles.
      "keep(lambda v: [v], lambda v: [v])", "keep(lambda v: v, float)",
      "keep(lambda v: v, lambda v: np.array([float(v)]))",
    ])
  func attributes(change: String) throws {
    try writeExample()
    let expected = try imported(to: "plain")
    try edit(
      """
      def keep(text, number=lambda v: v):
              for name in ["schema_name", "schema_version", "description"]:
                  v = f.attrs[name]
                  del f.attrs[name]
                  f.attrs[name] = text(v) if isinstance(v, str) else number(int(v))
          \(change)
      """)
    let run = try imported()
    #expect(run.description.model == expected.description.model && run.tokenCount == expected.tokenCount)
    let key = ColumnKey(condition: "int8", experiment: "accuracy", name: "nll")
    #expect(try run.doubles(key).map(\.bitPattern) == expected.doubles(key).map(\.bitPattern))
  }

  @Test("A run file written by h5py alone is imported, and its findings are what numpy computes")
  func findings() throws {
    try writeExample()
    let run = try imported()
    try run.verify()
    #expect(run.tokenCount == 512 && run.chunkCount == 16 && run.batchCount == 4)
    #expect(folder.names("out") == ["example.h5"], "no parts are left behind")
    let findings = try Findings(of: run)
    let expected = try parsed(Data(try Python.run(try script("findings.py"), [source]).utf8))
    let metrics: [(key: String, metric: Metric, stratum: Stratum)] = [
      ("cross_entropy", .crossEntropy, .all), ("fvu_article", .fvuArticle, .all), ("fvu", .fvu, .all),
      ("fvu_ordinary", .fvu, .ordinary), ("l0", .l0, .all), ("perturbation", .perturbation, .all),
      ("ratio", .noiseFloorArticle, .all),
    ]
    for condition in ["bf16", "int8", "nf4"] {
      for (key, metric, stratum) in metrics {
        let finding = findings.finding(metric, condition: condition, stratum: stratum)
        guard let wanted = expected[condition, key]?.number else {
          #expect(finding == nil)
          continue
        }
        let value = try #require(finding?.estimate.value)
        #expect(abs(value - wanted) <= 1e-12 * abs(wanted), "\(condition) \(key): \(value), numpy \(wanted)")
        #expect(finding?.estimate.interval?.contains(value) == true)
        if condition != "bf16", key == "fvu" { #expect(finding?.change?.interval != nil) }
      }
      let snapshot = findings.snapshots.first {
        $0.condition == condition && $0.metric.id == Metric.fvuArticle.id && $0.stratum == .all
          && $0.requestedTokens == 300
      }
      #expect(snapshot?.tokens == 384)
      let wanted = try #require(expected[condition, "fvu_article_at_384"]?.number)
      #expect(abs((snapshot?.estimate.value ?? 0) - wanted) <= 1e-12 * wanted)
    }
    #expect(findings.verdict(.crossEntropyChange, condition: "nf4") == .undecided)
    #expect(findings.cells.count == 4)
  }

  @Test("Little needs to be said, and the rest reads as not recorded")
  func description() throws {
    try writeExample()
    let run = try imported().description
    #expect(run.origin?.format == .runFile && run.origin?.file == "example.h5")
    #expect(run.title == "A made-up example: random numbers, no model")
    #expect(run.model.name == "example" && run.model.layer == 3 && run.model.dModel == 16)
    #expect(run.model.checkpointSHA256 == "not recorded" && run.provenance.startTime == "not recorded")
    #expect(run.conditions.map(\.label) == ["bf16", "LLM.int8", "NF4"])
    #expect(run.conditions.map(\.isBaseline) == [true, false, false])
    #expect(run.experiments == ["accuracy", "sae", "noise_floor", "stabilization"])
    #expect(run.budget == .init(headline: 512, snapshots: [100, 300, 512]))
    #expect(run.corpus.tokenStreamSHA256.count == 64 && run.corpus.documentCount == 11)
    #expect(run.strata.medianNorm != nil)
    #expect(run.provenance.clearboxVersion == "0.1.0")
  }

  @Test("The same source gives the same bytes, and what was imported can be imported")
  func again() throws {
    try writeExample()
    let (first, second) = (try imported(to: "a"), try imported(to: "b"))
    #expect(try bytes(of: first.path) == bytes(of: second.path))
    let again = try RunReader(Import.file(first.path, to: folder.file("c"), program: program)[0])
    #expect(try Findings(of: again).findings == Findings(of: first).findings)
    #expect(throws: ExchangeError.self) { try Import.file(first.path, to: folder.file("a"), program: program) }
  }

  @Test("What clearbox itself measures keeps every rule that imports are held to")
  func measuredRun() throws {
    var run = FabricatedRun()
    run.chunkCount = 10
    run.replicates = 200
    try run.write(to: source)
    let before = try RunReader(source)
    // Without its content hash it is a foreign file. Its token stream's hash is made up, and is found out.
    try edit("del f.attrs['content_sha256']")
    let error = #expect(throws: ExchangeError.self) { try imported() }
    #expect(error?.description.contains("corpus.tokenStreamSHA256: is 0123456789abcdef") == true)
    try edit("describe(lambda d: d['corpus'].pop('tokenStreamSHA256'))")
    let after = try imported()
    #expect(try after.tokens() == before.tokens())
    #expect(after.columns == before.columns)
    #expect(try after.vocabulary() == before.vocabulary())
    #expect(after.description.conditions == before.description.conditions)
    #expect(after.description.provenance.cpu == "Fabricated CPU")
    #expect(try Findings(of: after).findings == Findings(of: before).findings)
  }

  @Test("An experiment of one's own is taken along when it says what it is")
  func ownExperiment() throws {
    try writeExample(
      """
      for c in ["int8", "nf4"]:
              d = f.create_dataset(f"measurements/{c}/mine/kept", data=np.arange(16, dtype="f4"))
              for k, v in dict(axis="chunk", unit="1", long_name="Kept", definition="kept@1").items(): d.attrs[k] = v
      """)
    let run = try imported()
    let key = ColumnKey(condition: "nf4", experiment: "mine", name: "kept")
    #expect(try run.doubles(key) == (0..<16).map(Double.init))
    #expect(run.definition(of: key)?.axis == .chunk && run.definition(of: key)?.appliesToBaseline == false)
    #expect(run.description.experiments.contains("mine"))
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    var change: String
    var words: [String]
    init(_ change: String, _ words: String...) {
      self.change = change
      self.words = words
    }
    var testDescription: String { change }
  }

  @Test(
    "Every broken rule is named with data set, row and what is expected",
    arguments: [
      Damage("del f['tokens/stratum']", "/tokens/stratum: is missing", "uint8 of shape [512]"),
      Damage(
        "put('tokens/id', f['tokens/id'][:].astype('i8'))",
        "/tokens/id: is int64 of shape [512], where int32 of shape [512]"),
      Damage("f['tokens/id'][7] = -4", "/tokens/id: row 7 is -4, where zero or more"),
      Damage("f['tokens/chunk'][40] = 9", "/tokens/chunk: row 40 is 9, where 1 or 2"),
      Damage("f['tokens/chunk'][0] = 1", "/tokens/chunk: row 0 is 1, where 0"),
      Damage("put('tokens/document', f['tokens/document'][:100])", "/tokens/document: is int32 of shape [100]"),
      Damage("f['tokens/stratum'][9] = 4", "/tokens/stratum: row 9 is 4, where 0, 1, 2 or 3"),
      Damage("f['tokens/stratum'][2] = 0", "/tokens/stratum: row 2 is 0", "among the first 4"),
      Damage("f['tokens/stratum'][37] = 0", "/tokens/stratum: row 37 is 0, where 2 or 3", "massive is above 8.0"),
      Damage("f['tokens/position'] = np.zeros(512, 'i4')", "/tokens/position: row 1 is 0, where 1"),
      Damage(
        "f['batches/first_chunk'] = np.array([0, 8], 'i4')",
        "/batches/first_chunk: is int32 of shape [2], where int32 of shape [4]"),
      Damage(
        "f['measurements/int8/accuracy/nll'][31] = 2", "/measurements/int8/accuracy/nll: row 31 is 2.0, where NaN"),
      Damage(
        "f['measurements/int8/accuracy/nll'][30] = np.nan", "nll: row 30 is nan, where a finite number, zero or more"),
      Damage("f['measurements/bf16/accuracy/nll'][3] = -1", "nll: row 3 is -1.0, where a finite number, zero or more"),
      Damage(
        "del f['measurements/nf4/accuracy/nll']", "/measurements/nf4/accuracy/nll: is missing: float32 of shape [512]"),
      Damage(
        "f['measurements/bf16/accuracy/kl'] = np.zeros(512, 'f4')",
        "/measurements/bf16/accuracy/kl: is measured in the baseline"),
      Damage(
        "f['measurements/int8/accuracy/entropy'] = np.zeros(512, 'f4')",
        "/measurements/int8/accuracy/entropy: is measured in int8"),
      Damage(
        "f['vocabulary/id'] = np.zeros(1, 'i4'); f['vocabulary/text'] = np.zeros(1, h5py.string_dtype('utf-8', 1))",
        "/tokens/id: row ", "an id that /vocabulary/id has"),
      Damage(
        "f['measurements/bf16/sae/squared_error'][5] = -1e-3",
        "squared_error: row 5 is -0.001, where a finite number, zero or more"),
      Damage("f['measurements/nf4/sae/squared_norm'][6] = np.inf", "squared_norm: row 6 is inf"),
      Damage(
        "f['measurements/nf4/sae/sum'][6] = 1e6",
        "/measurements/nf4/sae/sum: row 6 is 1000000.0, where at most √(D‖x‖²)"),
      Damage(
        "f['measurements/nf4/sae/dot'][6] = -1e6", "/measurements/nf4/sae/dot: row 6 is -1000000.0, where at least"),
      Damage("f['measurements/nf4/sae/l0'][6] = -1", "/measurements/nf4/sae/l0: row 6 is -1, where zero or more"),
      Damage("v = f['measurements/nf4/sae/vector_sum']; v[3] = v[3][::-1]", "vector_sum: row 3", "no longer than its"),
      Damage("v = f['measurements/nf4/sae/vector_sum']; v[3] = v[3] / 2", "vector_sum: row 3", "the sum of sae/sum"),
      Damage(
        "f['measurements/nf4/sae/vector_sum'][3, 2, 5] = np.nan", "vector_sum: row 3 is nan, where a finite number"),
      Damage(
        "f['measurements/nf4/noise_floor/squared_perturbation'][8] = 1e9", "squared_perturbation: row 8",
        "by the two squared norms"),
      Damage(
        "f['measurements/int9/accuracy/nll'] = np.zeros(512, 'f4')", "a condition 'int9' that the description lacks"),
      Damage(
        "f['measurements/int8/mine/x'] = np.zeros(512)", "/measurements/int8/mine/x: is without the attribute 'axis'"),
      Damage("f['measurements/int8/loose'] = np.zeros(512)", "/measurements/<condition>/<experiment>/<column>"),
      Damage("f.attrs['content_sha256'] = 'abc'", "its SHA-256 is", "the file says abc"),
      Damage("del f.attrs['schema_name']", "not a run file"),
      Damage("f.attrs['schema_version'] = 7", "schema 7; this clearbox reads up to schema 3"),
      Damage("del f.attrs['description']", "has no root attribute 'description'"),
      Damage("f.attrs['description'] = '{'", "description: the text: is not JSON"),
      Damage("describe(lambda d: d['model'].pop('layer'))", "description.model.layer: is missing"),
      Damage("describe(lambda d: d.pop('strata'))", "description.strata: is missing"),
      Damage("describe(lambda d: d['corpus'].pop('batchSize'))", "description.corpus.batchSize: is missing"),
      Damage(
        "describe(lambda d: d['conditions'][1].pop('effectiveBitsPerParameter'))",
        "conditions.1.effectiveBitsPerParameter: is missing"),
      Damage("describe(lambda d: d['conditions'][1].update(isBaseline=True))", "only the first is the baseline"),
      Damage("describe(lambda d: d.update(title=5))", "description: title: is not of the type String"),
      Damage(
        "describe(lambda d: d['corpus'].update(tokenStreamSHA256='12'))",
        "corpus.tokenStreamSHA256: is 12, but that of /tokens/id is"),
      Damage("describe(lambda d: d['corpus'].update(sources=['a', 'b']))", "/tokens/source: is missing"),
      Damage(
        "describe(lambda d: d.update(bootstrap={'replicates': -5, 'level': 0.95}))", "bootstrap.replicates", "from 100"),
      Damage(
        "describe(lambda d: d.update(bootstrap={'replicates': 2000, 'level': 1.5}))", "bootstrap.level", "from 0.5"),
      Damage("describe(lambda d: d['model'].update(layerCount=-1))", "model.layerCount", "no less than 0"),
      Damage("describe(lambda d: d['model'].update(name='gemma-3-4b', dModel=16))", "model.dModel", "2560 wide"),
      Damage(
        "describe(lambda d: d['model'].update(dModel=15))", "vector_sum: is float64 of shape", "where float64 of shape"),
    ])
  func damaged(_ damage: Damage) throws {
    try writeExample(damage.change)
    do {
      _ = try imported()
      Issue.record("imported in spite of: \(damage.change)")
    } catch {
      for words in damage.words { #expect("\(error)".contains(words), "\(error)") }
      #expect("\(error)".contains(source), "\(error)")
    }
    #expect(folder.names("out").isEmpty)
  }

  @Test("A summary run needs no import")
  func summaryRun() throws {
    let file = try Import.file(golden("article.json").path, to: folder.path, program: program)[0]
    #expect(throws: ExchangeError.isSummary(file: file)) {
      try Import.file(file, to: folder.file("out"), program: program)
    }
  }

  @Test("Known columns are those that clearbox's experiments write")
  func knownColumns() {
    // Features are compared by an autoencoder, which those who write columns would need.
    let known = [Measure].all.filter { $0 != .features }.columns.map { $0.definition(dModel: 16) }
    var run = FabricatedRun()
    run.experiments.append("splice")
    let written = run.columns
    #expect(known.map { "\($0.experiment)/\($0.name)" } == written.map { "\($0.experiment)/\($0.name)" })
    for (a, b) in zip(known, written) {
      #expect(a.axis == b.axis && a.type == b.type && a.rowShape == b.rowShape && a.rowAxes == b.rowAxes, "\(a.name)")
      #expect(a.definition == b.definition && a.appliesToBaseline == b.appliesToBaseline, "\(a.name)")
    }
  }

  @Test("a run that clearbox measured is not taken for a foreign one")
  func ownRun() throws {
    try FabricatedRun().write(to: folder.file("own.h5"))
    #expect(throws: ExchangeError.isMeasured(file: folder.file("own.h5"))) {
      try Import.file(folder.file("own.h5"), to: folder.file("out"), program: program)
    }
  }

  @Test(
    "results without a model, or with a name that no file can have, are refused",
    arguments: ["{}", "{\"..\": {\"bf16\": {\"sae\": {\"fvu\": 0.1, \"l0\": 2, \"mse\": 1, \"tokens\": 9}}}}"])
  func names(conditions: String) throws {
    let text = "{\"metadata\": {}, \"conditions\": \(conditions)}"
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file("results.json")))
    #expect(throws: ExchangeError.self) {
      try Import.file(folder.file("results.json"), to: folder.file("out"), program: program)
    }
    #expect(folder.names("out").filter { $0.hasSuffix(".h5") }.isEmpty)
  }
}
