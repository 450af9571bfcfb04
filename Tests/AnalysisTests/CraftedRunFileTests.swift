import Analysis
import FabricatedRuns
import RunFile
import Testing

@Suite("Crafted run files")
struct CraftedRunFileTests {
  @Test("Each is refused in words when it is opened or its numbers are computed")
  func refused() throws {
    let crafted = try CraftedRunFiles(signed: false)
    let expected = try Findings(of: RunReader(crafted.base))
    #expect(crafted.paths.count > 130)
    for path in crafted.paths {
      do {
        let findings = try Findings(of: RunReader(path, verifyingContent: false))
        #expect(CraftedRunFiles.isValid(path), "\(path) is read")
        #expect(findings.findings == expected.findings, "\(path)")
      } catch {
        #expect(!CraftedRunFiles.isValid(path), "\(error)")
        #expect("\(error)".hasPrefix(path), "\(error)")
      }
    }
  }
}
