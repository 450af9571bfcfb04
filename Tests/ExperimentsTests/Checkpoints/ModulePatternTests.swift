import Testing

@testable import Experiments

@Suite("Patterns that name layers, matched as Python's re.match does, in bounded time")
struct ModulePatternTests {
  private static let names = [
    "model.layers.0.mlp.up_proj", "model.layers.10.self_attn.q_proj", "lm_head", "model.layers.1.mlp.down_proj",
  ]

  /// What CPython 3.11 says of each name, by `re.match(pattern, name) is not None`.
  @Test(
    "which names match",
    arguments: [
      (#".*mlp\.up_proj$"#, "1000"), (#".*layers\.\d+\.self_attn\.(q|k|v)_proj$"#, "0100"),
      (#"model\.layers\.[0-4]\.mlp\..*"#, "1001"), (#"up_proj"#, "0000"), (#"lm_head|.*down_proj"#, "0011"),
      (#".*\.(?:gate|up)_proj"#, "1000"), (#"model\.layers\.1\d\..*"#, "0100"),
      (#"mod[^x]l\.\w+\.1\..*"#, "0001"), (#"lm"#, "0010"), (#"lm_head.+"#, "0000"), (#".*proj?$"#, "1101"),
      (#"model.layers.(0|1).mlp.(up|down)_pro(j)?"#, "1001"), (#"lm\_head\<|l.*?\_head"#, "0010"), (#"\<lm"#, "0000"),
    ])
  func matches(pattern: String, expected: String) throws {
    let compiled = try #require(ModulePattern(python: pattern))
    #expect(Self.names.map { compiled.matches($0) ? "1" : "0" }.joined() == expected)
  }

  @Test(
    "what POSIX does not have, or has otherwise, is refused",
    arguments: [
      #"(?!lm).*"#, #"(?P<a>x)"#, #"(.)\1"#, #"[\w.]+"#, "a{3}", "[[:alpha:]]", "[]a]", #"\bmodel"#, "l.*+m", "l++",
      "a)|(b",
      "(", "[a", #"a\"#,
      "é.*", String(repeating: "a", count: 501),
    ])
  func refused(pattern: String) { #expect(ModulePattern(python: pattern) == nil) }

  @Test("patterns that a backtracking matcher would never end with are matched at once")
  func bounded() throws {
    let name = String(repeating: "a", count: 2000)
    for pattern in ["(.*.*)*b", "(a+)+$b", "(a|a|a)*c", String(repeating: "(a|a)", count: 90) + "b"] {
      #expect(try #require(ModulePattern(python: pattern)).matches(name) == false)
    }
  }
}
