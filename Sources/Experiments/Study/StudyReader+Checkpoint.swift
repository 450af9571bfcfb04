import Foundation

extension StudyReader {
  /// `hf://owner/name`, or keys: `{ path: model.gguf, name: qat, label: QAT, Q4_0 }`.
  ///
  /// - Parameter models: names of the study's models.
  static func checkpoint(_ node: StudyNode, models: [String]) throws -> Study.Checkpoint {
    if node.node.scalar != nil { return try checkpoint(places(node, models: models), name: nil, label: nil, node) }
    let keys = try node.keys(["path", "name", "label"])
    return try checkpoint(
      places(keys.require("path", example: "path: model.gguf"), models: models), name: keys["name"],
      label: keys["label"]?.string(), node)
  }

  private static func checkpoint(
    _ places: [Study.Checkpoint.Place], name: StudyNode?, label: String?, _ node: StudyNode
  ) throws -> Study.Checkpoint {
    let file = fileName(places[0].path)
    guard let name else {
      let usual = usualName(file)
      guard isName(usual) else {
        throw node.impossible("nothing in its path makes a name; add one, for example name: qat")
      }
      return Study.Checkpoint(places: places, name: usual, label: label ?? file)
    }
    let text = try name.string()
    guard isName(text) else {
      throw name.impossible("letters, digits, '-', '_' and '.' make a name, which begins with no '.'")
    }
    return Study.Checkpoint(places: places, name: text, label: label ?? file)
  }

  /// A path, or one for each of some models: `{ gemma-3-1b: …, gemma-3-4b: … }`.
  private static func places(_ node: StudyNode, models: [String]) throws -> [Study.Checkpoint.Place] {
    if node.node.mapping == nil {
      guard models.count == 1 else {
        throw node.impossible(
          "the study has several models, and a checkpoint belongs to one: write path: { \(models[0]): … }")
      }
      return [.init(model: nil, path: try node.string())]
    }
    let keys = try node.keys(models)
    let places = try models.compactMap { model in
      try keys[model].map { Study.Checkpoint.Place(model: model, path: try $0.string()) }
    }
    guard !places.isEmpty else { throw node.impossible("a path for at least one model is needed") }
    return places
  }

  /// "gemma-3-4b-it-qat-q4_0" of "hf://google/gemma-3-4b-it-qat-q4_0-gguf@main/gemma-3-4b-it-qat-q4_0.gguf".
  private static func fileName(_ path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? path
    let name = last.split(separator: "@", omittingEmptySubsequences: false)[0]
    return name.hasSuffix(".gguf") ? String(name.dropLast(5)) : String(name)
  }

  /// What a name cannot have becomes "-".
  private static func usualName(_ file: String) -> String {
    String(file.map { isName(String($0)) || $0 == "." ? $0 : "-" })
  }

  /// Letters, digits, '-', '_' and '.', and no '.' first: names become those of files and of groups in a run file.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
      && !text.hasPrefix(".")
  }
}
