import Foundation
import Testing

@Suite("The committed sample report")
struct SampleReportTests {
  private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("docs/sample-report")

  @Test("is what this clearbox renders from its run file, byte for byte")
  func verified() throws {
    let result = try Command.run(["verify", folder.path])
    #expect(result.status == 0, "\(result.output)\(result.errors)\nRun 'make sample' and look at what changed.")
  }

  @Test("stands on at least 200,000 tokens, and can be kept in a repository")
  func size() throws {
    let page = try String(contentsOf: folder.appendingPathComponent("report.md"), encoding: .utf8)
    let tokens = try #require(page.firstMatch(of: /; ([0-9,]+) tokens\*/)?.output.1)
    #expect(try #require(Int(tokens.filter(\.isNumber))) >= 200_000)
    func bytes(_ name: String) throws -> Int {
      try #require(
        try FileManager.default.attributesOfItem(atPath: folder.appendingPathComponent(name).path)[.size] as? Int)
    }
    #expect(try bytes("gemma-3-270m.h5") <= 23_000_000)
    #expect(try bytes("report.html") < 3_000_000)
  }
}
