/// How documents become chunks.
public enum PackingStyle: String, Sendable, CaseIterable {
  /// A BOS before each document, no end token, all ids in one stream, the stream cut into chunks. Chunks do not start
  /// with a BOS unless a document happens to start there.
  case article
  /// SAELens' ActivationsStore with `prepend_bos` and `sequence_separator_token="bos"`: a BOS at the start of each
  /// chunk and between documents, never two in a row; a document goes on in the next chunk.
  case saelens
  /// TransformerLens 4's `tokenize_and_concatenate` with `add_bos_token`: documents in groups of 1,000, an end token
  /// between those of a group, a BOS at the start of each chunk; what fills no chunk at a group's end is dropped.
  case transformerLens = "transformer_lens"
  /// llama.cpp's `llama-perplexity`: one text, tokenized whole, cut into chunks; each chunk's first token is replaced by
  /// a BOS, and only predictions from its second half are scored.
  case llamaCpp = "llama_cpp"

  /// Position in a chunk of the first token whose prediction of the next is scored.
  func firstScored(chunkLength: Int) -> Int {
    self == .llamaCpp ? chunkLength / 2 : 0
  }
}
