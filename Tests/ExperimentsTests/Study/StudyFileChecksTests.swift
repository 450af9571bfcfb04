import Foundation
import Testing

@testable import Experiments

/// A study file checked against the world: models, experiments, paths, the Hub's cache.
extension StudyFileTests {
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
