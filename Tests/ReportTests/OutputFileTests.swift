import Foundation
import Testing

@testable import Report

@Suite("A rendered file on its way to disk")
struct OutputFileTests {
  @Test("leaves nothing of a process that was stopped, once another has written it; other hidden files stay")
  func halves() throws {
    let folder = URL(fileURLWithPath: NSTemporaryDirectory() + "clearbox-halves-" + UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in [
      "figures/fvu.svg", ".report.html.4711", ".report.html.mine", ".other.html.4711", "figures/.fvu.svg.12",
      "figures/.12",
    ] { try OutputFile.save([1], at: folder.appendingPathComponent(name)) }
    OutputFile.clearAway(halvesOf: ["report.html", "figures/fvu.svg"], in: folder)
    func names(_ url: URL) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    }
    #expect(try names(folder) == [".other.html.4711", ".report.html.mine", "figures"])
    #expect(try names(folder.appendingPathComponent("figures")) == [".12", "fvu.svg"])
  }
}
