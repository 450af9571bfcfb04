/// Why a sparse autoencoder cannot be used: what, where, and what to do.
public enum SAEError: Error, Equatable, Sendable, CustomStringConvertible {
  case notAnSAE(path: String)
  case invalidJSON(path: String, JSONError)
  case missingKey(path: String, key: String)
  case unsupported(path: String, key: String, value: String, supported: String)
  case architecture(path: String, found: String, reason: String?, supported: String)
  case missingTensor(path: String, tensor: String, architecture: String, needed: String)
  case unexpectedTensor(path: String, tensor: String, architecture: String)
  case shapeMismatch(path: String, tensor: String, found: [Int], expected: [Int])
  case notFinite(path: String, tensor: String, index: [Int], value: Float)
  case onlyZeros(path: String, tensor: String)
  case widthMismatch(path: String, dIn: Int, model: String, dModel: Int)
  case layerMismatch(path: String, recorded: Int, studied: Int)
  case hookMismatch(path: String, hook: String)

  public var description: String {
    switch self {
    case .notAnSAE(let path):
      "\(path): is no SAE. Give a SAELens folder (cfg.json, sae_weights.safetensors) or a Gemma Scope 2 folder (config.json, params.safetensors)."
    case .invalidJSON(let path, let error):
      "\(path): is not valid JSON: \(error). Correct it at that place if it was edited, or get the file again."
    case .missingKey(let path, let key):
      "\(path): the key \(key) is missing. Save the SAE again with SAELens 6."
    case .unsupported(let path, let key, let value, let supported):
      "\(path): \(key) is \(value); supported: \(supported). Use another SAE."
    case .architecture(let path, let found, let reason, let supported):
      "\(path): architecture is \"\(found)\". \(reason ?? "SAELens 6.54 has no such architecture"). Supported: \(supported)."
    case .missingTensor(let path, let tensor, let architecture, let needed):
      "\(path): the tensor \(tensor) is missing; an SAE of architecture \(architecture) needs \(needed). Get the file again, or use another SAE."
    case .unexpectedTensor(let path, let tensor, let architecture):
      "\(path): the tensor \(tensor) has no place in an SAE of architecture \(architecture). \(Self.advice(tensor))"
    case .shapeMismatch(let path, let tensor, let found, let expected):
      "\(path): \(tensor) has shape \(found), \(expected) is needed. The configuration and the weights belong to different SAEs: get both again from one folder."
    case .notFinite(let path, let tensor, let index, let value):
      "\(path): \(tensor)\(index) is \(value.isNaN ? "NaN, no number" : "\(value), infinite"). Every number computed with it would be wrong. The file is damaged, or was written by a training that diverged: get it again, or use another SAE."
    case .onlyZeros(let path, let tensor):
      "\(path): \(tensor) holds nothing but zeros. It was saved before it was trained or loaded: save the SAE again, or use another."
    case .widthMismatch(let path, let dIn, let model, let dModel):
      "\(path): the SAE reads vectors of \(dIn), the residual stream of \(model) has \(dModel). Use an SAE trained on this model."
    case .layerMismatch(let path, let recorded, let studied):
      "\(path): the SAE was trained after layer \(recorded), the study looks after layer \(studied). Set layer: \(recorded), or use an SAE of layer \(studied)."
    case .hookMismatch(let path, let hook):
      "\(path): the SAE was trained at \(hook); the study looks at the residual stream after a layer of the text model (blocks.N.hook_resid_post). Use an SAE trained there."
    }
  }

  private static func advice(_ tensor: String) -> String {
    switch tensor {
    case "scaling_factor", "finetuning_scaling_factor":
      "Multiply the rows of W_dec by it, remove it, and save the SAE again."
    case "affine_skip_connection", "W_skip":
      "It belongs to a transcoder, which predicts another place of the model; use an SAE."
    default: "The configuration and the weights belong to different SAEs: get both again from one folder."
    }
  }
}
