import FabricatedRuns
import Foundation
import Testing

@Suite("The benchmark")
struct BenchTests {
  @Test("runs every measurement in its smoke form, and writes tables and figures")
  func smoke() throws {
    let folder = TemporaryFolder()
    let result = try Command.run(
      ["--smoke", "--model", RealModel.path(), "--out", folder.file("results")], program: "bench")
    try #require(result.status == 0, "\(result.errors)")
    #expect(result.output.hasPrefix("one core at best: float32 multiply-add "))
    let table = String(decoding: try bytes(of: folder.file("results/results.md")), as: UTF8.self)
    let groups = [
      "kernels", "conditions", "linears", "autoencoder", "tokenizer", "render", "tokens", "layers", "features",
    ]
    for group in groups { #expect(table.contains("## \(group)\n"), "\(group)") }
    for name in ["results.json", "roofline.svg", "growth.svg"] { #expect(folder.names("results").contains(name)) }
  }
}
