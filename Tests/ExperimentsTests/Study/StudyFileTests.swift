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

  private func read(_ text: String) throws -> StudyFile {
    try StudyFile(path: scratch.write(text, as: "study.yaml"), environment: ["HOME": "/home/ada"])
  }

  // MARK: Reading

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
        .init(Uncompressed(precision: .bf16)), .init(LLMInt8Method()), .init(NF4Method(doubleQuantization: true)),
      ])
    #expect(study.conditions.map(\.name) == ["bf16", "int8", "nf4-dq"])
    #expect(study.conditions.map(\.label) == ["bf16", "LLM.int8", "NF4, double quantization"])
    #expect(
      study.tokens == .init(headline: 50_000, snapshots: [5000, 20_000, 50_000]))
    #expect(study.corpus.order == .shuffled(seed: 0, buffer: 10_000) && study.corpus.source == "source")
    #expect(study.experiments == ["accuracy", "sae", "stabilization", "noise_floor"])
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

  @Test func `a condition may say what it is compared with`() throws {
    func conditions(_ list: String) throws -> [Study.Condition] {
      try read(Self.minimal.replacing("[bf16]", with: list)).study.conditions
    }
    let list = "[bf16, int8, { weights: { nf4: { block: 32 } }, reference: int8 }, { weights: nf4, reference: bf16 }]"
    #expect(try conditions(list).map(\.reference) == [nil, nil, "int8", nil])
    #expect(try conditions(list).map(\.name) == ["bf16", "int8", "nf4-b32", "nf4"])
    for (list, words) in [
      ("[bf16, { weights: nf4, reference: int9 }, int8]", "conditions[1].reference is \"int9\""),
      ("[bf16, { weights: nf4, reference: int8 }, int8]", "Choose from: bf16."),
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
    #expect(try reruns("") == .init(tokens: nil, isCapped: true, seed: 3))
    #expect(try reruns("all") == .init(tokens: nil, isCapped: false, seed: 3))
    #expect(try reruns("none") == .init(tokens: 0, isCapped: false, seed: 3))
    #expect(try reruns("{ tokens: 20480 }") == .init(tokens: 20480, isCapped: false, seed: 3))
    #expect(try reruns("{ tokens: all, seed: 4 }") == .init(tokens: nil, isCapped: false, seed: 4))
    #expect(try reruns("{ seed: 4 }") == .init(tokens: nil, isCapped: true, seed: 4))
    for (value, words) in [
      ("some", "reruns is \"some\", which does not exist. Choose from: all, none."),
      ("{ tokens: 0 }", "reruns.tokens is 0; a number from 1 up is needed"),
      ("{ tokens: none }", "reruns.tokens is \"none\""), ("{ token: 1 }", "Did you mean reruns.tokens?"),
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

  // MARK: Mistakes

  @Test("a mistake is answered with its line, its path and the way out", arguments: mistakes)
  func mistake(old: String, new: String, expected: String) throws {
    #expect(Self.minimal.contains(old))
    let message = message { _ = try read(Self.minimal.replacing(old, with: new)) }
    #expect(message == "\(scratch.path)/study.yaml\(expected)", "\(message ?? "no error")")
  }

  static let mistakes: [(String, String, String)] = [
    ("layer: 1", "layr: 1", ", line 5: there is no key models[0].layr. Did you mean models[0].layer?"),
    ("title: T", "titel: T", ", line 1: there is no key titel. Did you mean title?"),
    ("headline: 100", "headlines: 100", ", line 9: there is no key tokens.headlines. Did you mean tokens.headline?"),
    (
      "{ path: c.jsonl }", "{ path: c.jsonl, zzz: 1 }",
      ", line 6: there is no key corpus.zzz. Keys here: path, text, source, order."
    ),
    ("title: T\n", "", ", line 1: the key title is missing. Add it, for example: title: Gemma 3 under compression"),
    ("    layer: 1", "    layer: nine", ", line 5: models[0].layer is nine; a whole number is needed."),
    ("    layer: 1", "    layer: \"1\"", ", line 5: models[0].layer is \"1\"; a whole number is needed."),
    ("    layer: 1", "    layer: -1", ", line 5: models[0].layer is -1; a number from 0 to 1048576 is needed."),
    ("    layer: 1", "    layer: 1.5", ", line 5: models[0].layer is 1.5; a whole number is needed."),
    ("name: m\n", "name: a/b\n", ", line 3: models[0].name is a/b; letters, digits, '-', '_' and '.' make a name."),
    ("[accuracy]", "accuracy", ", line 7: experiments is accuracy; a list [ … ] is needed."),
    ("[accuracy]", "[accuracy, accuracy]", ", line 7: experiments[1] is accuracy; it is listed twice; once is enough."),
    ("[accuracy]", "[]", ", line 7: experiments is a list of 0; a study needs at least one experiment."),
    (
      "[bf16]", "[int8]",
      ", line 8: conditions[0] is int8; the first condition is what the others are compared with; put bf16 (or f32) first."
    ),
    ("[bf16]", "[bf16, int9]", ", line 8: conditions[1] is \"int9\", which does not exist. Did you mean int8?"),
    (
      "[bf16]", "[bf16, gptq]",
      ", line 8: conditions[1] is \"gptq\", which does not exist. Choose from: "
        + CompressionMethods.all.map(\.kind).joined(separator: ", ") + "."
    ),
    ("[bf16]", "[bf16, f32]", ", line 8: conditions[1] is f32; a study has one baseline, the first condition (bf16)."),
    ("[bf16]", "[bf16, nf4, nf4]", ", line 8: conditions[2] is nf4; the condition nf4 is listed twice."),
    (
      "[bf16]", "[bf16, { nf4: { doublequantization: true } }]",
      ", line 8: there is no key conditions[1].nf4.doublequantization. Did you mean conditions[1].nf4.double_quantization?"
    ),
    (
      "[bf16]", "[bf16, { nf4: { double_quantization: maybe } }]",
      ", line 8: conditions[1].nf4.double_quantization is maybe; true or false is needed."
    ),
    (
      "[bf16]", "[bf16, { nf4: { compute: bf61 } }]",
      ", line 8: conditions[1].nf4.compute is \"bf61\", which does not exist. Did you mean bf16?"
    ),
    (
      "[bf16]", "[bf16, { nf4: { block: 100 } }]",
      ", line 8: conditions[1].nf4.block is 100; a power of two from 32 to 4096 is needed; bitsandbytes' default is 64."
    ),
    (
      "[bf16]", "[bf16, { int8: { threshold: 0 } }]",
      ", line 8: conditions[1].int8.threshold is 0; a positive number is needed; bitsandbytes' default is 6.0."
    ),
    (
      "[bf16]", "[{ bf16: { x: 1 } }]",
      ", line 8: conditions[0].bf16 is keys (x); bf16 has no options; write bf16 alone."
    ),
    ("headline: 100", "headline: 0", ", line 9: tokens.headline is 0; a number from 1 up is needed."),
    (
      "headline: 100", "headline: 100, snapshots: [20, 10]",
      ", line 9: tokens.snapshots[1] is 10; snapshots must rise from one to the next."
    ),
    (
      "headline: 100", "headline: 100, limit: 99",
      ", line 9: tokens.limit is 99; the headline needs at least 100 tokens."
    ),
    (
      "headline: 100", "headline: 100, snapshots: [100, 300], limit: 299",
      ", line 9: tokens.limit is 299; the last snapshot needs at least 300 tokens."
    ),
    ("c.jsonl", "[]", ", line 6: corpus.path is a list of 0; at least one file is needed."),
    (
      "title: T", "title: T\npacking: { style: sealens }",
      ", line 2: packing.style is \"sealens\", which does not exist. Did you mean saelens?"
    ),
    (
      "title: T", "title: T\npacking: { style: llama_cpp, length: 3 }",
      ", line 2: packing.length is 3; llama_cpp scores the second half of a chunk, which takes at least 4 tokens."
    ),
    ("title: T", "title: [a", ", line 2: is not valid YAML: did not find expected ',' or ']'."),
    ("title: T", "title: T\ntitle: U", ", line 1: is not valid YAML: the key title is given twice."),
    (
      "{ path: c.jsonl }", "{ path: c.jsonl, order: random }",
      ", line 6: corpus.order is \"random\", which does not exist. Choose from: file."
    ),
    (
      "{ path: c.jsonl }", "{ path: c.jsonl, order: { shuffle: torch } }",
      ", line 6: corpus.order.shuffle is \"torch\", which does not exist. Choose from: numpy."
    ),
    (
      "title: T", "title: T\nstrata: { massive: 0.5 }",
      ", line 2: strata.massive is 0.5; a multiple of the median above 1 is needed."
    ),
    (
      "title: T", "title: T\nbootstrap: { level: 95 }",
      ", line 2: bootstrap.level is 95; a share from 0.5 to 0.9999 is needed, such as 0.95."
    ),
    (
      "title: T", "title: T\nbootstrap: { level: 0.9999999999999999 }",
      ", line 2: bootstrap.level is 0.9999999999999999; a share from 0.5 to 0.9999 is needed, such as 0.95."
    ),
    (
      "title: T", "title: T\npacking: { length: 1 }",
      ", line 2: packing.length is 1; a number from 2 to 1048576 is needed."
    ),
  ]

  @Test func `an empty file and a missing file`() throws {
    #expect(message { _ = try read("") }?.hasSuffix("study.yaml: is not valid YAML: the file is empty.") == true)
    #expect(
      message { _ = try StudyFile(path: scratch.path + "/none.yaml") }?.contains("none.yaml: no such file") == true)
    #expect(
      message { _ = try read("just text") }?.hasSuffix(
        "line 1: the study is just text; keys (title, models, corpus, packing, experiments, conditions, tokens, strata, reruns, bootstrap, seed) is needed."
      ) == true)
  }

  // MARK: Checks against the world

  @Test func `a layer the model does not have is named with the layers it has`() throws {
    let checkpoint = try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny"))
    let good = try read(Self.minimal.replacing("headline: 100 }", with: "headline: 100 }\npacking: { length: 256 }"))
    try good.validate(model: 0, against: checkpoint.configuration)
    let deep = try read(Self.minimal.replacing("layer: 1", with: "layer: 17"))
    #expect(
      message { try deep.validate(model: 0, against: checkpoint.configuration) }
        == "\(scratch.path)/study.yaml, line 5: models[0].layer is 17; m has 2 layers, 0 to 1.")
    let long = try read(Self.minimal + "\npacking: { length: 1024 }")
    #expect(
      message { try long.validate(model: 0, against: checkpoint.configuration) }?
        .hasSuffix("line 10: packing.length is 1024; m was made for at most 256 positions.") == true)
  }

  @Test func `an experiment that does not exist, or lacks its SAE`() throws {
    let file = try read(Self.minimal.replacing("[accuracy]", with: "[accuracy, noise_flor]"))
    #expect(
      message { try file.validate(experiments: ["accuracy", "sae", "noise_floor"]) }?
        .hasSuffix("line 7: experiments[1] is \"noise_flor\", which does not exist. Did you mean noise_floor?") == true)
    let sae = try read(Self.minimal.replacing("[accuracy]", with: "[sae]"))
    #expect(
      message { try sae.validate(experiments: ["accuracy", "sae"], needingSAE: ["sae"]) }?
        .hasSuffix(
          "line 3: the key models[0].sae is missing. Add it, for example: sae: path/to/sae   (the experiment sae needs one)"
        ) == true)
    try sae.validate(experiments: ["accuracy", "sae"])
  }

  @Test(
    "paths start at the study's folder and know the cache",
    arguments: [
      ("models/a.gguf", "@/models/a.gguf"), ("../a.gguf", "@@/a.gguf"), ("/models/a.gguf", "/models/a.gguf"),
      ("~/a.gguf", "/home/ada/a.gguf"), ("$CLEARBOX_CACHE/a.gguf", "/big/disk/a.gguf"),
      ("${CLEARBOX_CACHE}/a.gguf", "/big/disk/a.gguf"),
    ])
  func paths(written: String, expected: String) throws {
    let path = try scratch.write(Self.minimal.replacing("m.gguf", with: written), as: "study.yaml")
    let file = try StudyFile(path: path, environment: ["HOME": "/home/ada", "CLEARBOX_CACHE": "/big/disk"])
    let parent = URL(fileURLWithPath: scratch.path).deletingLastPathComponent().path
    let resolved = expected.replacing("@@", with: parent).replacing("@", with: scratch.path)
    #expect(try file.checkpointPath(model: 0) == resolved)
    #expect(file.study.models[0].checkpoint == written)
  }

  @Test func `what cannot be resolved says what to do`() throws {
    let hub = try read(Self.minimal.replacing("m.gguf", with: "hf://google/gemma-3-4b-pt"))
    #expect(
      message { _ = try hub.checkpointPath(model: 0) }
        == "\(scratch.path)/study.yaml, line 4: models[0].checkpoint is hf://google/gemma-3-4b-pt. Nothing of it is in the Hub cache /home/ada/.cache/huggingface/hub. Run 'clearbox fetch \(scratch.path)/study.yaml' first."
    )
    let short = try read(Self.minimal.replacing("m.gguf", with: "hf://gemma-3-4b-pt"))
    #expect(
      message { _ = try short.hubRequests() }?
        .hasSuffix("line 4: models[0].checkpoint is hf://gemma-3-4b-pt; owner and name are needed: hf://owner/name.")
        == true)
    let store = try read(Self.minimal.replacing("m.gguf", with: "s3://bucket/m.gguf"))
    #expect(message { _ = try store.checkpointPath(model: 0) }?.contains("Names on s3 are not fetched") == true)
    let variable = try read(Self.minimal.replacing("m.gguf", with: "$MODELS/a.gguf"))
    #expect(message { _ = try variable.checkpointPath(model: 0) }?.contains("Only $CLEARBOX_CACHE is replaced") == true)
  }

  @Test func `what was fetched is found in the Hub's cache, with its commit`() throws {
    let commit = String(repeating: "c0ffee12", count: 5)
    let files = [
      "models--acme--tiny/snapshots/\(commit)/config.json", "models--acme--tiny/snapshots/\(commit)/tokenizer.json",
      "models--acme--tiny/snapshots/\(commit)/model.safetensors", "models--acme--tiny/refs/main",
      "models--acme--scope/snapshots/\(commit)/layer_1/params.safetensors",
      "datasets--acme--texts/snapshots/\(commit)/data/a.jsonl", "datasets--acme--texts/refs/v1",
    ]
    for file in files {
      let path = "\(scratch.path)/hub/\(file)"
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data(commit.utf8).write(to: URL(fileURLWithPath: path))
    }
    let text = Self.minimal.replacing("m.gguf", with: "hf://acme/tiny")
      .replacing("layer: 1", with: "layer: 1\n    sae: hf://acme/scope@\(commit)/layer_1")
      .replacing("c.jsonl", with: "\"hf://datasets/acme/texts@v1/data/a.jsonl\"")
    let file = try StudyFile(
      path: scratch.write(text, as: "study.yaml"), environment: ["HF_HUB_CACHE": scratch.path + "/hub"])
    let places = [
      "models--acme--tiny/snapshots/\(commit)", "models--acme--scope/snapshots/\(commit)/layer_1",
      "datasets--acme--texts/snapshots/\(commit)/data/a.jsonl",
    ].map { "\(scratch.path)/hub/\($0)" }
    #expect(
      try [file.checkpointPath(model: 0), file.saePath(model: 0)] + file.corpusPaths().map(Optional.some) == places)
    let sources = try file.hubSources(model: 0)
    #expect(sources.map(\.key) == ["models[0].checkpoint", "models[0].sae", "corpus.path"])
    #expect(sources.map(\.source.path) == places && sources.allSatisfy { $0.source.commit == commit })
    #expect(try file.hubRequests().map(\.use) == [.checkpoint, .autoencoder, .file])
    #expect(file.study.models[0].checkpoint == "hf://acme/tiny")

    try FileManager.default.removeItem(atPath: "\(places[0])/tokenizer.json")
    #expect(
      message { _ = try file.checkpointPath(model: 0) }?
        .contains("models[0].checkpoint is hf://acme/tiny. tokenizer.json is not in the Hub cache") == true)
  }
}
