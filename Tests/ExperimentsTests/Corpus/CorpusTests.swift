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
      ("{\"text\": \"\"}\n\n", "holds no document with text"),
      ("", "holds no document with text"),
    ])
  func mistakes(content: String, expected: String) throws {
    let path = try scratch.write(content, as: "c.jsonl")
    let message = message { _ = try Corpus(path: path) }
    #expect(message?.contains(expected) == true, "\(message ?? "no error")")
  }

  @Test func `escapes mean what JSON says`() throws {
    let path = try scratch.write(#"{"text": "\u00e9\n\t\"\\\/\ud83d\ude00\u0000"}"#, as: "c.jsonl")
    let document = try #require(Corpus(path: path).documents.first)
    #expect(document.utf8 == Array("é\n\t\"\\/😀\u{0}".utf8))
  }
}
