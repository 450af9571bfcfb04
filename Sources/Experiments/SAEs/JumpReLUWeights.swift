import Foundation

/// The weights of a JumpReLU sparse autoencoder, float32, in SAELens' row-vector convention.
///
///     z = (x − b_dec if applyDecoderBiasToInput) · W_enc + b_enc      [F]
///     a = z where z > threshold and z > 0, else 0                     [F]
///     x̂ = a · W_dec + b_dec                                           [D]
///
/// Source: sae-lens 6.54, saes/jumprelu_sae.py.
public struct JumpReLUWeights: Sendable {
  /// D, width of the vectors it reads and rebuilds.
  public let dModel: Int
  /// F, size of the dictionary.
  public let featureCount: Int
  /// W_enc, [D, F] row-major, as on disk.
  public let encoder: [Float]
  /// b_enc, [F]
  public let encoderBias: [Float]
  /// [F]; a feature fires when its pre-activation is greater.
  public let threshold: [Float]
  /// W_dec, [F, D] row-major, as on disk.
  public let decoder: [Float]
  /// b_dec, [D]; always added to the reconstruction.
  public let decoderBias: [Float]
  /// b_dec is also subtracted from the input.
  public let applyDecoderBiasToInput: Bool

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
    let source = try SAEFolder(path: path)
    let file = try SafetensorsFile(path: source.weightsPath)
    let reader = WeightsReader(file: file)
    let names = source.tensorNames

    let shape = try reader.shape(names.encoder)
    guard shape.count == 2 else {
      throw SAEError.shapeMismatch(
        path: file.path, tensor: names.encoder, found: shape, expected: [source.dIn ?? 0, source.dSAE ?? 0])
    }
    let (d, f) = (source.dIn ?? shape[0], source.dSAE ?? shape[1])
    dModel = d
    featureCount = f
    encoder = try reader.read(names.encoder, shape: [d, f])
    encoderBias = try reader.read(names.encoderBias, shape: [f])
    threshold = try reader.read(names.threshold, shape: [f])
    decoder = try reader.read(names.decoder, shape: [f, d])
    decoderBias = try reader.read(names.decoderBias, shape: [d])
    applyDecoderBiasToInput = source.applyDecoderBiasToInput
    name = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
    self.path = path
    sha256 = SHA256Hex.digest(of: file.file)
    format = source.format
    hookName = source.hookName
  }

  /// The layer after whose residual stream the SAE was trained, where its configuration says so.
  public var recordedLayer: Int? {
    hookName.flatMap { SAEHook($0)?.layer }
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

  /// Reads tensors as float32 and checks them.
  private struct WeightsReader {
    let file: SafetensorsFile

    private static let needed = "encoder and decoder weights and biases, and a threshold"

    func shape(_ name: String) throws -> [Int] { try stored(name).shape }

    func read(_ name: String, shape: [Int]) throws -> [Float] {
      let tensor = try stored(name)
      guard tensor.shape == shape else {
        throw SAEError.shapeMismatch(path: file.path, tensor: name, found: tensor.shape, expected: shape)
      }
      let values = [Float](unsafeUninitializedCapacity: tensor.count) { buffer, count in
        let out = UnsafeMutableBufferPointer(rebasing: buffer[..<tensor.count])
        TensorReader.readFloat32(tensor, rows: 0..<tensor.rows, offset: .none, into: out)
        count = tensor.count
      }
      guard values.allSatisfy(\.isFinite) else { throw SAEError.notFinite(path: file.path, tensor: name) }
      return values
    }

    private func stored(_ name: String) throws -> StoredTensor {
      guard let tensor = try file.tensor(name) else {
        throw SAEError.missingTensor(path: file.path, tensor: name, needed: Self.needed)
      }
      return tensor
    }
  }
}

/// A place in a model, as SAE libraries spell it.
struct SAEHook: Equatable {
  /// Residual stream after this decoder layer.
  let layer: Int

  /// Nil when the place is not the residual stream after a layer.
  init?(_ name: String) {
    let parts = name.split(separator: ".")
    if parts.count == 3, parts[0] == "blocks", parts[2] == "hook_resid_post", let layer = Int(parts[1]) {
      self.layer = layer  // TransformerLens: blocks.9.hook_resid_post
    } else if let index = parts.firstIndex(of: "layers"), index + 1 < parts.count, let layer = Int(parts[index + 1]),
      parts.count == index + 2 || (parts.count == index + 3 && parts[index + 2] == "output")
    {
      self.layer = layer  // Hugging Face: model.layers.9, model.layers.9.output
    } else {
      return nil
    }
  }
}
