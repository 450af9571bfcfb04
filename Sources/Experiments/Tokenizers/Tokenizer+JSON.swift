import Foundation

extension Tokenizer {
  /// Builds the tokenizer from a `tokenizer.json`: a BPE model with Gemma's normalizer (a space becomes "▁").
  /// - Throws: `FileError`, `TokenizerError`, which names any part that works differently from Gemma's.
  public init(json path: String) throws {
    let file = try MappedFile(path: path)
    var parts = TokenizerJSON(path: path, byteCount: file.count)
    try file.withBytes { bytes in
      do {
        try parts.read(bytes)
      } catch let error as JSONError {
        throw TokenizerError.invalidJSON(path: path, error)
      }
    }
    let model = try parts.model()
    self.init(model: model, added: parts.added, bos: try parts.bos(), sha256: SHA256Hex.digest(of: file))
  }

  /// Builds the tokenizer that belongs to a checkpoint: from the GGUF file's metadata, or from `tokenizer.json`
  /// in the Hugging Face folder.
  public init(for checkpoint: Gemma3Checkpoint) throws {
    if let file = checkpoint.gguf {
      try self.init(gguf: file)
    } else {
      let name = "tokenizer.json"
      let path = URL(fileURLWithPath: checkpoint.path).appendingPathComponent(name).path
      do { try self.init(json: path) } catch FileError.missing {
        throw TokenizerError.missing(path: checkpoint.path, what: name)
      }
    }
  }
}

/// Ids that a vocabulary may have: far more than any, and few enough for a table by id.
private let mostIDs = 1 << 22

/// The parts of a `tokenizer.json`, as far as they are read.
private struct TokenizerJSON {
  let path: String
  private(set) var added: [AddedTokens.Token] = []
  private var pieces: PieceTable
  private var hasMerges = false
  private var mergeText: [UInt8] = []
  /// Ends of left and right parts in `mergeText`.
  private var mergeEnds: [(left: Int, right: Int)] = []
  private var settings: [String: JSONValue] = [:]
  private var modelSettings: [String: JSONValue] = [:]

  /// Room for a vocabulary as a file of `byteCount` bytes usually has one: about 100 bytes a piece, merges counted.
  init(path: String, byteCount: Int) {
    self.path = path
    pieces = PieceTable(expectedCount: min(byteCount / 100, 1 << 18))
  }

  mutating func read(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = JSONReader(bytes)
    var copy = self
    try reader.readObject { reader, key in
      switch String(decoding: key, as: UTF8.self) {
      case "model": try copy.readModel(&reader)
      case "added_tokens": try copy.readAdded(&reader)
      case let other: copy.settings[other] = try reader.readValue()
      }
    }
    try reader.finish()
    self = copy
  }

  private mutating func readModel(_ reader: inout JSONReader) throws {
    var copy = self
    try reader.readObject { reader, key in
      switch String(decoding: key, as: UTF8.self) {
      case "vocab":
        try reader.readObject { reader, piece in
          let id = try reader.readInteger()
          guard 0..<mostIDs ~= id else { throw reader.error("an id outside 0 ..< 2²²") }
          guard piece.count <= PieceTable.longest else {
            throw reader.error("a piece of \(piece.count) bytes; \(PieceTable.longest) are allowed")
          }
          guard copy.pieces.insert(piece, id: id) else {
            throw reader.error("the piece \"\(String(decoding: piece, as: UTF8.self))\" is given twice")
          }
        }
      case "merges":
        try copy.readMerges(&reader)
        copy.hasMerges = true
      case let other: copy.modelSettings[other] = try reader.readValue()
      }
    }
    self = copy
  }

  /// Merges are pairs of strings, or strings with a space in between (before tokenizers 0.20).
  private mutating func readMerges(_ reader: inout JSONReader) throws {
    var text: [UInt8] = []
    var ends: [(left: Int, right: Int)] = []
    var part: [UInt8] = []
    try reader.readArray { reader in
      if reader.startsWith("[") {
        var lengths: [Int] = []
        try reader.readArray { reader in
          try reader.readString(into: &part)
          text += part
          lengths.append(text.count)
        }
        guard lengths.count == 2 else { throw reader.error("a merge must have two parts") }
        ends.append((lengths[0], lengths[1]))
      } else {
        try reader.readString(into: &part)
        let spaces = part.indices.filter { part[$0] == 0x20 }
        guard spaces.count == 1 else { throw reader.error("a merge must have two parts with one space between") }
        text += part[..<spaces[0]]
        let left = text.count
        text += part[(spaces[0] + 1)...]
        ends.append((left, text.count))
      }
    }
    mergeText = text
    mergeEnds = ends
  }

  private mutating func readAdded(_ reader: inout JSONReader) throws {
    var tokens: [AddedTokens.Token] = []
    try reader.readArray { reader in
      var token = AddedTokens.Token(id: -1, content: [])
      try reader.readObject { reader, key in
        switch String(decoding: key, as: UTF8.self) {
        case "id": token.id = Int32(clamping: try reader.readInteger())
        case "content": try reader.readString(into: &token.content)
        case "single_word": token.singleWord = try reader.readValue().bool ?? false
        case "lstrip": token.stripsLeft = try reader.readValue().bool ?? false
        case "rstrip": token.stripsRight = try reader.readValue().bool ?? false
        case "normalized": token.normalized = try reader.readValue().bool ?? false
        case "special": token.special = try reader.readValue().bool ?? false
        default: try reader.skipValue()
        }
      }
      guard 0..<mostIDs ~= Int(token.id), 1...AddedTokens.longest ~= token.content.count else {
        throw reader.error("an added token needs an id below 2²² and a content of 1 to \(AddedTokens.longest) bytes")
      }
      tokens.append(token)
    }
    added = tokens
  }

