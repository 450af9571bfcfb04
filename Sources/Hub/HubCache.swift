import Foundation

/// The Hub's cache on this machine, laid out as huggingface_hub lays it out, and shared with it:
///
/// ```
/// models--owner--name/
///   refs/main                     the commit that the branch was at
///   blobs/<digest>                contents, named by SHA-256 (large files) or git blob id
///   snapshots/<commit>/<path>     symbolic link to ../../blobs/<digest>
/// .locks/models--owner--name/<digest>.lock
/// ```
public struct HubCache: Sendable, Equatable {
  /// HF_HUB_CACHE, else `hub` in HF_HOME, else ~/.cache/huggingface/hub.
  public let folder: String

  public init(folder: String) { self.folder = folder }

  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    let named = ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    folder = named.map { Self.expanding($0, environment) } ?? Self.home(environment) + "/hub"
  }

  /// HF_HOME, else `huggingface` in XDG_CACHE_HOME or ~/.cache.
  static func home(_ environment: [String: String]) -> String {
    if let home = environment["HF_HOME"], !home.isEmpty { return expanding(home, environment) }
    if let caches = environment["XDG_CACHE_HOME"], !caches.isEmpty {
      return expanding(caches, environment) + "/huggingface"
    }
    return userHome(environment) + "/.cache/huggingface"
  }

  /// `~` and `$NAME` replaced, as huggingface_hub does in paths from the environment; names not set stay.
  static func expanding(_ path: String, _ environment: [String: String]) -> String {
    let full = path == "~" || path.hasPrefix("~/") ? userHome(environment) + path.dropFirst() : path
    return full.replacing(#/\$(?:\{(\w+)\}|(\w+))/#) { match in
      environment[String(match.output.1 ?? match.output.2 ?? "")] ?? String(match.output.0)
    }
  }

  private static func userHome(_ environment: [String: String]) -> String { environment["HOME"] ?? NSHomeDirectory() }

  // MARK: Places

  /// The folder that everything of a reference's repository lies in.
  public func folder(of reference: HubReference) -> String { folder(of: reference.repository) }

  func folder(of repository: HubRepository) -> String { "\(folder)/\(repository.folderName)" }

  func blob(_ digest: HubFile.Digest, of repository: HubRepository) -> String {
    "\(folder(of: repository))/blobs/\(digest.text)"
  }

  func snapshot(of repository: HubRepository, at commit: String) -> String {
    "\(folder(of: repository))/snapshots/\(commit)"
  }

  func note(of revision: String, in repository: HubRepository) -> String {
    "\(folder(of: repository))/refs/\(revision)"
  }

  func lock(_ digest: HubFile.Digest, of repository: HubRepository) -> String {
    "\(folder)/.locks/\(repository.folderName)/\(digest.text).lock"
  }

  /// Says that a blob's content was compared with its digest; beside the locks, where other tools look for nothing.
  func check(_ digest: HubFile.Digest, of repository: HubRepository) -> String {
    "\(folder)/.locks/\(repository.folderName)/\(digest.text).checked"
  }

  // MARK: Looking up

  /// The commit that a reference led to when it was last fetched.
  func commit(of reference: HubReference) -> String? {
    if let commit = reference.commit { return commit }
    guard
      let text = try? String(contentsOfFile: note(of: reference.revision, in: reference.repository), encoding: .utf8)
    else { return nil }
    let commit = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return HubReference.isCommit(commit) ? commit : nil
  }

  /// Where what a reference names lies on this machine.
  /// - Parameter use: decides which files must be there.
  /// - Throws: `HubError.notFetched`.
  public func resolve(_ reference: HubReference, for use: HubUse) throws -> ResolvedReference {
    guard let commit = commit(of: reference) else {
      throw HubError.notFetched(reference, missing: [], cache: folder)
    }
    let snapshot = snapshot(of: reference.repository, at: commit)
    let path = reference.path.isEmpty ? snapshot : "\(snapshot)/\(reference.path)"
    let missing = use.missingFiles(at: path)
    guard missing.isEmpty else { throw HubError.notFetched(reference, missing: missing, cache: folder) }
    return ResolvedReference(path: path, reference: reference, commit: commit)
  }
}

/// A reference, and what it led to.
public struct ResolvedReference: Sendable, Equatable {
  /// The file or folder on this machine.
  public let path: String
  public let reference: HubReference
  /// The repository's commit, in full.
  public let commit: String
}
