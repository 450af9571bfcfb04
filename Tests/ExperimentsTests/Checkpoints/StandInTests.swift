import Foundation
import Testing

@testable import Experiments

/// What lies where a file should be is named for what it is.
@Suite struct StandInTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private static let pointer = """
    version https://git-lfs.github.com/spec/v1
    oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
    size 12345

    """

  private func reading(_ content: String) throws -> [String?] {
    let scratch = try ScratchFolder()
    let folder = try scratch.copy("checkpoint/tiny", as: "tiny")
    try scratch.write(content, as: "tiny/model.safetensors")
    let sae = try scratch.copy("sae/standard", as: "sae")
    try scratch.write(content, as: "sae/sae_weights.safetensors")
    let (gguf, tokenizer, corpus, study) = (
      try scratch.write(content, as: "m.gguf"), try scratch.write(content, as: "tokenizer.json"),
      try scratch.write(content, as: "train.parquet"), try scratch.write(content, as: "study.yaml")
    )
    return withExtendedLifetime(scratch) {
      [
        message { _ = try Gemma3Checkpoint(path: folder) }, message { _ = try SparseAutoencoderWeights(path: sae) },
        message { _ = try Gemma3Checkpoint(path: gguf) }, message { _ = try Tokenizer(json: tokenizer) },
        message { _ = try Corpus(path: corpus) }, message { _ = try StudyFile(path: study, environment: [:]) },
      ]
    }
  }

  @Test func `a Git LFS pointer`() throws {
    for text in try reading(Self.pointer) {
      #expect(
        text?.contains("is a Git LFS pointer to a file of 12345 bytes, not that file. Run 'git lfs pull'") == true,
        "\(text ?? "read")")
    }
    for text in try reading(
      Self.pointer.replacing("git-lfs.github", with: "hawser.github").replacing("\n", with: "\r\n"))
    {
      #expect(text?.contains("a Git LFS pointer to a file of 12345 bytes") == true, "\(text ?? "read")")
    }
  }

  @Test func `a web page`() throws {
    for text in try reading("\n<!DOCTYPE html><html><head><title>Sign in</title></head></html>") {
      #expect(text?.contains("is a web page (HTML)") == true, "\(text ?? "read")")
    }
  }

  @Test func `a named pipe does not wait for a writer`() throws {
    let path = scratch.path + "/pipe"
    try #require(mkfifo(path, 0o600) == 0)
    #expect(message { _ = try MappedFile(path: path) }?.contains("neither a regular file nor a folder") == true)
  }

  @Test func `a byte order mark is passed over, and UTF-16 is named`() throws {
    let marked = try scratch.write("\u{feff}" + StudyFileTests.minimal.replacing("\n", with: "\r\n"), as: "study.yaml")
    let plain = try scratch.write(StudyFileTests.minimal, as: "plain.yaml")
    #expect(
      try StudyFile(path: marked, environment: [:]).study == StudyFile(path: plain, environment: [:]).study)
    let folder = try scratch.copy("checkpoint/tiny", as: "marked")
    let configuration = try scratch.read("marked/config.json")
    try scratch.write(ByteOrderMark.utf8 + configuration, as: "marked/config.json")
    #expect(message { _ = try Gemma3Checkpoint(path: folder) } == nil)
    let wide = Array(String(decoding: configuration, as: UTF8.self).utf16).flatMap {
      [UInt8($0 & 0xff), UInt8($0 >> 8)]
    }
    try scratch.write([0xff, 0xfe] + wide, as: "marked/config.json")
    #expect(
      message { _ = try Gemma3Checkpoint(path: folder) }?.contains("the text is UTF-16; save it as UTF-8") == true)
  }
}
