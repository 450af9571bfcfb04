import Foundation
import Testing

@testable import Experiments

/// What a corpus may cost: bounds in memory, whatever the file says.
@Suite struct CorpusBoundsTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  @Test func `a byte order mark is no part of the first document`() throws {
    let plain = try Corpus(path: Goldens.path("corpus/corpus.jsonl"), sourceField: "meta.pile_set_name")
    let marked = try scratch.write(
      ByteOrderMark.utf8 + Goldens.bytes("corpus/corpus.jsonl"), as: "marked.jsonl")
    #expect(try Corpus(path: marked, sourceField: "meta.pile_set_name").documents == plain.documents)
    let inside = try scratch.write("{\"text\": \"\u{feff}a\"}\n", as: "inside.jsonl")
    #expect(try Corpus(path: inside).documents.first?.utf8 == [0xef, 0xbb, 0xbf, 0x61])
  }

  @Test func `of two fields of one name the last counts, as in Python`() throws {
    let path = try scratch.write("{\"text\": \"a\", \"text\": \"b\"}\n", as: "twice.jsonl")
    #expect(try Corpus(path: path).documents.first?.utf8 == Array("b".utf8))
  }

  /// A frame of one raw block, whose window descriptor says 2ⁿ bytes.
  private func frame(_ text: String, windowLog: Int) -> [UInt8] {
    let content = Array(text.utf8)
    let block = content.count << 3 | 1
    return [0x28, 0xb5, 0x2f, 0xfd, 0x00, UInt8((windowLog - 10) << 3)]
      + [UInt8(block & 0xff), UInt8(block >> 8 & 0xff), UInt8(block >> 16)] + content
  }

  @Test("Zstandard frames with windows beyond the default are read", arguments: [20, 27, 28, 31])
  func longWindow(windowLog: Int) throws {
    let path = try scratch.write(frame("{\"text\": \"abc\"}\n", windowLog: windowLog), as: "long.zst")
    #expect(try Corpus(path: path).documents.first?.utf8 == Array("abc".utf8))
  }

  @Test func `a file that expands beyond reason is refused`() throws {
    // Blocks of one repeated byte (RLE): 4 bytes stand for 128 KiB. 1,000 of them make 125 MiB.
    var bomb: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, UInt8(7 << 3)]
    for index in 0..<1000 {
      let block = (128 << 10) << 3 | 1 << 1 | (index == 999 ? 1 : 0)
      bomb += [UInt8(block & 0xff), UInt8(block >> 8 & 0xff), UInt8(block >> 16), 0x20]
    }
    let path = try scratch.write(bomb, as: "bomb.zst")
    let text = message { _ = try Corpus(path: path) }
    #expect(
      text?.contains("become more than 67108864, which no text does") == true
        && text?.contains("decompress it first") == true && text?.contains("damaged") == false, "\(text ?? "read")")
  }

  @Test func `a text of more than 16 MiB is refused by its document`() throws {
    let long = "{\"text\": \"" + String(repeating: "a", count: (16 << 20) + 1) + "\"}\n"
    let path = try scratch.write("{\"text\": \"a\"}\n" + long, as: "long.jsonl")
    #expect(
      message { _ = try Corpus(path: path) }?.contains("document 1 (counted from 0) has 16777217 bytes of text") == true
    )
  }

  @Test func `texts beyond the room are counted and not kept, and what is packed stays the same`() throws {
    let path = Goldens.path("corpus/corpus.jsonl")
    let whole = try Corpus(path: path, sourceField: "meta.pile_set_name")
    let part = try Corpus(paths: [path], sourceField: "meta.pile_set_name", room: 30_000)
    #expect(whole.isKeptWhole && !part.isKeptWhole && part.sources == whole.sources && part.shards == whole.shards)
    #expect(part.documents.map(\.hasText) == whole.documents.map(\.hasText))
    #expect(part.kept.reduce(0) { $0 + $1.utf8.count } >= 30_000 && part.kept.count < 150)
    #expect(part.sha256 == whole.sha256)
    let tokenizer = try Tokenizer(json: Goldens.path("tokenizer/small.json"))
    func pack(_ corpus: Corpus) throws -> PackedCorpus {
      try PackedCorpus(corpus, tokenizer: tokenizer, order: .file, chunkLength: 32, batchSize: 4, target: 2000)
    }
    let (packed, expected) = (try pack(part), try pack(whole))
    #expect(packed.tokenCount == expected.tokenCount && packed == expected)
  }

  @Test func `a token without a row in the embedding is named with its document`() {
    let error = StudyRunError.unknownToken(351, text: "<image_soft_token>", rows: 351, place: "document 6 of c.jsonl")
    #expect(
      error.description.hasPrefix(
        "The tokenizer gives \"<image_soft_token>\" the id 351, and the embedding has 351 rows, ids 0 to 350. It stands in document 6 of c.jsonl."
      ))
  }
}
