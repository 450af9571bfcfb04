import Analysis
import FabricatedRuns
import Foundation
import RunFile
import Testing

@Suite("Percentiles and buckets agree with numpy")
struct PredictionGoldenTests {
  private struct Golden: Decodable {
    var content_sha256: String
    var values: [String: Double]
  }

  private let golden: Golden
  private let reader: RunReader
  private let findings: Findings
  private let folder = TemporaryFolder()

  init() throws {
    golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: GoldenRun.url("predictions.json")))
    try GoldenRun.run.write(to: folder.file("run.h5"))
    reader = try RunReader(folder.file("run.h5"))
    try #require(reader.contentSHA256 == golden.content_sha256, "the fabricated run changed: make the goldens anew")
    findings = try Findings(of: reader)
  }

  @Test("every value, and none besides")
  func values() throws {
    for (id, expected) in golden.values {
      let estimate = try #require(NumberAddress(id).flatMap(findings.estimate(at:)), "\(id)")
      #expect(abs(estimate.value - expected) <= 1e-11 * max(1, abs(expected)), "\(id)")
      #expect(estimate.interval != nil || estimate.clusterCount < 2, "\(id)")
    }
    let kinds = Bucket.Kind.allCases.map { "/\($0.rawValue)/" }
    let ours = findings.numberIDs.filter { id in
      kinds.contains(where: id.contains) || id.hasPrefix("dp_") || id.hasPrefix("kl_p") || id.hasPrefix("kl_median")
    }
    #expect(Set(ours) == Set(golden.values.keys))
  }
}

@Suite("The script of a token")
struct TokenScriptTests {
  @Test(
    "is that of its first letter",
    arguments: [
      (" the", TokenScript.latin), ("été", .latin), ("Ｆ", .latin), (" Ωμ", .greek), ("слово", .cyrillic), ("漢字", .han),
      ("かな", .kana), ("ｶﾅ", .kana), ("ー", .kana), ("한글", .hangul), ("سلام", .arabic), ("שלום", .hebrew),
      ("हिन्दी", .devanagari), ("ि", .devanagari), ("ไทย", .letters), ("42", .digits), (" 7.", .digits), ("1a", .latin),
      (", ", .other), ("\n\n", .other), ("", .other), ("<0x0A>", .other), ("<bos>", .other), ("<", .other),
      ("²", .other),
    ])
  func script(text: String, script: TokenScript) { #expect(TokenScript(of: text) == script) }
}
