import Testing

@testable import Experiments

/// Expected packings come from SAELens' and TransformerLens' own functions: tools/golden/packings.py.
@Suite struct PackingStyleTests {
  /// corpus.jsonl fifteen times over: 2,250 documents.
  private func pack(_ style: PackingStyle, length: Int, times: Int = 15, target: Int = 10_000_000) throws
    -> PackedCorpus
  {
    let corpus = try Corpus(
      paths: Array(repeating: Goldens.path("corpus/corpus.jsonl"), count: times), sourceField: "meta.pile_set_name")
    return try PackedCorpus(
      corpus, tokenizer: tokenizer(), order: .file, style: style, chunkLength: length, batchSize: 4, target: target)
  }

  private func tokenizer() throws -> Tokenizer { try Tokenizer(json: Goldens.path("tokenizer/small.json")) }

  @Test(
    "chunks are the library's, token by token",
    arguments: [PackingStyle.saelens, .transformerLens, .llamaCpp], [32, 33])
  func golden(style: PackingStyle, length: Int) throws {
    let all = try MappedFile(path: Goldens.path("corpus/packings.json")).withBytes { try JSONValue.parse($0) }
    let expected = try #require(all["\(style.rawValue)-\(length)"])
    let packed = try pack(style, length: length)
    #expect(packed.chunkCount == expected["chunks"]?.integer)
    #expect(packed.ids[..<packed.chunkLength].map { Int($0) } == expected["first"]?.array?.compactMap(\.integer))
    #expect(packed.sha256 == expected["sha256"]?.string)
  }

  @Test("a budget takes the start of the whole stream", arguments: PackingStyle.allCases)
  func budget(style: PackingStyle) throws {
    let whole = try pack(style, length: 32)
    let part = try pack(style, length: 32, target: 300)
    #expect(
      part.chunkCount == 12 && part.ids[...] == whole.ids.prefix(12 * 32)
        && part.rows[...] == whole.rows.prefix(12 * 32))
  }

  @Test("documents of tokens rise, and those of spelled tokens contain them", arguments: PackingStyle.allCases)
  func documents(style: PackingStyle) throws {
    let corpus = try Corpus(path: Goldens.path("corpus/corpus.jsonl"), sourceField: "meta.pile_set_name")
    let tokenizer = try tokenizer()
    let packed = try pack(style, length: 32, times: 1)
    #expect(zip(packed.rows, packed.rows.dropFirst()).allSatisfy { $0 <= $1 })
    // The text of each document's tokens, inserted ones and those that reach into the separator left out.
    for row in Set(packed.rows) {
      let tokens = packed.ids.indices.filter { packed.rows[$0] == row }
      let text = String(decoding: corpus.documents[Int(row)].utf8, as: UTF8.self)
      for index in tokens where packed.ids[index] > 2 {
        let piece = tokenizer.decode([packed.ids[index]])
        if piece.contains("\u{fffd}") || piece.allSatisfy({ $0 == "\n" }) { continue }
        #expect(text.contains(piece) || style == .llamaCpp && piece.contains("\n"), "\(row): \(piece)")
      }
      #expect(packed.tokenSources[tokens[0]] == Int32(corpus.documents[Int(row)].source))
    }
  }

  @Test("llama.cpp's packing scores the second half of a chunk")
  func scored() throws {
    for (style, expected) in [(PackingStyle.llamaCpp, 16), (.article, 0), (.saelens, 0), (.transformerLens, 0)] {
      let packed = try pack(style, length: 32, times: 1)
      let targets = TokenStream(packed, bos: 2, firstPositions: 4).targets(1)
      let next = packed.ids[packed.chunkLength + 1..<2 * packed.chunkLength]
      #expect(targets.count == 32 && targets.last == -1)
      #expect(targets[..<expected].allSatisfy { $0 == -1 } && targets[expected..<31] == Array(next)[expected...][...])
    }
  }
}
