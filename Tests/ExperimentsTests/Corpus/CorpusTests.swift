import Foundation
import Testing

@testable import Experiments

@Suite struct CorpusTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  @Test func `rows are numbered without blank lines, both line ends are read`() throws {
    let corpus = try Corpus(path: Goldens.path("corpus/corpus.jsonl"), sourceField: "meta.pile_set_name")
    #expect(corpus.documents.count == 150)
    #expect(corpus.documents.map(\.row) == Array(0..<150))
    #expect(corpus.documents.contains { $0.utf8.isEmpty })
    #expect(!corpus.documents.contains { $0.utf8.contains(0x0d) && $0.utf8.last == 0x0d })
  }

  /// One document each, of 2¹⁸ and 2¹⁹ bytes, made by zstandard 0.25 at level 3: as much as, and twice as much as, the
  /// decoder hands out at a time.
  @Test(
    arguments: zip(
      [1 << 18, 1 << 19],
      [
        "KLUv/aAAAAQAnAAAWHsidGV4dCI6ICJhAQDy/znwAmUAACBhIn0KAQD5/zkQAg==",
        "KLUv/aAAAAgAnAAAWHsidGV4dCI6ICJhAQDy/znwAgIAEGECABBhZQAAIGEifQoBAPn/ORAC",
      ]))
  func `a frame that ends where the decoder's buffer does is whole`(count: Int, frame: String) throws {
    let path = try scratch.write([UInt8](try #require(Data(base64Encoded: frame))), as: "exact.jsonl.zst")
    let corpus = try Corpus(path: path)
    #expect(corpus.documents.map(\.utf8.count) == [count - 13])
    let cut = try scratch.write([UInt8](try #require(Data(base64Encoded: frame)).dropLast()), as: "cut.jsonl.zst")
    #expect(message { _ = try Corpus(path: cut) }?.contains("end early") == true)
  }

  @Test func `without a source field there is one source`() throws {
    let path = try scratch.write("{\"text\": \"a\"}\n{\"text\": \"b\", \"source\": \"x\"}\n", as: "c.jsonl")
    #expect(try Corpus(path: path).sources == ["all"])
    #expect(
      message { _ = try Corpus(path: path, sourceField: "source") }
        == "\(path), line 1: the field \"source\" is missing; the line has text. Set corpus.text and corpus.source to the fields' names."
    )
  }

  @Test(
    "every mistake is named with its line",
    arguments: [
      ("{\"text\": \"a\"}\n\n{\"text\": oops}\n", "line 3, column 10: expected a value, found 'o'"),
      ("{\"text\": \"a\"}\n[1]\n", "line 2, column 1: expected an object, found an array of 1"),
      ("{\"text\": \"a\"}\n{\"text\": 7}\n", "line 2: the field \"text\" is 7, not a string"),
      ("{\"txt\": \"a\"}\n", "line 1: the field \"text\" is missing; the line has txt"),
      ("{\"text\": \"a\"} {\"text\": \"b\"}\n", "line 1, column 15: unexpected text after the end of the value"),
      ("{\"text\": \"a\n\"}\n", "line 1, column 11: a string starts here and never ends"),
      ("{\"text\": \"\\ud800\"}\n", "line 1, column 11: a \\u escape names half of a surrogate pair"),
      ("{\"text\": \"\"}\n{\"text\": null}\n", "holds no document with text"),
      ("BZh91AY", "is compressed with bzip2. Decompress it, or compress it with gzip or zstd"),
      ("", "holds no document with text"),
    ])
  func mistakes(content: String, expected: String) throws {
    let path = try scratch.write(content, as: "c.jsonl")
    let message = message { _ = try Corpus(path: path) }
    #expect(message?.contains(expected) == true, "\(message ?? "no error")")
  }

  @Test(
    "the same documents come from JSON Lines, compressed or not, and from Parquet, by content and not by name",
    arguments: ["corpus.jsonl.gz", "corpus.jsonl.zst", "corpus.parquet"])
  func formats(name: String) throws {
    let plain = try Corpus(path: Goldens.path("corpus/corpus.jsonl"), sourceField: "meta.pile_set_name")
    let renamed = try scratch.copy("corpus/" + name, as: "no-hint")
    let corpus = try Corpus(path: renamed, sourceField: "meta.pile_set_name")
    #expect(corpus.documents == plain.documents && corpus.sources == plain.sources && corpus.shards == [150])
    #expect(corpus.sha256 == SHA256Hex.digest(of: try MappedFile(path: renamed)))
    for length in [100, try scratch.read("no-hint").count / 2] {
      let cut = try scratch.write(Array(try scratch.read("no-hint").prefix(length)), as: "cut")
      #expect(message { _ = try Corpus(path: cut) }?.contains("get it again") == true)
    }
  }

  @Test func `files follow one another, each a shard`() throws {
    let names = ["corpus.parquet", "corpus.jsonl", "corpus.jsonl.gz"]
    let corpus = try Corpus(paths: names.map { Goldens.path("corpus/" + $0) }, sourceField: "meta.pile_set_name")
    #expect(corpus.shards == [150, 150, 150] && corpus.documents.map(\.row) == Array(0..<450))
    #expect(corpus.documents[7].utf8 == corpus.documents[307].utf8)
    let list = try names.map { "\(SHA256Hex.digest(of: try MappedFile(path: Goldens.path("corpus/" + $0))))  \($0)\n" }
    #expect(corpus.sha256 == SHA256Hex.digest(of: list.joined()))
    #expect(CorpusOrder.shuffled(seed: 0, buffer: 100).rows(shards: corpus.shards).sorted() == Array(0..<450))
  }

  @Test func `a null text is an empty document, a null source has a name`() throws {
    let path = try scratch.write(
      "{\"text\": null, \"s\": \"x\"}\n{\"text\": \"b\", \"s\": null}\n", as: "c.jsonl")
    let corpus = try Corpus(path: path, sourceField: "s")
    #expect(corpus.documents.map(\.utf8) == [[], Array("b".utf8)] && corpus.sources == ["(none)", "x"])
  }

  @Test func `escapes mean what JSON says`() throws {
    let path = try scratch.write(#"{"text": "\u00e9\n\t\"\\\/\ud83d\ude00\u0000"}"#, as: "c.jsonl")
    let document = try #require(Corpus(path: path).documents.first)
    #expect(document.utf8 == Array("é\n\t\"\\/😀\u{0}".utf8))
  }
}
