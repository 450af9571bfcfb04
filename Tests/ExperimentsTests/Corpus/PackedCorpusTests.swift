import Testing

@testable import Experiments

/// Expected packings come from the article's loop in Python: tools/golden/tokenizer_packing.py.
@Suite struct PackedCorpusTests {
  static let orders: [(String, CorpusOrder)] = [
    ("file", .file), ("shuffled", .shuffled(seed: 0, buffer: 10_000)), ("buffered", .shuffled(seed: 5, buffer: 20)),
  ]

  @Test("the whole stream is the article's, token by token", arguments: orders)
  func wholeStream(name: String, order: CorpusOrder) throws {
    let expected = try golden(name)
    let packed = try pack(order, target: 1_000_000)
    #expect(packed.tokenCount == expected["kept"]?.integer)
    #expect(packed.sha256 == expected["ids_sha256"]?.string)
    #expect(runs(packed.rows.map { "\($0)" }) == expectedRuns(expected["rows"]))
    #expect(runs(packed.tokenSources.map { packed.sources[Int($0)] }) == expectedRuns(expected["sources"]))
    #expect(packed.sources == ["Code", "Web", "Übersetzung"])
  }

  @Test("a budget takes the smallest number of full batches that reaches it", arguments: orders)
  func budget(name: String, order: CorpusOrder) throws {
    for target in [2 * 4 * 32 + 1, 3 * 4 * 32] {
      let packed = try pack(order, target: target)
      #expect(packed.tokenCount == 3 * 4 * 32)
      #expect(packed.sha256 == (try golden(name)["first_batches_sha256"]?.string))
    }
    #expect(try pack(order, target: 1).chunkCount == 4)
  }

  @Test func `the last batch is short when the corpus ends inside it`() throws {
    let packed = try pack(.file, target: 1_000_000)
    let chunks = packed.chunkCount
    #expect(chunks % 4 != 0)
    let stream = TokenStream(packed, bos: 2, firstPositions: 4)
    #expect(stream.chunks(ofBatches: stream.batchCount - 1..<stream.batchCount) == chunks / 4 * 4..<chunks)
  }

  @Test func `a limit ends the stream with its chunk, at the article's counts`() throws {
    let corpus = try Corpus(paths: Array(repeating: Goldens.path("corpus/corpus.jsonl"), count: 75))
    func pack(limit: Int?) throws -> PackedCorpus {
      try PackedCorpus(
        corpus, tokenizer: tokenizer(), order: .shuffled(seed: 0, buffer: 10_000), chunkLength: 512, batchSize: 4,
        target: 500_000, limit: limit)
    }
    let limited = try pack(limit: 500_000)
    #expect(limited.chunkCount == 977)
    let full = try pack(limit: nil)
    #expect(full.chunkCount == 980 && full.ids.prefix(limited.tokenCount) == limited.ids[...])
    // Further than needed, a limit changes nothing.
    #expect(try pack(limit: 600_000) == full)
    let stream = TokenStream(limited, bos: 2, firstPositions: 4)
    let batches = stream.tables(0..<stream.batchCount, strata: [UInt8](repeating: 0, count: limited.tokenCount)).2
    #expect(batches.chunkCount.count == 245 && batches.chunkCount.last == 1)
    #expect(batches.chunkCount.dropLast().allSatisfy { $0 == 4 })
  }

  @Test func `each document starts with a BOS`() throws {
    let packed = try pack(.file, target: 1_000_000)
    for index in packed.ids.indices where index == 0 || packed.rows[index] != packed.rows[index - 1] {
      #expect(packed.ids[index] == 2)
    }
  }

  @Test func `a corpus that fills no chunk is an error with its size`() throws {
    let scratch = try ScratchFolder()
    let path = try scratch.write(#"{"text": "ab"}"#, as: "short.jsonl")
    let corpus = try Corpus(path: path)
    let message = message {
      _ = try PackedCorpus(
        corpus, tokenizer: tokenizer(), order: .file, chunkLength: 32, batchSize: 4, target: 10)
    }
    #expect(message?.contains("short.jsonl: has ") == true && message?.contains("less than one chunk of 32") == true)
  }

  private func pack(_ order: CorpusOrder, target: Int) throws -> PackedCorpus {
    let corpus = try Corpus(path: Goldens.path("corpus/corpus.jsonl"), sourceField: "meta.pile_set_name")
    return try PackedCorpus(
      corpus, tokenizer: tokenizer(), order: order, chunkLength: 32, batchSize: 4, target: target)
  }

  private func tokenizer() throws -> Tokenizer { try Tokenizer(json: Goldens.path("tokenizer/small.json")) }

  private func golden(_ name: String) throws -> JSONValue {
    let all = try MappedFile(path: Goldens.path("corpus/packed.json")).withBytes { try JSONValue.parse($0) }
    return try #require(all[name])
  }

  private func runs(_ values: [String]) -> [String] {
    var result: [(String, Int)] = []
    for value in values {
      if result.last?.0 == value { result[result.count - 1].1 += 1 } else { result.append((value, 1)) }
    }
    return result.map { "\($0.0)×\($0.1)" }
  }

  private func expectedRuns(_ value: JSONValue?) -> [String] {
    (value?.array ?? []).map { run in
      let parts = run.array ?? []
      return "\(parts[0].string ?? "\(parts[0].integer ?? -1)")×\(parts[1].integer ?? -1)"
    }
  }
}
