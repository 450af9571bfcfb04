import Foundation
import RunFile

/// The program that imports: a run file names the program that wrote it.
public struct ImportingProgram: Sendable, Equatable {
  public var version: String
  public var commit: String
  public init(version: String, commit: String = RunDescription.notRecorded) {
    self.version = version
    self.commit = commit
  }
}

/// What is said of a run that clearbox did not measure, before its source says more: what the model's name tells, and
/// otherwise that it is not recorded.
struct ImportedDescription {
  var model: String
  /// Path of the source.
  var file: String

  var fileName: String { URL(fileURLWithPath: file).lastPathComponent }
  var title: String { "\(shortModel), imported from \(fileName)" }
  var study: String { URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent }
  var studyText: String { "# Imported from \(fileName): there is no study file.\n" }
  /// `gemma-3-4b-pt` for `google/gemma-3-4b-pt`.
  var shortModel: String { model.split(separator: "/").last.map(String.init) ?? model }
  var shape: Gemma3Shape? { Gemma3Shape.named(model) }

  func modelDescription(layer: Int, dModel: Int?) -> RunDescription.Model {
    let unknown = RunDescription.notRecorded
    return RunDescription.Model(
      name: model, architecture: shape == nil ? unknown : "gemma3_text", layer: layer,
      layerCount: shape?.layerCount ?? 0, dModel: dModel ?? shape?.dModel ?? 0,
      vocabularySize: shape?.vocabularySize ?? 0, parameterCount: shape?.parameterCount ?? 0,
      compressibleParameterCount: shape?.compressibleParameterCount ?? 0, storage: unknown, isDequantized: false,
      checkpointFiles: [], checkpointSHA256: unknown, tokenizerSHA256: unknown)
  }

  /// Bits per parameter follow from the model's shape; of a model whose shape is not known, the whole model's are 0.
  func condition(
    name: String, label: String, kind: String, isBaseline: Bool, parameters: [RunDescription.Parameter]
  ) -> RunDescription.Condition {
    let double = parameters.contains { $0.key == "double_quantization" && $0.value == "true" }
    let block = parameters.first { $0.key == "block" }.flatMap { Int($0.value) } ?? 64
    let bits = shape?.bits(kind: kind, block: max(1, block), doubleQuantization: double)
    let uncompressed = kind == "bf16" || kind == "f32"
    return RunDescription.Condition(
      name: name, label: label, kind: kind, isBaseline: isBaseline, parameters: parameters.sorted { $0.key < $1.key },
      effectiveBitsPerParameter: bits?.effective ?? (uncompressed ? nominalBits(kind: kind) : 0),
      bitsPerCompressedParameter: bits?.compressed ?? (uncompressed ? nominalBits(kind: kind) : 0))
  }
}
