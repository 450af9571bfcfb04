import Foundation
import RunFile

/// Something that a run measured, looked for on this machine and compared with the digest that the run recorded.
public struct StudyInput: Sendable, Equatable {
  public enum Role: String, Sendable, CaseIterable { case checkpoint, tokenizer, sae, corpus }

  public enum State: Sendable, Equatable {
    case same
    /// The digest of what lies there.
    case differs(String)
    /// Nothing lies where the study says.
    case absent
    /// Something lies there that cannot be read as what it should be.
    case unreadable(String)
    /// The study does not tell where it lies, or nobody recorded a digest.
    case unknown(String)
  }

  public var role: Role
  /// Its name in the run.
  public var name: String
  /// The condition whose checkpoint it is; nil for what all conditions share.
  public var condition: String?
  /// Where it was looked for first, or was found; nil where the study leads nowhere.
  public var path: String?
  public var recorded: String
  public var state: State

  /// Looks for everything that a run measured.
  ///
  /// - Parameters:
  ///   - folders: where the study file may have lain, which relative paths in it start from. A run does not record it.
  ///   - environment: where `~`, `$CLEARBOX_CACHE` and the Hub's cache are looked up.
  public static func check(
    _ description: RunDescription, from folders: [String],
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> [StudyInput] {
    let model = description.model
    var inputs = [
      StudyInput(
        role: .checkpoint, name: model.checkpointFiles.joined(separator: ", "), recorded: model.checkpointSHA256,
        state: .absent),
      StudyInput(role: .tokenizer, name: "of \(model.name)", recorded: model.tokenizerSHA256, state: .absent),
    ]
    for condition in description.conditions {
      guard let own = condition.checkpoint else { continue }
      var input = StudyInput(
        role: .checkpoint, name: own.files.joined(separator: ", "), recorded: own.sha256, state: .absent)
      input.condition = condition.name
      inputs.append(input)
    }
    if let sae = description.sae {
      inputs.append(StudyInput(role: .sae, name: sae.name, recorded: sae.sha256, state: .absent))
    }
    inputs.append(
      StudyInput(
        role: .corpus, name: description.corpus.name, recorded: description.corpus.sha256, state: .absent))
    func all(_ reason: String) -> [StudyInput] {
      inputs.map {
        var input = $0
        input.state = .unknown(reason)
        return input
      }
    }
    if description.origin != nil { return all("the run was imported") }
    let places: [StudyFile]
    do {
      places = try folders.map {
        try StudyFile(
          text: description.studyText, path: $0 + "/" + description.study + ".yaml", environment: environment)
      }
    } catch {
      return all("the run's study cannot be read: \(error)")
    }
    guard let index = places.first?.study.models.firstIndex(where: { $0.name == model.name }) else {
      return all("the run's study has no model \(model.name)")
    }
    return inputs.map { $0.settled(places, model: index) }
  }

  private init(role: Role, name: String, recorded: String, state: State) {
    self.role = role
    self.name = name
    self.recorded = recorded
    self.state = state
  }

  private func settled(_ places: [StudyFile], model: Int) -> StudyInput {
    var input = self
    var reason: String?
    for place in places {
      do {
        let paths = try self.paths(place, model)
        if input.path == nil { input.path = paths.first }
        guard !paths.isEmpty, paths.allSatisfy({ FileManager.default.fileExists(atPath: $0) }) else { continue }
        input.path = paths[0]
        let found = try digest(paths)
        input.state = found == recorded ? .same : .differs(found)
        return input
      } catch let error as StudyError {
        // A reference that was not fetched, for one.
        reason = reason ?? "\(error)"
      } catch {
        input.state = .unreadable("\(error)")
        return input
      }
    }
    if input.path == nil { input.state = reason == nil ? .unknown("the study names none") : .absent }
    return input
  }

  private func paths(_ study: StudyFile, _ model: Int) throws -> [String] {
    switch role {
    case .checkpoint where condition != nil:
      try study.conditionCheckpointPaths(model: model).filter { $0.key == condition }.map(\.value)
    case .checkpoint, .tokenizer: [try study.checkpointPath(model: model)]
    case .sae: try study.saePath(model: model).map { [$0] } ?? []
    case .corpus: try study.corpusPaths()
    }
  }

  /// As the run recorded it.
  private func digest(_ paths: [String]) throws -> String {
    switch role {
    case .checkpoint: try Gemma3Checkpoint(path: paths[0]).sha256()
    case .tokenizer: try Tokenizer(for: Gemma3Checkpoint(path: paths[0])).sha256
    case .sae: try SparseAutoencoderWeights(path: paths[0]).sha256
    case .corpus: SHA256Hex.digest(of: try paths.map { try MappedFile(path: $0) })
    }
  }
}
