import Analysis
import FabricatedRuns
import Foundation
import RunFile
import Testing

/// A run file from before studies were stored key by key and methods named their source.
@Suite("An older run file")
struct OlderRunTests {
  private var path: String { (Bundle.module.resourcePath ?? "") + "/Goldens/older-run.h5" }

  @Test("opens, is what was written, and says of its study what its text says")
  func opens() throws {
    let run = try RunReader(path)
    try run.verify()
    #expect(run.tokenCount == 4096 && run.description.studyKeys == nil)
    #expect(run.description.conditions.map { run.description.reference(of: $0)?.name } == [nil, "bf16", "bf16"])
    let keys = try #require(StudyKeys(of: run.description))
    #expect(keys["tokens.headline"] == "50000" && keys["conditions.nf4.double_quantization"] == "true")
    #expect(keys["models.gemma-3-270m.layer"] == "9" && keys["strata.massive"] == nil)
  }

  @Test("is compared with a newer one as far as both texts go")
  func causes() throws {
    let older = try RunReader(path).description
    var newer = older
    newer.studyKeys = [.init(key: "packing.length", value: "512"), .init(key: "strata.massive", value: "5.0")]
    #expect(Cause.differences(older, newer).isEmpty)
    newer.studyText = newer.studyText.replacingOccurrences(of: "length: 512", with: "length: 256")
    #expect(Cause.differences(older, newer).map(\.name) == ["packing.length"])
    var other = newer
    other.studyKeys = [.init(key: "packing.length", value: "512"), .init(key: "strata.massive", value: "6.0")]
    #expect(Cause.differences(newer, other).map(\.name) == ["strata.massive"])
  }

  @Test("is diffed, tabled and rendered")
  func commands() throws {
    let folder = TemporaryFolder()
    let diff = try Command.run(["diff", path, path])
    #expect(diff.status == 0 && diff.output.hasPrefix("No difference: "))
    let table = try Command.run(["compare", path, path, "--pivot", "corpus.order.seed"])
    #expect(table.status == 0, "\(table.errors)")
    let render = try Command.run(["render", path, "--format", "gfm", "--out", folder.file("out")])
    #expect(render.status == 0, "\(render.errors)")
    let report = String(decoding: try bytes(of: folder.file("out/report.md")), as: UTF8.self)
    #expect(report.contains("clearbox run studies/gemma-3-270m.yaml --tokens 4000"))
    #expect(report.contains("Dettmers, Pagnoni, Holtzman and Zettlemoyer, QLoRA, 2023"))
  }
}
