import Foundation

/// What something on the Hub is needed for, which decides the files that are fetched.
public enum HubUse: Sendable, Hashable {
  /// A folder with a checkpoint's configuration, tokenizer and safetensors; or one GGUF file.
  case checkpoint
  /// A folder with an autoencoder, in SAELens' or Gemma Scope 2's layout.
  case autoencoder
  /// One file.
  case file

  private static let configurations = [
    "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer.model",
    "special_tokens_map.json", "added_tokens.json",
  ]
  private static let index = "model.safetensors.index.json"
  /// Configuration and weights; the first pair that is there counts. Gemma Scope 2 has folders without config.json.
  private static let autoencoders = [
    (configuration: "cfg.json", weights: "sae_weights.safetensors"),
    (configuration: "config.json", weights: "params.safetensors"),
  ]

  // MARK: In a repository

  /// The files to fetch.
  /// - Parameter paths: of all files in the repository.
  /// - Returns: some of `paths`, in their order.
  /// - Throws: `HubError.nothingThere`.
  func select(from paths: [String], for reference: HubReference) throws -> [String] {
    let path = reference.path
    let folder = path.isEmpty ? "" : path + "/"
    /// Names of the files directly in the folder.
    let names = Set(
      paths.filter { $0.hasPrefix(folder) }.map { $0.dropFirst(folder.count) }.filter { !$0.contains("/") })
    var chosen: [String] = []
    switch self {
    case .checkpoint where paths.contains(path) && path.hasSuffix(".gguf"):
      chosen = [""]
    case .checkpoint:
      let all = names.filter { $0.hasSuffix(".safetensors") }
      // Beside the model's own there may be adapters, or the same weights under other names.
      let own = all.filter { $0.hasPrefix("model") }
      if names.contains("config.json"), !all.isEmpty {
        chosen = Self.configurations + [Self.index] + (own.isEmpty ? all : own).map(String.init)
      }
    case .autoencoder:
      if let pair = Self.autoencoders.first(where: { names.contains($0.weights[...]) }) {
        chosen = [pair.configuration, pair.weights]
      }
    case .file:
      if paths.contains(path) { chosen = [""] }
    }
    let wanted = Set(chosen.map { $0.isEmpty ? path : folder + $0 })
    guard !wanted.isEmpty else {
      throw HubError.nothingThere(reference, needed: needed, near: near(path, in: paths))
    }
    return paths.filter(wanted.contains)
  }

  /// For messages: what should be there.
  private var needed: String {
    switch self {
    case .checkpoint: "a folder with config.json and *.safetensors, or a GGUF file"
    case .autoencoder: "a folder with sae_weights.safetensors or params.safetensors"
    case .file: "a file"
    }
  }

  /// What could have been meant: places of the right kind whose paths have most in common with `path`.
  private func near(_ path: String, in paths: [String]) -> [String] {
    func folder(_ file: String) -> String { String(file.prefix(upTo: file.lastIndex(of: "/") ?? file.startIndex)) }
    let places: [String] =
      switch self {
      case .checkpoint:
        paths.filter { $0.hasSuffix(".gguf") } + paths.filter { $0.hasSuffix("/config.json") }.map(folder)
      case .autoencoder:
        paths.filter { file in Self.autoencoders.contains { file.hasSuffix("/" + $0.weights) } }.map(folder)
      case .file:
        paths.filter { path in
          [".parquet", ".jsonl", ".jsonl.gz", ".jsonl.zst", ".json"].contains { path.hasSuffix($0) }
        }
      }
    let ranked = places.map { (place: $0, shared: $0.commonPrefix(with: path).count) }
    return ranked.sorted { ($1.shared, $0.place) < ($0.shared, $1.place) }.prefix(4).map(\.place)
  }

  // MARK: On this machine

  /// Names of files that are needed and are not at `path`; its own name where all is missing.
  func missingFiles(at path: String) -> [String] {
    func isThere(_ name: String) -> Bool { LocalFile.size(of: name.isEmpty ? path : "\(path)/\(name)") != nil }
    let own = [(path as NSString).lastPathComponent]
    switch self {
    case .file: return isThere("") ? [] : own
    case .autoencoder: return Self.autoencoders.contains { isThere($0.weights) } ? [] : own
    case .checkpoint:
      if isThere("") { return [] }
      var missing = ["config.json", "tokenizer.json"].filter { !isThere($0) }
      if isThere(Self.index) {
        struct Index: Decodable { var weight_map: [String: String] }
        let text = FileManager.default.contents(atPath: "\(path)/\(Self.index)") ?? Data()
        // An index that cannot be read is for the checkpoint's reader to explain.
        let index = try? JSONDecoder().decode(Index.self, from: text)
        missing += Set(index?.weight_map.values.map { $0 } ?? []).sorted().filter { !isThere($0) }
      } else {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        if !names.contains(where: { $0.hasSuffix(".safetensors") && isThere($0) }) { missing.append("*.safetensors") }
      }
      return missing
    }
  }
}
