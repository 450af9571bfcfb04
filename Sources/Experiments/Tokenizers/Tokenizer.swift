import Foundation

/// Turns text into token ids and back: Gemma's byte-pair tokenizer, from `tokenizer.json` or from a GGUF file.
///
/// The ids are those of `tokenizers` (and so of transformers) for the same file. Literal special tokens in the text
/// become their ids, as they do there: a document that says "<eos>" contains id 1.
public struct Tokenizer: Sendable {
  /// Ids are 0 ..< this.
  public let vocabularySize: Int
  /// The token put before each document.
  public let bos: Int32
  /// SHA-256 of the data that defines the tokenizer: the file `tokenizer.json`, or the vocabulary arrays
  /// (tokens, scores, types, merges where present) as they lie in the GGUF file.
  public let sha256: String

  let model: BytePairModel
  /// Matched in the text as it is, and after spaces were replaced.
  let rawTokens: AddedTokens
  let normalizedTokens: AddedTokens

  init(model: BytePairModel, added: [AddedTokens.Token], bos: Int32, sha256: String) {
    self.model = model
    self.bos = bos
    self.sha256 = sha256
    rawTokens = AddedTokens(added.filter { !$0.normalized })
    normalizedTokens = AddedTokens(
      added.filter(\.normalized).map { token in
        var token = token
        token.content = Self.replacingSpaces(token.content, with: model.spaceReplacement)
        return token
      })
    vocabularySize = max(model.pieces.count, (added.map { Int($0.id) + 1 }.max() ?? 0))
    addedPieces = Dictionary(added.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private let addedPieces: [Int32: AddedTokens.Token]

  // MARK: Encoding

  /// The ids of a text, with `bos` before them when asked for.
  public func encode(_ text: String, addBOS: Bool) -> [Int32] {
    var text = text
    var encoder = BytePairEncoder(model)
    return text.withUTF8 { encode($0, addBOS: addBOS, &encoder) }
  }

  /// The ids of UTF-8 text. Bytes that are not valid UTF-8 are read as U+FFFD, as `String(decoding:as:)` reads them.
  public func encode(utf8 bytes: [UInt8], addBOS: Bool) -> [Int32] {
    var encoder = BytePairEncoder(model)
    return encode(utf8: bytes, addBOS: addBOS, &encoder)
  }

  /// The ids of each document, on all cores. The result does not depend on their number.
  public func encode(documents: [[UInt8]], addBOS: Bool) -> [[Int32]] {
    let lanes = min(documents.count, ProcessInfo.processInfo.activeProcessorCount)
    guard lanes > 1 else {
      var encoder = BytePairEncoder(model)
      return documents.map { encode(utf8: $0, addBOS: addBOS, &encoder) }
    }
    // Lane k takes the documents k, k + lanes, …
    let encoded = mapTasks(lanes) { lane in
      var encoder = BytePairEncoder(model)
      return stride(from: lane, to: documents.count, by: lanes).map {
        encode(utf8: documents[$0], addBOS: addBOS, &encoder)
      }
    }
    return documents.indices.map { encoded[$0 % lanes][$0 / lanes] }
  }

  private func encode(utf8 bytes: [UInt8], addBOS: Bool, _ encoder: inout BytePairEncoder) -> [Int32] {
    bytes.withUnsafeBufferPointer { buffer in
      if UTF8Scan.isValid(buffer) { return encode(buffer, addBOS: addBOS, &encoder) }
      var repaired = String(decoding: buffer, as: UTF8.self)
      return repaired.withUTF8 { encode($0, addBOS: addBOS, &encoder) }
    }
  }

  private func encode(
    _ text: UnsafeBufferPointer<UInt8>, addBOS: Bool, _ encoder: inout BytePairEncoder
  ) -> [Int32] {
    var ids: [Int32] = []
    ids.reserveCapacity(text.count / 3 + 8)
    if addBOS { ids.append(bos) }
    rawTokens.split(text) { part in
      switch part {
      case .token(let id): ids.append(id)
      case .text(let range): encodeNormalized(UnsafeBufferPointer(rebasing: text[range]), &encoder, into: &ids)
      }
    }
    return ids
  }

  /// Looks for the added tokens that are matched after normalization, and encodes what lies between.
  private func encodeNormalized(
    _ text: UnsafeBufferPointer<UInt8>, _ encoder: inout BytePairEncoder, into ids: inout [Int32]
  ) {
    // The encoder itself reads a space as its replacement, so text is rewritten only to be searched.
    guard !normalizedTokens.tokens.isEmpty else { return encoder.encode(text, into: &ids) }
    Self.replacingSpaces(Array(text), with: model.spaceReplacement).withUnsafeBufferPointer { text in
      normalizedTokens.split(text) { part in
        switch part {
        case .token(let id): ids.append(id)
        case .text(let range): encoder.encode(UnsafeBufferPointer(rebasing: text[range]), into: &ids)
        }
      }
    }
  }

  private static func replacingSpaces(_ text: [UInt8], with replacement: Unicode.Scalar?) -> [UInt8] {
    guard let replacement else { return text }
    let content = Array(String(replacement).utf8)
    return text.flatMap { $0 == 0x20 ? content : [$0] }
  }

  // MARK: Decoding

  /// The text of a token as the vocabulary spells it ("▁the", "<0x0A>"); empty for an id without one.
  public func piece(_ id: Int32) -> String {
    String(decoding: pieceBytes(id), as: UTF8.self)
  }

  /// The text of one id alone: as `decode` has it, but a byte token as the vocabulary spells it ("<0x0A>"), for a byte is
  /// seldom a character.
  public func text(of id: Int32) -> String {
    let piece = pieceBytes(id)
    let isByte = !model.byteSymbols.isEmpty && Self.byteValue(piece) != nil
    return isByte ? String(decoding: piece, as: UTF8.self) : decode([id])
  }

  /// The text of a sequence of ids: replaced spaces are put back, runs of byte tokens become characters (or one
  /// U+FFFD per byte where they are not valid UTF-8). Ids outside the vocabulary are left out, as in `tokenizers`.
  public func decode(_ ids: [Int32], skippingSpecialTokens: Bool = false) -> String {
    var text: [UInt8] = []
    var run: [UInt8] = []
    func endRun() {
      if run.withUnsafeBufferPointer(UTF8Scan.isValid) {
        text += run
      } else {
        for _ in run { text += Array("\u{fffd}".utf8) }
      }
      run.removeAll()
    }
    let replacement = model.spaceReplacement.map { Array(String($0).utf8) } ?? []
    for id in ids {
      if skippingSpecialTokens, addedPieces[id]?.special == true { continue }
      let piece = pieceBytes(id)
      if piece.isEmpty { continue }
      if !model.byteSymbols.isEmpty, let byte = Self.byteValue(piece) {
        run.append(byte)
        continue
      }
      endRun()
      text.append(contentsOf: replacement.isEmpty ? piece : piece.replacing(replacement, with: [0x20]))
    }
    endRun()
    return String(decoding: text, as: UTF8.self)
  }

  private func pieceBytes(_ id: Int32) -> ArraySlice<UInt8> {
    addedPieces[id]?.content[...] ?? model.pieces.piece(Int(id))
  }

  /// The byte a piece like "<0x0A>" stands for.
  private static func byteValue(_ piece: ArraySlice<UInt8>) -> UInt8? {
    guard piece.count == 6, piece.starts(with: Array("<0x".utf8)), piece.last == UInt8(ascii: ">") else { return nil }
    return UInt8(String(decoding: piece.dropFirst(3).dropLast(), as: UTF8.self), radix: 16)
  }
}
