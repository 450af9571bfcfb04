/// A Gemma 3 checkpoint on disk: its configuration, and its weights on demand.
///
/// Opening reads headers only and checks every tensor's presence, shape and length; weights are decoded when
/// asked for, from the memory-mapped files, on all cores. The study's baseline is bf16: whatever the file
/// stores is decoded to float32 and rounded to the nearest bf16, as transformers does when it loads the same file.
public struct Gemma3Checkpoint: Sendable {
  public let configuration: Gemma3Configuration
  /// As given by the user.
  public let path: String
  public let format: Format
  private let stored: [Gemma3Tensor: StoredWeight]
  private let files: [MappedFile]
  /// The GGUF file, for the tokenizer in its metadata; nil for a folder.
  public let gguf: GGUFFile?

  public enum Format: String, Sendable, Codable {
    case gguf = "GGUF"
    case safetensors = "safetensors"
  }

  /// Opens a GGUF file or a Hugging Face folder.
  /// - Throws: `FileError`, `CheckpointError`.
  public init(path: String) throws {
    let container = try WeightContainer(path: path)
    let configuration = try container.configuration()
    stored = try container.collect(configuration)
    self.configuration = configuration
    self.path = path
    format = container.format
    files = container.files
    if case .gguf(let file) = container { gguf = file } else { gguf = nil }
  }

  // MARK: Weights

  /// Decodes a tensor to bf16.
  public func tensor(_ tensor: Gemma3Tensor) throws -> LoadedTensor {
    let source = try find(tensor)
    let bits = [UInt16](unsafeUninitializedCapacity: source.count) { buffer, count in
      let out = UnsafeMutableBufferPointer(rebasing: buffer[..<source.count])
      source.readBFloat16(0..<source.rows, offset: offset(tensor), into: out)
      count = source.count
    }
    return LoadedTensor(name: source.name, rows: source.rows, columns: source.columns, bf16: bits)
  }

  /// Decodes a range of rows to bf16 into `out`, [rows.count, columns]: the head, tile by tile.
  public func readRows(
    _ rows: Range<Int>, of tensor: Gemma3Tensor, into out: UnsafeMutableBufferPointer<UInt16>
  ) throws {
    try find(tensor).readBFloat16(rows, offset: offset(tensor), into: out)
  }

  /// Decodes one embedding row per id to bf16 into `out`, [ids.count, D].
  /// - Precondition: every id lies in 0 ..< V.
  public func gatherEmbeddings(_ ids: [Int32], into out: inout [UInt16]) throws {
    guard case .plain(let source) = try find(.embedding) else {
      preconditionFailure("an embedding is never packed")
    }
    precondition(ids.allSatisfy { 0..<Int32(source.rows) ~= $0 }, "a token id is outside the vocabulary")
    out.withUnsafeMutableBufferPointer { TensorReader.gatherBFloat16(source, ids: ids, into: $0) }
  }

  /// How a tensor lies in the file.
  func storedTensor(_ tensor: Gemma3Tensor) throws -> StoredWeight { try find(tensor) }

  /// Of all linear layers, what their format does with activations.
  var arithmetics: [ShippedArithmetic] { stored.filter { $0.key.isLinear }.map(\.value.arithmetic) }

  /// Looks at every weight, on all cores, at about the speed of memory.
  /// - Throws: `CheckpointError.notFinite` for the first that is NaN or infinite, as stored or in bf16.
  public func checkNumbers() throws(CheckpointError) {
    let weights = stored.values.map { (place: $0.place, weight: $0) }
    for (place, weight) in weights.sorted(by: {
      ($0.place.file.name, $0.place.byte) < ($1.place.file.name, $1.place.byte)
    }) {
      guard let found = weight.firstNotFinite() else { continue }
      throw .notFinite(path: place.file.path, tensor: weight.name, index: found.index, value: found.value)
    }
  }

  // MARK: Provenance

  /// Files read, without their folders, with their length in bytes.
  public var fileNames: [String] { files.map(\.name) }

  /// SHA-256 of what was read, as lower-case hexadecimal.
  ///
  /// Of a single file it is the file's own digest. Of a folder it is the digest of the listing
  /// `sha256sum config.json model.safetensors …` prints (digest, two spaces, name; sorted by name).
  public func sha256() -> String {
    SHA256Hex.digest(of: files.sorted { $0.name < $1.name })
  }

  /// Numbers in the whole model; the tied head is counted once.
  public var parameterCount: Int { stored.values.reduce(0) { $0 + $1.count } }

  /// What the checkpoint holds, in numbers.
  public var summary: CheckpointSummary { CheckpointSummary(format: format, files: files, stored) }

  // MARK: Looking up

  private func find(_ tensor: Gemma3Tensor) throws -> StoredWeight {
    guard let found = stored[tensor] else {
      throw CheckpointError.missingTensor(
        path: path, tensor: format == .gguf ? tensor.ggufName : tensor.huggingFaceName)
    }
    return found
  }

  private func offset(_ tensor: Gemma3Tensor) -> TensorReader.Offset {
    format == .gguf && tensor.isNorm ? .minusOne : .none
  }
}
