import Analysis
import RunFile

extension RunDescription.Model {
  /// The lossy format that the baseline's weights were decoded from: "Q4_K_M", as the checkpoint's file names it, or the
  /// most frequent of its tensors' formats; nil where the weights are the checkpoint's own.
  var lossyFormat: String? {
    guard isDequantized else { return nil }
    func isFormat(_ part: Substring) -> Bool {
      let text = part.uppercased()
      let digits = text.hasPrefix("IQ") ? text.dropFirst(2) : text.hasPrefix("Q") ? text.dropFirst(1) : ""
      return digits.first?.isNumber == true
    }
    let inNames = checkpointFiles.flatMap { $0.split { !$0.isLetter && !$0.isNumber && $0 != "_" } }.first(
      where: isFormat)
    let inStorage = storage.split { $0 == " " || $0 == "," }.first(where: isFormat)
    return (inNames ?? inStorage)?.uppercased() ?? "a lossy file"
  }
}

extension Findings {
  /// The baseline as figures name it: "bf16", "bf16 (from Q4_K_M)".
  var baselineLabel: String {
    let name = baseline?.name ?? "the baseline"
    return description.model.lossyFormat.map { "\(name) (from \($0))" } ?? name
  }
}
