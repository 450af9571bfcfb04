import Analysis
import FabricatedRuns
import Foundation
import RunFile
import Testing

@testable import Report

@Suite("All numbers as data")
struct NumberListTests {
  @Test("Every id that can be explained is there, with the finding's value, interval and text")
  func numbers() throws {
    let folder = try TemporaryFolder()
    let place = folder.url.appendingPathComponent("run.h5").path
    var run = FabricatedRun()
    run.chunkCount = 20
    run.snapshots = [300, 20 * 64]
    run.replicates = 200
    try run.write(to: place)
    let findings = try Findings(of: RunReader(place))
    let parsed = try JSONSerialization.jsonObject(with: NumberList.data([findings])) as? [[String: Any]]
    let list = try #require(parsed?.first?["numbers"] as? [[String: Any]])
    #expect(list.compactMap { $0["id"] as? String } == findings.numberIDs)
    func number(_ id: String) throws -> [String: Any] { try #require(list.first { $0["id"] as? String == id }) }

    let change = try number("fvu@1/nf4/ordinary/percent")
    let finding = try #require(findings.finding(.fvu, condition: "nf4", stratum: .ordinary)?.percentChange)
    #expect(change["value"] as? Double == finding.value && change["low"] as? Double == finding.interval?.low)
    #expect(change["metric"] as? String == "fvu@1" && change["condition"] as? String == "nf4")
    #expect(change["tokens"] as? String == "ordinary" && change["quantity"] as? String == "percent")
    #expect(change["unit"] as? String == "%" && (change["text"] as? String)?.contains("% [") == true)

    let snapshot = try #require(findings.numberIDs.first { $0.hasPrefix("fvu@1/bf16/all/first-") })
    let early = try number(snapshot)
    #expect(snapshot == "fvu@1/bf16/\(early["tokens"] as? String ?? "")" && early["quantity"] as? String == "value")
    let loss = try number("cross_entropy@1/bf16/all")
    #expect(loss["unit"] as? String == "nats per token" && loss["token_count"] as? Int ?? 0 > 0)
    let count = try number("run/tokens")
    #expect(count["metric"] == nil && count["low"] == nil && count["value"] as? Double == 1280)
  }
}
