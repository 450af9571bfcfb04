import Foundation
import Testing

@testable import Experiments

@Suite struct StudyFileTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  static let minimal = """
    title: T
    models:
      - name: m
        checkpoint: m.gguf
        layer: 1
    corpus: { path: c.jsonl }
    experiments: [accuracy]
    conditions: [bf16]
    tokens: { headline: 100 }
    """

  func read(_ text: String) throws -> StudyFile {
    try StudyFile(path: scratch.write(text, as: "study.yaml"), environment: ["HOME": "/home/ada"])
  }

  @Test func `what is left out has its documented default`() throws {
    let study = try read(Self.minimal).study
    #expect(
      study
        == Study(
          title: "T", models: [.init(name: "m", checkpoint: "m.gguf", layer: 1, sae: nil)],
          corpus: .init(paths: ["c.jsonl"], text: "text", source: nil, order: .file),
          packing: .init(style: .article, length: 512, batch: 4), experiments: ["accuracy"],
          conditions: [.init(Uncompressed(precision: .bf16))],
          tokens: .init(headline: 100, snapshots: [100]), strata: .init(massive: 5, firstPositions: 4),
          reruns: .init(tokens: nil, isCapped: true, seed: 0), bootstrap: .init(replicates: 2000, level: 0.95), seed: 0)
    )
  }

  @Test func `the default study is read as it is meant`() throws {
    // The repository's own file, found from this source file.
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
      .standardizedFileURL.path
    let file = try StudyFile(path: root + "/studies/gemma-3-270m.yaml", environment: ["HOME": "/home/ada"])
    let study = file.study
    #expect(
      study.conditions == [
        .init(Uncompressed(precision: .bf16)), .init(LLMInt8Method()), .init(FourBitMethod(doubleQuantization: true)),
      ])
    #expect(study.conditions.map(\.name) == ["bf16", "int8", "nf4-dq"])
    #expect(study.conditions.map(\.label) == ["bf16", "LLM.int8", "NF4, double quantization"])
    #expect(
      study.tokens == .init(headline: 50_000, snapshots: [5000, 20_000, 50_000]))
    #expect(study.corpus.order == .shuffled(seed: 0, buffer: 10_000) && study.corpus.source == "source")
    #expect(study.experiments == ["accuracy", "sae", "splice", "stabilization", "noise_floor", "features"])
    #expect(try file.checkpointPath(model: 0) == "/home/ada/.cache/clearbox/gemma-3-270m-q4_k_m.gguf")
    #expect(try file.corpusPaths() == [root + "/assets/corpus/study.jsonl"])
    #expect(try file.saePath(model: 0) == root + "/assets/sae/gemma-3-270m-layer9-8192")
  }

  @Test func `all options of conditions are read, and name them`() throws {
    let text = Self.minimal.replacing(
      "[bf16]",
      with: """
        [f32, int8, { int8: { threshold: 4.5, epilogue: cpu } }, nf4, { nf4: { double_quantization: true, compute: f32, block: 128 } }, { nf4: { double_quantization: yes } }]
        """)
    let study = try read(text).study
    #expect(study.conditions.map(\.name) == ["f32", "int8", "int8-t4.5-cpu", "nf4", "nf4-dq-f32-b128", "nf4-dq"])
    #expect(study.conditions[2].label == "LLM.int8, threshold 4.5, CPU epilogue")
    #expect(study.conditions[4].label == "NF4, double quantization, float32 compute, blocks of 128")
  }

  @Test func `a condition may name another checkpoint`() throws {
    func read(_ list: String) throws -> StudyFile {
      try self.read(Self.minimal.replacing("[bf16]", with: list))
    }
    let file = try read(
      """
      [bf16, { checkpoint: ~/gemma-3-qat.gguf }, { checkpoint: { path: hf://acme/tiny@v1, name: tuned, label: Tuned }, weights: nf4, reference: gemma-3-qat }]
      """)
    let conditions = file.study.conditions
    #expect(conditions.map(\.name) == ["bf16", "gemma-3-qat", "tuned-nf4"])
    #expect(conditions.map(\.label) == ["bf16", "gemma-3-qat", "Tuned, NF4"])
    #expect(conditions.map(\.isShipped) == [false, true, false])
    #expect(conditions.map(\.isPlain) == [true, false, false])
    let keys = file.study.keys.map { "\($0.key): \($0.value)" }
    #expect(keys.contains("conditions.gemma-3-qat.checkpoint: ~/gemma-3-qat.gguf"))
    #expect(keys.contains("conditions.tuned-nf4.weights: nf4") && keys.contains("conditions.tuned-nf4.block: 64"))
    #expect(try file.hubRequests().map { "\($0.reference)" } == ["hf://acme/tiny@v1"])
    #expect(
      message { _ = try file.conditionCheckpointPaths(model: 0) }?.contains(
        "conditions[2].checkpoint.path is hf://acme/tiny@v1")
        == true)
    for (list, complaint) in [
      (
        "[bf16, { checkpoint: a/b.gguf }, { checkpoint: c/b.gguf }]",
        "the condition b is listed twice; give its checkpoint"
      ),
      ("[{ checkpoint: a.gguf, weights: bf16 }]", "put bf16 (or f32) first"),
      ("[bf16, { checkpoint: { path: a.gguf, name: a/b } }]", "letters, digits"),
      ("[bf16, { checkpoint: { name: a } }]", "the key conditions[1].checkpoint.path is missing"),
      ("[bf16, { checkpoint: { path: { n: a.gguf } } }]", "there is no key conditions[1].checkpoint.path.n"),
    ] {
      let found = message { _ = try read(list) }
      #expect(found?.contains(complaint) == true, "\(found ?? "")")
    }
  }

  @Test func `in a study of several models a checkpoint belongs to those that it is given for`() throws {
    func read(_ list: String) throws -> StudyFile {
      try self.read(
        Self.minimal.replacing("layer: 1", with: "layer: 1\n  - { name: n, checkpoint: n.gguf, layer: 0 }")
          .replacing("[bf16]", with: list))
    }
    let file = try read("[bf16, { checkpoint: { path: { n: q.gguf }, name: q } }]")
    let folder = scratch.path
    #expect(try file.conditionCheckpointPaths(model: 0) == [:])
    #expect(try file.conditionCheckpointPaths(model: 1) == ["q": folder + "/q.gguf"])
    let plans = try ModelRun.plans(of: file, only: nil, tokens: nil)
    #expect(plans.map { $0.conditions.map(\.name) } == [["bf16"], ["bf16", "q"]])
    for (list, complaint) in [
      ("[bf16, { checkpoint: q.gguf }]", "write path: { m: … }"),
      (
        "[bf16, { checkpoint: { path: { n: q.gguf }, name: q } }, { weights: nf4, reference: q }]",
        "m has nf4, but no q that it could be compared with"
      ),
    ] {
      let found = message { _ = try read(list) }
      #expect(found?.contains(complaint) == true, "\(found ?? "")")
    }
  }

  @Test func `a condition may say what it is compared with`() throws {
    func conditions(_ list: String) throws -> [Study.Condition] {
      try read(Self.minimal.replacing("[bf16]", with: list)).study.conditions
    }
    let list = "[bf16, int8, { weights: { nf4: { block: 32 } }, reference: int8 }, { weights: nf4, reference: bf16 }]"
    #expect(try conditions(list).map(\.reference) == [nil, nil, "int8", nil])
    #expect(try conditions(list).map(\.name) == ["bf16", "int8", "nf4-b32", "nf4"])
    for (list, words) in [
      (
        "[bf16, int8, { weights: nf4, reference: int9 }]",
        "conditions[2].reference is \"int9\", which does not exist. Did you"
      ),
      (
        "[bf16, { weights: nf4, reference: int8 }, int8]",
        "conditions[1].reference is int8; a condition that stands before it is needed: bf16."
      ),
      ("[bf16, weight_noise]", "the key conditions[1].weight_noise.of is missing"),
      ("[bf16, { weights: weight_permuted }]", "the key conditions[1].weights.weight_permuted.of is missing"),
      (
        "[bf16, { checkpoint: , weights: nf4 }]",
        "conditions[1].checkpoint is empty; give it a value, or leave the key out"
      ),
      ("[bf16, { rtn: { bits: } }]", "conditions[1].rtn.bits is empty"),
      ("[bf16, int8, { checkpoint: { path: o, name: int8-rerun } }]", "int8-rerun is what a rerun of int8 is called"),
      ("[bf16, [nf4]]", "conditions[1] is a list of 1; a condition's name, or a name with options, is needed"),
      ("[bf16, { int8: { threshold: 1e300 } }]", "a positive number is needed"),
      ("[{ weights: bf16, reference: bf16 }]", "the baseline is compared with nothing"),
      ("[bf16, { weights: nf4, cache: int8 }]", "keys and values cannot be compressed yet"),
      ("[bf16, { reference: bf16 }]", "the key conditions[1].weights is missing"),
      ("[bf16, { weights: nf4, referenc: bf16 }]", "Did you mean conditions[1].reference?"),
    ] {
      let message = message { _ = try conditions(list) }
      #expect(message?.contains(words) == true, "\(message ?? "no error")")
    }
  }

  @Test func `its keys say every value, those that are left out too`() throws {
    let text = Self.minimal.replacing(
      "[bf16]", with: "[bf16, { int8: { epilogue: cpu } }, nf4, { nf4: { block: 32 } }]")
    let keys = try read("# A comment.\n" + text).study.keys
    #expect(
      keys.map { "\($0.key): \($0.value)" } == [
        "title: T", "models: [m]", "models.m.checkpoint: m.gguf", "models.m.layer: 1", "corpus.path: c.jsonl",
        "corpus.text: text", "corpus.order: file", "packing.style: article", "packing.length: 512", "packing.batch: 4",
        "experiments: [accuracy]", "conditions: [bf16, int8, nf4, nf4-b32]", "conditions.int8.epilogue: cpu",
        "conditions.int8.threshold: 6.0", "conditions.nf4.block: 64", "conditions.nf4.compute: bf16",
        "conditions.nf4.double_quantization: false", "conditions.nf4-b32.block: 32", "conditions.nf4-b32.compute: bf16",
        "conditions.nf4-b32.double_quantization: false", "tokens.headline: 100", "tokens.snapshots: [100]",
        "strata.massive: 5.0", "strata.first_positions: 4", "reruns.tokens: at most 15 %", "reruns.seed: 0",
        "bootstrap.replicates: 2000", "bootstrap.level: 0.95", "seed: 0",
      ])
  }

  @Test func `reruns are all, none, or so many tokens, with the study's seed or their own`() throws {
    func reruns(_ value: String) throws -> Study.Reruns {
      try read(Self.minimal + "\nseed: 3\nreruns: \(value)").study.reruns
    }
    #expect(try reruns("all") == .init(tokens: nil, isCapped: false, seed: 3))
    #expect(try reruns("none") == .init(tokens: 0, isCapped: false, seed: 3))
    #expect(try reruns("{ tokens: 20480 }") == .init(tokens: 20480, isCapped: false, seed: 3))
    #expect(try reruns("{ tokens: all, seed: 4 }") == .init(tokens: nil, isCapped: false, seed: 4))
    #expect(try reruns("{ seed: 4 }") == .init(tokens: nil, isCapped: true, seed: 4))
    for (value, words) in [
      ("some", "reruns is \"some\", which does not exist. Choose from: all, none."),
      ("5", "reruns is 5; write { tokens: 5 }, all or none"), ("", "reruns is empty"),
      ("{ tokens: 0 }", "reruns.tokens is 0; a number from 1 to 2⁴⁰ is needed"),
      ("{ tokens: none }", "reruns.tokens is none; a whole number, or all, is needed"),
      ("{ token: 1 }", "Did you mean reruns.tokens?"),
    ] {
      let message = message { _ = try reruns(value) }
      #expect(message?.contains(words) == true, "\(message ?? "no error")")
    }
    // Fewer tokens than the study's: what it asked for, but no more of them than the usual share.
    var study = try read(Self.minimal + "\nreruns: { tokens: 20480 }").study
    study.limit(tokens: 100)
    #expect(!study.reruns.isCapped)
    study.limit(tokens: 60)
    #expect(study.reruns == .init(tokens: 20480, isCapped: true, seed: 0))
  }

  @Test func `fewer tokens on demand drop the snapshots beyond`() throws {
    var study = try read(
      Self.minimal.replacing("{ headline: 100 }", with: "{ headline: 100, snapshots: [10, 50, 200] }")
    ).study
    study.limit(tokens: 60)
    #expect(study.tokens == .init(headline: 60, snapshots: [10, 50, 60]))
  }

  @Test func `the shuffle takes the study's seed unless it has its own`() throws {
    let own = Self.minimal.replacing("c.jsonl }", with: "c.jsonl, order: { shuffle: numpy, seed: 7 } }")
    #expect(try read(own + "\nseed: 3\n").study.corpus.order == .shuffled(seed: 7, buffer: 10_000))
    #expect(
      try read(own.replacing(", seed: 7", with: "") + "\nseed: 3\n").study.corpus.order
        == .shuffled(seed: 3, buffer: 10_000))
  }

  @Test func `a corpus may be a list of files, each of which starts at the study's folder`() throws {
    let file = try read(Self.minimal.replacing("c.jsonl", with: "[a.parquet, ~/b.jsonl.zst]"))
    #expect(file.study.corpus.paths == ["a.parquet", "~/b.jsonl.zst"])
    #expect(try file.corpusPaths() == [scratch.path + "/a.parquet", "/home/ada/b.jsonl.zst"])
    let remote = try read(Self.minimal.replacing("c.jsonl", with: "[a.parquet,\n  s3://b/c]"))
    #expect(
      message { _ = try remote.corpusPaths() }?.contains("study.yaml, line 7: corpus.path[1] is s3://b/c") == true)
  }

  @Test("every packing has a name", arguments: PackingStyle.allCases)
  func packing(style: PackingStyle) throws {
    let study = try read(Self.minimal + "\npacking: { style: \(style.rawValue), length: 128 }").study
    #expect(study.packing == .init(style: style, length: 128, batch: 4))
  }

  @Test func `a limit ends the stream, and fewer tokens on demand drop it`() throws {
    var study = try read(
      Self.minimal.replacing("{ headline: 100 }", with: "{ headline: 100, snapshots: [10, 200], limit: 200 }")
    ).study
    #expect(study.tokens == .init(headline: 100, snapshots: [10, 200], limit: 200))
    study.limit(tokens: 60)
    #expect(study.tokens == .init(headline: 60, snapshots: [10, 60]))
  }
}
