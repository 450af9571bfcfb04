import FabricatedRuns
import Foundation
import RunFile
import Testing

@Suite("h5py, without us")
struct PythonTests {
  private let folder = TemporaryFolder()

  /// A script that lies beside the tests.
  private func script(_ name: String, file: String = #filePath) throws -> String {
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    return try String(contentsOf: folder.appendingPathComponent("Scripts/" + name), encoding: .utf8)
  }

  private struct Seen: Decodable {
    var title, status, model, study, threshold, start, unit, definition, axis: String
    var sources, root, conditions, libraries, undescribed: [String]
    var axes: [String: [String]]
    var tokens: Int
    var mean_nll, vector_sum_total: Double
    var vector_sum_shape: [Int]
  }

  @Test("It finds names, units, axes and texts, and computes the same means")
  func findsItsWay() throws {
    let run = FabricatedRun()
    let path = folder.file("run.h5")
    try run.write(to: path)
    let printed = try Python.run(try script("find_the_way.py"), [path])
    let seen = try JSONDecoder().decode(Seen.self, from: Data(printed.utf8))
    #expect(seen.title == run.title)
    #expect(seen.status == "complete")
    #expect(seen.model == "fabricated-270m")
    #expect(seen.study == run.description.studyText)
    #expect(seen.sources == run.sources)
    #expect(seen.conditions == ["bf16", "int8", "nf4"])
    #expect(seen.threshold == "6.0")
    #expect(seen.libraries == ["HDF5 1.10.8"])
    #expect(seen.start == "2026-01-02T03:04:05Z")
    #expect(seen.unit == "nats")
    #expect(seen.definition == "nll@1")
    #expect(seen.axis == "token")
    #expect(seen.undescribed == [], "every data set has a unit and a long name")
    #expect(seen.axes["measurements/nf4/sae/vector_sum"] == ["segment", "cell", "dimension"])
    #expect(seen.axes["measurements/bf16/sae/l0"] == ["token"])
    #expect(seen.axes["tokens/id"] == ["token"])
    #expect(seen.axes["chunks/batch"] == ["chunk"])
    #expect(seen.axes["batches/first_chunk"] == ["batch"])
    #expect(seen.axes.values.allSatisfy { !$0.contains("") })

    let reader = try RunReader(path)
    #expect(seen.tokens == reader.tokenCount)
    let nll = try reader.doubles(ColumnKey(condition: "int8", experiment: "accuracy", name: "nll"))
      .filter { !$0.isNaN }
    // numpy sums pairwise, we from left to right: equal to a few roundings.
    #expect(abs(seen.mean_nll - nll.reduce(0, +) / Double(nll.count)) < 1e-12)
    let sums = try reader.doubles(ColumnKey(condition: "nf4", experiment: "sae", name: "vector_sum"))
    #expect(seen.vector_sum_shape == [reader.segmentCount, 4, 16])
    #expect(abs(seen.vector_sum_total - sums.reduce(0, +)) < 1e-9 * sums.reduce(0) { $0 + abs($1) })
  }

  @Test("It computes the same content hash from the documented rule")
  func computesContentHash() throws {
    var run = FabricatedRun()
    run.chunkCount = 8
    run.sources = ["prose", "código"]
    let path = folder.file("run.h5")
    try run.write(to: path)
    let printed = try Python.run(try script("content_hash.py"), [path]).split(whereSeparator: \.isWhitespace)
    #expect(printed.count == 2)
    #expect(printed[0] == printed[1])
    #expect(String(printed[0]) == (try RunReader(path).verify()))
  }
}
