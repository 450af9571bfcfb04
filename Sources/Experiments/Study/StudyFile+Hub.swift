import Foundation
import Hub

/// What a study takes from the Hugging Face Hub. Nothing is downloaded here: references lead into the Hub's cache.
extension StudyFile {
  /// A key of the study that holds a reference.
  private struct Holder {
    var key: String
    var written: String
    var use: HubUse
    /// What it is in the run: "checkpoint", "sae", "corpus", "checkpoint of qat".
    var role: String
  }

  /// - Parameter indices: of models.
  private func holders(_ indices: some Sequence<Int>) -> [Holder] {
    var holders: [Holder] = []
    for index in indices {
      let model = study.models[index]
      func add(_ key: String, _ written: String, _ use: HubUse, _ role: String) {
        holders.append(Holder(key: key, written: written, use: use, role: role))
      }
      add("models[\(index)].checkpoint", model.checkpoint, .checkpoint, "checkpoint")
      if let sae = model.sae { add("models[\(index)].sae", sae, .autoencoder, "sae") }
      for (key, condition, path) in conditionCheckpoints(model: index) {
        add(key, path, .checkpoint, "checkpoint of \(condition.name)")
      }
    }
    for (index, path) in study.corpus.paths.enumerated() {
      holders.append(Holder(key: corpusKey(index), written: path, use: .file, role: "corpus"))
    }
    return holders.filter { HubReference.isWritten(in: $0.written) }
  }

  /// What `clearbox fetch` has to get, each once, in the study's order.
  /// - Parameter model: name of the only model that counts; nil for all.
  /// - Throws: `StudyError` for a reference that is none; `StudyRunError` for a model that the study has not.
  public func hubRequests(only model: String? = nil) throws -> [HubRequest] {
    let indices = study.models.indices.filter { model == nil || study.models[$0].name == model }
    guard !indices.isEmpty else { throw StudyRunError.noModel(model ?? "", study.models.map(\.name)) }
    var requests: [HubRequest] = []
    for holder in holders(indices) {
      let request = HubRequest(try reference(holder.written, key: holder.key), for: holder.use)
      if !requests.contains(request) { requests.append(request) }
    }
    return requests
  }

  /// The references of a model, its conditions and the corpus, by key, with the commits that they lead to.
  /// - Throws: `StudyError` where something is not on this machine.
  public func hubSources(model index: Int) throws -> [(key: String, role: String, source: ResolvedReference)] {
    try holders([index]).map { ($0.key, $0.role, try resolve($0.written, key: $0.key, for: $0.use)) }
  }

  /// Where a reference leads on this machine.
  func resolve(_ written: String, key: String, for use: HubUse) throws -> ResolvedReference {
    do {
      return try HubCache(environment: environment).resolve(try reference(written, key: key), for: use)
    } catch HubError.notFetched(_, let missing, let cache) {
      throw error(
        key,
        .unresolved(
          key: key, found: written,
          advice: "\(HubError.lack(missing, in: cache).capitalizedFirst) Run 'clearbox fetch \(path)' first."))
    }
  }

  private func reference(_ written: String, key: String) throws -> HubReference {
    do {
      return try HubReference(written)
    } catch let problem as HubReferenceError {
      throw error(key, .impossible(key: key, found: written, needed: problem.needed))
    }
  }
}

extension String {
  /// A sentence's beginning, unless it is a file's name.
  fileprivate var capitalizedFirst: String { hasPrefix("nothing") ? "N" + dropFirst() : self }
}
