import Foundation
import Testing

@testable import Experiments

/// The real vocabulary. Expected ids: `tokenizers` 0.23 with the tokenizer.json that transformers makes of the same
/// GGUF file, tools/golden/tokenizer_real.py.
@Suite struct TokenizerRealVocabularyTests {
  @Test func `ids of hard texts are those of tokenizers`() throws {
    let tokenizer = try Tokenizer(gguf: GGUFFile(path: RealModel.path()))
    #expect(tokenizer.vocabularySize == 262_144 && tokenizer.bos == 2)
    let golden = try JSONDecoder().decode(Golden.self, from: RealModel.golden("tokenizer-ids.json"))
    let texts = try RealModel.golden("tokenizer-texts.jsonl").split(separator: 0x0a).map { line in
      Array(try JSONDecoder().decode(Line.self, from: line).text.utf8)
    }
    #expect(texts.count == golden.texts.count)
    let digests = tokenizer.encode(documents: texts, addBOS: true).map { ids in
      ids.withUnsafeBytes { SHA256Hex.digest(of: $0) }
    }
    for (index, digest) in digests.enumerated() {
      #expect(digest == golden.texts[index], "\(String(decoding: texts[index], as: UTF8.self).debugDescription)")
    }
  }

  @Test func `the study's corpus, over two million bytes, has the ids tokenizers gives it`() throws {
    let tokenizer = try Tokenizer(gguf: GGUFFile(path: RealModel.path()))
    let golden = try JSONDecoder().decode(Golden.self, from: RealModel.golden("tokenizer-ids.json"))
    let corpus = try Corpus(path: RealModel.repositoryPath("assets/corpus/study.jsonl"), sourceField: "source")
    let ids = tokenizer.encode(documents: corpus.documents.map(\.utf8), addBOS: true).flatMap { $0 }
    #expect(ids.count == golden.corpus_tokens)
    #expect(ids.withUnsafeBytes { SHA256Hex.digest(of: $0) } == golden.corpus)
  }

  @Test func `a long text in a script without spaces, and a long run, take no quadratic time`() throws {
    let tokenizer = try Tokenizer(gguf: GGUFFile(path: RealModel.path()))
    // Half a million characters that may all be joined: seconds with a heap, hours without.
    let ids = tokenizer.encode(String(repeating: "ha", count: 250_000), addBOS: false)
    #expect(tokenizer.decode(ids) == String(repeating: "ha", count: 250_000))
  }

  private struct Golden: Decodable {
    let texts: [String]
    let corpus: String
    let corpus_tokens: Int
  }
  private struct Line: Decodable { let text: String }
}
