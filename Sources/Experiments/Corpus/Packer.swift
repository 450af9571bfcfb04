/// Joins documents' tokens, in each style. What fills no chunk at the end is for the caller to drop.
struct Packer {
  private let corpus: Corpus
  private let tokenizer: Tokenizer
  private let chunkLength: Int
  private(set) var ids: [Int32] = []
  /// Per token: row of its document, and its source.
  private(set) var rows: [Int32] = []
  private(set) var sources: [Int32] = []

  init(_ corpus: Corpus, tokenizer: Tokenizer, chunkLength: Int) {
    self.corpus = corpus
    self.tokenizer = tokenizer
    self.chunkLength = chunkLength
  }

  /// Enough to keep all cores busy, few enough to stop soon after the target.
  private static let documentsPerWave = 64

  private mutating func append(_ tokens: some Collection<Int32>, of document: Corpus.Document) {
    ids += tokens
    rows += repeatElement(Int32(document.row), count: tokens.count)
    sources += repeatElement(Int32(document.source), count: tokens.count)
  }

  /// Tokenizes documents in waves, and hands out each with its tokens until `count` tokens are there.
  private mutating func forEach(
    _ documents: [Corpus.Document], addBOS: Bool, until count: Int,
    _ body: (inout Packer, Corpus.Document, [Int32]) -> Void
  ) {
    var remaining = documents[...]
    while ids.count < count, !remaining.isEmpty {
      let wave = remaining.prefix(Self.documentsPerWave)
      remaining = remaining.dropFirst(wave.count)
      for (document, tokens) in zip(wave, tokenizer.encode(documents: wave.map(\.utf8), addBOS: addBOS)) {
        body(&self, document, tokens)
      }
    }
  }

  // MARK: The article

  mutating func addArticle(_ documents: [Corpus.Document], until count: Int) {
    forEach(documents.filter { !$0.utf8.isEmpty }, addBOS: true, until: count) { packer, document, tokens in
      packer.append(tokens, of: document)
    }
  }

  // MARK: SAELens

  /// Source: sae_lens 6.54.12, tokenization_and_batching.py, `concat_and_batch_sequences`: before a chunk's first token,
  /// and before a document's first token inside a chunk, a BOS is put unless one stands there already.
  mutating func addSAELens(_ documents: [Corpus.Document], until count: Int) {
    forEach(documents, addBOS: false, until: count) { packer, document, tokens in
      let bos = packer.tokenizer.bos
      var rest = tokens[...]
      var isStart = true
      while let next = rest.first {
        // Full after a BOS that closed a chunk: the next chunk gets its own.
        if isStart || packer.ids.count % packer.chunkLength == 0, next != bos {
          packer.append(CollectionOfOne(bos), of: document)
          if packer.ids.count % packer.chunkLength == 0 { continue }
        }
        isStart = false
        let part = rest.prefix(packer.chunkLength - packer.ids.count % packer.chunkLength)
        packer.append(part, of: document)
        rest = rest.dropFirst(part.count)
      }
    }
  }

  // MARK: TransformerLens

  /// `batch_size` of datasets' `map`.
  private static let documentsPerGroup = 1000

  /// Source: transformer_lens 4.3.0, utilities/tokenize_utils.py, `tokenize_and_concatenate`. Empty documents count in
  /// their group and leave an end token, as they do there. A group with less text than one chunk is left out, where
  /// TransformerLens pads it to one.
  mutating func addTransformerLens(_ documents: [Corpus.Document], until count: Int) throws {
    guard let eos = tokenizer.endOfText else { throw CorpusError.noEndToken(path: corpus.path) }
    let (bos, content) = (tokenizer.bos, chunkLength - 1)
    for start in stride(from: 0, to: documents.count, by: Self.documentsPerGroup) where ids.count < count {
      let group = documents[start..<min(start + Self.documentsPerGroup, documents.count)]
      var joined = Packer(corpus, tokenizer: tokenizer, chunkLength: chunkLength)
      joined.forEach(Array(group), addBOS: false, until: .max) { packer, document, tokens in
        packer.append(tokens, of: document)
        packer.append(CollectionOfOne(eos), of: document)
      }
      let length = joined.ids.count - 1  // none after the last document
      for row in 0..<(length / content) {
        let part = row * content..<(row + 1) * content
        ids.append(bos)
        ids += joined.ids[part]
        rows.append(joined.rows[part.lowerBound])
        rows += joined.rows[part]
        sources.append(joined.sources[part.lowerBound])
        sources += joined.sources[part]
      }
    }
  }

  // MARK: llama.cpp

  /// What stands between documents: llama-perplexity reads one raw text, and an empty line is how texts are joined
  /// into one (transformers' guide to perplexity joins WikiText's so).
  private static let separator = Array("\n\n".utf8)

  /// Source: llama.cpp, tools/perplexity/perplexity.cpp, `perplexity`: the whole text is tokenized, BOS in front;
  /// of each chunk the first token is replaced by BOS. Special tokens written out in a text become their ids, as in
  /// transformers; llama-perplexity would spell them.
  mutating func addLlamaCpp(_ documents: [Corpus.Document], until count: Int) throws {
    let documents = documents.filter { !$0.utf8.isEmpty }
    var text: [UInt8] = []
    /// Where each document with its separator ends.
    var ends: [Int] = []
    for (index, document) in documents.enumerated() {
      text += document.utf8
      if index + 1 < documents.count { text += Self.separator }
      ends.append(text.count)
    }
    // The end of a text may change how what comes before it is cut: all of it is tokenized, whatever is needed.
    let tokens = tokenizer.encode(utf8: text, addBOS: true).prefix(count)
    let starts = try tokenizer.starts(of: tokens.dropFirst(), in: text, path: corpus.path)
    var document = 0
    ids.reserveCapacity(tokens.count)
    for (index, token) in tokens.enumerated() {
      let start = index == 0 ? 0 : starts[index - 1]
      while start >= ends[document], document + 1 < documents.count { document += 1 }
      append(CollectionOfOne(index % chunkLength == 0 ? tokenizer.bos : token), of: documents[document])
    }
  }
}