  // MARK: Meaning

  func model() throws -> BytePairModel {
    if let type = modelSettings["type"], type != .text("BPE") {
      throw unsupported("model.type = \(type.summary)", "\"BPE\"")
    }
    for key in ["dropout", "continuing_subword_prefix", "end_of_word_suffix"] {
      if let value = modelSettings[key], value != .null, value != .text(""), value.number != 0 {
        throw unsupported("model.\(key) = \(value.summary)", "null")
      }
    }
    guard pieces.count > 0 else { throw TokenizerError.missing(path: path, what: "model.vocab") }
    guard hasMerges else { throw TokenizerError.missing(path: path, what: "model.merges") }
    let replacement = try spaceReplacement()
    try checkPreTokenizer(replacesSpaces: replacement != nil)
    var unknown: Int32?
    if let name = modelSettings["unk_token"]?.string {
      guard let id = pieces.id(of: name) else {
        throw TokenizerError.damaged(path: path, reason: "model.unk_token \"\(name)\" is not in the vocabulary")
      }
      unknown = id
    }
    return BytePairModel(
      pieces: pieces, merges: try merges(), byteFallback: modelSettings["byte_fallback"]?.bool ?? false,
      unknown: unknown, fusesUnknown: modelSettings["fuse_unk"]?.bool ?? false,
      ignoresMerges: modelSettings["ignore_merges"]?.bool ?? false, spaceReplacement: replacement)
  }

  private func merges() throws -> [(left: Int32, right: Int32, result: Int32)] {
    try mergeText.withUnsafeBufferPointer { text in
      var start = 0
      return try mergeEnds.map { ends in
        let whole = UnsafeBufferPointer(rebasing: text[start..<ends.right])
        guard let left = pieces.id(of: UnsafeBufferPointer(rebasing: text[start..<ends.left])),
          let right = pieces.id(of: UnsafeBufferPointer(rebasing: text[ends.left..<ends.right])),
          let result = pieces.id(of: whole)
        else {
          throw TokenizerError.damaged(
            path: path,
            reason:
              "the merge that makes \"\(String(decoding: whole, as: UTF8.self))\" is not made of pieces of the vocabulary"
          )
        }
        start = ends.right
        return (left, right, result)
      }
    }
  }

  private func spaceReplacement() throws -> Unicode.Scalar? {
    guard let normalizer = settings["normalizer"], normalizer != .null else { return nil }
    guard normalizer["type"] == .text("Replace"), normalizer["pattern"]?["String"] == .text(" "),
      let content = normalizer["content"]?.string?.unicodeScalars, content.count == 1, let scalar = content.first
    else {
      throw unsupported(
        "normalizer \(normalizer["type"]?.summary ?? "of unknown type")", "Replace of \" \" by one character")
    }
    return scalar
  }

  /// Gemma's pre-tokenizer splits at spaces, of which the normalizer has left none.
  private func checkPreTokenizer(replacesSpaces: Bool) throws {
    guard let step = settings["pre_tokenizer"], step != .null else { return }
    guard replacesSpaces, step["type"] == .text("Split"), step["pattern"]?["String"] == .text(" "),
      step["invert"]?.bool != true
    else {
      throw unsupported(
        "pre_tokenizer \(step["type"]?.summary ?? "of unknown type")",
        "none, or Split at \" \" after spaces are replaced")
    }
  }

  /// The token the post-processor puts before a text; else the one `tokenizer_config.json` names.
  func bos() throws -> Int32 {
    if let step = settings["post_processor"], step["type"] == .text("TemplateProcessing") {
      let template = step["single"]?.array ?? []
      if template.count == 2, let name = template[0]["SpecialToken"]?["id"]?.string, template[1]["Sequence"] != nil,
        let id = step["special_tokens"]?[name]?["ids"]?.array?.first?.integer
      {
        return Int32(clamping: id)
      }
      guard template.count == 1, template[0]["Sequence"] != nil else {
        throw unsupported("a post_processor template of \(template.count) parts", "one token before the text")
      }
    } else if let step = settings["post_processor"], step != .null {
      throw unsupported("post_processor \(step["type"]?.summary ?? "of unknown type")", "TemplateProcessing")
    }
    let sibling = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent("tokenizer_config.json")
      .path
    if FileManager.default.fileExists(atPath: sibling) {
      let file = try MappedFile(path: sibling)
      let entry = try file.withBytes { bytes in
        do { return try JSONValue.parse(bytes)["bos_token"] } catch let error as JSONError {
          throw TokenizerError.invalidJSON(path: sibling, error)
        }
      }
      if let name = entry?.string ?? entry?["content"]?.string,
        let token = added.first(where: { $0.content == Array(name.utf8) })
      {
        return token.id
      }
    }
    throw TokenizerError.missing(
      path: path, what: "the beginning-of-sequence token (post_processor, or bos_token in tokenizer_config.json)")
  }

  private func unsupported(_ what: String, _ supported: String) -> TokenizerError {
    .unsupported(path: path, what: what, supported: supported)
  }
}
