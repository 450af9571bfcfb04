import Foundation

/// A sparse autoencoder as its folder holds it, in SAELens' row-vector convention.
///
///     in = normalized x (− b_dec where `subtractsDecoderBias`)             [D]
///     a = activation of in · W_enc                                         [F]
///     x̂ = normalization undone of a · W_dec + b_dec                        [D]
///
/// The two matrices stay in the mapped file: a dictionary of a million features takes no memory of its own. All
/// arithmetic is in float32 whatever the file's number format, as SAELens computes after loading with dtype float32.
public struct SparseAutoencoderWeights: Sendable {
  /// D, width of the vectors it reads and rebuilds.
  public let dModel: Int
  /// F, size of the dictionary.
  public let featureCount: Int
  /// W_enc, [D, F] row-major.
  let encoder: StoredTensor
  /// W_dec, [F, D] row-major.
  let decoder: StoredTensor
  /// b_dec, [D]; always added to the reconstruction.
  public let decoderBias: [Float]
  /// b_dec is also subtracted from the input.
  public let subtractsDecoderBias: Bool
  public let normalization: SAENormalization
  public let activation: SAEActivation

  /// The folder's name.
  public let name: String
  /// As given by the user.
  public let path: String
  /// SHA-256 of the weights file.
  public let sha256: String
  public let format: Format
  /// Where the SAE was trained, as its configuration spells it: "blocks.9.hook_resid_post", "model.layers.9.output".
  public let hookName: String?

  public enum Format: String, Sendable, Codable {
    case saeLens = "SAELens"
    case gemmaScope2 = "Gemma Scope 2"
  }

  /// Reads a SAELens or a Gemma Scope 2 folder.
  /// - Throws: `FileError`, `CheckpointError` (a damaged safetensors file), `SAEError`.
  public init(path: String) throws {
    let folder = try SAEFolder(path: path)
    let file = try SafetensorsFile(path: folder.weightsPath)
    let tensors = SAETensors(file: file, folder: folder)

    let shape = try tensors.stored("W_enc").shape
    guard shape.count == 2 else {
      throw SAEError.shapeMismatch(
        path: file.path, tensor: tensors.name("W_enc"), found: shape, expected: [folder.dIn ?? 0, folder.dSAE ?? 0])
    }
    let (d, f) = (folder.dIn ?? shape[0], folder.dSAE ?? shape[1])
    guard d > 0, f > 0 else {
      throw SAEError.unsupported(
        path: folder.configurationPath, key: "d_in, d_sae", value: "\(d), \(f)", supported: "positive numbers")
    }
    dModel = d
    featureCount = f
    encoder = try tensors.matrix("W_enc", rows: d, columns: f)
    decoder = try tensors.matrix("W_dec", rows: f, columns: d)
    decoderBias = try tensors.vector("b_dec", count: d)
    func vector(_ name: String) throws -> [Float] { try tensors.vector(name, count: f) }
    func topK() throws -> SAEActivation.TopK {
      guard 1...max(f, 1) ~= folder.k else {
        throw SAEError.unsupported(
          path: folder.configurationPath, key: "k", value: "\(folder.k)", supported: "1 to d_sae = \(f)")
      }
      return .init(count: folder.k, rescalesByDecoderNorm: folder.rescalesByDecoderNorm)
    }
    activation =
      switch folder.architecture {
      case .standard: .standard(bias: try vector("b_enc"))
      case .jumpReLU: .jumpReLU(bias: try vector("b_enc"), threshold: try vector("threshold"))
      case .topK: .topK(bias: try vector("b_enc"), try topK())
      case .absTopK: .absTopK(bias: try vector("b_enc"), try topK())
      case .gated:
        .gated(
          gateBias: try vector("b_gate"), magnitudeBias: try vector("b_mag"), logScale: try vector("r_mag"))
      }
    try tensors.refuseStrangers()
    for (tensor, name) in [(encoder, "W_enc"), (decoder, "W_dec")] where tensor.isZero {
      throw SAEError.onlyZeros(path: file.path, tensor: tensors.name(name))
    }
    subtractsDecoderBias = folder.subtractsDecoderBias
    normalization = folder.normalization
    name = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
    self.path = path
    sha256 = SHA256Hex.digest(of: file.file)
    format = folder.format
    hookName = folder.hookName
  }

  /// Checks that the SAE fits the place it is used at.
  /// - Parameters:
  ///   - layer: the study looks at the residual stream after this decoder layer.
  public func check(fits configuration: Gemma3Configuration, layer: Int) throws {
    guard dModel == configuration.dModel else {
      throw SAEError.widthMismatch(
        path: path, dIn: dModel, model: configuration.name.isEmpty ? "the model" : configuration.name,
        dModel: configuration.dModel)
    }
    guard let hookName else { return }
    guard let hook = SAEHook(hookName) else { throw SAEError.hookMismatch(path: path, hook: hookName) }
    guard hook.layer == layer else {
      throw SAEError.layerMismatch(path: path, recorded: hook.layer, studied: layer)
    }
  }
}

/// A place in a model, as SAE libraries spell it.
///
/// What enters a layer is what left the one before it. TransformerLens' bridge calls the two ends of a block hook_in and
/// hook_out; hook_resid_pre and hook_resid_post are their older names.
struct SAEHook: Equatable {
  /// Residual stream after this decoder layer.
  let layer: Int

  /// Nil when the place is not the residual stream after a layer.
  init?(_ name: String) {
    let parts = name.split(separator: ".")
    guard let list = parts.firstIndex(where: { $0 == "blocks" || $0 == "layers" }), list + 1 < parts.count,
      let number = Int(parts[list + 1]), number >= 0
    else { return nil }
    let place = parts[(list + 2)...].joined(separator: ".")
    let isAfter: Bool
    switch (parts[list], place) {
    case ("blocks", "hook_resid_post"), ("blocks", "hook_out"): isAfter = true
    case ("blocks", "hook_resid_pre"), ("blocks", "hook_in"): isAfter = false
    // Hugging Face: model.layers.9, model.layers.9.output.
    case ("layers", ""), ("layers", "output"): isAfter = true
    case ("layers", "input"): isAfter = false
    default: return nil
    }
    // Elsewhere there are layers too: model.vision_tower.vision_model.encoder.layers.9.
    let text: Set<Substring> = ["model", "language_model"]
    guard parts[list] == "blocks" ? list == 0 : parts[..<list].allSatisfy(text.contains) else { return nil }
    guard isAfter || number > 0 else { return nil }
    layer = isAfter ? number : number - 1
  }
}
