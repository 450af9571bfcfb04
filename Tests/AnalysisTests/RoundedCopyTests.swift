import Analysis
import FabricatedRuns
import Measures
import RunFile
import Testing

@Suite("A copy for publishing")
struct RoundedCopyTests {
  @Test("Without the columns of reruns that no finding reads, the findings are the same, to the last bit")
  func reruns() throws {
    let folder = TemporaryFolder()
    try GoldenRun.run.write(to: folder.file("run.h5"))
    let run = try RunReader(folder.file("run.h5"))
    let reruns = Set(try #require(run.description.rerunConditions).map(\.name))
    let read = [Measure].all.readOfReruns
    try RoundedRun(run, significantBits: 16).write(to: folder.file("whole.h5"))
    try RoundedRun(run, significantBits: 16) { key in
      !reruns.contains(key.condition) || read.contains { $0.key(key.condition) == key }
    }.write(to: folder.file("copy.h5"))
    let (whole, copy) = (try RunReader(folder.file("whole.h5")), try RunReader(folder.file("copy.h5")))
    let leftOut = try #require(copy.description.rounded?.leftOut)
    #expect(leftOut.contains("/measurements/int8-rerun/sae/vector_sum") && !leftOut.contains { $0.hasSuffix("/kl") })
    #expect(copy.columns.count + leftOut.count == whole.columns.count)
    let (expected, found) = (try Findings(of: whole), try Findings(of: copy))
    #expect(found.findings == expected.findings && found.noiseRatios == expected.noiseRatios)
    #expect(found.massiveTokens == expected.massiveTokens && found.buckets == expected.buckets)
    #expect(try copy.verify() == copy.contentSHA256)
  }
}
